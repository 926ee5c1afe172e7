/*
 * schema_uri.c
 *		URI references, as RFC 3986 resolves them.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "schema.h"

/* A piece of a URI; data is NULL where there is none. */
typedef struct Piece
{
	const char *data;
	size_t		len;
} Piece;

typedef struct Uri
{
	Piece scheme;
	Piece authority;
	Piece path;
	Piece query;
	Piece fragment;
} Uri;

size_t
schema_uri_fragment(const char *uri)
{
	const char *mark = strchr(uri, '#');

	return mark != NULL ? (size_t) (mark - uri) + 1 : strlen(uri);
}

static Uri
split(const char *text)
{
	Uri	   uri = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	if (n > 0 && text[n] == ':' && isalpha((unsigned char) text[0]))
	{
		uri.scheme = (Piece){text, n};
		text += n + 1;
	}
	if (text[0] == '/' && text[1] == '/')
	{
		n = strcspn(text + 2, "/?#");
		uri.authority = (Piece){text + 2, n};
		text += n + 2;
	}
	n = strcspn(text, "?#");
	uri.path = (Piece){text, n};
	text += n;
	if (*text == '?')
	{
		n = strcspn(text + 1, "#");
		uri.query = (Piece){text + 1, n};
		text += n + 1;
	}
	if (*text == '#')
		uri.fragment = (Piece){text + 1, strlen(text + 1)};
	return uri;
}

/* "." and ".." go, from what was put together. */
static void
remove_dots(StringInfo path)
{
	char  *out = palloc(path->len + 1);
	size_t n = 0;
	const char *in = path->data;

	while (*in != '\0')
	{
		size_t len = strcspn(in + 1, "/") + 1;
		bool   is_last = in[len] == '\0';

		if (len == 2 && in[0] == '/' && in[1] == '.')
		{
			if (is_last)
				out[n++] = '/';
		}
		else if (len == 3 && strncmp(in, "/..", 3) == 0)
		{
			while (n > 0 && out[--n] != '/')
				;
			if (is_last)
				out[n++] = '/';
		}
		else
		{
			memcpy(out + n, in, len);
			n += len;
		}
		in += len;
	}
	out[n] = '\0';
	resetStringInfo(path);
	appendStringInfoString(path, out);
	pfree(out);
}

static void
merge_path(StringInfo path, const Uri *base, const Uri *reference)
{
	size_t dir = base->path.len;

	if (reference->path.len > 0 && reference->path.data[0] == '/')
		dir = 0;
	else
		while (dir > 0 && base->path.data[dir - 1] != '/')
			dir--;
	if (dir == 0 && base->authority.data != NULL &&
		(reference->path.len == 0 || reference->path.data[0] != '/'))
		appendStringInfoChar(path, '/');
	appendBinaryStringInfo(path, base->path.data, (int) dir);
	appendBinaryStringInfo(path, reference->path.data, (int) reference->path.len);
	if (path->len > 0 && path->data[0] == '/')
		remove_dots(path);
}

static void
put(StringInfo out, const char *before, Piece piece, const char *after)
{
	if (piece.data == NULL)
		return;
	appendStringInfoString(out, before);
	appendBinaryStringInfo(out, piece.data, (int) piece.len);
	appendStringInfoString(out, after);
}

char *
schema_uri_resolve(const char *base_text, const char *reference_text)
{
	Uri			   base = split(base_text);
	Uri			   reference = split(reference_text);
	Uri			   result = reference;
	StringInfoData path;
	StringInfoData out;
	char		  *resolved;

	initStringInfo(&path);
	if (reference.scheme.data == NULL)
	{
		result.scheme = base.scheme;
		if (reference.authority.data == NULL)
		{
			result.authority = base.authority;
			if (reference.path.len == 0)
			{
				appendBinaryStringInfo(&path, base.path.data, (int) base.path.len);
				if (reference.query.data == NULL)
					result.query = base.query;
			}
			else
				merge_path(&path, &base, &reference);
			result.path = (Piece){path.data, (size_t) path.len};
		}
	}
	initStringInfo(&out);
	put(&out, "", result.scheme, ":");
	put(&out, "//", result.authority, "");
	put(&out, "", result.path, "");
	put(&out, "?", result.query, "");
	put(&out, "#", result.fragment, "");
	resolved = pnstrdup(out.data, out.len);
	pfree(path.data);
	pfree(out.data);
	return resolved;
}

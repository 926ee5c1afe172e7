/*
 * schema.h
 *		JSON Schema, compiled: draft 2020-12 and draft 7.
 *
 * A schema's text becomes a tree of nodes once; instances are jsonb, walked in place.
 * References are resolved when it is compiled, nothing is ever fetched.
 */
#ifndef MAESTRO_SCHEMA_H
#define MAESTRO_SCHEMA_H

#include "lib/stringinfo.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

typedef struct SchemaNode	  SchemaNode;
typedef struct SchemaResource SchemaResource;
typedef struct SchemaRegex	  SchemaRegex;

/* bits of a type mask */
typedef enum SchemaType
{
	SCHEMA_NULL = 1 << 0,
	SCHEMA_BOOLEAN = 1 << 1,
	SCHEMA_OBJECT = 1 << 2,
	SCHEMA_ARRAY = 1 << 3,
	SCHEMA_NUMBER = 1 << 4,
	SCHEMA_STRING = 1 << 5,
	SCHEMA_INTEGER = 1 << 6, /* a number without fraction, 1.0 too */
	SCHEMA_ANY = (1 << 7) - 1
} SchemaType;

typedef enum SchemaFormat
{
	FORMAT_NONE,
	FORMAT_DATE_TIME,
	FORMAT_DATE,
	FORMAT_TIME,
	FORMAT_DURATION,
	FORMAT_EMAIL,
	FORMAT_IDN_EMAIL,
	FORMAT_HOSTNAME,
	FORMAT_IDN_HOSTNAME,
	FORMAT_IPV4,
	FORMAT_IPV6,
	FORMAT_URI,
	FORMAT_URI_REFERENCE,
	FORMAT_IRI,
	FORMAT_IRI_REFERENCE,
	FORMAT_URI_TEMPLATE,
	FORMAT_UUID,
	FORMAT_JSON_POINTER,
	FORMAT_RELATIVE_JSON_POINTER,
	FORMAT_REGEX,
	FORMAT_SAFE_PATH,
	FORMAT_SINGLE_LINE
} SchemaFormat;

typedef struct SchemaKey
{
	const char *data;
	int			len;
} SchemaKey;

/*
 * Where something lies in its document, a token of the JSON pointer each, from the
 * innermost outwards; NULL is the document.  Texts of them are made for errors alone:
 * a long key would be in all that lies below it.
 */
typedef struct SchemaPath
{
	const struct SchemaPath *outer;
	const char				*key; /* without end; NULL: an item of an array */
	int						 len; /* of the key, or the item's number */
} SchemaPath;

/* A property by name: its schema, or NULL when it is only required. */
typedef struct SchemaProperty
{
	SchemaKey	key;
	SchemaNode *node;
	bool		is_required;
} SchemaProperty;

typedef struct SchemaPattern
{
	SchemaRegex *regex;
	SchemaNode	*node;
} SchemaPattern;

/* What the presence of a property asks for; either part may be absent. */
typedef struct SchemaDependent
{
	SchemaKey	key;
	SchemaNode *node;
	int			nkeys;
	SchemaKey  *keys;
} SchemaDependent;

typedef struct SchemaList
{
	int			 n;
	SchemaNode **nodes;
} SchemaList;

/* A schema with an identity of its own, and the dynamic anchors in it. */
struct SchemaResource
{
	const char *uri;
	const char *document; /* the URI of what was got, "" for the schema's own text */
	bool		is_draft7;
	bool		validates;	   /* the validation vocabulary is in force */
	bool		asserts_format;
	int			nanchors;
	const char **anchors;
	SchemaNode **anchored;
};

/* An absent number is -1, an absent pointer NULL. */
struct SchemaNode
{
	SchemaResource *resource;
	const SchemaPath *path;
	bool			never; /* the schema false */
	uint8			types; /* SchemaType */

	/* of scalars */
	Numeric			 multiple_of;
	int				 multiple_work; /* of a division, by its digits */
	Numeric			 minimum;
	Numeric			 maximum;
	Numeric			 exclusive_minimum;
	Numeric			 exclusive_maximum;
	int64			 min_length;
	int64			 max_length;
	SchemaRegex		*pattern;
	SchemaFormat	 format;
	SchemaFormat	 annotation; /* a known format that is not asserted */
	bool			 is_known_sink; /* x-maestro-sink: somebody has thought about where it goes */
	const JsonbValue *constant;
	int				 nenum; /* -1: no enum */
	const JsonbValue *enumerated; /* sorted, when there are more than these */
#define SCHEMA_ENUM_SORTED 16

	/* of objects */
	int64			 min_properties;
	int64			 max_properties;
	int				 nproperties;
	SchemaProperty	*properties; /* in jsonb's order: by length, then bytes */
	int				 npatterns;
	SchemaPattern	*patterns;
	SchemaNode		*additional_properties;
	SchemaNode		*property_names;
	int				 ndependents;
	SchemaDependent *dependents;

	/* of arrays */
	int64		min_items;
	int64		max_items;
	bool		unique_items;
	SchemaList	prefix_items;
	SchemaNode *items; /* behind the prefix */
	SchemaNode *contains;
	int64		min_contains;
	int64		max_contains;

	/* of whatever it is */
	SchemaNode *ref;
	SchemaNode *dynamic_ref;
	const char *dynamic_anchor; /* NULL: it stays where it leads first */
	SchemaList	all_of;
	SchemaList	any_of;
	SchemaList	one_of;
	SchemaNode *negated;
	SchemaNode *condition;
	SchemaNode *then_node;
	SchemaNode *else_node;

	/* after all others */
	SchemaNode *unevaluated_properties;
	SchemaNode *unevaluated_items;

	int height; /* of what asks about the same value; -1: being found, 0: not yet */
};

/*
 * Compile a schema's text into the current memory context, which owns all of it.
 * Raises 22023 with the JSON pointer of the fault.  "find" gives the registered schema
 * of a URI without fragment as jsonb, or NULL; it may be NULL itself.
 */
typedef Jsonb *(*SchemaFinder)(const char *uri);
extern SchemaNode *schema_compile(const char *text, size_t len, SchemaFinder find);

/* The same of a schema that is registered under that URI: what it refers to is relative to it. */
extern SchemaNode *schema_compile_at(const char *uri, const char *text, size_t len, SchemaFinder find);

/* The schema {}, as if it stood there. */
extern SchemaNode *schema_anything(SchemaResource *resource, const SchemaPath *path);

/* The registered schema of a URI, as it is now for the active snapshot; a SchemaFinder. */
extern Jsonb *schema_registered(const char *uri);

/*
 * What to do with an error; all strings are of the caller's context.  False: no more of
 * them are wanted, and the check ends soon.
 */
typedef bool (*SchemaReport)(void *target, const char *instance_path, const char *keyword_path,
							 const char *message);

/*
 * Does the instance hold?  With a report all that is wrong is told, otherwise it ends
 * at the first fault.  Raises 54000 when that takes more than the size of the instance
 * accounts for, or leads too deep.
 */
extern bool schema_check(const SchemaNode *schema, Jsonb *instance, SchemaReport report,
						 void *target);

/* ---- parts ---- */

/* A path as JSON pointer, with another token if it is not NULL; palloc'd. */
#define SCHEMA_PATH_KEY_MAX 1024 /* bytes of a key; of a longer one its length is told */
extern char *schema_path_text(const SchemaPath *path, const char *more);

/*
 * ECMA-262 to PostgreSQL's regular expressions; NULL and a reason if it is none of ours.
 * "passes" is how many times over each character may be looked at by looking around.
 */
extern char *schema_regex_translate(const char *pattern, size_t len, int *passes, const char **fault);

/* Compiled into the current memory context; NULL and a reason when it can't be. */
extern SchemaRegex *schema_regex_compile(const char *pattern, size_t len, const char **fault);

/* States of its automaton: what it takes to keep it. */
extern int schema_regex_size(const SchemaRegex *regex);

/* States of all that this backend has compiled so far. */
extern int64 schema_regex_made(void);

/* What it may take to look through so many bytes, in units of a node's check. */
extern int64 schema_regex_work(const SchemaRegex *regex, int len);

/* Is it found anywhere in the text? */
extern bool schema_regex_matches(const SchemaRegex *regex, const char *data, int len);

/* By name; FORMAT_NONE when it is unknown. */
extern SchemaFormat schema_format_named(const char *name, int len);
/* "work" is what it took, in units of a node's check. */
extern bool schema_format_holds(SchemaFormat format, const char *data, int len, int64 *work);

/* A reference resolved against a base, as RFC 3986 has it; palloc'd. */
extern char *schema_uri_resolve(const char *base, const char *reference);

/* Of a URI: where its fragment begins, behind "#"; its length when it has none. */
extern size_t schema_uri_fragment(const char *uri);

#endif /* MAESTRO_SCHEMA_H */

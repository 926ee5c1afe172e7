/*
 * positive.c
 *		Made-up secrets, one rule of the scanner at a time.
 *
 * There are no secrets in these files, and none need to be added for a new rule:
 * what has an anchor is made of the rule's line in the table.  A rule whose
 * check nothing made here passes needs another shape in body_shape().
 */
#include "positive.h"

#include <stdio.h>

#include "scan_match.h"

/* Tries of each shape before another one is taken. */
#define TRIES 40

static uint64_t state;

void
chance_seed(unsigned long seed)
{
	state = 88172645463325252u + seed * 7919;
}

unsigned
below(unsigned n)
{
	/* xorshift */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned) (state >> 33) % n;
}

void
put_bytes(Positive *p, const char *bytes, size_t n)
{
	if (p->len + n > POSITIVE_MAX)
		n = POSITIVE_MAX - p->len;
	memcpy(p->text + p->len, bytes, n);
	p->len += n;
}

void
put(Positive *p, const char *text)
{
	put_bytes(p, text, strlen(text));
}

void
put_random(Positive *p, const char *alphabet, size_t n)
{
	unsigned size = (unsigned) strlen(alphabet);

	while (n-- > 0)
		put_bytes(p, &alphabet[below(size)], 1);
}

/* One of the rule's anchors; PEM's holds a space. */
static size_t
pick_anchor(const ScanRule *rule, const char **anchor)
{
	const char *text = rule->anchors;
	unsigned    count = 1;

	*anchor = text;
	if (rule->kind == KIND_PEM)
		return strlen(text);
	for (const char *c = text; (c = strchr(c, ' ')) != NULL; c++)
		if (c[1] != '\0' && below(++count) == 0)
			*anchor = c + 1;
	return strcspn(*anchor, " ");
}

/* The ASCII characters of a class. */
static void
class_members(ScanClass class, char *members)
{
	scan_table_build();
	for (int c = 0x21; c < 0x7F; c++)
		if (scan_is((uint8_t) c, class))
			*members++ = (char) c;
	*members = '\0';
}

/* base64, of either alphabet, without the = at the end. */
static size_t
base64(const char *text, bool url, char *out)
{
	const char *last = url ? "-_" : "+/";
	size_t      bits = 8 * strlen(text);
	size_t      n = 0;

	for (size_t first = 0; first < bits; first += 6)
	{
		unsigned value = 0;

		for (size_t bit = first; bit < first + 6; bit++)
			value = value << 1 |
			        (bit < bits ? (uint8_t) text[bit / 8] >> (7 - bit % 8) & 1u : 0u);
		out[n++] = value < 62 ? (CAPITALS SMALL DIGITS)[value] : last[value - 62];
	}
	return n;
}

/* Shapes that checks ask for; what remains of "n" is of the class. */
#define SHAPES 10

static void
body_shape(Positive *p, int shape, const char *members, size_t n)
{
	char text[32];
	char encoded[64];

	switch (shape)
	{
		case 0: /* anything, but begins and ends as a word does */
			put_random(p, ALNUM, 1);
			put_random(p, members, n > 2 ? n - 2 : 0);
			put_random(p, ALNUM, n > 1);
			return;
		case 1:
			put_random(p, ALNUM, n);
			return;
		case 2:
			put_random(p, DIGITS "abcdef", n);
			return;
		case 3: /* base32 */
			put_random(p, CAPITALS "234567", n);
			return;
		case 4: /* base64 of bytes */
			put_random(p, ALNUM "+/", n > 1 ? n - 1 : 0);
			put(p, n > 0 ? "=" : "");
			return;
		case 5: /* 14 characters, a dot, hexadecimal digits */
			put_random(p, ALNUM, n < 14 ? n : 14);
			put(p, n > 14 ? "." : "");
			put_random(p, DIGITS "abcdef", n > 15 ? n - 15 : 0);
			return;
		case 7: /* a cookie */
			put(p, "sid=");
			put_random(p, ALNUM, n > 5 ? n - 4 : 1);
			return;
		case 8:
			put_random(p, DIGITS, n);
			return;
		case 9: /* 8 characters, an underscore, the rest */
			put_random(p, ALNUM, n < 8 ? n : 8);
			put(p, n > 8 ? "_" : "");
			put_random(p, ALNUM, n > 9 ? n - 9 : 0);
			return;
		default: /* base64 of user:password */
			snprintf(text, sizeof(text), "user%u:x%u", below(1000), below(1000000));
			put_bytes(p, encoded, base64(text, false, encoded));
			return;
	}
}

/* What follows the anchor: a run that the rule takes; false if none is found. */
static bool
put_body(Positive *p)
{
	const ScanRule *rule = p->rule;
	size_t          most = rule->max > 0 ? rule->max : rule->min + 40u;
	size_t          start = p->len;
	char            members[128];

	class_members(rule->class, members);
	for (int try = 0; try < SHAPES * TRIES; try++)
	{
		size_t      n = rule->min + below((unsigned) (most - rule->min) + 1);
		const char *body = p->text + start;

		p->len = start;
		body_shape(p, try / TRIES, members, n);
		n = p->len - start;
		if (n < rule->min || n > most || (rule->check && !rule->check(body, n)))
			continue;
		/* the shape may hold what is not of the class, or what ends a value */
		if (strspn(body, members) < n || memmem(body, n, "%26", 3) != NULL)
			continue;
		return true;
	}
	return false;
}

/* The name of a key that ends in the anchor, in some way of writing. */
static void
put_key(Positive *p, const char *anchor, size_t len)
{
	static const char *const before[] = {"", "db_", "DB-", "my", "app.", "x_y_"};
	unsigned                 style = below(3);

	const char              *first = before[below(lengthof(before))];

	/* a short word must begin where one does */
	put(p, len < 5 && strcmp(first, "my") == 0 ? "" : first);
	for (size_t i = 0; i < len; i++)
	{
		char c = anchor[i];

		if (style == 1 && c >= 'a' && c <= 'z')
			c -= 32;
		/* the last three letters select the anchor, so they stand together */
		if (style == 2 && len > 5 && i > 0 && i + 3 <= len && below(4) == 0)
			put_random(p, "_-.", 1);
		put_bytes(p, &c, 1);
	}
}

/* A key, an operator, and a value with quotes or without. */
static bool
make_assignment(Positive *p, const char *anchor, size_t len)
{
	/* what stands before the key, between, and after the value */
	static const char *const styles[][3] = {{"", "=", ""},
	                                        {"", ": ", ""},
	                                        {"", ":", ""},
	                                        {"", " = ", ""},
	                                        {"", " := ", ""},
	                                        {"", " => ", ""},
	                                        {"", "%3D", ""},
	                                        {"", "=\"", "\""},
	                                        {"", ": '", "'"},
	                                        {"\"", "\":\"", "\""},
	                                        {"\"", "\": \"", "\""},
	                                        {"'", "': '", "'"},
	                                        {"\\\"", "\\\":\\\"", "\\\""}};
	const char *const       *style = styles[below(lengthof(styles))];

	put(p, style[0]);
	put_key(p, anchor, len);
	put(p, style[1]);
	p->secret = p->len;
	if (!put_body(p))
		return false;
	p->secret_len = p->len - p->secret;
	put(p, style[2]);
	return true;
}

/* A JSON web token with one header or another. */
static void
make_jwt(Positive *p)
{
	char text[96];
	char encoded[160];

	snprintf(text, sizeof(text), "{\"%s\":\"%s%u\",\"alg\":\"HS%u\"}", "kid", "k",
	         below(100000), 256 + 128 * below(3));
	put_bytes(p, encoded, base64(text, true, encoded));
	snprintf(text, sizeof(text), "{\"sub\":\"u%u\",\"exp\":%u}", below(100000),
	         below(2000000000));
	put(p, ".");
	put_bytes(p, encoded, base64(text, true, encoded));
	put(p, ".");
	put_random(p, ALNUM "-_", 20 + below(66));
}

/* A private key in its lines; the secret is one of them. */
static void
make_pem(Positive *p, const char *anchor)
{
	static const char *const kinds[] = {"", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "};
	const char              *kind = kinds[below(lengthof(kinds))];
	const char              *newline = below(2) ? "\n" : "\\n";

	put(p, "-----");
	put(p, anchor);
	put(p, kind);
	put(p, "PRIVATE KEY-----");
	for (unsigned lines = 1 + below(5); lines > 0; lines--)
	{
		put(p, newline);
		p->secret = p->len;
		put_random(p, ALNUM "+/", p->secret_len = 64);
	}
	put(p, newline);
	put(p, "-----END ");
	put(p, kind);
	put(p, "PRIVATE KEY-----");
}

/* What stands before a value, and after it, for kinds of words without an operator. */
static bool
make_wrapped(Positive *p, const char *anchor, size_t len)
{
	const ScanRule *rule = p->rule;

	switch (rule->kind)
	{
		case KIND_FLAG:
			put(p, below(2) ? "curl --user bob:" : "--db-password ");
			break;
		case KIND_QUOTED:
			put_bytes(p, anchor, len);
			put(p, *anchor == 'i' ? " BY '" : " '");
			break;
		case KIND_ELEMENT:
			put(p, below(2) ? "<password>" : "&lt;apiKey&gt;");
			break;
		case KIND_DEFINE:
			put(p, *anchor == 'd' ? "#" : "");
			put_bytes(p, anchor, len);
			put(p, " API_KEY \"");
			break;
		case KIND_PAIR:
			put(p, "\"name\": \"API_KEY\", \"value\": \"");
			break;
		default:
			put(p, "sshpass -p '");
			break;
	}
	p->secret = p->len;
	put_random(p, ALNUM, 16);
	put_random(p, "23456789", 4);
	put_random(p, "ghjkmn", 4);
	p->secret_len = p->len - p->secret;
	put(p, rule->kind == KIND_ELEMENT ? "</x>"
	       : rule->kind == KIND_FLAG  ? ""
	       : rule->kind == KIND_SHORT || rule->kind == KIND_QUOTED ? "'" : "\"");
	return true;
}

/* PuTTY's key file; the secret is one of its lines. */
static void
make_putty(Positive *p)
{
	put(p, "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\n");
	p->secret = p->len;
	put_random(p, ALNUM "+/", p->secret_len = 64);
	put(p, "\nPrivate-MAC: ");
	put_random(p, DIGITS "abcdef", 40);
}

bool
positive_make(const ScanRule *rule, Positive *p)
{
	const char *anchor;
	size_t      len = pick_anchor(rule, &anchor);

	p->rule = rule;
	p->len = p->secret = p->secret_len = 0;
	if (len == 0 && rule->kind != KIND_SHORT && rule->kind != KIND_FLAG &&
	    rule->kind != KIND_ELEMENT)
		return person_make(p);
	switch (rule->kind)
	{
		case KIND_KEY:
			return make_assignment(p, anchor, len);
		case KIND_SCHEME:
			put_bytes(p, anchor, len);
			if (below(2))
				p->text[0] -= 32;
			put(p, below(2) ? " " : "  ");
			p->secret = p->len;
			break;
		case KIND_JWT:
			make_jwt(p);
			p->secret_len = p->len;
			return true;
		case KIND_PEM:
			make_pem(p, anchor);
			return true;
		case KIND_PUTTY:
			make_putty(p);
			return true;
		case KIND_FLAG:
		case KIND_QUOTED:
		case KIND_ELEMENT:
		case KIND_DEFINE:
		case KIND_PAIR:
		case KIND_SHORT:
			return make_wrapped(p, anchor, len);
		case KIND_BECH32:
		case KIND_MAILCHIMP:
		case KIND_TELEPHONE:
		case KIND_SOCIAL:
			return person_make(p);
		case KIND_TERRAFORM:
			put_random(p, ALNUM, 14);
			put(p, ".");
			put_bytes(p, anchor, len);
			break;
		default:
			put_bytes(p, anchor, len);
			break;
	}
	if (!put_body(p))
		return false;
	p->secret_len = p->len - p->secret;
	return true;
}

/*
 * scan_table.c
 *		Tables that are computed from the rules, and the types' names.
 *
 * Built at the first use in a process; a postmaster that preloads the library
 * builds them for all its backends.  45 kB.
 */
#include "port.h"

#include "scan.h"
#include "scan_match.h"

ScanTable scan_table;

/* The anchor of buckets that are a suffix's alone: it has no rule. */
#define NO_RULE 255

static const char *const type_names[SCAN_NTYPES] = {
#define SCAN_TYPE_NAME(name, level) #name,
	SCAN_TYPES(SCAN_TYPE_NAME)
#undef SCAN_TYPE_NAME
};

static const uint8_t type_lengths[SCAN_NTYPES] = {
#define SCAN_TYPE_LENGTH(name, level) sizeof(#name) - 1,
	SCAN_TYPES(SCAN_TYPE_LENGTH)
#undef SCAN_TYPE_LENGTH
};

static const ScanLevel type_levels[SCAN_NTYPES] = {
#define SCAN_TYPE_LEVEL(name, level) level,
	SCAN_TYPES(SCAN_TYPE_LEVEL)
#undef SCAN_TYPE_LEVEL
};

const char *
scan_type_name(ScanType type)
{
	return type_names[type];
}

ScanLevel
scan_type_level(ScanType type)
{
	return type_levels[type];
}

bool
scan_is_plain(const char *text, size_t len)
{
	if (len > 16)
		return false;
	scan_table_build();
	for (size_t i = 0; i < len; i++)
		if (!scan_is((uint8_t) text[i], CLASS_PLAIN))
			return false;
	return true;
}

const ScanRule *
scan_name_rule(void)
{
	scan_table_build();
	return scan_table.of_kind[KIND_NAME];
}

int
scan_type_find(const char *name, size_t len)
{
	for (int i = 0; i < SCAN_NTYPES; i++)
		if (type_lengths[i] == len && type_names[i][0] == name[0] &&
			memcmp(type_names[i], name, len) == 0)
			return i;
	return -1;
}

size_t
scan_placeholder(const char *text, size_t len, ScanType *type)
{
	static const char intro[] = "[REDACTED:";
	const size_t n = sizeof(intro) - 1;
	const char *end;
	int found;

	if (len <= n || text[0] != '[' || text[1] != 'R' || memcmp(text, intro, n) != 0)
		return 0;
	end = memchr(text + n, ']', len - n < 32 ? len - n : 32);
	if (end == NULL)
		return 0;
	found = scan_type_find(text + n, (size_t) (end - text) - n);
	if (found < 0)
		return 0;
	if (type != NULL)
		*type = (ScanType) found;
	return (size_t) (end - text) + 1;
}

bool
scan_only_placeholders(const char *text, size_t len)
{
	size_t at = 0;
	size_t n;

	while (at < len && (n = scan_placeholder(text + at, len - at, NULL)) > 0)
		at += n;
	return len > 0 && at == len;
}

static void
add_bit(uint32_t *bits, uint32_t hash)
{
	bits[hash / 32] |= (uint32_t) 1 << hash % 32;
}

/* Enters one anchor, which ends at the next space or the string's end. */
static void
add_anchor(const ScanRule *rule, const char *text, size_t len)
{
	bool key = rule->kind == KIND_KEY || rule->kind == KIND_PAIR;
	bool brief = !key && len == 3;
	ScanAnchors *anchors =
		key ? &scan_table.key : brief ? &scan_table.brief : &scan_table.word;
	ScanAnchor *anchor = &anchors->anchor[++anchors->count];
	uint32_t four = scan_four((const uint8_t *) text + (key ? len - 3 : 0));
	uint8_t *head = &anchors->head[key || brief ? scan_bucket_of_three(four)
												: scan_bucket_of_four(four)];

	PORT_ASSERT(len >= 3 && anchors->count < NO_RULE);
	anchor->rule = rule;
	anchor->text = text;
	anchor->len = (uint8_t) len;
	anchor->four = brief ? four & 0xFFFFFF : four;
	anchor->next = *head;
	anchor->level = (uint8_t) type_levels[rule->type];
	*head = anchors->count;
	if (brief)
		add_bit(scan_table.begins_three, (four << 8) * 0x9E3779B1u >> 17);
	else if (!key)
		add_bit(scan_table.begins_four, four * 0x9E3779B1u >> 17);
}

/* Sets the class's bit of every byte that its description names. */
static void
add_class(ScanClass class)
{
	for (const uint8_t *c = (const uint8_t *) scan_classes[class]; *c != '\0'; c++)
	{
		unsigned last = *c;

		if (c[1] == '-' && c[2] != '\0')
			last = c[2];
		for (unsigned b = *c; b <= last; b++)
			scan_table.class_of[b] |= 1u << class;
		if (last != *c)
			c += 2;
	}
}

/* Notes the buckets of the keys' suffixes, so that they count. */
static void
add_suffixes(void)
{
	for (const char *const *suffix = scan_key_suffixes; *suffix != NULL; suffix++)
	{
		unsigned bucket = scan_bucket((const uint8_t *) *suffix + strlen(*suffix) - 3);

		scan_table.suffix[bucket / 64] |= (uint64_t) 1 << bucket % 64;
		if (scan_table.key.head[bucket] == 0)
			scan_table.key.head[bucket] = NO_RULE;
	}
}

static void
add_type_ends(void)
{
	for (const char *const *end = scan_type_ends; *end != NULL; end++)
	{
		uint8_t *head = &scan_table.key.head[scan_bucket((const uint8_t *) *end)];

		if (*head == 0)
			*head = NO_RULE;
	}
}

/* Gives every byte of a string a hint. */
static void
add_hint(const char *bytes, uint8_t hint)
{
	for (; *bytes != '\0'; bytes++)
		scan_table.hint_of[(uint8_t) *bytes] |= hint;
}

void
scan_table_build(void)
{
	if (scan_table.built)
		return;
	add_hint("[(+%\\<;", HINT_WORD);
	add_hint("[=", HINT_SEQUENCE);
	add_hint("\"'`", HINT_QUOTE);
	add_hint("13KL50MNOS", HINT_LONG);
	add_hint("27;", HINT_ESCAPED);
	add_hint(" \t]\\\"'`?|;*", HINT_KEY);
	for (int class = 0; class < SCAN_NCLASSES; class ++)
		add_class((ScanClass) class);
	for (size_t i = 0; i < scan_nrules; i++)
	{
		const char *text = scan_rules[i].anchors;

		scan_table.of_kind[scan_rules[i].kind] = &scan_rules[i];
		scan_table.level_of[scan_rules[i].kind] =
			(uint8_t) type_levels[scan_rules[i].type];
		while (*text != '\0')
		{
			/* PEM's anchor holds a space, and is its rule's only one */
			size_t len =
				scan_rules[i].kind == KIND_PEM ? strlen(text) : strcspn(text, " ");

			add_anchor(&scan_rules[i], text, len);
			text += len;
			text += strspn(text, " ");
		}
	}
	add_suffixes();
	add_type_ends();
	scan_table.built = true;
}

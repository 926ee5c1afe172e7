/*
 * scan_table.c
 *		Tables that are computed from the rules, and the types' names.
 *
 * Built at the first use in a process; a postmaster that preloads the library
 * builds them for all its backends.  10 kB.
 */
#include "port.h"

#include "scan.h"
#include "scan_match.h"

#define BUCKETS 4096

uint16_t scan_class_of[256];

/* Tables over scan_rules; anchor[0] is unused, so that 0 means none. */
static struct
{
	bool built;
	uint8_t nanchors;
	uint8_t start[BUCKETS]; /* by the first three bytes */
	uint8_t key[BUCKETS];	/* of KEY rules, by the last three */
	ScanAnchor anchor[256];
	const ScanRule *of_kind[KIND_NAME + 1];
} table;

static const char *const type_names[SCAN_NTYPES] = {
#define SCAN_TYPE_NAME(name, level) #name,
	SCAN_TYPES(SCAN_TYPE_NAME)
#undef SCAN_TYPE_NAME
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

int
scan_type_find(const char *name, size_t len)
{
	for (int i = 0; i < SCAN_NTYPES; i++)
		if (strlen(type_names[i]) == len && memcmp(type_names[i], name, len) == 0)
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

	if (len <= n || memcmp(text, intro, n) != 0)
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

/* The bucket of three bytes, in which case makes no difference. */
static unsigned
bucket(uint32_t three)
{
	return ((three & 0xffffff) | 0x202020) * 0x9E3779B1u >> 20;
}

/* Three bytes as a number. */
static uint32_t
load3(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16;
}

/* Enters one anchor, which ends at the next space or the string's end. */
static void
add_anchor(const ScanRule *rule, const char *text, size_t len)
{
	bool key = rule->kind == KIND_KEY;
	uint8_t *head = key ? table.key : table.start;
	ScanAnchor *anchor = &table.anchor[++table.nanchors];

	PORT_ASSERT(len >= 3 && table.nanchors < 255);
	head += bucket(load3((const uint8_t *) text + (key ? len - 3 : 0)));
	anchor->rule = rule;
	anchor->text = text;
	anchor->len = (uint8_t) len;
	anchor->next = *head;
	*head = table.nanchors;
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
			scan_class_of[b] |= (uint16_t) (1u << class);
		if (last != *c)
			c += 2;
	}
}

void
scan_tables_build(void)
{
	if (table.built)
		return;
	for (int class = 0; class < SCAN_NCLASSES; class ++)
		add_class((ScanClass) class);
	for (size_t i = 0; i < scan_nrules; i++)
	{
		const char *text = scan_rules[i].anchors;

		table.of_kind[scan_rules[i].kind] = &scan_rules[i];
		while (*text != '\0')
		{
			/* PEM's anchor holds a space, and is its rule's only one */
			size_t len = scan_rules[i].kind == KIND_PEM ? strlen(text) : strcspn(text, " ");

			add_anchor(&scan_rules[i], text, len);
			text += len;
			text += strspn(text, " ");
		}
	}
	table.built = true;
}

const ScanAnchor *
scan_next_anchor(const ScanAnchor *anchor)
{
	return anchor->next ? &table.anchor[anchor->next] : NULL;
}

const ScanAnchor *
scan_anchors_at(const uint8_t *three)
{
	uint8_t first = table.start[bucket(load3(three))];

	return first ? &table.anchor[first] : NULL;
}

const ScanAnchor *
scan_key_anchors_at(const uint8_t *three)
{
	uint8_t first = table.key[bucket(load3(three))];

	return first ? &table.anchor[first] : NULL;
}

bool
scan_wants(const Scanner *s, const ScanRule *rule)
{
	return type_levels[rule->type] <= s->level;
}

const ScanRule *
scan_rule_of(const Scanner *s, ScanKind kind)
{
	const ScanRule *rule = table.of_kind[kind];

	return rule != NULL && scan_wants(s, rule) ? rule : NULL;
}

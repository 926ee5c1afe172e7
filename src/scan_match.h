/*
 * scan_match.h
 *		Between scan.c, which walks over the text, and scan_match.c, which
 *		decides at one place.
 */
#ifndef MAESTRO_SCAN_MATCH_H
#define MAESTRO_SCAN_MATCH_H

#include "scan.h"

#define SCAN_BUCKETS 4096

/* An anchor of a rule; next is the following one of its bucket, 0 for none. */
typedef struct ScanAnchor
{
	const ScanRule *rule;
	const char *text;
	uint8_t len;
	uint8_t next;
	uint8_t level;
	uint8_t fourth; /* the byte that the hash leaves out; 0: any */
} ScanAnchor;

/* What a byte says about the word, or the operator, that follows it. */
#define HINT_WORD 1		/* the word is not only what its letters say */
#define HINT_QUOTE 2	/* ends a key in quotes */
#define HINT_KEY 4		/* may stand between a key and its operator */
#define HINT_SEQUENCE 8 /* may begin what is left of an escape sequence */

/* Tables over scan_rules; anchor[0] is unused, so that 0 means none. */
typedef struct ScanTable
{
	bool built;
	uint8_t nanchors;
	uint8_t start[SCAN_BUCKETS]; /* anchors by their first three bytes */
	uint8_t key[SCAN_BUCKETS];	 /* those of KEY rules, by their last three */
	uint32_t class_of[256];		 /* bit n is set if that byte is of class n */
	uint8_t hint_of[256];		 /* HINT_… of that byte */
	ScanAnchor anchor[256];
	const ScanRule *of_kind[KIND_NAME + 1];
	uint8_t level_of[KIND_NAME + 1]; /* the level of that rule */
} ScanTable;

extern ScanTable scan_table;

/* Builds the table unless it is there. */
extern void scan_table_build(void);

static inline bool
scan_is(uint8_t byte, ScanClass class)
{
	return scan_table.class_of[byte] >> class & 1;
}

/* The text from "at" as the validators take it. */
static inline const char *
text_at(const Scanner *s, size_t at)
{
	return (const char *) s->text + at;
}

/* The bucket of three bytes, in which case makes no difference; reads four. */
static inline unsigned
scan_bucket(const uint8_t *p)
{
	uint32_t four = (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 |
		(uint32_t) p[3] << 24;

	/* four bytes are one load; the last does not count */
	return ((four | 0x202020) << 8) * 0x9E3779B1u >> 20;
}

/* The anchor of that number, NULL for 0: the end of a bucket. */
static inline const ScanAnchor *
scan_anchor(uint8_t number)
{
	return number ? &scan_table.anchor[number] : NULL;
}

/* The rule of a kind that has no anchors, NULL if the level leaves it out. */
static inline const ScanRule *
scan_rule_of(const Scanner *s, ScanKind kind)
{
	return scan_table.level_of[kind] <= s->level ? scan_table.of_kind[kind] : NULL;
}

/* Adds a finding, uniting it with those that it overlaps. */
extern void scan_report(Scanner *s, const ScanRule *rule, size_t start, size_t end);

/* The end of the run of that class at "from", which is "from" if there is none. */
extern size_t scan_run_end(Scanner *s, ScanClass class, size_t from);

/* "at" is where the anchor begins, "body" where it ends. */
extern void match_token(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_scheme(Scanner *s, const ScanRule *rule, size_t body);
extern void match_jwt(Scanner *s, const ScanRule *rule, size_t at);
extern void match_pem(Scanner *s, const ScanRule *rule, size_t at, size_t body);
/* A colon, or the word behind a tilde, at "at". */
extern void match_bot(Scanner *s, size_t at);
extern void match_azure(Scanner *s, size_t at);

extern void match_card(Scanner *s, size_t at);
extern void match_iban(Scanner *s, size_t at);
extern void match_ssn(Scanner *s, size_t at);
extern void match_phone(Scanner *s, size_t at);

/* The operator or @ is bytes [at, after), more than one if it is escaped. */
extern void match_key(Scanner *s, size_t at, size_t after);
extern void match_email(Scanner *s, size_t at, size_t after);

/* A colon at "at": false if this is no scheme://. */
extern bool match_url(Scanner *s, size_t at);

#endif /* MAESTRO_SCAN_MATCH_H */

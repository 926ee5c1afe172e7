/*
 * scan_match.h
 *		Between scan.c, which walks over the text, and scan_match.c, which
 *		decides at one place.
 */
#ifndef MAESTRO_SCAN_MATCH_H
#define MAESTRO_SCAN_MATCH_H

#include "scan.h"
#include "scan_user.h"

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

/* Tables over scan_rules; anchor[0] is unused, so that 0 means none. */
typedef struct ScanTable
{
	bool built;
	uint8_t nanchors;
	uint8_t start[SCAN_BUCKETS]; /* anchors by their first three bytes */
	uint8_t key[SCAN_BUCKETS];	 /* those of KEY rules, by their last three */
	uint32_t class_of[256];		 /* bit n is set if that byte is of class n */
	ScanAnchor anchor[256];
	const ScanRule *of_kind[KIND_NAME + 1];
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

/* The bucket of three bytes, in which case makes no difference. */
static inline unsigned
scan_bucket(const uint8_t *p)
{
	uint32_t three = (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16;

	return (three | 0x202020) * 0x9E3779B1u >> 20;
}

/* The anchor of that number, NULL for 0: the end of a bucket. */
static inline const ScanAnchor *
scan_anchor(uint8_t number)
{
	return number ? &scan_table.anchor[number] : NULL;
}

/* Does the text, as long as the anchor at least, begin with it? */
static inline bool
anchor_is(const ScanAnchor *anchor, const uint8_t *text)
{
	for (size_t i = 0; i < anchor->len; i++)
		if (text[i] != (uint8_t) anchor->text[i])
			return false;
	return true;
}

/* The rule of a kind that has no anchors, NULL if the level leaves it out. */
static inline const ScanRule *
scan_rule_of(const Scanner *s, ScanKind kind)
{
	const ScanRule *rule = scan_table.of_kind[kind];

	return rule != NULL && scan_type_level(rule->type) <= s->level ? rule : NULL;
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
extern void match_putty(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_mailchimp(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_flag(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_telephone(Scanner *s, const ScanRule *rule, size_t body);
/* A colon, or the word behind a tilde, at "at". */
extern void match_bot(Scanner *s, size_t at);
extern void match_azure(Scanner *s, size_t at);
/* A word that may be base64 of digits at "at". */
extern void match_discord(Scanner *s, size_t at);

extern void match_card(Scanner *s, size_t at);
extern void match_iban(Scanner *s, size_t at);
extern void match_ssn(Scanner *s, size_t at);
extern void match_phone(Scanner *s, size_t at);
/* A word of base58, or 0x and hexadecimal digits, at "at". */
extern void match_base58(Scanner *s, size_t at);
extern void match_ethereum(Scanner *s, size_t at);
extern void match_bech32(Scanner *s, const ScanRule *rule, size_t at, size_t body);
/* A word of digits and dots, or hexadecimal digits and colons. */
extern void match_address(Scanner *s, size_t at);

/* The operator or @ is bytes [at, after), more than one if it is escaped. */
extern void match_key(Scanner *s, size_t at, size_t after);
extern void match_email(Scanner *s, size_t at, size_t after);

/* The rule's own check of a value that lies in a run of the rule's class. */
extern bool scan_passes(Scanner *s, const ScanRule *rule, size_t start, size_t end);

/* Is the length of a run one that the rule takes? */
static inline bool
scan_fits(const ScanRule *rule, size_t len)
{
	return len >= rule->min && (rule->max == 0 || len <= rule->max);
}

/* A value's end without the punctuation that may follow a value. */
static inline size_t
scan_trimmed(const Scanner *s, size_t start, size_t end)
{
	while (end > start && (s->text[end - 1] == '.' || s->text[end - 1] == ':'))
		end--;
	return end;
}

/* Does one of the words (NULL ends them) stand in the bytes before "at", in any case? */
extern bool scan_has_context(const Scanner *s, const char *const *words, size_t at);

/* Finds the value after an operator; false if there is none. */
extern bool scan_find_value(Scanner *s, size_t from, size_t *start, size_t *end);

/* Reports a value unless it is redacted already, too short, or no secret. */
extern void scan_report_value(Scanner *s, const ScanRule *rule, size_t start, size_t end);

/* Rules of the database's, for a word at "at". */
extern void match_user(Scanner *s, size_t at);

/* A colon at "at": false if this is no scheme://. */
extern bool match_url(Scanner *s, size_t at);

#endif /* MAESTRO_SCAN_MATCH_H */

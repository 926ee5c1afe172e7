/*
 * scan_match.h
 *		Between scan.c, which walks over the text, and the files that decide at
 *		one place.
 */
#ifndef MAESTRO_SCAN_MATCH_H
#define MAESTRO_SCAN_MATCH_H

#include "scan.h"
#include "scan_user.h"

#define SCAN_BUCKETS 4096
#define SCAN_HASHES 32768

/* An anchor of a rule; next is the following one of its bucket, 0 for none. */
typedef struct ScanAnchor
{
	const ScanRule *rule;
	const char *text;
	uint8_t len;
	uint8_t next;
	uint8_t level;
	uint32_t four; /* its first four bytes, as scan_four reads them, or three */
} ScanAnchor;

/* What a byte says about the word, or the operator, that follows it. */
#define HINT_WORD 1		/* the word is not only what its letters say */
#define HINT_QUOTE 2	/* ends a key in quotes */
#define HINT_KEY 4		/* may stand between a key and its operator */
#define HINT_SEQUENCE 8 /* may begin what is left of an escape sequence */
#define HINT_LONG 16	/* begins a wallet's address, or a token that has no anchor */
#define HINT_ESCAPED 32 /* ends an escaped quote */

/* Anchors by some of their bytes; anchor[0] is unused, so that 0 means none. */
typedef struct ScanAnchors
{
	uint8_t count;
	uint8_t head[SCAN_BUCKETS];
	ScanAnchor anchor[256];
} ScanAnchors;

/* Tables over scan_rules. */
typedef struct ScanTable
{
	bool built;
	ScanAnchors word;			 /* by the first four bytes */
	ScanAnchors brief;			 /* those of three bytes */
	ScanAnchors key;			 /* those of keys, by the last three */
	/* whether anchors of four bytes or three begin with these: a bit for each hash */
	uint32_t begins_four[SCAN_HASHES / 32];
	uint32_t begins_three[SCAN_HASHES / 32];
	uint64_t suffix[SCAN_BUCKETS / 64]; /* buckets of keys' suffixes, a bit each */
	uint32_t class_of[256];		 /* bit n is set if that byte is of class n */
	uint8_t hint_of[256];		 /* HINT_… of that byte */
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

/* Four bytes, in one load, in which case makes no difference. */
static inline uint32_t
scan_four(const uint8_t *p)
{
	uint32_t four = (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 |
					(uint32_t) p[3] << 24;

	return four | 0x20202020;
}

/* The bucket of three bytes, or of four, as scan_four has read them. */
static inline unsigned
scan_bucket_of_three(uint32_t four)
{
	return (four << 8) * 0x9E3779B1u >> 20;
}

static inline unsigned
scan_bucket_of_four(uint32_t four)
{
	return four * 0x9E3779B1u >> 20;
}

/* May an anchor begin so?  Wrong once in a hundred, buckets once in twenty. */
static inline unsigned
scan_may_begin(uint32_t four)
{
	uint32_t h4 = four * 0x9E3779B1u >> 17;
	uint32_t h3 = (four << 8) * 0x9E3779B1u >> 17;

	return (scan_table.begins_four[h4 / 32] >> h4 % 32 |
			scan_table.begins_three[h3 / 32] >> h3 % 32) & 1;
}

/* The bucket of three bytes; reads four. */
static inline unsigned
scan_bucket(const uint8_t *p)
{
	return scan_bucket_of_three(scan_four(p));
}

/* Does the key that ends there have the last three letters of a suffix? */
static inline bool
scan_may_be_suffix(const uint8_t *end)
{
	unsigned bucket = scan_bucket(end - 3);

	return scan_table.suffix[bucket / 64] >> bucket % 64 & 1;
}

/* Finds the events of the next block of 64 bytes. */
extern void scan_block(Scanner *s);

/* The anchor of that number, NULL for 0: the end of a bucket. */
static inline const ScanAnchor *
scan_anchor(const ScanAnchors *anchors, uint8_t number)
{
	return number ? &anchors->anchor[number] : NULL;
}

/* Are anchors of that kind the same in any case? */
static inline bool
scan_any_case(ScanKind kind)
{
	return kind == KIND_SCHEME || kind == KIND_TELEPHONE || kind == KIND_SOCIAL ||
		   kind == KIND_QUOTED;
}

/* Does the text, as long as the anchor at least, begin with it, in any case or just so? */
static inline bool
anchor_is(const ScanAnchor *anchor, const uint8_t *text, uint8_t any_case)
{
	for (size_t i = 0; i < anchor->len; i++)
		if ((text[i] | any_case) != ((uint8_t) anchor->text[i] | any_case))
			return false;
	return true;
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
extern void match_putty(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_mailchimp(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_quoted(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_define(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_terraform(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_social(Scanner *s, const ScanRule *rule, size_t body);
/* A word at "at" behind two dashes, or behind < or &lt;. */
extern void match_flag(Scanner *s, size_t at);
extern void match_element(Scanner *s, size_t at);
/* A flag of one letter at "at", behind a blank and a dash. */
extern void match_short(Scanner *s, size_t at);
extern void match_telephone(Scanner *s, const ScanRule *rule, size_t body);
/* A colon, or the word behind a tilde, at "at". */
extern void match_bot(Scanner *s, size_t at);
extern void match_azure(Scanner *s, size_t at);
/* A word that may be base64 of digits at "at". */
extern void match_discord(Scanner *s, size_t at);
/* A word that begins with SK. */
extern void match_twilio(Scanner *s, size_t at);

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

/* The end of a run of that class without the punctuation that may follow a value. */
static inline size_t
scan_trimmed(const Scanner *s, ScanClass class, size_t start, size_t end)
{
	const ScanRun *run = &s->run[class];

	if (end > run->start && end == run->end)
		end = run->trimmed;
	else
		while (end > start && (s->text[end - 1] == '.' || s->text[end - 1] == ':'))
			end--;
	return end > start ? end : start;
}

/* Remembers the run [start, end) of a class. */
static inline void
scan_remember(Scanner *s, ScanClass class, size_t start, size_t end)
{
	ScanRun *run = &s->run[class];

	run->start = start;
	run->end = run->trimmed = end;
	while (run->trimmed > start &&
		   (s->text[run->trimmed - 1] == '.' || s->text[run->trimmed - 1] == ':'))
		run->trimmed--;
	run->tries = 0;
	run->placeholder = false;
}

/* Does one of the words (NULL ends them) stand in the bytes before "at", in any case? */
extern bool scan_has_context(const Scanner *s, const char *const *words, size_t at);

/* Does another digit or word go on there, so that a number does not end? */
extern bool scan_goes_on(const Scanner *s, size_t end);

/* Groups of digits as the pattern has them (n for that many digits); their end, or 0. */
extern size_t scan_digit_groups(const Scanner *s, size_t at, const char *pattern,
								char *digits);

/* The first colon that is in no placeholder, "to" if there is none. */
extern size_t scan_find_colon(const Scanner *s, size_t from, size_t to);

/* Spaces around an operator at most. */
#define SCAN_SPACES 8

static inline bool
scan_is_quote(uint8_t c)
{
	return c == '"' || c == '\'' || c == '`';
}

static inline bool
scan_is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* May a word begin there: after no other word's letter, or after an escape? */
extern bool scan_begins(const Scanner *s, size_t at);

/* Length of an escaped quote at "at": %22, &quot; and the like, 0 if there is none. */
extern size_t scan_escaped_quote(const Scanner *s, size_t at);

/* The end of a value without quotes, of that class. */
extern size_t scan_value_end(Scanner *s, ScanClass class, size_t from);

/*
 * Is a value without quotes not one but what a program gets it from?  Calls
 * (getpass.getpass()), paths of names (config.password, sys.argv), types, YAML's tags.
 */
extern bool scan_is_code(const Scanner *s, size_t start, size_t end);

/* Finds what stands after an operator; bare: without quotes.  False if there is nothing. */
extern bool scan_locate_value(Scanner *s, size_t from, size_t *start, size_t *end,
							  bool *bare);

/* Likewise, false also if it is code. */
extern bool scan_find_value(Scanner *s, size_t from, size_t *start, size_t *end);

/* Reports a value unless it is redacted already, too short, or no secret. */
extern void scan_report_value(Scanner *s, const ScanRule *rule, size_t start, size_t end);

/* Rules of the database's, for a word at "at". */
extern void match_user(Scanner *s, size_t at, uint32_t four);

/* What follows a colon written as %3A. */
extern void match_encoded_url(Scanner *s, size_t from);

/* A colon at "at": false if this is no scheme://. */
extern bool match_url(Scanner *s, size_t at);

#endif /* MAESTRO_SCAN_MATCH_H */

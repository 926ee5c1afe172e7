/*
 * scan_match.h
 *		Between scan.c, which walks over the text, and scan_match.c, which
 *		decides at one place.
 */
#ifndef MAESTRO_SCAN_MATCH_H
#define MAESTRO_SCAN_MATCH_H

#include "scan.h"

/* An anchor of a rule; next is the following one of its bucket, 0 for none. */
typedef struct ScanAnchor
{
	const ScanRule *rule;
	const char *text;
	uint8_t len;
	uint8_t next;
} ScanAnchor;

/* Bit n of an element is set if that byte is of class n. */
extern uint16_t scan_class_of[256];

static inline bool
scan_is(uint8_t byte, ScanClass class)
{
	return scan_class_of[byte] >> class & 1;
}

/* Builds the tables unless they are there. */
extern void scan_tables_build(void);

/* The first anchor that may begin (or, of a KEY, end) with these bytes, or NULL. */
extern const ScanAnchor *scan_anchors_at(const uint8_t *three);
extern const ScanAnchor *scan_key_anchors_at(const uint8_t *three);
extern const ScanAnchor *scan_next_anchor(const ScanAnchor *anchor);

/* The rule of a kind that has no anchors, NULL if the level leaves it out. */
extern const ScanRule *scan_rule_of(const Scanner *s, ScanKind kind);

/* Is the rule on at this scan's level? */
extern bool scan_wants(const Scanner *s, const ScanRule *rule);

/* Adds a finding, uniting it with those that it overlaps. */
extern void scan_report(Scanner *s, const ScanRule *rule, size_t start, size_t end);

/* The end of the run of that class at "from", which is "from" if there is none. */
extern size_t scan_run_end(Scanner *s, ScanClass class, size_t from);

/* "at" is where the anchor begins, "body" where it ends. */
extern void match_token(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_scheme(Scanner *s, const ScanRule *rule, size_t body);
extern void match_jwt(Scanner *s, const ScanRule *rule, size_t at);
extern void match_pem(Scanner *s, const ScanRule *rule, size_t at, size_t body);
extern void match_card(Scanner *s, size_t at);

/* The operator or @ is bytes [at, after), more than one if it is escaped. */
extern void match_key(Scanner *s, size_t at, size_t after);
extern void match_email(Scanner *s, size_t at, size_t after);

/* A colon at "at": false if this is no scheme://. */
extern bool match_url(Scanner *s, size_t at);

#endif /* MAESTRO_SCAN_MATCH_H */

/*
 * attributes.h
 *		What an event's attributes say: one walk over the object picks the names that
 *		judging knows, whose values are then read where they lie.
 */
#ifndef MAESTRO_ATTRIBUTES_H
#define MAESTRO_ATTRIBUTES_H

#include "utils/jsonb.h"

/* The names that mean something; the last six are those that log_event itself adds. */
#define ATTRIBUTE_NAMES(X)                                                               \
	X(ADDRESS, "server.address")                                                         \
	X(RESPONSE_MODEL, "gen_ai.response.model")                                           \
	X(REQUEST_MODEL, "gen_ai.request.model")                                             \
	X(RESEND_COUNT, "http.request.resend_count")                                         \
	X(RETRY_DELAY, "retry.delay_ms")                                                     \
	X(ERROR_TYPE, "error.type")                                                          \
	X(BREAKER_STATE, "breaker.state")                                                    \
	X(LIMITER_STATE, "limiter.state")                                                    \
	X(TOOL_DIGEST, "maestro.tool_schema_digest")                                         \
	X(MANIFEST_DIGEST, "maestro.manifest_digest")                                        \
	X(PLAN_DIGEST, "maestro.plan_digest")                                                \
	X(MEMORY_USAGE, "process.memory.usage")                                              \
	X(FILE_COUNT, "process.unix.file_descriptor.count")                                  \
	X(RESOURCE, "maestro.resource")                                                      \
	X(ACTION_KIND, "maestro.action.kind")                                                \
	X(OWN_TARGET, "maestro.target")                                                      \
	X(OWN_DEPENDENCY, "maestro.dependency")                                              \
	X(OWN_TRUNCATED, "maestro.truncated_bytes")                                          \
	X(OWN_CLAIMED, "maestro.claimed_occurred_at")                                        \
	X(OWN_SPAN, "span.original_id")                                                      \
	X(OWN_ACTION, "maestro.action")

typedef enum AttributeName
{
#define ATTRIBUTE_ENUM(name, text) ATTRIBUTE_##name,
	ATTRIBUTE_NAMES(ATTRIBUTE_ENUM)
#undef ATTRIBUTE_ENUM
	ATTRIBUTE_COUNT
} AttributeName;

/* A text that lies in something else; s is NULL where SQL says NULL. */
typedef struct Words
{
	const char *s;
	size_t		len;
} Words;

typedef struct Attributes
{
	Jsonb *document; /* NULL: none */
	int	   count;	 /* members; -1: it is no object */
	int	   others;	 /* members that log_event did not add */
	int	   place[ATTRIBUTE_COUNT]; /* of each name the member, or -1 */
} Attributes;

/* Walks over a document, which may be NULL and must stay where it is. */
extern void attributes_pick(Attributes *attributes, Jsonb *document);

/* What jsonb's operator ? says of the name. */
extern bool attributes_have(const Attributes *attributes, AttributeName name);

/* The same of a document that nothing was picked from. */
extern bool attribute_exists(Jsonb *document, AttributeName name);

/* What ->> says; may be palloc'd. */
extern Words attributes_text(const Attributes *attributes, AttributeName name);

/* Sent as a number, cut to the range from 0 to 1e15, or as its text; false: neither. */
extern bool attributes_number(const Attributes *attributes, AttributeName name, double *number);

/* The same of any name. */
extern bool attribute_number_named(Jsonb *document, const char *name, size_t len, double *number);

/* Is error.type a word that says what failed? */
extern bool attributes_typed(const Attributes *attributes);

/* Is it an object with more than what log_event itself adds? */
static inline bool
attributes_say(const Attributes *attributes)
{
	return attributes->others > 0;
}

/* In lower case by the database's collation; may be palloc'd. */
extern Words words_lower(Words words);

/* A line without characters that sanitizing takes away. */
extern bool words_are_neutral(Words words);

static inline bool
words_equal(Words a, Words b)
{
	return a.s != NULL && b.s != NULL && a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

#define WORDS_ARE(words, literal)                                                        \
	((words).s != NULL && (words).len == sizeof(literal) - 1 &&                          \
	 memcmp((words).s, literal, sizeof(literal) - 1) == 0)

#endif /* MAESTRO_ATTRIBUTES_H */

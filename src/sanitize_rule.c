/*
 * sanitize_rule.c
 *		What to sanitize by: the built-in rules and those of the database.
 *
 * The tables sanitize_rule and sanitize_allow are read once a process and then
 * again after each change: their trigger registry_changed sends a relcache
 * invalidation, which is taken notice of at the next statement.  They are read as
 * their owner and with the latest snapshot, as registry.c does and says why.
 *
 * A row that this library cannot use (a class of a later version, say) is left
 * out with a warning: an error would stop all logging.  What can be written is
 * checked by sanitize_rule_check().
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "regex/regex.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "gate.h"
#include "guc.h"
#include "owner.h"
#include "registry.h"
#include "relcache_watch.h"
#include "sanitize_rule.h"
#include "scan_match.h"
#include "scan_user.h"
#include "sha256.h"

/* Longest value that can be allowed, in bytes. */
#define ALLOW_MAX 4096

/* A value that a rule lets stay. */
typedef struct Allowed
{
	uint8_t digest[SHA256_LEN];
	char	rule[NAMEDATALEN];
} Allowed;

/* everything that was read, freed as a whole */
static MemoryContext rule_context = NULL;
static ScanAnchors	*user_rules = NULL;
static Allowed		*allowed = NULL; /* ascending by digest */
static size_t		 nallowed = 0;

/* set by the invalidation callback; read again at the next call */
static bool stale = true;

/* read with a parallel query's snapshot: good until its end */
static bool passing = false;

/* the two tables */
static Oid watched[2];

/* start of the statement that looked for invalidations last */
static TimestampTz looked_at = 0;

static void
rules_changed(Datum arg, Oid relid)
{
	(void) arg;
	if (relid == InvalidOid || relid == watched[0] || relid == watched[1])
		stale = true;
}

static int
compare_allowed(const void *a, const void *b)
{
	return memcmp(((const Allowed *) a)->digest, ((const Allowed *) b)->digest, SHA256_LEN);
}

/* ScanSetup.allowed: the same value may be allowed for several rules. */
static bool
is_allowed(const ScanRule *rule, const char *found, size_t len)
{
	Allowed key;
	size_t	low = 0;
	size_t	high = nallowed;

	if (len > ALLOW_MAX)
		return false;
	sha256(found, len, key.digest);
	while (low < high)
	{
		size_t middle = (low + high) / 2;

		if (compare_allowed(&allowed[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < nallowed && compare_allowed(&allowed[low], &key) == 0; low++)
		if (strcmp(allowed[low].rule, rule->name) == 0)
			return true;
	return false;
}

/* ScanSetup.match: PostgreSQL's own engine, which keeps compiled expressions. */
static size_t
match_expression(const ScanRule *rule, const char *data, size_t len)
{
	text	  *expression = (text *) rule->explanation;
	regmatch_t match;

	if (!RE_compile_and_execute(expression, unconstify(char *, data), (int) len,
								REG_ADVANCED, C_COLLATION_OID, 1, &match) ||
		match.rm_so != 0)
		return 0;
	return (size_t) pg_mbcharcliplen(data, (int) len, (int) match.rm_eo);
}

/* Columns of the query below. */
enum
{
	COLUMN_RULE = 1,
	COLUMN_TYPE,
	COLUMN_ANCHORS,
	COLUMN_CLASS,
	COLUMN_MIN,
	COLUMN_MAX,
	COLUMN_KEEP_ANCHOR,
	COLUMN_SUFFIX,
	COLUMN_CONTEXT,
	COLUMN_VALIDATOR,
	COLUMN_REGEX,
	COLUMN_PRIORITY,
	COLUMN_LEVEL
};

static const char rule_query[] =
	"SELECT rule, type, pg_catalog.array_to_string(anchors, E'\\n'), class, min_length,"
	"       max_length, keep_anchor, suffix, context, validator,"
	"       '^(?:' OPERATOR(pg_catalog.||) regex OPERATOR(pg_catalog.||) ')', priority, level"
	"  FROM maestro.sanitize_rule WHERE enabled ORDER BY rule";
static const char allow_query[] = "SELECT rule, digest FROM maestro.sanitize_allow";

/* A column's text, NULL for NULL. */
static char *
get_text(HeapTuple row, int column)
{
	return SPI_getvalue(row, SPI_tuptable->tupdesc, column);
}

static int32
get_number(HeapTuple row, int column)
{
	bool  isnull;
	Datum value = SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

/* The words of a text[] column, with NULL at the end; NULL if there are none. */
static const char *const *
get_words(HeapTuple row, int column)
{
	bool		 isnull;
	Datum		 value = SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull);
	const char **words;
	Datum		*elements;
	int			 n;

	if (isnull)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  NULL, &n);
	words = palloc0((n + 1) * sizeof(char *));
	for (int i = 0; i < n; i++)
		words[i] = TextDatumGetCString(elements[i]);
	return n > 0 ? words : NULL;
}

/* The level of that name; false if there is none. */
static bool
find_level(const char *name, size_t len, ScanLevel *level)
{
	static const char *const names[] = {"secrets", "pii", "all"};

	for (int i = 0; i < (int) lengthof(names); i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
		{
			*level = (ScanLevel) i;
			return true;
		}
	return false;
}

/* Reads a rule from its row; false if it is none that this library knows. */
static bool
read_rule(HeapTuple row, ScanUserRule *user)
{
	char *type = get_text(row, COLUMN_TYPE);
	char *class = get_text(row, COLUMN_CLASS);
	char *validator = get_text(row, COLUMN_VALIDATOR);
	char *regex = get_text(row, COLUMN_REGEX);
	char *level = get_text(row, COLUMN_LEVEL);
	int	  found = scan_type_find(type, strlen(type));

	user->rule.name = get_text(row, COLUMN_RULE);
	user->rule.kind = KIND_USER;
	user->rule.type = (ScanType) found;
	user->rule.priority = (uint8_t) get_number(row, COLUMN_PRIORITY);
	user->rule.anchors = get_text(row, COLUMN_ANCHORS);
	user->rule.class = class ? scan_user_class(class) : CLASS_NONE;
	user->rule.min = (uint16_t) get_number(row, COLUMN_MIN);
	user->rule.max = (uint16_t) get_number(row, COLUMN_MAX);
	user->rule.check = validator ? scan_user_check(validator) : NULL;
	user->keep_anchor = strcmp(get_text(row, COLUMN_KEEP_ANCHOR), "t") == 0;
	user->suffix = get_text(row, COLUMN_SUFFIX);
	user->context = get_words(row, COLUMN_CONTEXT);
	user->expression = regex != NULL;
	/* nobody asks a rule of this kind for its explanation */
	user->rule.explanation = regex ? (const char *) cstring_to_text(regex) : NULL;
	return found >= 0 && find_level(level, strlen(level), &user->level) &&
		   (class == NULL || user->rule.class != CLASS_NONE) &&
		   (validator == NULL || user->rule.check != NULL);
}

static void
read_rules(MemoryContext context)
{
	ScanAnchors *anchors;

	if (SPI_execute_snapshot(SPI_prepare(rule_query, 0, NULL), NULL, NULL,
							 GetActiveSnapshot(), InvalidSnapshot, true, false,
							 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the rules of sanitizing");
	if (SPI_processed == 0)
		return;
	MemoryContextSwitchTo(context);
	anchors = palloc0(sizeof(ScanAnchors));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		ScanUserRule *user = palloc0(sizeof(ScanUserRule));

		if (!read_rule(SPI_tuptable->vals[i], user) || !scan_user_add(anchors, user))
			ereport(WARNING, (errmsg("rule \"%s\" of sanitizing is left out",
									 user->rule.name),
							  errhint("This version of the library does not know its type, "
									  "class or validator, or there are too many rules.")));
	}
	user_rules = anchors;
}

static void
read_allowed(MemoryContext context)
{
	if (SPI_execute_snapshot(SPI_prepare(allow_query, 0, NULL), NULL, NULL,
							 GetActiveSnapshot(), InvalidSnapshot, true, false,
							 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read what sanitizing allows");
	allowed = MemoryContextAllocHuge(context, (SPI_processed + 1) * sizeof(Allowed));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		bool	  isnull;
		bytea	 *digest = DatumGetByteaPP(
			   SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));

		strlcpy(allowed[i].rule, get_text(row, 1), NAMEDATALEN);
		memcpy(allowed[i].digest, VARDATA_ANY(digest), SHA256_LEN);
	}
	nallowed = SPI_processed;
	qsort(allowed, nallowed, sizeof(Allowed), compare_allowed);
}

/* Reads both tables into a fresh context. */
static void
read_tables(void)
{
	OwnerScope scope;

	owner_begin(&scope);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	PushActiveSnapshot(IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot());
	read_allowed(rule_context);
	read_rules(rule_context);
	PopActiveSnapshot();
	SPI_finish();
	owner_end(&scope);
}

/* Reads the tables if they have changed, or never were read. */
static void
refresh(void)
{
	static bool registered = false;
	Oid			nsp;

	if (looked_at != GetCurrentStatementStartTimestamp())
	{
		looked_at = GetCurrentStatementStartTimestamp();
		AcceptInvalidationMessages();
	}
	if (passing && !IsInParallelMode())
		stale = true;
	if (!stale)
		return;
	if (!registered)
	{
		relcache_watch(rules_changed);
		registered = true;
	}
	user_rules = NULL;
	allowed = NULL;
	nallowed = 0;
	if (rule_context == NULL)
		rule_context = AllocSetContextCreate(CacheMemoryContext, "maestro sanitize rules",
											 ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(rule_context);
	/* while the extension is being made there are no such tables yet */
	nsp = get_namespace_oid("maestro", true);
	watched[0] = OidIsValid(nsp) ? get_relname_relid("sanitize_rule", nsp) : InvalidOid;
	watched[1] = OidIsValid(nsp) ? get_relname_relid("sanitize_allow", nsp) : InvalidOid;
	if (!OidIsValid(watched[0]) || !OidIsValid(watched[1]))
		return;
	/* what changes while they are read makes them stale again */
	stale = false;
	passing = IsInParallelMode();
	PG_TRY();
	{
		read_tables();
	}
	PG_CATCH();
	{
		stale = true;
		user_rules = NULL;
		nallowed = 0;
		PG_RE_THROW();
	}
	PG_END_TRY();
}

const ScanSetup *
sanitize_setup(ScanLevel level)
{
	static ScanSetup setup;

	refresh();
	setup = (ScanSetup){.level = level,
						.user = user_rules,
						.allowed = nallowed > 0 ? is_allowed : NULL,
						.match = match_expression};
	return &setup;
}

const ScanSetup *
sanitize_log_setup(void)
{
	/* or a rule could hide that it was added */
	if (gate_is_open())
		return sanitize_builtin((ScanLevel) guc_sanitize_level);
	return sanitize_setup((ScanLevel) guc_sanitize_level);
}

const ScanSetup *
sanitize_setup_named(text *name)
{
	ScanLevel level;

	/* not quoted, in case arguments were confused */
	if (!find_level(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &level))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown level of sanitizing"),
				 errhint("Levels are \"secrets\", \"pii\", which includes secrets, and "
						 "\"all\".")));
	return sanitize_setup(level);
}

const ScanSetup *
sanitize_builtin(ScanLevel level)
{
	static const ScanSetup setups[] = {
		{.level = SCAN_SECRETS}, {.level = SCAN_PII}, {.level = SCAN_ALL}};

	return &setups[level];
}

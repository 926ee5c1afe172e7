/*
 * sanitize.c
 *		SQL: sanitize, scan, what rules there are, and the type safe_text.
 */
#include "postgres.h"

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "maestro.h"

#include "neutralize.h"
#include "redact.h"
#include "scan.h"

/* Reads a level; its text is not quoted, in case arguments were confused. */
static SanitizeLevel
level_from_text(text *name)
{
	const char *data = VARDATA_ANY(name);
	size_t len = VARSIZE_ANY_EXHDR(name);

	if (len == 3 && memcmp(data, "pii", 3) == 0)
		return SANITIZE_PII;
	if (len == 7 && memcmp(data, "secrets", 7) == 0)
		return SANITIZE_SECRETS;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown level of sanitizing"),
			 errhint("Levels are \"pii\", which includes secrets, and \"secrets\".")));
}

static const char *
level_name(ScanLevel level)
{
	return level == SCAN_SECRETS ? "secrets" : "pii";
}

/* A text with everything replaced; "in" itself if nothing was. */
static text *
sanitize_text(text *in, RedactShape shape, SanitizeLevel level)
{
	char *out;
	size_t outlen;

	if (!redact_text(VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in), shape, level, NULL, &out,
					 &outlen))
		return in;
	return cstring_to_text_with_len(out, outlen);
}

MAESTRO_FUNCTION(sanitize_text)
{
	SanitizeLevel level = level_from_text(PG_GETARG_TEXT_PP(1));

	PG_RETURN_TEXT_P(sanitize_text(PG_GETARG_TEXT_PP(0), REDACT_LINE, level));
}

MAESTRO_FUNCTION(sanitize_jsonb)
{
	SanitizeLevel level = level_from_text(PG_GETARG_TEXT_PP(1));

	PG_RETURN_JSONB_P(redact_jsonb(PG_GETARG_JSONB_P(0), level, NULL));
}

MAESTRO_FUNCTION(finding_counts_text)
{
	text *in = PG_GETARG_TEXT_PP(0);
	Findings found = {0};
	char *out;
	size_t outlen;
	Jsonb *counts;

	redact_text(VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in), REDACT_LINE, SANITIZE_PII, &found,
				&out, &outlen);
	counts = findings_jsonb(&found);
	if (counts == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(counts);
}

MAESTRO_FUNCTION(finding_counts_jsonb)
{
	Findings found = {0};
	Jsonb *counts;

	redact_jsonb(PG_GETARG_JSONB_P(0), SANITIZE_PII, &found);
	counts = findings_jsonb(&found);
	if (counts == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(counts);
}

MAESTRO_FUNCTION(finding_is_secret)
{
	text *name = PG_GETARG_TEXT_PP(0);
	int type = scan_type_find(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));

	if (type < 0)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(scan_type_level(type) == SCAN_SECRETS);
}

/* Puts one find into the result of scan(), its place counted in characters. */
static void
put_find(ReturnSetInfo *rsinfo, const ScanRule *rule, const char *found, size_t bytes,
		 int first)
{
	int chars = pg_mbstrlen_with_len(found, bytes);
	/* a quarter at most: four characters of a short password are most of it */
	int shown = pg_mbcharcliplen(found, bytes, Min(4, chars / 4));
	Datum values[5];
	bool nulls[5] = {false};

	values[0] = CStringGetTextDatum(rule->name);
	values[1] = CStringGetTextDatum(scan_type_name(rule->type));
	values[2] = Int32GetDatum(first);
	values[3] = Int32GetDatum(chars);
	values[4] = PointerGetDatum(cstring_to_text_with_len(found, shown));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

MAESTRO_FUNCTION(scan)
{
	text *in = PG_GETARG_TEXT_PP(0);
	SanitizeLevel level = level_from_text(PG_GETARG_TEXT_PP(1));
	const char *data = VARDATA_ANY(in);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	RedactFind *find;
	size_t n = redact_find(data, VARSIZE_ANY_EXHDR(in), level, &find);
	size_t done = 0;
	int chars = 0;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		chars += pg_mbstrlen_with_len(data + done, find[i].start - done);
		done = find[i].start;
		put_find(rsinfo, find[i].rule, data + done, find[i].end - done, chars + 1);
	}
	return (Datum) 0;
}

MAESTRO_FUNCTION(builtin_sanitize_rules)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < scan_nrules; i++)
	{
		const ScanRule *rule = &scan_rules[i];
		Datum values[6];
		bool nulls[6] = {false};

		values[0] = CStringGetTextDatum(rule->name);
		values[1] = CStringGetTextDatum(scan_type_name(rule->type));
		values[2] = CStringGetTextDatum(rule->family);
		values[3] = CStringGetTextDatum(level_name(scan_type_level(rule->type)));
		values[4] = Int32GetDatum(rule->priority);
		values[5] = CStringGetTextDatum(rule->explanation);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * The type safe_text: stored as text is, and every way in sanitizes.  It uses the
 * built-in rules alone: an input function that read a table would fail in a
 * restore, where the table may not be there yet.
 */

MAESTRO_FUNCTION(safe_text_in)
{
	char *in = PG_GETARG_CSTRING(0);
	char *out;
	size_t outlen;

	redact_text(in, strlen(in), REDACT_BLOCK, SANITIZE_PII, NULL, &out, &outlen);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out, outlen));
}

MAESTRO_FUNCTION(safe_text_out)
{
	PG_RETURN_CSTRING(TextDatumGetCString(PG_GETARG_DATUM(0)));
}

MAESTRO_FUNCTION(safe_text_recv)
{
	StringInfo buf = (StringInfo) PG_GETARG_POINTER(0);
	int len;
	char *in = pq_getmsgtext(buf, buf->len - buf->cursor, &len);
	char *out;
	size_t outlen;

	redact_text(in, len, REDACT_BLOCK, SANITIZE_PII, NULL, &out, &outlen);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out, outlen));
}

MAESTRO_FUNCTION(safe_text_send)
{
	text *in = PG_GETARG_TEXT_PP(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendtext(&buf, VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* The casts from text and varchar. */
MAESTRO_FUNCTION(safe_text_from_text)
{
	PG_RETURN_TEXT_P(sanitize_text(PG_GETARG_TEXT_PP(0), REDACT_BLOCK, SANITIZE_PII));
}

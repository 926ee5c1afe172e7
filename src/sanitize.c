/*
 * sanitize.c
 *		SQL: sanitize, what rules there are, and the type safe_text.
 */
#include "postgres.h"

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "maestro.h"

#include "neutralize.h"
#include "redact.h"
#include "sanitize_rule.h"

static const char *
level_name(ScanLevel level)
{
	return level == SCAN_SECRETS ? "secrets" : level == SCAN_PII ? "pii" : "all";
}

/* A text with everything replaced; "in" itself if nothing was. */
static text *
sanitize_text(text *in, RedactShape shape, const ScanSetup *setup)
{
	char *out;
	size_t outlen;

	if (!redact_text(VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in), shape, setup, NULL, &out,
					 &outlen))
		return in;
	return cstring_to_text_with_len(out, outlen);
}

MAESTRO_FUNCTION(sanitize_text)
{
	const ScanSetup *setup = sanitize_setup_named(PG_GETARG_TEXT_PP(1));

	PG_RETURN_TEXT_P(sanitize_text(PG_GETARG_TEXT_PP(0), REDACT_LINE, setup));
}

MAESTRO_FUNCTION(sanitize_jsonb)
{
	const ScanSetup *setup = sanitize_setup_named(PG_GETARG_TEXT_PP(1));

	PG_RETURN_JSONB_P(redact_jsonb(PG_GETARG_JSONB_P(0), setup, NULL));
}

MAESTRO_FUNCTION(finding_counts_text)
{
	text *in = PG_GETARG_TEXT_PP(0);
	Findings found = {0};
	char *out;
	size_t outlen;
	Jsonb *counts;

	redact_text(VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in), REDACT_LINE,
				sanitize_setup(SCAN_PII), &found,
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

	redact_jsonb(PG_GETARG_JSONB_P(0), sanitize_setup(SCAN_PII), &found);
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

	redact_text(in, strlen(in), REDACT_BLOCK, sanitize_builtin(SCAN_PII), NULL, &out, &outlen);
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

	redact_text(in, len, REDACT_BLOCK, sanitize_builtin(SCAN_PII), NULL, &out, &outlen);
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
	PG_RETURN_TEXT_P(sanitize_text(PG_GETARG_TEXT_PP(0), REDACT_BLOCK, sanitize_builtin(SCAN_PII)));
}

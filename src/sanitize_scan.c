/*
 * sanitize_scan.c
 *		SQL: scan, which says what sanitize would replace, and where.
 *
 * Places are counted in characters.  A sample is four characters at most, and a
 * quarter of what was found: four characters of a short password are most of it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "maestro.h"

#include "redact_walk.h"
#include "sanitize_rule.h"

/* Columns of a find; those of scan(jsonb) come after its two of the place. */
#define FIND_COLUMNS 5
#define PLACE_COLUMNS 2

/* A scan of a jsonb value. */
typedef struct JsonScan
{
	RedactWalk	   walk;
	ReturnSetInfo *rsinfo;
	bool		   scalar; /* the value is no array or object */
	Datum		   path;   /* of the current leaf or key */
	bool		   in_key;
} JsonScan;

/* What a find's row says of it. */
static void
set_find(Datum *values, const char *rule, ScanType type, const char *found, size_t bytes,
		 int first)
{
	int chars = pg_mbstrlen_with_len(found, (int) bytes);
	int shown = pg_mbcharcliplen(found, (int) bytes, Min(4, chars / 4));

	values[0] = CStringGetTextDatum(rule);
	values[1] = CStringGetTextDatum(scan_type_name(type));
	values[2] = Int32GetDatum(first);
	values[3] = Int32GetDatum(chars);
	values[4] = PointerGetDatum(cstring_to_text_with_len(found, shown));
}

MAESTRO_FUNCTION(scan)
{
	text			*in = PG_GETARG_TEXT_PP(0);
	const ScanSetup *setup = sanitize_setup_named(PG_GETARG_TEXT_PP(1));
	const char		*data = VARDATA_ANY(in);
	ReturnSetInfo	*rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	RedactFind		*find;
	size_t			 n = redact_find(data, VARSIZE_ANY_EXHDR(in), setup, &find);
	size_t			 done = 0;
	int				 chars = 0;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < n; i++)
	{
		Datum values[FIND_COLUMNS];
		bool  nulls[FIND_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		chars += pg_mbstrlen_with_len(data + done, (int) (find[i].start - done));
		done = find[i].start;
		set_find(values, find[i].rule->name, find[i].rule->type, data + done,
				 find[i].end - done, chars + 1);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Puts a find of a jsonb value into the result. */
static void
put_find(JsonScan *scan, const char *rule, ScanType type, const char *found, size_t bytes,
		 int first)
{
	Datum values[PLACE_COLUMNS + FIND_COLUMNS];
	bool  nulls[PLACE_COLUMNS + FIND_COLUMNS] = {false};

	values[0] = scan->path;
	values[1] = BoolGetDatum(scan->in_key);
	set_find(values + PLACE_COLUMNS, rule, type, found, bytes, first);
	tuplestore_putvalues(scan->rsinfo->setResult, scan->rsinfo->setDesc, values, nulls);
}

/* The path of the current leaf or key, as #>> takes it; keys are sanitized. */
static Datum
current_path(JsonScan *scan)
{
	RedactWalk *walk = &scan->walk;
	Datum	   *steps = palloc((walk->depth + 1) * sizeof(Datum));
	int			n = scan->scalar ? 0 : walk->depth;

	for (int i = 0; i < n; i++)
	{
		const RedactFrame *frame = &walk->frame[i];
		const JsonbValue  *key = &frame->key;

		steps[i] = frame->object
					   ? PointerGetDatum(cstring_to_text_with_len(key->val.string.val, key->val.string.len))
					   : CStringGetTextDatum(psprintf("%d", frame->index));
	}
	return PointerGetDatum(construct_array(steps, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* Finds in a string; true if one of them is all of it. */
static bool
scan_string(JsonScan *scan, const JsonbValue *v, bool whole_only)
{
	const char *data = v->val.string.val;
	size_t		len = v->val.string.len;
	RedactFind *find;
	size_t		n = redact_find(data, len, scan->walk.setup, &find);
	bool		whole = n == 1 && find[0].start == 0 && find[0].end == len;
	size_t		done = 0;
	int			chars = 0;

	if (n > 0 && (whole || !whole_only))
		scan->path = current_path(scan);
	for (size_t i = 0; i < n && (whole || !whole_only); i++)
	{
		chars += pg_mbstrlen_with_len(data + done, (int) (find[i].start - done));
		done = find[i].start;
		put_find(scan, find[i].rule->name, find[i].rule->type, data + done,
				 find[i].end - done, chars + 1);
	}
	pfree(find);
	return whole;
}

static void
scan_leaf(JsonScan *scan, const JsonbValue *v)
{
	int		   type = walk_whole(&scan->walk, v);
	JsonbValue text = *v;

	scan->in_key = false;
	if (type == ALLOWED_VALUE)
		return;
	if (type == PLAIN_KEY)
	{
		if (v->type == jbvString)
			(void) scan_string(scan, v, false);
		return;
	}
	if (v->type == jbvNumeric)
	{
		text.val.string.val = DatumGetCString(
			DirectFunctionCall1(numeric_out, NumericGetDatum(v->val.numeric)));
		text.val.string.len = (int) strlen(text.val.string.val);
	}
	else if (scan_only_placeholders(v->val.string.val, v->val.string.len) ||
			 scan_string(scan, v, true))
		return;
	scan->path = current_path(scan);
	put_find(scan, scan_name_rule()->name, (ScanType) type, text.val.string.val,
			 text.val.string.len, 1);
}

MAESTRO_FUNCTION(scan_jsonb)
{
	Jsonb			  *in = PG_GETARG_JSONB_P(0);
	JsonbIterator	  *it = JsonbIteratorInit(&in->root);
	JsonScan		   scan = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo,
							   .scalar = JB_ROOT_IS_SCALAR(in)};
	JsonbIteratorToken token;
	JsonbValue		   v;

	scan.walk.setup = sanitize_setup_named(PG_GETARG_TEXT_PP(1));
	InitMaterializedSRF(fcinfo, 0);
	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		walk_token(&scan.walk, token, &v, it ? it->container : NULL);
		if (token == WJB_KEY)
		{
			JsonbValue clean = v;

			(void) walk_redact(&clean, scan.walk.setup, NULL);
			walk_key(&scan.walk, &clean);
			scan.in_key = true;
			(void) scan_string(&scan, &v, false);
		}
		else if (walk_is_leaf(token))
			scan_leaf(&scan, &v);
	}
	return (Datum) 0;
}

/*
 * contract_check.c
 *		Does a document hold a contract, and what is wrong with it?
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "contract.h"
#include "redact.h"
#include "sanitize_rule.h"

/* tokens of a path that are looked at; it is cut long before */
#define PATH_TOKENS_MAX 256

/* What is told of a document. */
typedef struct Violations
{
	JsonbParseState *state;
	int				 n;
	bool			 overlays;
} Violations;

static void
push_pair(Violations *list, const char *key, JsonbValue *value)
{
	JsonbValue name = {.type = jbvString};

	name.val.string.val = unconstify(char *, key);
	name.val.string.len = (int) strlen(key);
	(void) pushJsonbValue(&list->state, WJB_KEY, &name);
	(void) pushJsonbValue(&list->state, WJB_VALUE, value);
}

/* One token of a JSON pointer, as the text that it means; the pointer moves behind it. */
static JsonbValue
take_token(const char **pointer)
{
	JsonbValue token = {.type = jbvString};
	size_t	   len = strcspn(*pointer + 1, "/");
	char	  *out = palloc(len + 1);
	int		   n = 0;

	for (size_t i = 1; i <= len; i++)
	{
		bool is_escaped = (*pointer)[i] == '~' && i < len;

		out[n++] = !is_escaped ? (*pointer)[i] : (*pointer)[++i] == '1' ? '/' : '~';
	}
	token.val.string.val = out;
	token.val.string.len = n;
	*pointer += len + 1;
	return token;
}

/* The pointer's tokens as an object in an object ... */
static Jsonb *
nested(const char *pointer)
{
	JsonbParseState *state = NULL;
	JsonbValue		 nothing = {.type = jbvNull};
	JsonbValue		*whole;
	int				 n = 0;

	do
	{
		JsonbValue token = take_token(&pointer);

		(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		(void) pushJsonbValue(&state, WJB_KEY, &token);
		n++;
	} while (*pointer == '/' && n < PATH_TOKENS_MAX);
	(void) pushJsonbValue(&state, WJB_VALUE, &nothing);
	do
		whole = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	while (--n > 0);
	return JsonbValueToJsonb(whole);
}

/* ... and back; what stands below a name that hides it is gone. */
static char *
pointer_of(Jsonb *document)
{
	JsonbIterator *it = JsonbIteratorInit(&document->root);
	JsonbValue	   value;
	StringInfoData out;

	initStringInfo(&out);
	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &value, false); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &value, false))
	{
		if (token == WJB_VALUE && value.type != jbvNull)
			appendStringInfoString(&out, "/*");
		if (token != WJB_KEY)
			continue;
		appendStringInfoChar(&out, '/');
		for (int i = 0; i < value.val.string.len; i++)
		{
			char c = value.val.string.val[i];

			if (c == '~' || c == '/')
				appendStringInfoString(&out, c == '~' ? "~0" : "~1");
			else
				appendStringInfoChar(&out, c);
		}
	}
	return out.data;
}

/* As a line, sanitized first and cut then. */
static void
push_text(Violations *list, const char *key, const char *text)
{
	JsonbValue value = {.type = jbvString};
	char	  *clean;
	size_t	   len;

	(void) redact_text(text, strlen(text), REDACT_LINE, sanitize_log_setup(), NULL, &clean, &len);
	value.val.string.len = pg_mbcliplen(clean, (int) len, CONTRACT_PATH_MAX);
	value.val.string.val = pnstrdup(clean, value.val.string.len);
	push_pair(list, key, &value);
}

/*
 * Keys of documents are anybody's: sanitized as the keys that they are too, with what they
 * say of what is below them, since a pointer's escapes hide what a text would show.
 */
static void
push_path(Violations *list, const char *key, const char *pointer)
{
	char *clean;

	if (pointer[0] != '/')
	{
		push_text(list, key, pointer);
		return;
	}
	clean = pointer_of(redact_jsonb(nested(pointer), sanitize_log_setup(), NULL));
	push_text(list, key, clean);
	pfree(clean);
}

static bool
put_violation(void *target, const char *instance_path, const char *keyword_path, const char *message)
{
	Violations *list = target;
	JsonbValue	yes = {.type = jbvBool};

	/* what is pushed is copied at the end alone, and the texts are freed before */
	(void) pushJsonbValue(&list->state, WJB_BEGIN_OBJECT, NULL);
	CHECK_FOR_INTERRUPTS();
	push_path(list, "path", instance_path);
	push_path(list, "keyword", keyword_path);
	push_text(list, "message", message);
	yes.val.boolean = true;
	if (list->overlays)
		push_pair(list, "overlay", &yes);
	(void) pushJsonbValue(&list->state, WJB_END_OBJECT, NULL);
	return ++list->n < CONTRACT_VIOLATIONS;
}

/*
 * As schema_check.  A document that takes more stack or work to check than there is does
 * not hold: what reads it must be able to store it and say so, where an error would lose
 * it.  Nothing is held while a document is checked, so that the error can be dropped.
 */
static bool
holds(const SchemaNode *schema, Jsonb *document, SchemaReport report, Violations *list)
{
	MemoryContext saved = CurrentMemoryContext;
	volatile bool ok = false;

	PG_TRY();
	{
		ok = schema_check(schema, document, report, list);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(saved);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_PROGRAM_LIMIT_EXCEEDED &&
			error->sqlerrcode != ERRCODE_STATEMENT_TOO_COMPLEX)
			PG_RE_THROW();
		FlushErrorState();
		if (report != NULL)
			(void) report(list, "", "", "takes too much to check");
	}
	PG_END_TRY();
	return ok;
}

bool
contract_holds(const Contract *contract, Jsonb *document, Jsonb **violations)
{
	Violations list = {NULL, 0, false};
	bool	   schema_holds = holds(contract->schema, document, NULL, NULL);
	bool	   overlay_holds =
		contract->overlay == NULL || holds(contract->overlay, document, NULL, NULL);

	*violations = NULL;
	if (schema_holds && overlay_holds)
		return true;
	(void) pushJsonbValue(&list.state, WJB_BEGIN_ARRAY, NULL);
	if (!schema_holds)
		(void) holds(contract->schema, document, put_violation, &list);
	list.overlays = true;
	if (!overlay_holds && list.n < CONTRACT_VIOLATIONS)
		(void) holds(contract->overlay, document, put_violation, &list);
	*violations = JsonbValueToJsonb(pushJsonbValue(&list.state, WJB_END_ARRAY, NULL));
	return false;
}

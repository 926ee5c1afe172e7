/*
 * json.c
 *		JSON as text, through libcjson; the only file that uses it.
 *
 * jsonb keeps the last of two equal keys without a word.  A manifest that says
 * two things about one component must be refused instead, so it is read once
 * with a parser that keeps both.
 *
 * libcjson allocates with malloc; the tree is freed by a reset callback of the
 * memory context it is parsed in, whether by return or by error.
 */
#include "postgres.h"

#include <cjson/cJSON.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat.h"
#include "json.h"

static void
free_tree(void *tree)
{
	cJSON_Delete(tree);
}

/*
 * Parse in a memory context of its own, which frees the tree when deleted.
 */
static cJSON *
parse(const char *text, size_t len, MemoryContext context)
{
	MemoryContextCallback *callback =
		MemoryContextAllocZero(context, sizeof(MemoryContextCallback));
	cJSON *tree = cJSON_ParseWithLength(text, len);

	if (tree == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						errmsg("JSON document cannot be read"),
						errhint("It may be nested more than %d levels deep.",
								CJSON_NESTING_LIMIT)));
	callback->func = free_tree;
	callback->arg = tree;
	MemoryContextRegisterResetCallback(context, callback);
	return tree;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/*
 * A key that the object has twice, or NULL.
 */
static const char *
repeated_key(const cJSON *object)
{
	int			 n = cJSON_GetArraySize(object);
	const char **keys = palloc(Max(n, 1) * sizeof(char *));
	const char	*repeated = NULL;
	int			 i = 0;

	for (const cJSON *child = object->child; child != NULL; child = child->next)
		keys[i++] = child->string;
	qsort(keys, n, sizeof(char *), compare_keys);
	for (i = 1; i < n && repeated == NULL; i++)
		if (strcmp(keys[i - 1], keys[i]) == 0)
			repeated = keys[i];
	pfree(keys);
	return repeated;
}

/*
 * Add "/token" to a pointer, escaped as RFC 6901 asks.
 */
static void
append_token(StringInfo pointer, const char *token)
{
	appendStringInfoChar(pointer, '/');
	for (; *token != '\0'; token++)
	{
		if (*token == '~')
			appendStringInfoString(pointer, "~0");
		else if (*token == '/')
			appendStringInfoString(pointer, "~1");
		else
			appendStringInfoChar(pointer, *token);
	}
}

/*
 * Search below a node; true: *pointer names the repeated key.
 */
static bool
find_repeated(const cJSON *node, StringInfo pointer)
{
	int			len = pointer->len;
	int			i = 0;
	const char *repeated;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (cJSON_IsObject(node) && (repeated = repeated_key(node)) != NULL)
	{
		append_token(pointer, repeated);
		return true;
	}
	for (const cJSON *child = node->child; child != NULL; child = child->next, i++)
	{
		char index[16];

		if (!cJSON_IsObject(child) && !cJSON_IsArray(child))
			continue;
		snprintf(index, sizeof(index), "%d", i);
		append_token(pointer, child->string != NULL ? child->string : index);
		if (find_repeated(child, pointer))
			return true;
		pointer->len = len;
		pointer->data[len] = '\0';
	}
	return false;
}

char *
json_duplicate_key(const char *text, size_t len)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "maestro json", ALLOCSET_SMALL_SIZES);
	cJSON		  *tree = parse(text, len, context);
	StringInfoData pointer;
	bool		   found;

	initStringInfo(&pointer);
	found = find_repeated(tree, &pointer);
	MemoryContextDelete(context);
	return found ? pointer.data : NULL;
}

/*
 * schema_check.c
 *		Does an instance hold a compiled schema?
 *
 * Cheap questions come first, what is left over (unevaluated) last.  Which properties
 * and items were looked at is kept only below a node that asks for the rest.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "schema_value.h"
#include "schema_walk.h"

/* what a check may take: schemas can be written that take 2^n steps; the fuzzer sets less */
#ifndef WORK_LEAST
#define WORK_LEAST 10000000
#endif
#define WORK_PER_BYTE 64

/* schemas within each other, of the instance's nesting and of references; below what the stack has */
#define DEPTH_MAX 1500

/* ---- reporting ---- */

static void
append_token(StringInfo out, const Path *path)
{
	appendStringInfoChar(out, '/');
	if (path->key == NULL)
	{
		appendStringInfo(out, "%d", path->index);
		return;
	}
	if (path->key->val.string.len > SCHEMA_PATH_KEY_MAX)
	{
		appendStringInfo(out, "[key of %d bytes]", path->key->val.string.len);
		return;
	}
	for (int i = 0; i < path->key->val.string.len; i++)
	{
		char c = path->key->val.string.val[i];

		if (c == '~' || c == '/')
			appendStringInfoString(out, c == '~' ? "~0" : "~1");
		else
			appendStringInfoChar(out, c);
	}
}

static void
append_path(StringInfo out, const Path *path)
{
	const Path **tokens;
	int			 n = 0;
	int			 i = 0;

	for (const Path *p = path; p != NULL; p = p->outer)
		n++;
	tokens = palloc(Max(n, 1) * sizeof(Path *));
	for (const Path *p = path; p != NULL; p = p->outer)
		tokens[n - ++i] = p;
	for (i = 0; i < n; i++)
		append_token(out, tokens[i]);
	pfree(tokens);
}

void
check_is_too_much(void)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("checking a JSON document by its JSON Schema takes too much work"),
					errdetail("The limit is %d steps and %d for each byte of the document.",
							  WORK_LEAST, WORK_PER_BYTE)));
}

bool
check_is_quiet(const Check *check)
{
	return check->report == NULL || check->quiet > 0;
}

bool
check_fault(Check *check, const SchemaNode *node, const char *keyword, const char *message)
{
	StringInfoData instance;
	char		  *place;

	if (check_is_quiet(check))
		return false;
	initStringInfo(&instance);
	append_path(&instance, check->path);
	place = schema_path_text(node->path, keyword[0] == '\0' ? NULL : keyword);
	check_work(check, (instance.len + (int64) strlen(place)) * 4);
	if (!check->report(check->target, instance.data, place, message))
		check->report = NULL;
	pfree(instance.data);
	pfree(place);
	return check->report != NULL;
}

bool
check_quietly(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	bool ok;

	check->quiet++;
	ok = check_node(check, node, value, seen);
	check->quiet--;
	return ok;
}

bool
check_child(Check *check, const SchemaNode *node, const JsonbValue *value, const JsonbValue *key,
			int index)
{
	Path here = {check->path, key, index};
	bool ok;

	check->path = &here;
	ok = check_node(check, node, value, NULL);
	check->path = here.outer;
	return ok;
}

/* ---- what was looked at ---- */

static Seen
seen_begin(Check *check, const JsonbValue *value)
{
	Seen seen = {0, NULL};

	if (value->type == jbvBinary)
		seen.n = JsonContainerSize(value->val.binary.data);
	check_work(check, seen.n / 64);
	seen.child = palloc0(seen.n + 1);
	return seen;
}

static void
seen_merge(Seen *seen, const Seen *other)
{
	for (int i = 0; seen != NULL && i < seen->n; i++)
		seen->child[i] |= other->child[i];
}

void
seen_one(Seen *seen, int i)
{
	if (seen != NULL)
		seen->child[i] = true;
}

/* As check_quietly; what it looked at counts only if it holds. */
static bool
check_branch(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	Seen own;
	bool ok;

	if (seen == NULL)
		return check_quietly(check, node, value, NULL);
	own = seen_begin(check, value);
	ok = check_quietly(check, node, value, &own);
	if (ok)
		seen_merge(seen, &own);
	pfree(own.child);
	return ok;
}

/* ---- scalars ---- */

static bool
check_number(Check *check, const SchemaNode *node, Numeric number)
{
	bool ok = true;

	if (node->minimum != NULL && value_compare_numbers(number, node->minimum) < 0)
		FAULT("minimum", "is below the minimum");
	if (node->maximum != NULL && value_compare_numbers(number, node->maximum) > 0)
		FAULT("maximum", "is above the maximum");
	if (node->exclusive_minimum != NULL && value_compare_numbers(number, node->exclusive_minimum) <= 0)
		FAULT("exclusiveMinimum", "is not above the exclusive minimum");
	if (node->exclusive_maximum != NULL && value_compare_numbers(number, node->exclusive_maximum) >= 0)
		FAULT("exclusiveMaximum", "is not below the exclusive maximum");
	if (node->multiple_of != NULL)
		check_work(check, node->multiple_work + (value_is_huge(number) ? 30000 : 0));
	if (node->multiple_of != NULL && !value_is_multiple(number, node->multiple_of))
		FAULT("multipleOf", "is no multiple");
	return ok;
}

static bool
check_string(Check *check, const SchemaNode *node, const JsonbValue *value)
{
	const char *data = value->val.string.val;
	int			len = value->val.string.len;
	bool		ok = true;

	/* there are as many bytes as code points at least, so that few have to be counted */
	if (node->min_length > 0 || node->max_length >= 0)
		check_work(check, len / 256);
	if (node->min_length > 0 && (len < node->min_length || value_code_points(data, len) < node->min_length))
		FAULT("minLength", "is too short");
	if (node->max_length >= 0 && len > node->max_length && value_code_points(data, len) > node->max_length)
		FAULT("maxLength", "is too long");
	if (node->pattern != NULL)
		check_work(check, schema_regex_work(node->pattern, len));
	if (node->pattern != NULL && !schema_regex_matches(node->pattern, data, len))
		FAULT("pattern", "does not match the pattern");
	if (node->format != FORMAT_NONE)
	{
		int64 work;
		bool  holds = schema_format_holds(node->format, data, len, &work);

		check_work(check, work);
		if (!holds)
			FAULT("format", "is not of the format");
	}
	return ok;
}

static bool
check_enum(Check *check, const SchemaNode *node, const JsonbValue *value)
{
	bool ok = true;
	bool found = false;

	/* what is equal is compared to its end */
	if (value->type == jbvBinary)
		check_work(check, value->val.binary.len / 8 * (1 + Max(Min(node->nenum, SCHEMA_ENUM_SORTED), 0)));
	if (node->constant != NULL && !value_is_same(node->constant, value))
		FAULT("const", "is not the constant");
	if (node->nenum > SCHEMA_ENUM_SORTED)
		found = value_find(node->enumerated, node->nenum, value);
	else
		for (int i = 0; i < node->nenum && !found; i++)
			found = value_is_same(&node->enumerated[i], value);
	if (node->nenum >= 0 && !found)
		FAULT("enum", "is none of the enumerated values");
	return ok;
}

/* ---- whatever it is ---- */

/* The outermost resource on the way that has such an anchor, else where it leads. */
static const SchemaNode *
follow(Check *check, const SchemaNode *node)
{
	const SchemaNode *found = node->dynamic_ref;

	if (node->dynamic_anchor == NULL)
		return found;
	for (const Scope *scope = check->scope; scope != NULL; scope = scope->outer)
	{
		check_work(check, 1 + scope->resource->nanchors / 2);
		for (int i = 0; i < scope->resource->nanchors; i++)
			if (strcmp(scope->resource->anchors[i], node->dynamic_anchor) == 0)
				found = scope->resource->anchored[i];
	}
	return found;
}

static bool
check_one_of(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	int	 found = 0;
	bool ok = true;

	for (int i = 0; i < node->one_of.n && found < 2; i++)
		found += check_branch(check, node->one_of.nodes[i], value, seen);
	if (found != 1)
		FAULT("oneOf", found == 0 ? "holds none of the alternatives" : "holds more than one of the alternatives");
	return ok;
}

static bool
check_any_of(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	bool found = false;
	bool ok = true;

	/* all of them, where what they looked at counts */
	for (int i = 0; i < node->any_of.n && (!found || seen != NULL); i++)
		found |= check_branch(check, node->any_of.nodes[i], value, seen);
	if (!found)
		FAULT("anyOf", "holds none of the alternatives");
	return ok;
}

static bool
check_combined(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	bool ok = true;

	if (node->ref != NULL)
		PART(check_node(check, node->ref, value, seen));
	if (node->dynamic_ref != NULL)
		PART(check_node(check, follow(check, node), value, seen));
	for (int i = 0; i < node->all_of.n; i++)
		PART(check_node(check, node->all_of.nodes[i], value, seen));
	if (node->any_of.n > 0)
		PART(check_any_of(check, node, value, seen));
	if (node->one_of.n > 0)
		PART(check_one_of(check, node, value, seen));
	if (node->negated != NULL && check_quietly(check, node->negated, value, NULL))
		FAULT("not", "holds what it must not hold");
	if (node->condition != NULL)
	{
		const SchemaNode *next =
			check_branch(check, node->condition, value, seen) ? node->then_node : node->else_node;

		if (next != NULL)
			PART(check_node(check, next, value, seen));
	}
	return ok;
}

static bool
check_unevaluated(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	bool			  is_object = JsonContainerIsObject(value->val.binary.data);
	const SchemaNode *rest = is_object ? node->unevaluated_properties : node->unevaluated_items;
	ValueChildren	  children;
	JsonbValue		  key;
	JsonbValue		  item;
	bool			  ok = true;

	if (rest == NULL)
		return true;
	check_work(check, seen->n / 16);
	value_children_begin(&children, value);
	for (int i = 0; value_children_next(&children, &key, &item); i++)
	{
		if (!seen->child[i])
			PART(check_child(check, rest, &item, is_object ? &key : NULL, i));
		seen_one(seen, i);
	}
	return ok;
}

/* Whoever is to mend it wants to know what would be right. */
static bool
type_fault(Check *check, const SchemaNode *node)
{
	static const char *const names[] = {"null", "boolean", "object", "array", "number", "string", "integer"};
	StringInfoData message;
	bool		   more;

	if (check_is_quiet(check))
		return false;
	initStringInfo(&message);
	appendStringInfoString(&message, "is not of type ");
	for (int i = 0; i < (int) lengthof(names); i++)
		if (node->types & (1 << i))
			appendStringInfo(&message, "%s%s", message.data[message.len - 1] == ' ' ? "" : "|", names[i]);
	more = check_fault(check, node, "type", message.data);
	pfree(message.data);
	return more;
}

static bool
check_keywords(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	bool ok = true;

	if (node->types != SCHEMA_ANY && !value_has_type(node, value))
	{
		ok = false;
		if (!type_fault(check, node))
			return false;
	}
	if (node->constant != NULL || node->nenum >= 0)
		PART(check_enum(check, node, value));
	if (value->type == jbvNumeric)
		PART(check_number(check, node, value->val.numeric));
	else if (value->type == jbvString)
		PART(check_string(check, node, value));
	else if (value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data))
		PART(check_object(check, node, value, seen));
	else if (value->type == jbvBinary)
		PART(check_array(check, node, value, seen));
	PART(check_combined(check, node, value, seen));
	return ok;
}

bool
check_node(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	Scope here = {check->scope, node->resource};
	Seen  own;
	bool  ok = true;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	check_work(check, 1);
	if (node->never)
	{
		(void) check_fault(check, node, "", "is not allowed");
		return false;
	}
	if (++check->depth > DEPTH_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a JSON document and its JSON Schema lead too deep"),
						errdetail("The limit is %d schemas within each other.", DEPTH_MAX)));
	if (check->scope == NULL || check->scope->resource != node->resource)
		check->scope = &here;
	if ((node->unevaluated_properties == NULL && node->unevaluated_items == NULL) ||
		value->type != jbvBinary)
		ok = check_keywords(check, node, value, seen);
	else
	{
		own = seen_begin(check, value);
		ok = check_keywords(check, node, value, &own);
		if (ok || !check_is_quiet(check))
			ok = check_unevaluated(check, node, value, &own) && ok;
		seen_merge(seen, &own);
		pfree(own.child);
	}
	check->depth--;
	check->scope = here.outer;
	return ok;
}

bool
schema_check(const SchemaNode *schema, Jsonb *instance, SchemaReport report, void *target)
{
	Check	   check = {report, target, 0, NULL, NULL, 0, WORK_LEAST};
	JsonbValue value;

	if (!JsonbExtractScalar(&instance->root, &value))
	{
		value.type = jbvBinary;
		value.val.binary.data = &instance->root;
		value.val.binary.len = VARSIZE(instance) - VARHDRSZ;
	}
	check.work += (int64) VARSIZE(instance) * WORK_PER_BYTE;
	return check_node(&check, schema, &value, NULL);
}

/*
 * schema_backend.c
 *		The schema files under the sanitizers, inside a backend of their own.
 *
 * They need the server: jsonb, numeric, its regular expressions.  So they are built with
 * the sanitizers into this library, which a single-user backend loads beside the
 * sanitizers' runtime.  The server itself is not instrumented, and its memory contexts
 * cut many chunks of one malloc, where nothing would be noticed: therefore all of a case
 * is done in a memory context of our own, whose chunks are a malloc each, with nothing
 * readable before and behind.  That works up to PostgreSQL 15, where a chunk names its
 * context; later ones have a number there, and use an ordinary context.
 */
#include "postgres.h"

#include <sanitizer/asan_interface.h>
#include <time.h>
#include <unistd.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "compat.h"

#include "schema.h"

PG_MODULE_MAGIC;

/* Its header is poisoned, which our own functions are to overlook. */
#define PLAIN __attribute__((no_sanitize("address")))

/* ---- a memory context of single mallocs ---- */

typedef struct Chunk
{
	struct Chunk *before;
	struct Chunk *after;
	Size		  size;
	MemoryContext context; /* right before the chunk, as the server has it */
} Chunk;

typedef struct Single
{
	MemoryContextData head;
	Chunk			 *first;
} Single;

static PLAIN void *
single_alloc(MemoryContext context, Size size)
{
	Single *single = (Single *) context;
	Chunk  *chunk = malloc(sizeof(Chunk) + size);

	if (chunk == NULL)
		return NULL;
	*chunk = (Chunk){NULL, single->first, size, context};
	if (single->first != NULL)
		single->first->before = chunk;
	single->first = chunk;
	context->mem_allocated += size;
	ASAN_POISON_MEMORY_REGION(chunk, sizeof(Chunk));
	return chunk + 1;
}

static PLAIN void
single_free(MemoryContext context, void *pointer)
{
	Chunk *chunk = (Chunk *) pointer - 1;

	if (chunk->before != NULL)
		chunk->before->after = chunk->after;
	else
		((Single *) context)->first = chunk->after;
	if (chunk->after != NULL)
		chunk->after->before = chunk->before;
	context->mem_allocated -= chunk->size;
	free(chunk);
}

static PLAIN void *
single_realloc(MemoryContext context, void *pointer, Size size)
{
	Size  old = ((Chunk *) pointer - 1)->size;
	void *moved = single_alloc(context, size);

	if (moved == NULL)
		return NULL;
	memcpy(moved, pointer, Min(old, size));
	single_free(context, pointer);
	return moved;
}

static PLAIN void
single_reset(MemoryContext context)
{
	Chunk *chunk = ((Single *) context)->first;

	while (chunk != NULL)
	{
		Chunk *next = chunk->after;

		free(chunk);
		chunk = next;
	}
	((Single *) context)->first = NULL;
	context->mem_allocated = 0;
}

static void
single_delete(MemoryContext context)
{
	single_reset(context);
	free(context);
}

static PLAIN Size
single_space(MemoryContext context, void *pointer)
{
	return ((Chunk *) pointer - 1)->size;
}

static bool
single_is_empty(MemoryContext context)
{
	return ((Single *) context)->first == NULL;
}

static void
single_stats(MemoryContext context, MemoryStatsPrintFunc print, void *target, MemoryContextCounters *totals,
			 bool to_stderr)
{
}

static MemoryContext
new_context(void)
{
#if PG_VERSION_NUM < 160000
	static const MemoryContextMethods methods = {single_alloc, single_free, single_realloc, single_reset,
												 single_delete, single_space, single_is_empty, single_stats};
	Single *single = calloc(1, sizeof(Single));

	MemoryContextCreate((MemoryContext) single, T_AllocSetContext, &methods, CurrentMemoryContext, "single mallocs");
	return (MemoryContext) single;
#else
	return AllocSetContextCreate(CurrentMemoryContext, "single mallocs", ALLOCSET_SMALL_SIZES);
#endif
}

/* ---- cases ---- */

static struct
{
	long schemas;
	long compiled;
	long instances;
	long hold;
	long limited; /* ended by a limit */
	long errors;  /* told */
	double slowest;
	Size   most; /* bytes of one case */
} count;

static char *current; /* file that has the case at hand */

pg_noreturn static void
broken(const char *what)
{
	fprintf(stderr, "schema fuzz: %s\n", what);
	fflush(stderr);
	abort();
}

/* So that the case is known when the process is gone. */
static void
keep(const char *schema, const char *instance)
{
	FILE *file = fopen(current, "w");

	if (file == NULL)
		broken("cannot write the case at hand");
	fprintf(file, "S%s\n", schema);
	if (instance != NULL)
		fprintf(file, "I%s\n", instance);
	fclose(file);
}

/* Documents that refer to each other. */
static Jsonb *
find(const char *uri)
{
	static const char *const known[][2] = {
		{"http://x.example/a", "{\"$ref\": \"b\", \"$defs\": {\"a\": {\"items\": {\"$ref\": \"#\"}}}}"},
		{"http://x.example/b", "{\"$id\": \"http://x.example/b\", \"$dynamicAnchor\": \"here\", \"properties\": {\"a\": {\"$ref\": \"a\"}}, \"$defs\": {\"a\": {\"$dynamicRef\": \"#here\"}}}"},
		{"http://x.example/other", "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"$id\": \"#here\", \"items\": [true, {\"$ref\": \"a\"}]}"}};

	for (int i = 0; i < (int) lengthof(known); i++)
		if (strcmp(known[i][0], uri) == 0)
			return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(unconstify(char *, known[i][1]))));
	return NULL;
}

static void
no_payload(const char *text)
{
	if (text != NULL && strstr(text, "zqx") != NULL)
		broken(psprintf("an error tells what is in the schema or instance: %s", text));
}

static bool
report(void *target, const char *instance_path, const char *keyword_path, const char *message)
{
	if (strlen(message) > 200 || (strchr(message, ':') == NULL && strstr(message, "zqx") != NULL) ||
		(strlen(instance_path) + strlen(keyword_path) == 0 && strcmp(message, "is not allowed") != 0)) /* the schema false */
		broken(psprintf("an odd message: %s", message));
	(*(long *) target)++;
	return true;
}

/* What a call raised: only what is promised. */
static void
judge_error(MemoryContext context)
{
	ErrorData *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	/* the stack's limit may come first, where frames are larger */
	if (error->sqlerrcode != ERRCODE_INVALID_PARAMETER_VALUE && error->sqlerrcode != ERRCODE_STATEMENT_TOO_COMPLEX &&
		error->sqlerrcode != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		broken(psprintf("an error that is none of ours: %s: %s", unpack_sql_state(error->sqlerrcode), error->message));
	no_payload(error->message);
	no_payload(error->detail);
	no_payload(error->hint);
	no_payload(error->context);
	count.limited += error->sqlerrcode != ERRCODE_INVALID_PARAMETER_VALUE;
	InterruptHoldoffCount = 0;
}

static SchemaNode *
compile(MemoryContext context, const char *text)
{
	SchemaNode *volatile node = NULL;

	PG_TRY();
	{
		node = schema_compile(text, strlen(text), find);
		count.compiled++;
	}
	PG_CATCH();
	{
		judge_error(context);
	}
	PG_END_TRY();
	return node;
}

/* -1: ended by a limit */
static int
check(MemoryContext context, SchemaNode *node, Jsonb *instance, long *told)
{
	volatile int held = -1;

	PG_TRY();
	{
		held = schema_check(node, instance, told != NULL ? report : NULL, told);
	}
	PG_CATCH();
	{
		judge_error(context);
	}
	PG_END_TRY();
	return held;
}

/* Is it JSON, as the server would have it?  Otherwise nothing reaches us. */
static Jsonb *
server_takes(MemoryContext context, const char *text)
{
	Jsonb *volatile taken = NULL;

	PG_TRY();
	{
		taken = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(unconstify(char *, text))));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
		InterruptHoldoffCount = 0;
	}
	PG_END_TRY();
	return taken;
}

static bool
is_json(MemoryContext context, const char *text)
{
	volatile bool taken = false;

	PG_TRY();
	{
		(void) DirectFunctionCall1(json_in, CStringGetDatum(unconstify(char *, text)));
		taken = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
		InterruptHoldoffCount = 0;
	}
	PG_END_TRY();
	return taken;
}

static void
try_instance(MemoryContext context, SchemaNode *node, const char *text)
{
	Jsonb		   *instance = server_takes(context, text);
	long			told = 0;
	int				quiet;
	int				loud;
	struct timespec begin;
	struct timespec end;
	double			took;

	if (instance == NULL)
		return;
	count.instances++;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	quiet = check(context, node, instance, NULL);
	loud = check(context, node, instance, &told);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (quiet >= 0 && loud >= 0 && (quiet != loud || (told == 0) != quiet))
		broken("json_matches and json_errors differ");
	count.hold += quiet == 1;
	count.errors += told;
	took = (double) (end.tv_sec - begin.tv_sec) + (double) (end.tv_nsec - begin.tv_nsec) / 1e9;
	count.slowest = Max(count.slowest, took);
	if (took > 60)
		broken("a check takes too long");
}

static char *
next_line(FILE *in, char **line, size_t *size)
{
	ssize_t len = getline(line, size, in);

	if (len <= 0)
		return NULL;
	if ((*line)[len - 1] == '\n')
		(*line)[len - 1] = '\0';
	return *line;
}

PG_FUNCTION_INFO_V1(schema_fuzz);

/* schema_fuzz(input text, current text) returns text: reads cases until there are no more */
Datum
schema_fuzz(PG_FUNCTION_ARGS)
{
	FILE		 *in = fopen(text_to_cstring(PG_GETARG_TEXT_PP(0)), "r");
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context = NULL;
	SchemaNode	 *node = NULL;
	char		 *schema = NULL;
	char		 *line = NULL;
	size_t		  size = 0;

	/* a single-user backend has none, and would not notice the end of its stack */
	(void) set_stack_base();
	current = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (in == NULL)
		elog(ERROR, "cannot read the cases");
	while (next_line(in, &line, &size) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (line[0] == 'S')
		{
			MemoryContextSwitchTo(outer);
			if (context != NULL)
				MemoryContextDelete(context);
			context = new_context();
			MemoryContextSwitchTo(context);
			schema = pstrdup(line + 1);
			keep(schema, NULL);
			count.schemas++;
			node = is_json(context, schema) ? compile(context, schema) : NULL;
		}
		else if (line[0] == 'I' && node != NULL)
		{
			keep(schema, line + 1);
			try_instance(context, node, line + 1);
			count.most = Max(count.most, context->mem_allocated);
		}
	}
	MemoryContextSwitchTo(outer);
	fclose(in);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%ld schemas, %ld of them usable, %ld instances, %ld of them hold, %ld errors told, %ld ended by a limit, slowest %.2f s, most %.1f MB",
											  count.schemas, count.compiled, count.instances, count.hold, count.errors, count.limited, count.slowest, (double) count.most / 1e6)));
}

/*
 * schema_build.h
 *		While a schema is compiled: its documents, and what refers to what.
 */
#ifndef MAESTRO_SCHEMA_BUILD_H
#define MAESTRO_SCHEMA_BUILD_H

#include "nodes/pg_list.h"
#include "utils/hsearch.h"

#include "compat.h"

#include "schema.h"

/* Where a URI leads. */
typedef struct SchemaPlace
{
	const char	   *uri; /* absolute, with an anchor's fragment */
	JsonbValue		value;
	SchemaResource *resource;
	const char	   *path;
	bool			is_dynamic;
	bool			is_anchored; /* its resource has it among its anchors */
} SchemaPlace;

/* A reference that is not followed yet. */
typedef struct SchemaReference
{
	SchemaNode *node;
	const char *uri;
	bool		is_dynamic;
} SchemaReference;

typedef struct SchemaBuild
{
	SchemaFinder find;
	List		*places;	 /* SchemaPlace */
	List		*references; /* SchemaReference */
	HTAB		*nodes;		 /* by where their object lies in memory */
	int			 depth;
	int64		 size; /* nodes so far */
} SchemaBuild;

/* Raises 22023: the schema can't be used, what is wrong and where; names of the schema's own as *. */
pg_noreturn extern void schema_fault(const char *path, const char *reason);

/* Find all identities in a document, which is known by that URI from now on. */
extern void schema_places(SchemaBuild *build, const char *uri, Jsonb *document);

/* Where an absolute URI leads; a document that is not there yet is got.  Raises. */
extern SchemaPlace schema_place(SchemaBuild *build, const char *uri, const char *path);

/* The resource that an object of a schema begins, else the one it lies in. */
extern SchemaResource *schema_resource_at(SchemaBuild *build, const JsonbValue *object,
										  SchemaResource *within);

/* A value by its key, or NULL. */
extern JsonbValue *schema_get(const JsonbValue *object, const char *key);

/* A string of a jsonb value, with its end. */
extern char *schema_string(const JsonbValue *value);

/* path/token, escaped as RFC 6901 asks; a negative index: the key. */
extern char *schema_path(const char *path, const char *key, int len, int index);

/* The node of a schema; in schema_compile.c. */
extern SchemaNode *schema_node(SchemaBuild *build, SchemaResource *resource,
							   const JsonbValue *value, const char *path);

/* What one keyword says; in schema_keyword.c.  Unknown ones say nothing. */
extern void schema_keyword(SchemaBuild *build, SchemaNode *node, const JsonbValue *object,
						   const JsonbValue *key, const JsonbValue *value);

/* Our own text of a standard meta-schema, or NULL. */
extern const char *schema_standard(const char *uri);

#endif /* MAESTRO_SCHEMA_BUILD_H */

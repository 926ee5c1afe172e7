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
	const SchemaPath *path;
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
	HTAB		*resources;	 /* likewise */
	HTAB		*uris;		 /* of places, by their hash */
	int			 depth;
	int64		 size;			/* nodes so far */
	int64		 uri_bytes;		/* of all URIs so far */
	int64		 regex_states;	/* of all regular expressions so far */
	double		 regex_squares; /* of their numbers of states, which is the time it took */
} SchemaBuild;

/* Raises 22023: the schema can't be used, what is wrong and where; names of the schema's own as *. */
pg_noreturn extern void schema_fault(const SchemaPath *path, const char *reason);

/* As schema_fault, the place as JSON pointer. */
pg_noreturn extern void schema_fault_at(const char *pointer, const char *reason);


/* Find all identities in a document, which is known by that URI from now on. */
extern void schema_places(SchemaBuild *build, const char *uri, Jsonb *document);

/* Where an absolute URI leads; a document that is not there yet is got.  Raises. */
extern SchemaPlace schema_place(SchemaBuild *build, const char *uri, const SchemaPath *path);

/* The resource that an object of a schema begins, else the one it lies in. */
extern SchemaResource *schema_resource_at(SchemaBuild *build, const JsonbValue *object,
										  SchemaResource *within);

/* A value by its key, or NULL. */
extern JsonbValue *schema_get(const JsonbValue *object, const char *key);

/* A string of a jsonb value, with its end. */
extern char *schema_string(const JsonbValue *value);

/* One token deeper; without a key "len" is the number of an item.  The key stays where it is. */
extern const SchemaPath *schema_path(const SchemaPath *outer, const char *key, int len);

/* A URI resolved; all of them together may be so long. */
extern char *schema_build_uri(SchemaBuild *build, const char *base, const char *reference,
							  const SchemaPath *path);

/* The document of a text; raises 22023. */
extern Jsonb *schema_document(const char *text, size_t len);

/* Find places and resources again. */
extern void schema_places_begin(SchemaBuild *build);

/* The node of a schema; in schema_compile.c. */
extern SchemaNode *schema_node(SchemaBuild *build, SchemaResource *resource,
							   const JsonbValue *value, const SchemaPath *path);

/* What one keyword says; in schema_keyword.c.  Unknown ones say nothing. */
extern void schema_keyword(SchemaBuild *build, SchemaNode *node, const JsonbValue *object,
						   const JsonbValue *key, const JsonbValue *value);

/* Our own text of a standard meta-schema, or NULL. */
extern const char *schema_standard(const char *uri);

#endif /* MAESTRO_SCHEMA_BUILD_H */

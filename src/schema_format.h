/*
 * schema_format.h
 *		Formats of strings, between schema_format.c, schema_format_uri.c and schema_format_idn.c.
 */
#ifndef MAESTRO_SCHEMA_FORMAT_H
#define MAESTRO_SCHEMA_FORMAT_H

#include "schema.h"

extern bool format_is_ipv6(const char *at, const char *end);

/* ASCII alone; also what is beyond it, as in mail; with its full stops, too. */
typedef enum HostKind
{
	HOST_ASCII,
	HOST_MAIL,
	HOST_IDN,
} HostKind;

extern bool format_is_host(const char *at, const char *end, HostKind kind);

/* uri, uri-reference, iri, iri-reference, uri-template */
extern bool format_is_uri(SchemaFormat format, const char *at, const char *end);

/* A relative path that stays below where it begins, however it is decoded. */
extern bool format_is_safe_path(const char *at, const char *end);

/* Without line breaks and other control characters. */
extern bool format_is_single_line(const char *at, const char *end);

#endif /* MAESTRO_SCHEMA_FORMAT_H */

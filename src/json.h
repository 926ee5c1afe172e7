/*
 * json.h
 *		JSON as text, where duplicate keys and key order matter.
 */
#ifndef MAESTRO_JSON_H
#define MAESTRO_JSON_H

/*
 * JSON Pointer (RFC 6901) of the first key that occurs twice in one object, or
 * NULL; palloc'd.  Raises when the text is no JSON that libcjson reads, or is
 * nested too deep.
 */
extern char *json_duplicate_key(const char *text, size_t len);

#endif /* MAESTRO_JSON_H */

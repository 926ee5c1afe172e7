/*
 * leak.h
 *		Finds in a text what an error shown to outsiders must not give away.
 *
 * Needs no server: C library types only.
 */
#ifndef MAESTRO_LEAK_H
#define MAESTRO_LEAK_H

#include <stddef.h>

#define LEAK_STACK_TRACE (1u << 0) /* frames of Python, Java, JS, Go, Rust, .NET, C */
#define LEAK_SOURCE_PATH (1u << 1) /* absolute path of code or of a server directory */
#define LEAK_SQL (1u << 2)         /* a statement, or a database's complaint about one */
#define LEAK_CONNECTION_STRING (1u << 3) /* URL with credentials, conninfo, JDBC */
#define LEAK_PRIVATE_HOST (1u << 4) /* private address, localhost:port, internal name */

#define LEAK_KINDS 5

/* The set of LEAK_ bits that the text shows; 0 when it is clean. */
extern unsigned leak_detect(const char *s, size_t len);

/* Name of the kind with bit 1u << n, such as "stack_trace". */
extern const char *leak_name(int n);

#endif /* MAESTRO_LEAK_H */

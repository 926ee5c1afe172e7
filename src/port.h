/*
 * port.h
 *		What a core needs that also builds without a server: sized integers,
 *		bool, the C library's string functions and assertions.
 *
 * Such a core allocates nothing: results go into a buffer of the caller's.
 */
#ifndef MAESTRO_PORT_H
#define MAESTRO_PORT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* memmem, memrchr */
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(USE_ASSERT_CHECKING) || defined(MAESTRO_ASSERT)
#include <assert.h>
#define PORT_ASSERT(condition) assert(condition)
#else
#define PORT_ASSERT(condition) ((void) 0)
#endif

#endif /* MAESTRO_PORT_H */

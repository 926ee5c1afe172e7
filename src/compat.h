/*
 * compat.h
 *		The one place that knows that PostgreSQL 15, 16, 17 and 18 differ.
 */
#ifndef MAESTRO_COMPAT_H
#define MAESTRO_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "maestro needs PostgreSQL 15 or newer"
#endif

#endif /* MAESTRO_COMPAT_H */

/*
 * gate.h
 *		The way from a caller's function to the owner's tables.
 */
#ifndef MAESTRO_GATE_H
#define MAESTRO_GATE_H

/* is a function of ours at work on the registry?  Its triggers ask. */
extern bool gate_is_open(void);

/* refuse to write inside somebody's REINDEX, ANALYZE or materialized view */
extern void gate_refuse_restricted(const char *function);

#endif /* MAESTRO_GATE_H */

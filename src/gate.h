/*
 * gate.h
 *		The way from a caller's function to the owner's tables; see gated.c.
 */
#ifndef MAESTRO_GATE_H
#define MAESTRO_GATE_H

/* is a function of ours at work on the registry?  Its triggers ask. */
extern bool gate_is_open(void);

/* round each change of the registry; closed on error too */
extern void gate_open(void);
extern void gate_close(void);

/* round code of others that runs meanwhile: shut, and as open again as it was */
extern int	gate_shut(void);
extern void gate_reopen(int depth);

/* refuse to write inside somebody's REINDEX, ANALYZE or materialized view */
extern void gate_refuse_restricted(const char *function);

#endif /* MAESTRO_GATE_H */

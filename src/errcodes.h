/*
 * errcodes.h
 *		Our SQLSTATEs, class MA.
 *
 * A code exists only where a caller must tell this failure from all others;
 * everything else uses PostgreSQL's own codes.
 */
#ifndef MAESTRO_ERRCODES_H
#define MAESTRO_ERRCODES_H

/* a change of what is append-only, or of the registry behind its functions */
#define ERRCODE_MAESTRO_APPEND_ONLY MAKE_SQLSTATE('M', 'A', '0', '0', '1')

/* the caller may not write as this component */
#define ERRCODE_MAESTRO_NOT_AUTHORISED MAKE_SQLSTATE('M', 'A', '0', '0', '2')

/* what is hashed is not what the hash says */
#define ERRCODE_MAESTRO_TAMPERED MAKE_SQLSTATE('M', 'A', '0', '0', '3')

/* a copy of the log, that nobody has said to be the log, signs nothing */
#define ERRCODE_MAESTRO_UNADOPTED MAKE_SQLSTATE('M', 'A', '0', '0', '4')

/* a document breaks the contract of a component */
#define ERRCODE_MAESTRO_CONTRACT MAKE_SQLSTATE('M', 'A', '0', '0', '5')

/* a limiter or bulkhead lets no call through now */
#define ERRCODE_MAESTRO_LIMITED MAKE_SQLSTATE('M', 'A', '0', '0', '6')

/* a circuit breaker is open */
#define ERRCODE_MAESTRO_BREAKER_OPEN MAKE_SQLSTATE('M', 'A', '0', '0', '7')

/* a run has used up its budget */
#define ERRCODE_MAESTRO_BUDGET_SPENT MAKE_SQLSTATE('M', 'A', '0', '0', '8')

/* assert_posture found open threats; raised in PL/pgSQL, a pipeline's exit */
#define ERRCODE_MAESTRO_POSTURE MAKE_SQLSTATE('M', 'A', '0', '0', '9')

#endif /* MAESTRO_ERRCODES_H */

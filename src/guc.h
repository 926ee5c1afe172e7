/*
 * guc.h
 *		Settings; guc.c is the only file that defines any.
 */
#ifndef MAESTRO_GUC_H
#define MAESTRO_GUC_H

extern int guc_trace_input_limit;
extern int guc_trace_message_limit;
extern int guc_trace_attributes_limit;
extern int guc_trace_body_limit;

/* a ScanLevel, see scan.h */
extern int guc_sanitize_level;

/* kB of compiled schemas that a backend keeps */
extern int guc_contract_cache_size;

/* file with the key that signs checkpoints, or empty */
extern char *guc_seal_key_file;

/* databases that are sealed in the background, by name */
extern char *guc_databases;
/* milliseconds between two seals, 0: by hand */
extern int guc_seal_interval;
/* events that wake the sealer early */
extern int guc_seal_batch;

/* events that may wait for a recorder, and how many milliseconds for */
extern int guc_queue_entries;
extern int guc_queue_timeout;

/* limiters, bulkheads, breakers and runs that shared memory has room for */
extern int guc_guard_entries;

/* what is answered for a guard that finds no room there */
typedef enum GuardOnFull
{
	GUARD_ON_FULL_DENY,
	GUARD_ON_FULL_ALLOW
} GuardOnFull;
extern int guc_guard_on_full;

/* are the log's guards lifted? */
extern bool guc_maintenance;

extern void guc_define(void);

#endif /* MAESTRO_GUC_H */

/*
 * guc.c
 *		All settings of the extension.
 *
 * Each is PGC_SUSET: a limit that the logging role could lift for itself
 * would be no limit.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"

#include "guc.h"
#include "scan.h"

/* bytes of one argument as received; beyond it the call is refused */
int guc_trace_input_limit = 16 * 1024 * 1024;

/* bytes stored at most, after sanitizing; the rest is cut and marked */
int guc_trace_message_limit = 8 * 1024;
int guc_trace_attributes_limit = 64 * 1024;
int guc_trace_body_limit = 1024 * 1024;

int guc_sanitize_level = SCAN_PII;

int guc_contract_cache_size = 64 * 1024;

char *guc_seal_key_file = NULL;

char *guc_databases = NULL;
int guc_seal_interval = 1000;
int guc_seal_batch = 4096;

int guc_queue_entries = 128;
int guc_queue_timeout = 2000;

int guc_guard_entries = 8192;
int guc_guard_on_full = GUARD_ON_FULL_DENY;

bool guc_maintenance = false;

static const struct config_enum_entry sanitize_levels[] = {
	{"secrets", SCAN_SECRETS, false}, {"pii", SCAN_PII, false}, {"all", SCAN_ALL, false}, {NULL, 0, false}};

static const struct config_enum_entry on_full[] = {
	{"deny", GUARD_ON_FULL_DENY, false}, {"allow", GUARD_ON_FULL_ALLOW, false}, {NULL, 0, false}};

static void
define_limit(const char *name, const char *what, int *value, int maximum)
{
	DefineCustomIntVariable(name, what, NULL, value, *value, 1024, maximum, PGC_SUSET,
							GUC_UNIT_BYTE, NULL, NULL, NULL);
}

static void
define_guards(void)
{
	DefineCustomEnumVariable("maestro.guard_on_full",
							 "What a guard answers that finds no room in shared memory.", NULL,
							 &guc_guard_on_full, GUARD_ON_FULL_DENY, on_full, PGC_SUSET, 0, NULL,
							 NULL, NULL);
	/* defined later it could not be set, and LOAD would fail */
	if (process_shared_preload_libraries_in_progress)
		DefineCustomIntVariable("maestro.guard_entries",
								"Limiters, bulkheads, breakers and runs that shared memory has room for.",
								"As many calls may be in flight under bulkheads.",
								&guc_guard_entries, 8192, 64, 1000000, PGC_POSTMASTER, 0, NULL,
								NULL, NULL);
}

static void
define_queue(void)
{
	DefineCustomIntVariable("maestro.queue_timeout",
							"How long a backend waits for the recorder to store its event.", NULL,
							&guc_queue_timeout, 2000, 10, 600 * 1000, PGC_SUSET, GUC_UNIT_MS,
							NULL, NULL, NULL);
	if (process_shared_preload_libraries_in_progress)
		DefineCustomIntVariable("maestro.queue_entries",
								"Events that may wait in shared memory for the recorders of all databases.",
								NULL, &guc_queue_entries, 128, 2, 1024, PGC_POSTMASTER, 0, NULL,
								NULL, NULL);
}

void
guc_define(void)
{
	define_guards();
	define_queue();
	define_limit("maestro.trace_input_limit",
				 "Largest message, body or attributes that log_event takes.",
				 &guc_trace_input_limit, 256 * 1024 * 1024);
	define_limit("maestro.trace_message_limit",
				 "Longest message stored with an event; the rest is cut.",
				 &guc_trace_message_limit, 1024 * 1024);
	define_limit("maestro.trace_attributes_limit",
				 "Largest attributes stored with an event; the rest is cut.",
				 &guc_trace_attributes_limit, 16 * 1024 * 1024);
	define_limit("maestro.trace_body_limit",
				 "Largest body stored with an event; the rest is cut.",
				 &guc_trace_body_limit, 64 * 1024 * 1024);
	DefineCustomEnumVariable("maestro.sanitize_level",
							 "What is redacted from events: secrets, also personal data, or also what is often harmless.",
							 NULL, &guc_sanitize_level, SCAN_PII, sanitize_levels,
							 PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("maestro.contract_cache_size",
							"Memory of a backend for compiled JSON Schemas of contracts.",
							"The one used last stays, however large it is.",
							&guc_contract_cache_size, 64 * 1024, 64, 1024 * 1024, PGC_SUSET,
							GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomStringVariable("maestro.seal_key_file",
							   "File with the private key that signs checkpoints; empty: they are signed outside.",
							   "Made by maestro.generate_log_key; for the server's user alone to read.",
							   &guc_seal_key_file, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL,
							   NULL, NULL);
	DefineCustomStringVariable("maestro.databases",
							   "Databases whose logs are sealed in the background, with commas between them.",
							   "Takes effect if the library is in shared_preload_libraries.",
							   &guc_databases, "", PGC_SIGHUP, GUC_LIST_INPUT, NULL, NULL, NULL);
	DefineCustomIntVariable("maestro.seal_interval",
							"Time between two seals in the background; 0: only maestro.seal() seals.",
							NULL, &guc_seal_interval, 1000, 0, 3600 * 1000, PGC_SIGHUP,
							GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("maestro.seal_batch",
							"Events that make the sealer seal before its time.", NULL,
							&guc_seal_batch, 4096, 1, 1000000000, PGC_SIGHUP, 0, NULL, NULL,
							NULL);
	DefineCustomBoolVariable("maestro.maintenance",
							 "Lets a superuser change what maestro guards; each use is logged.",
							 NULL, &guc_maintenance, false, PGC_SUSET, GUC_NOT_IN_SAMPLE, NULL,
							 NULL, NULL);
	MarkGUCPrefixReserved("maestro");
}

/* redact.h names the type; the fuzzer does not use it. */
typedef struct Jsonb Jsonb;

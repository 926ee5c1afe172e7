/*
 * bundle.c
 *		Checks the document of maestro.export_evidence: that the events that it cites
 *		are in the log, and say there what they say here.
 *
 * Of each event the document has the row, as it is read, and the bytes that were
 * hashed.  The bytes are proved, and the row is compared with them.  Numbers within
 * JSON are compared as floating point, as the parser reads them.
 */
#include "port.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "canon.h"
#include "verifier.h"

/* a document at most */
#define BUNDLE_MAX_BYTES ((size_t) 512 * 1024 * 1024)

/*
 * Columns of the row by their fields; docs/trace-format.md.  A duration has many ways
 * to be written, so it is not compared.
 */
static const char *const entry_columns[] = {
	NULL, "occurred_at", "system_id", "component_id", "component_version", "target_id",
	"dependency_id", "kind", "level", "outcome", "trace_id", "span_id", "parent_span_id",
	NULL, "valid", "contract_version", "findings", "decision", "reason", "caller", "session_role"};
static const char *const payload_columns[] = {NULL, "message", "body", "attributes",
											  "violations", "claimed_component"};

static const char *
text_of(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* Bytes from hexadecimal, with a byte of room before them. */
static Bytes
bytes_of(const cJSON *object, const char *name, long long event_id)
{
	const char *text = text_of(object, name);
	size_t len = text == NULL ? 1 : strlen(text);
	Bytes bytes = {malloc(len / 2 + 2), len / 2};

	if (bytes.data == NULL)
		die(2, "out of memory");
	bytes.data++;
	for (size_t i = 0; i < len / 2; i++)
	{
		char digits[3] = {text[2 * i], text[2 * i + 1], 0};
		char *end;

		bytes.data[i] = (uint8_t) strtoul(digits, &end, 16);
		if (end != digits + 2)
			len = 1;
	}
	if (len % 2 != 0)
		die(1, "event %lld has no \"%s\" in hexadecimal", event_id, name);
	return bytes;
}

/* A time as the document has it (ISO 8601 in UTC), in microseconds; false: it is none. */
static bool
parse_time(const char *text, int64_t *us)
{
	struct tm tm = {0};
	char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t fraction = 0;
	int64_t scale = 1000000;

	if (rest == NULL)
		return false;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++)
			fraction += (*rest - '0') * (scale /= 10);
	*us = (int64_t) timegm(&tm) * 1000000 + fraction;
	return strcmp(rest, "+00:00") == 0;
}

static bool
is_same_bytes(const char *text, const CanonField *field)
{
	if (strlen(text) != 2 * field->len)
		return false;
	for (size_t i = 0; i < field->len; i++)
	{
		char digits[3];

		snprintf(digits, sizeof(digits), "%02x", field->value[i]);
		if (memcmp(digits, text + 2 * i, 2) != 0)
			return false;
	}
	return true;
}

static bool
is_same_json(const cJSON *item, const CanonField *field)
{
	cJSON *hashed = cJSON_ParseWithLength((const char *) field->value, field->len);
	bool same = hashed != NULL && cJSON_Compare(item, hashed, true);

	cJSON_Delete(hashed);
	return same;
}

/* Does the row's column say what the field does? */
static bool
is_same(const cJSON *item, const CanonField *field)
{
	int64_t us;

	if (item == NULL)
		return false;
	switch (field->type)
	{
		case CANON_INTEGER:
			return cJSON_IsNumber(item) && (int64_t) item->valuedouble == canon_field_integer(field);
		case CANON_TEXT:
			return cJSON_IsString(item) && strlen(item->valuestring) == field->len &&
				   memcmp(item->valuestring, field->value, field->len) == 0;
		case CANON_BYTES:
			return cJSON_IsString(item) && is_same_bytes(item->valuestring, field);
		case CANON_BOOLEAN:
			return cJSON_IsBool(item) && field->len == 1 && cJSON_IsTrue(item) == field->value[0];
		case CANON_TIME:
			return cJSON_IsString(item) && parse_time(item->valuestring, &us) &&
				   us == canon_field_integer(field);
		case CANON_JSON:
			return is_same_json(item, field);
		default:
			return false;
	}
}

/*
 * Compares a row with fields.  Columns that have none must be null: each is looked
 * for once, so what is said and was not hashed is found.
 */
static void
compare(const cJSON *row, long long event_id, const uint8_t *bytes, size_t at, size_t end,
		const char *const *columns, size_t ncolumn)
{
	bool seen[32] = {false};
	CanonField field;

	while (canon_next_field(bytes, end, &at, &field))
	{
		if (field.field == 0 || field.field >= ncolumn)
			die(1, "event %lld has a field that is unknown", event_id);
		seen[field.field] = true;
		if (columns[field.field] != NULL &&
			!is_same(cJSON_GetObjectItemCaseSensitive(row, columns[field.field]), &field))
			die(1, "event %lld has another %s in the log", event_id, columns[field.field]);
	}
	if (at != end)
		die(1, "event %lld has bytes that are no field", event_id);
	for (size_t i = 1; i < ncolumn; i++)
		if (!seen[i] && columns[i] != NULL &&
			!cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(row, columns[i])))
			die(1, "event %lld has no %s in the log", event_id, columns[i]);
}

/* The event's number in a row or a proof, -1 if there is none. */
static long long
id_of(const cJSON *object)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(object, "event_id");

	return cJSON_IsNumber(id) ? (long long) id->valuedouble : -1;
}

static const cJSON *
proof_of(const cJSON *proofs, long long event_id)
{
	const cJSON *proof;

	cJSON_ArrayForEach(proof, proofs)
		if (id_of(proof) == event_id)
			return proof;
	die(1, "event %lld has no proof: it was not sealed yet, or was added", event_id);
}

/* The payload hash is that of the payload; an erased one has nothing to compare. */
static void
check_payload(const cJSON *proof, const cJSON *row, long long event_id, const uint8_t *payload_hash)
{
	Bytes payload = bytes_of(proof, "payload", event_id);
	uint8_t *salted;
	uint8_t hash[SHA256_LEN];

	if (text_of(proof, "salt") != NULL)
	{
		Bytes salt = bytes_of(proof, "salt", event_id);

		salted = malloc(salt.len + payload.len + 1);
		if (salted == NULL)
			die(2, "out of memory");
		memcpy(salted, salt.data, salt.len);
		memcpy(salted + salt.len, payload.data, payload.len);
		sha256(salted, salt.len + payload.len, hash);
		if (salt.len != CANON_SALT_LEN || memcmp(hash, payload_hash, SHA256_LEN) != 0)
			die(1, "event %lld has not the payload that the log has", event_id);
		free(salted);
		free_file(salt);
	}
	else if (payload.len > 0)
		die(1, "event %lld has a payload without salt", event_id);
	compare(row, event_id, payload.data, 0, payload.len, payload_columns,
			sizeof(payload_columns) / sizeof(payload_columns[0]));
	free_file(payload);
}

/* One event of the document. */
static void
check_event(const Options *options, const cJSON *row, const cJSON *proofs)
{
	long long event_id = id_of(row);
	const cJSON *proof = proof_of(proofs, event_id);
	const char *text = text_of(proof, "proof");
	Bytes entry = bytes_of(proof, "entry", event_id);
	CanonHeader header;
	NoteCheckpoint checkpoint;
	uint8_t leaf[SHA256_LEN];
	int64_t us;
	const char *recorded = text_of(row, "recorded_at");

	if (text == NULL)
		die(1, "event %lld has no proof", event_id);
	if (!canon_read_header(entry.data, entry.len, &header) ||
		entry.len < CANON_HEADER_LEN + SHA256_LEN || header.event_id != event_id)
		die(1, "event %lld has another entry", event_id);
	if (recorded == NULL || !parse_time(recorded, &us) || us != header.recorded_at)
		die(1, "event %lld has another recorded_at in the log", event_id);
	check_payload(proof, row, event_id, entry.data + entry.len - SHA256_LEN);
	compare(row, event_id, entry.data, CANON_HEADER_LEN, entry.len - SHA256_LEN, entry_columns,
			sizeof(entry_columns) / sizeof(entry_columns[0]));
	merkle_leaf(entry.data - 1, entry.len, leaf);
	(void) check_proof(options, text, strlen(text), leaf, &checkpoint);
	free_file(entry);
}

int
verify_bundle(const Options *options)
{
	Bytes file = read_file(options->path, BUNDLE_MAX_BYTES, 2);
	cJSON *bundle = cJSON_ParseWithLength((const char *) file.data, file.len);
	const cJSON *log = cJSON_GetObjectItemCaseSensitive(bundle, "log");
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(bundle, "cited_events");
	const cJSON *proofs = cJSON_GetObjectItemCaseSensitive(log, "proofs");
	const char *format = text_of(bundle, "format");
	const char *note = text_of(log, "note");
	const cJSON *row;
	NoteCheckpoint checkpoint;

	if (format == NULL || strcmp(format, "maestro-evidence") != 0 || !cJSON_IsArray(rows))
		die(1, "%s is no document of maestro.export_evidence", options->path);
	if (note == NULL || !cJSON_IsArray(proofs))
		die(1, "%s has no signed checkpoint: %s", options->path,
			text_of(log, "reason") == NULL ? "" : text_of(log, "reason"));
	check_note(options, "the document's checkpoint", note, strlen(note), &checkpoint);
	cJSON_ArrayForEach(row, rows)
		check_event(options, row, proofs);
	if (cJSON_GetArraySize(rows) == 0)
		die(1, "%s cites no event: nothing of it is in a log", options->path);
	printf("ok: the %d events that %s cites are in the log of %s as they stand here; what else it says, its matrix and "
		   "checklist too, is not checked\n",
		   cJSON_GetArraySize(rows), options->path, checkpoint.origin);
	cJSON_Delete(bundle);
	free_file(file);
	return 0;
}

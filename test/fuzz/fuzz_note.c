/*
 * fuzz_note.c
 *		Fuzzer of what comes from outside to the log: notes, keys, checkpoints,
 *		base64, entries, and proofs of all sizes.
 */
#include "harness.h"

#include "base64.h"
#include "canon.h"
#include "merkle.h"
#include "note.h"

/* What decodes is written again as it was; and what is encoded is read again. */
static void
check_base64(const char *in, size_t len)
{
	static uint8_t bytes[4096];
	static char text[BASE64_LEN(4096)];
	size_t n;

	if (base64_decode(in, len, bytes, sizeof(bytes), &n))
	{
		PROMISE(BASE64_LEN(n) == len);
		base64_encode(bytes, n, text);
		PROMISE(memcmp(text, in, len) == 0);
	}
	if (len > sizeof(bytes))
		return;
	base64_encode((const uint8_t *) in, len, text);
	PROMISE(base64_decode(text, BASE64_LEN(len), bytes, sizeof(bytes), &n));
	PROMISE(n == len && memcmp(bytes, in, len) == 0);
}

/* A key, or a checkpoint, is read in one form only. */
static void
check_forms(const char *in, size_t len)
{
	NoteKey key;
	NoteCheckpoint checkpoint;
	char text[NOTE_VKEY_MAX];
	char body[NOTE_TEXT_MAX];

	if (note_read_key(in, len, &key))
	{
		note_print_key(&key, text);
		PROMISE(strlen(text) == len && memcmp(text, in, len) == 0);
	}
	if (len > 0 && note_read_checkpoint(in, len, &checkpoint))
		PROMISE(note_print_checkpoint(&checkpoint, body) == len && memcmp(body, in, len) == 0);
}

/* A note's parts lie in it; nobody has signed what the fuzzer makes. */
static void
check_note(const char *in, size_t len)
{
	static NoteParts parts;
	NoteCheckpoint checkpoint;
	NoteKey key = {.name = "a", .algorithm = NOTE_ED25519};

	if (!note_parse(in, len, &parts))
		return;
	PROMISE(parts.text_len < len && parts.nsignature > 0 && parts.nsignature <= NOTE_SIGNATURES_MAX);
	for (int i = 0; i < parts.nsignature; i++)
	{
		const NoteSignature *s = &parts.signature[i];

		PROMISE(s->line > in + parts.text_len && s->line + s->line_len < in + len);
		PROMISE(note_is_name(s->name, strlen(s->name)));
		memcpy(key.id, s->id, sizeof(key.id));
		strcpy(key.name, s->name);
		key.algorithm = i % 2 ? NOTE_COSIGNATURE : NOTE_ED25519;
		PROMISE(!note_verify(in, &parts, &key));
	}
	(void) note_read_checkpoint(in, parts.text_len, &checkpoint);
}

/* Fields of an entry lie in it and end where it does, or it is none. */
static void
check_entry(const char *in, size_t len)
{
	const uint8_t *bytes = (const uint8_t *) in;
	CanonHeader header;
	CanonField field;
	size_t at = 0;

	(void) canon_read_header(bytes, len, &header);
	while (canon_next_field(bytes, len, &at, &field))
	{
		PROMISE(at <= len && field.value + field.len == bytes + at);
		(void) canon_field_integer(&field);
	}
}

/* Numbers and hashes made of the input are hardly ever a proof, and never a crash. */
static void
check_proof(const char *in, size_t len)
{
	static MerkleProof proof;
	uint64_t index = 0;
	uint64_t size = 0;
	uint8_t root[SHA256_LEN];

	if (len < 16 + SHA256_LEN)
		return;
	memcpy(&index, in, 8);
	memcpy(&size, in + 8, 8);
	memcpy(root, in + 16, SHA256_LEN);
	proof.count = (unsigned) ((len - 16) / SHA256_LEN);
	if (proof.count > MERKLE_PROOF_MAX)
		proof.count = MERKLE_PROOF_MAX;
	memcpy(proof.hash, in + 16, proof.count * SHA256_LEN);
	(void) merkle_verify_inclusion(root, index, size, &proof, root);
	(void) merkle_verify_consistency(index, size, &proof, root, root);
	(void) merkle_verify_inclusion(root, index % 64, size % 64, &proof, root);
	(void) merkle_verify_consistency(index % 64, size % 64, &proof, root, root);
}

void
fuzz_note(const char *in, size_t len)
{
	char *copy = harness_copy(in, len);

	check_base64(copy, len);
	check_forms(copy, len);
	check_note(copy, len);
	check_entry(copy, len);
	check_proof(copy, len);
	harness_free(copy, len);
}

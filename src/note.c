/*
 * note.c
 *		Signed notes and checkpoints.
 *
 * A note is a text that ends in a line end, an empty line, and signature lines: an
 * em dash, a blank, the key's name, a blank, and in base64 four bytes of the key's
 * id and the signature of the text.
 */
#include "port.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base64.h"
#include "note.h"

static const char dash[] = "\xe2\x80\x94 ";
#define DASH_LEN 4

bool
note_is_name(const char *name, size_t len)
{
	if (len == 0 || len > NOTE_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
	{
		uint8_t c = (uint8_t) name[i];

		/* the blanks of Unicode begin with these bytes, which names can do without */
		if (c <= ' ' || c == '+' || c == 0x7f || c == 0xc2 || c == 0xe1 || c == 0xe2 || c == 0xe3)
			return false;
	}
	return true;
}

/* Fills in the id of a key whose other members are set. */
static void
set_id(NoteKey *key)
{
	uint8_t bytes[NOTE_NAME_MAX + 2 + NOTE_KEY_LEN];
	uint8_t hash[SHA256_LEN];
	size_t len = strlen(key->name);

	memcpy(bytes, key->name, len);
	bytes[len++] = '\n';
	bytes[len++] = (uint8_t) key->algorithm;
	memcpy(bytes + len, key->public_key, NOTE_KEY_LEN);
	sha256(bytes, len + NOTE_KEY_LEN, hash);
	memcpy(key->id, hash, sizeof(key->id));
}

void
note_print_key(const NoteKey *key, char text[NOTE_VKEY_MAX])
{
	uint8_t bytes[1 + NOTE_KEY_LEN];
	int n = snprintf(text, NOTE_VKEY_MAX, "%s+%02x%02x%02x%02x+", key->name, key->id[0],
					 key->id[1], key->id[2], key->id[3]);

	bytes[0] = (uint8_t) key->algorithm;
	memcpy(bytes + 1, key->public_key, NOTE_KEY_LEN);
	base64_encode(bytes, sizeof(bytes), text + n);
	text[(size_t) n + BASE64_LEN(sizeof(bytes))] = '\0';
}

bool
note_read_key(const char *text, size_t len, NoteKey *key)
{
	const char *plus = memchr(text, '+', len);
	size_t name_len = plus == NULL ? 0 : (size_t) (plus - text);
	uint8_t bytes[1 + NOTE_KEY_LEN];
	char id[9];
	size_t n;

	if (!note_is_name(text, name_len) || len != name_len + 1 + 8 + 1 + BASE64_LEN(sizeof(bytes)) ||
		text[name_len + 9] != '+' ||
		!base64_decode(text + name_len + 10, len - name_len - 10, bytes, sizeof(bytes), &n) ||
		n != sizeof(bytes) || (bytes[0] != NOTE_ED25519 && bytes[0] != NOTE_COSIGNATURE))
		return false;
	memcpy(key->name, text, name_len);
	key->name[name_len] = '\0';
	key->algorithm = bytes[0];
	memcpy(key->public_key, bytes + 1, NOTE_KEY_LEN);
	set_id(key);
	snprintf(id, sizeof(id), "%02x%02x%02x%02x", key->id[0], key->id[1], key->id[2], key->id[3]);
	return memcmp(id, text + name_len + 1, 8) == 0;
}

/* One signature line, without its end. */
static bool
parse_signature(const char *line, size_t len, NoteSignature *signature)
{
	const char *blank;
	uint8_t bytes[256];
	size_t name_len;
	size_t n;

	if (len < DASH_LEN || memcmp(line, dash, DASH_LEN) != 0)
		return false;
	blank = memchr(line + DASH_LEN, ' ', len - DASH_LEN);
	if (blank == NULL)
		return false;
	name_len = (size_t) (blank - line) - DASH_LEN;
	if (!note_is_name(line + DASH_LEN, name_len))
		return false;
	signature->line = line;
	signature->line_len = len;
	memcpy(signature->name, line + DASH_LEN, name_len);
	signature->name[name_len] = '\0';
	signature->len = 0;
	memset(signature->id, 0, sizeof(signature->id));
	/* other algorithms have longer signatures, which is no fault of the note's */
	len -= DASH_LEN + name_len + 1;
	if (len > BASE64_LEN(sizeof(bytes)) - 4)
		return len < 16 * 1024;
	if (!base64_decode(blank + 1, len, bytes, sizeof(bytes), &n) || n < 5)
		return false;
	memcpy(signature->id, bytes, 4);
	if (n - 4 <= sizeof(signature->bytes))
	{
		signature->len = n - 4;
		memcpy(signature->bytes, bytes + 4, signature->len);
	}
	return true;
}

bool
note_parse(const char *note, size_t len, NoteParts *parts)
{
	const char *end = note + len;
	const char *split = NULL;

	if (len < 4 || len > NOTE_MAX || note[len - 1] != '\n')
		return false;
	for (size_t i = 0; i < len; i++)
	{
		if (((uint8_t) note[i] < ' ' && note[i] != '\n') || note[i] == 0x7f)
			return false;
		/* the last empty line */
		if (i > 0 && note[i] == '\n' && note[i - 1] == '\n')
			split = note + i;
	}
	if (split == NULL)
		return false;
	parts->text_len = (size_t) (split - note);
	parts->nsignature = 0;
	for (const char *line = split + 1; line < end;)
	{
		const char *stop = memchr(line, '\n', (size_t) (end - line));

		if (parts->nsignature == NOTE_SIGNATURES_MAX ||
			!parse_signature(line, (size_t) (stop - line),
							 &parts->signature[parts->nsignature++]))
			return false;
		line = stop + 1;
	}
	return parts->nsignature > 0;
}

bool
note_verify_bytes(const uint8_t public_key[NOTE_KEY_LEN],
				  const uint8_t signature[NOTE_SIGNATURE_LEN], const char *text, size_t len)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key,
												 NOTE_KEY_LEN);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool right = pkey != NULL && context != NULL &&
				 EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
				 EVP_DigestVerify(context, signature, NOTE_SIGNATURE_LEN,
								  (const unsigned char *) text, len) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return right;
}

/* A witness signs its time and then the text. */
static bool
verify_cosignature(const NoteKey *key, const NoteSignature *signature, const char *text,
				   size_t len)
{
	char message[64 + NOTE_TEXT_MAX];
	uint64_t time = 0;
	int n;

	if (signature->len != 8 + NOTE_SIGNATURE_LEN || len > NOTE_TEXT_MAX)
		return false;
	for (int i = 0; i < 8; i++)
		time = time << 8 | signature->bytes[i];
	n = snprintf(message, 64, "cosignature/v1\ntime %llu\n", (unsigned long long) time);
	memcpy(message + n, text, len);
	return note_verify_bytes(key->public_key, signature->bytes + 8, message, (size_t) n + len);
}

bool
note_verify(const char *note, const NoteParts *parts, const NoteKey *key)
{
	bool found = false;

	for (int i = 0; i < parts->nsignature; i++)
	{
		const NoteSignature *s = &parts->signature[i];
		bool right;

		if (strcmp(s->name, key->name) != 0 || memcmp(s->id, key->id, sizeof(key->id)) != 0)
			continue;
		right = key->algorithm == NOTE_COSIGNATURE
					? verify_cosignature(key, s, note, parts->text_len)
					: s->len == NOTE_SIGNATURE_LEN &&
						  note_verify_bytes(key->public_key, s->bytes, note, parts->text_len);
		if (!right)
			return false;
		found = true;
	}
	return found;
}

size_t
note_print_checkpoint(const NoteCheckpoint *checkpoint, char text[NOTE_TEXT_MAX])
{
	char root[BASE64_LEN(SHA256_LEN)];

	base64_encode(checkpoint->root, SHA256_LEN, root);
	return (size_t) snprintf(text, NOTE_TEXT_MAX, "%s\n%lld\n%.*s\n", checkpoint->origin,
							 (long long) checkpoint->size, (int) sizeof(root), root);
}

bool
note_read_checkpoint(const char *text, size_t len, NoteCheckpoint *checkpoint)
{
	char again[NOTE_TEXT_MAX];
	const char *line1 = memchr(text, '\n', len);
	const char *line2;
	char *stop;
	char number[24] = {0};
	size_t origin_len;
	size_t n;

	if (line1 == NULL)
		return false;
	origin_len = (size_t) (line1 - text);
	line2 = memchr(line1 + 1, '\n', len - origin_len - 1);
	if (!note_is_name(text, origin_len) || line2 == NULL || line2 - line1 - 1 >= 20 ||
		text[len - 1] != '\n' || line2 == text + len - 1)
		return false;
	memcpy(checkpoint->origin, text, origin_len);
	checkpoint->origin[origin_len] = '\0';
	memcpy(number, line1 + 1, (size_t) (line2 - line1) - 1);
	checkpoint->size = strtoll(number, &stop, 10);
	if (!base64_decode(line2 + 1, len - (size_t) (line2 + 1 - text) - 1, checkpoint->root, SHA256_LEN, &n) ||
		n != SHA256_LEN || checkpoint->size < 0)
		return false;
	/* so is any other way to write the same refused */
	return note_print_checkpoint(checkpoint, again) == len && memcmp(again, text, len) == 0;
}

bool
note_sign(const char *name, const uint8_t seed[NOTE_KEY_LEN], const char *text, size_t len,
		  char line[NOTE_LINE_MAX], NoteKey *key)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NOTE_KEY_LEN);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t bytes[4 + NOTE_SIGNATURE_LEN];
	size_t signature_len = NOTE_SIGNATURE_LEN;
	size_t key_len = NOTE_KEY_LEN;
	bool done = strlen(name) <= NOTE_NAME_MAX && pkey != NULL && context != NULL &&
				EVP_PKEY_get_raw_public_key(pkey, key->public_key, &key_len) == 1 &&
				EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1 &&
				EVP_DigestSign(context, bytes + 4, &signature_len,
							   (const unsigned char *) text, len) == 1;

	if (done)
	{
		int n;

		strcpy(key->name, name);
		key->algorithm = NOTE_ED25519;
		set_id(key);
		memcpy(bytes, key->id, 4);
		n = snprintf(line, NOTE_LINE_MAX, "%s%s ", dash, name);
		base64_encode(bytes, sizeof(bytes), line + n);
		strcpy(line + n + BASE64_LEN(sizeof(bytes)), "\n");
	}
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return done;
}

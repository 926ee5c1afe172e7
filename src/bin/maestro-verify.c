/*
 * maestro-verify.c
 *		Checks what a log of maestro exported, without a server and without trust in
 *		the database: against a public key that was pinned before.
 *
 * Exit status: 0 all is right, 1 something is not, 2 it could not be checked.
 */
#include "port.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base64.h"
#include "canon.h"
#include "verifier.h"

/* a file of an export at most: 256 entries with their lengths */
#define FILE_MAX_BYTES (256 * (2 + 65535))

void
die(int status, const char *format, ...)
{
	va_list args;

	fputs(status == 1 ? "WRONG: " : "maestro-verify: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

Bytes
read_file(const char *path, size_t most, int missing_status)
{
	FILE *file = fopen(path, "rb");
	Bytes bytes = {malloc(most + 3), 0};

	if (file == NULL)
		die(missing_status, "%s: %s", path, strerror(errno));
	if (bytes.data == NULL)
		die(2, "out of memory");
	bytes.data++;
	bytes.len = fread(bytes.data, 1, most + 1, file);
	if (ferror(file))
		die(2, "%s: %s", path, strerror(errno));
	fclose(file);
	if (bytes.len > most)
		die(1, "%s is too large", path);
	bytes.data[bytes.len] = 0;
	return bytes;
}

/* As psql prints it: a line end more than the text has. */
Bytes
read_text_file(const char *path, size_t most, int missing_status)
{
	Bytes bytes = read_file(path, most, missing_status);

	if (bytes.len > 1 && bytes.data[bytes.len - 1] == '\n' && bytes.data[bytes.len - 2] == '\n')
		bytes.data[--bytes.len] = 0;
	return bytes;
}

void
free_file(Bytes bytes)
{
	free(bytes.data - 1);
}

/* ---- notes ---- */

static void
read_key(const Options *options, NoteKey *key)
{
	if (options->key == NULL)
		die(2, "--key is needed: the verifier key that you pinned, name+id+key");
	if (!note_read_key(options->key, strlen(options->key), key))
		die(2, "--key is no verifier key");
}

void
check_note(const Options *options, const char *what, const char *note, size_t len,
		   NoteCheckpoint *checkpoint)
{
	static NoteParts parts;
	NoteKey key;
	const char *origin;

	read_key(options, &key);
	origin = options->origin != NULL ? options->origin : key.name;
	if (!note_parse(note, len, &parts))
		die(1, "%s is no signed note", what);
	if (!note_read_checkpoint(note, parts.text_len, checkpoint))
		die(1, "%s is no checkpoint", what);
	if (strcmp(checkpoint->origin, origin) != 0)
		die(1, "%s is of another log: \"%s\"", what, checkpoint->origin);
	if (!note_verify(note, &parts, &key))
		die(1, "%s is not signed with the key", what);
}

static void
check_note_file(const Options *options, const char *path, NoteCheckpoint *checkpoint)
{
	Bytes note = read_text_file(path, FILE_MAX_BYTES, 1);

	check_note(options, path, (const char *) note.data, note.len, checkpoint);
	free_file(note);
}

/* ---- a log's files ---- */

/* A tile's path below the export: L is a level, or "entries". */
static void
tile_path(char *path, size_t size, const char *dir, const char *level, uint64_t n, int width)
{
	char name[64] = "";
	char partial[16] = "";
	size_t at = sizeof(name) - 1;
	bool last = true;

	name[at] = '\0';
	do
	{
		char group[8];
		int len = snprintf(group, sizeof(group), last ? "%03d" : "x%03d/", (int) (n % 1000));

		at -= (size_t) len;
		memcpy(name + at, group, (size_t) len);
		last = false;
		n /= 1000;
	} while (n > 0);
	if (width < MERKLE_TILE)
		snprintf(partial, sizeof(partial), ".p/%d", width);
	if (snprintf(path, size, "%s/tile/%s/%s%s", dir, level, name + at, partial) >= (int) size)
		die(2, "the path is too long");
}

/* A log that is being checked. */
typedef struct LogCheck
{
	const char *dir;
	int64_t size;
	MerkleFrontier tree;
	Bytes upper[MERKLE_TILE_LEVELS]; /* the tile in hand, from level 1 on */
	uint64_t place[MERKLE_TILE_LEVELS];
	uint8_t log[CANON_UUID_LEN];
	int64_t old_size;
	uint8_t old_root[SHA256_LEN];
	bool old_seen;
} LogCheck;

static int
width_of(uint64_t nodes, uint64_t n)
{
	uint64_t left = nodes - n * MERKLE_TILE;

	return left < MERKLE_TILE ? (int) left : MERKLE_TILE;
}

static Bytes
read_tile(const LogCheck *check, unsigned level, uint64_t n)
{
	char path[4096];
	char name[8];
	int width = width_of((uint64_t) check->size >> 8 * level, n);
	Bytes tile;

	snprintf(name, sizeof(name), "%u", level);
	tile_path(path, sizeof(path), check->dir, name, n, width);
	tile = read_file(path, FILE_MAX_BYTES, 1);
	if (tile.len != (size_t) width * SHA256_LEN)
		die(1, "%s has %zu bytes instead of %d", path, tile.len, width * SHA256_LEN);
	return tile;
}

/* A node that the leaves make must be what the tile of its level says. */
static void
check_upper(LogCheck *check, unsigned level, const uint8_t node[SHA256_LEN])
{
	uint64_t place = check->place[level]++;

	if (place % MERKLE_TILE == 0)
	{
		if (check->upper[level].data != NULL)
			free_file(check->upper[level]);
		check->upper[level] = read_tile(check, level, place / MERKLE_TILE);
	}
	if (memcmp(check->upper[level].data + place % MERKLE_TILE * SHA256_LEN, node, SHA256_LEN) != 0)
		die(1, "node %llu of tile level %u is not that of its entries",
			(unsigned long long) place, level);
}

static void
append_leaf(LogCheck *check, const uint8_t leaf[SHA256_LEN])
{
	uint8_t node[MERKLE_TILE_LEVELS][SHA256_LEN];
	unsigned complete = merkle_append(&check->tree, leaf, node);

	for (unsigned i = 0; i < complete; i++)
		check_upper(check, i + 1, node[i]);
	if ((int64_t) check->tree.size == check->old_size)
	{
		uint8_t root[SHA256_LEN];

		merkle_root(&check->tree, root);
		if (memcmp(root, check->old_root, SHA256_LEN) != 0)
			die(1, "the log does not begin with what the old checkpoint had");
		check->old_seen = true;
	}
}

/* One entry: of this log, and with the hash that the tile says. */
static void
check_entry(LogCheck *check, uint8_t *entry, size_t len, const uint8_t *leaf)
{
	CanonHeader header;
	uint8_t hash[SHA256_LEN];
	uint8_t before = entry[-1];

	if (!canon_read_header(entry, len, &header))
		die(1, "entry %llu is none of this format", (unsigned long long) check->tree.size);
	if (check->tree.size == 0)
		memcpy(check->log, header.log, CANON_UUID_LEN);
	else if (memcmp(check->log, header.log, CANON_UUID_LEN) != 0)
		die(1, "entry %llu, event %lld, is of another log", (unsigned long long) check->tree.size,
			(long long) header.event_id);
	merkle_leaf(entry - 1, len, hash);
	entry[-1] = before;
	if (memcmp(hash, leaf, SHA256_LEN) != 0)
		die(1, "entry %llu, event %lld, has not the hash that the tree holds",
			(unsigned long long) check->tree.size, (long long) header.event_id);
}

/* The tile n of level 0, and its entries. */
static void
check_tile(LogCheck *check, uint64_t n)
{
	char path[4096];
	int width = width_of((uint64_t) check->size, n);
	Bytes tile = read_tile(check, 0, n);
	Bytes entries;
	size_t at = 0;

	tile_path(path, sizeof(path), check->dir, "entries", n, width);
	entries = read_file(path, FILE_MAX_BYTES, 1);
	for (int i = 0; i < width; i++)
	{
		const uint8_t *leaf = tile.data + (size_t) i * SHA256_LEN;
		size_t len = entries.len - at < 2 ? 0 : (size_t) (entries.data[at] << 8 | entries.data[at + 1]);

		if (entries.len - at < 2 || entries.len - at - 2 < len)
			die(1, "%s ends within entry %d", path, i);
		check_entry(check, entries.data + at + 2, len, leaf);
		append_leaf(check, leaf);
		at += 2 + len;
	}
	if (at != entries.len)
		die(1, "%s has more than its entries", path);
	free_file(entries);
	free_file(tile);
}

static int
verify_log(const Options *options)
{
	static LogCheck check;
	NoteCheckpoint checkpoint;
	NoteCheckpoint old = {.size = -1};
	uint8_t root[SHA256_LEN];
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/checkpoint", options->path) >= (int) sizeof(path))
		die(2, "the path is too long");
	check_note_file(options, path, &checkpoint);
	if (options->old != NULL)
		check_note_file(options, options->old, &old);
	if (old.size > checkpoint.size)
		die(1, "the log was rolled back: it has %lld entries, and had %lld", (long long) checkpoint.size,
			(long long) old.size);
	check.dir = options->path;
	check.size = checkpoint.size;
	check.old_size = old.size;
	memcpy(check.old_root, old.root, SHA256_LEN);
	for (uint64_t n = 0; n * MERKLE_TILE < (uint64_t) check.size; n++)
	{
		check_tile(&check, n);
		if (n % 4096 == 4095)
			fprintf(stderr, "%llu entries checked\n", (unsigned long long) check.tree.size);
	}
	merkle_root(&check.tree, root);
	if (memcmp(root, checkpoint.root, SHA256_LEN) != 0)
		die(1, "the entries have not the root that the checkpoint says");
	printf("ok: %lld entries of %s are what its key signed%s\n", (long long) checkpoint.size,
		   checkpoint.origin, check.old_seen ? ", and begin with the old checkpoint's" : "");
	return 0;
}

/* ---- proofs ---- */

/* The next line of a text, without its end; false: there is none. */
static bool
next_line(const char **text, const char *end, const char **line, size_t *len)
{
	const char *stop = *text < end ? memchr(*text, '\n', (size_t) (end - *text)) : NULL;

	if (stop == NULL)
		return false;
	*line = *text;
	*len = (size_t) (stop - *text);
	*text = stop + 1;
	return true;
}

/* Reads a tlog-proof up to its checkpoint, which it returns. */
static const char *
read_proof(const char *text, const char *end, int64_t *index, MerkleProof *proof)
{
	const char *line;
	size_t len;
	char number[32] = {0};
	char again[32];

	if (!next_line(&text, end, &line, &len) || len != 22 || memcmp(line, "c2sp.org/tlog-proof@v1", 22) != 0)
		die(1, "this is no tlog-proof");
	if (!next_line(&text, end, &line, &len))
		die(1, "the proof has no index");
	/* data of an application's, which ours are not */
	if (len > 6 && memcmp(line, "extra ", 6) == 0 && !next_line(&text, end, &line, &len))
		die(1, "the proof has no index");
	if (len < 7 || len >= sizeof(number) || memcmp(line, "index ", 6) != 0)
		die(1, "the proof has no index");
	memcpy(number, line + 6, len - 6);
	*index = strtoll(number, NULL, 10);
	snprintf(again, sizeof(again), "%lld", (long long) *index);
	if (strcmp(number, again) != 0 || *index < 0)
		die(1, "the proof has no index");
	for (proof->count = 0; next_line(&text, end, &line, &len) && len > 0; proof->count++)
	{
		size_t n;

		if (proof->count == MERKLE_PROOF_MAX ||
			!base64_decode(line, len, proof->hash[proof->count], SHA256_LEN, &n) || n != SHA256_LEN)
			die(1, "the proof has a line that is no hash");
	}
	return text;
}

/* The leaf that is asked for: of an entry, or a receipt. */
static void
read_leaf(const Options *options, uint8_t leaf[SHA256_LEN])
{
	if (options->entry != NULL)
	{
		Bytes entry = read_file(options->entry, FILE_MAX_BYTES, 2);
		CanonHeader header;

		if (!canon_read_header(entry.data, entry.len, &header))
			die(1, "%s is no entry of this format", options->entry);
		merkle_leaf(entry.data - 1, entry.len, leaf);
		free_file(entry);
		return;
	}
	if (options->leaf == NULL || strlen(options->leaf) != 2 * SHA256_LEN)
		die(2, "--entry FILE is needed, or --leaf with 64 hexadecimal digits");
	for (int i = 0; i < SHA256_LEN; i++)
	{
		char digits[3] = {options->leaf[2 * i], options->leaf[2 * i + 1], 0};
		char *end;

		leaf[i] = (uint8_t) strtoul(digits, &end, 16);
		if (*end != 0 || end == digits)
			die(2, "--leaf has 64 hexadecimal digits");
	}
}

int64_t
check_proof(const Options *options, const char *text, size_t len, const uint8_t leaf[SHA256_LEN],
			NoteCheckpoint *checkpoint)
{
	MerkleProof proof;
	int64_t index;
	const char *note = read_proof(text, text + len, &index, &proof);

	check_note(options, "the proof's checkpoint", note, (size_t) (text + len - note), checkpoint);
	if (!merkle_verify_inclusion(leaf, (uint64_t) index, (uint64_t) checkpoint->size, &proof,
								 checkpoint->root))
		die(1, "the event is not in the log at this place");
	return index;
}

static int
verify_proof(const Options *options)
{
	Bytes file = read_text_file(options->path, FILE_MAX_BYTES, 2);
	NoteCheckpoint checkpoint;
	uint8_t leaf[SHA256_LEN];
	int64_t index;

	read_leaf(options, leaf);
	index = check_proof(options, (const char *) file.data, file.len, leaf, &checkpoint);
	printf("ok: entry %lld of the %lld of %s\n", (long long) index, (long long) checkpoint.size,
		   checkpoint.origin);
	free_file(file);
	return 0;
}

static int
verify_note(const Options *options)
{
	NoteCheckpoint checkpoint;

	check_note_file(options, options->path, &checkpoint);
	printf("ok: checkpoint of size %lld of %s\n", (long long) checkpoint.size, checkpoint.origin);
	return 0;
}

/* ---- command line ---- */

static const char usage[] =
	"usage: maestro-verify log DIR --key VKEY [--old NOTE] [--origin NAME]\n"
	"       maestro-verify proof FILE --key VKEY (--entry FILE | --leaf HEX) [--origin NAME]\n"
	"       maestro-verify note FILE --key VKEY [--origin NAME]\n"
	"       maestro-verify bundle FILE --key VKEY [--origin NAME]\n"
	"\n"
	"log    checks an exported log: every entry, the tree, the signed checkpoint, and that it\n"
	"       continues the checkpoint in NOTE, which you kept\n"
	"proof  checks that an event is in a signed checkpoint: maestro.proof(event_id), and the\n"
	"       event's entry or the receipt that log_event returned\n"
	"note   checks a signed checkpoint\n"
	"bundle checks what maestro.export_evidence wrote: that every event that it cites is in\n"
	"       the log as it stands there\n"
	"VKEY   the log's public key, name+id+key, which you got where you trust it\n";

int
main(int argc, char **argv)
{
	Options options = {0};

	if (argc < 3)
	{
		fputs(usage, argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
		return argc == 2 && strcmp(argv[1], "--help") == 0 ? 0 : 2;
	}
	options.path = argv[2];
	for (int i = 3; i < argc; i += 2)
	{
		const char **value = strcmp(argv[i], "--key") == 0	   ? &options.key
							 : strcmp(argv[i], "--old") == 0	? &options.old
							 : strcmp(argv[i], "--origin") == 0 ? &options.origin
							 : strcmp(argv[i], "--entry") == 0	? &options.entry
							 : strcmp(argv[i], "--leaf") == 0	? &options.leaf
																: NULL;

		if (value == NULL || i + 1 == argc)
			die(2, "bad option %s\n%s", argv[i], usage);
		*value = argv[i + 1];
	}
	if (strcmp(argv[1], "log") == 0)
		return verify_log(&options);
	if (strcmp(argv[1], "proof") == 0)
		return verify_proof(&options);
	if (strcmp(argv[1], "note") == 0)
		return verify_note(&options);
	if (strcmp(argv[1], "bundle") == 0)
		return verify_bundle(&options);
	die(2, "there is no \"%s\"\n%s", argv[1], usage);
}

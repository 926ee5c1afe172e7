/*
 * log_key.c
 *		The private key that signs checkpoints: a file of the server's.
 *
 * The file has one line, as Go's note package writes it: PRIVATE+KEY+name+id+key.
 * Of it only the key counts, since a log that forked goes by another name.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/string.h"
#include "storage/fd.h"

#include "base64.h"
#include "guc.h"
#include "log_key.h"

#define PREFIX "PRIVATE+KEY+"
/* algorithm and seed */
#define SECRET_LEN (1 + NOTE_KEY_LEN)

void
log_key_generate(const char *path, const char *origin, NoteKey *key)
{
	uint8 secret[SECRET_LEN];
	char  encoded[BASE64_LEN(SECRET_LEN) + 1];
	char  unused[NOTE_LINE_MAX];
	char *line;
	int	  fd;

	if (!is_absolute_path(path))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the path of a key file must be absolute"),
						errhint("Outside of the data directory, which base backups copy.")));
	secret[0] = NOTE_ED25519;
	if (!pg_strong_random(secret + 1, NOTE_KEY_LEN) ||
		!note_sign(origin, secret + 1, "", 0, unused, key))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not make a key")));
	base64_encode(secret, SECRET_LEN, encoded);
	encoded[BASE64_LEN(SECRET_LEN)] = '\0';
	line = psprintf(PREFIX "%s+%02x%02x%02x%02x+%s\n", origin, key->id[0], key->id[1],
					key->id[2], key->id[3], encoded);
	/* never over another key: what it signed could not be continued */
	fd = OpenTransientFilePerm(path, O_CREAT | O_EXCL | O_WRONLY | PG_BINARY, S_IRUSR | S_IWUSR);
	if (fd < 0)
		ereport(ERROR, (errcode_for_file_access(),
						errmsg("could not create the key's file: %m"),
						errhint("It must be in a directory of the server's user, and not exist.")));
	/* whatever the server's umask */
	if (fchmod(fd, S_IRUSR | S_IWUSR) != 0 || write(fd, line, strlen(line)) != (ssize_t) strlen(line) ||
		pg_fsync(fd) != 0)
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not write the key's file: %m")));
	if (CloseTransientFile(fd) != 0)
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not close the key's file: %m")));
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(encoded, sizeof(encoded));
	explicit_bzero(line, strlen(line));
}

/* As the server asks of ssl_key_file: readable for its own user alone. */
static void
check_permissions(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not stat the log's key file: %m")));
	if (!S_ISREG(st.st_mode) || (st.st_uid != geteuid() && st.st_uid != 0) ||
		(st.st_mode & (S_IRWXG | S_IRWXO)) & ~(st.st_uid == 0 ? (mode_t) S_IRGRP : 0))
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the log's key file can be read by others than the server's user"),
				 errhint("It must be a plain file with mode 0600 of that user, or 0640 of root.")));
}

static void
read_seed(uint8 seed[NOTE_KEY_LEN])
{
	char	line[NOTE_VKEY_MAX + sizeof(PREFIX)];
	uint8	secret[SECRET_LEN];
	const char *encoded = NULL;
	ssize_t len;
	size_t	n;
	int		fd;

	if (guc_seal_key_file == NULL || guc_seal_key_file[0] == '\0')
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("there is no key to sign checkpoints with"),
						errhint("Make one with maestro.generate_log_key and set "
								"maestro.seal_key_file, or sign maestro.checkpoint_body() outside.")));
	fd = OpenTransientFile(guc_seal_key_file, O_RDONLY | PG_BINARY);
	if (fd < 0)
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not open the log's key file: %m"),
				 errhint("The setting maestro.seal_key_file names it, as the server sees it.")));
	check_permissions(fd);
	len = read(fd, line, sizeof(line) - 1);
	CloseTransientFile(fd);
	line[Max(len, 0)] = '\0';
	(void) pg_strip_crlf(line);
	if (strncmp(line, PREFIX, strlen(PREFIX)) == 0 && strlen(line) > BASE64_LEN(SECRET_LEN))
		encoded = line + strlen(line) - BASE64_LEN(SECRET_LEN);
	if (encoded == NULL || encoded[-1] != '+' ||
		!base64_decode(encoded, strlen(encoded), secret, sizeof(secret), &n) ||
		n != SECRET_LEN || secret[0] != NOTE_ED25519)
		ereport(ERROR, (errcode(ERRCODE_CONFIG_FILE_ERROR),
						errmsg("the log's key file holds no Ed25519 key"),
						errhint("It is one line as maestro.generate_log_key writes it.")));
	memcpy(seed, secret + 1, NOTE_KEY_LEN);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(line, sizeof(line));
}

void
log_key_sign(const char *origin, const char *text, size_t len, char line[NOTE_LINE_MAX],
			 NoteKey *key)
{
	uint8 seed[NOTE_KEY_LEN];
	bool  done;

	read_seed(seed);
	done = note_sign(origin, seed, text, len, line, key);
	explicit_bzero(seed, sizeof(seed));
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not sign the checkpoint")));
}

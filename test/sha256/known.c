/*
 * known.c
 *		SHA-256 by each way there is, against known answers and each other.
 *
 * The answers are those of FIPS 180-4's examples and NIST's test vectors (SHAVS) for
 * byte-oriented messages.  Prints TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sha256.h"

typedef void (*Hash)(const void *data, size_t len, uint8_t out[SHA256_LEN]);

/* a text, repeated, or bytes in hexadecimal */
static const struct
{
	const char *name;
	const char *text;
	int times;
	const char *hex;
	const char *hash;
} known[] = {
	{"nothing", "", 1, NULL, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"one block", "abc", 1, NULL, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, NULL,
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"a million bytes", "a", 1000000, NULL, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	{"two full blocks", "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	 1, NULL, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
	{"one byte", NULL, 1, "d3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
	{"four bytes", NULL, 1, "74ba2521", "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e"},
};

static int count = 0;
static int failed = 0;

static void
ok(int good, const char *way, const char *name)
{
	printf("%sok %d - %s: %s\n", good ? "" : "not ", ++count, way, name);
	failed += !good;
}

static void
by_cpu(const void *data, size_t len, uint8_t out[SHA256_LEN])
{
	(void) sha256_by_cpu(data, len, out);
}

/* Beside a longer and a shorter message; both must come out right. */
static void
by_pair(const void *data, size_t len, uint8_t out[SHA256_LEN])
{
	uint8_t other[SHA256_LEN];
	uint8_t again[SHA256_LEN];

	sha256_pair((const void *const[2]){data, "abc"}, (size_t[2]){len, 3}, (uint8_t *const[2]){out, other});
	sha256_pair((const void *const[2]){"", data}, (size_t[2]){0, len}, (uint8_t *const[2]){other, again});
	if (memcmp(out, again, SHA256_LEN) != 0)
		memset(out, 0, SHA256_LEN);
}

static void
test_known(Hash hash, const char *way)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
	{
		size_t len = known[i].hex ? strlen(known[i].hex) / 2 : strlen(known[i].text) * (size_t) known[i].times;
		uint8_t *data = malloc(len + 1);
		uint8_t out[SHA256_LEN];
		char text[2 * SHA256_LEN + 1];

		for (size_t at = 0; at < len; at++)
			if (known[i].hex)
				sscanf(known[i].hex + 2 * at, "%2hhx", &data[at]);
			else
				data[at] = (uint8_t) known[i].text[at % strlen(known[i].text)];
		hash(data, len, out);
		for (int at = 0; at < SHA256_LEN; at++)
			snprintf(text + 2 * at, 3, "%02x", out[at]);
		ok(strcmp(text, known[i].hash) == 0, way, known[i].name);
		free(data);
	}
}

/* Every length of the tail, at every place in memory that a load may care about. */
static int
same_lengths(void)
{
	static uint8_t bytes[600];
	uint8_t a[SHA256_LEN], b[SHA256_LEN], c[SHA256_LEN], d[SHA256_LEN], e[SHA256_LEN];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t) (i * 167 + i / 256);
	for (size_t len = 0; len <= 260; len++)
		for (size_t second = 0; second <= 260; second++)
		{
			const uint8_t *data = bytes + len % 17;

			sha256_by_openssl(data, len, a);
			sha256(data, len, b);
			sha256_by_openssl(bytes + 300, second, c);
			sha256_pair((const void *const[2]){data, bytes + 300}, (size_t[2]){len, second},
						(uint8_t *const[2]){d, e});
			if (memcmp(a, b, SHA256_LEN) != 0 || memcmp(a, d, SHA256_LEN) != 0 ||
				memcmp(c, e, SHA256_LEN) != 0)
				return 0;
		}
	return 1;
}

int
main(void)
{
	uint8_t out[SHA256_LEN];

	test_known(sha256_by_openssl, "OpenSSL");
	test_known(sha256, "whatever is used here");
	test_known(by_pair, "two at once");
	if (sha256_by_cpu("", 0, out))
		test_known(by_cpu, "the CPU's instructions");
	else
		printf("ok %d - the CPU's instructions # SKIP it has none\n", ++count);
	ok(same_lengths(), "all", "they agree on messages of 0 to 260 bytes, alone and in pairs");
	printf("1..%d\n", count);
	return failed != 0;
}

/*
 * sanitize.c
 *		Fuzzer of the sanitizer's cores: scan, neutralize, redact.
 *
 * Whatever the bytes: nothing is read or written out of bounds (the sanitizers
 * of the compiler watch), findings are in order and disjoint, the result
 * needs no neutralising, and sanitizing it again changes nothing.  A
 * secret between blanks does not survive.
 *
 * With libFuzzer, or alone: "sanitize-fuzz SEED COUNT" makes up that many texts
 * out of secrets, parts of them and what may stand between, and prints a
 * digest of all results, so that two builds can be compared.
 * test/fuzz/run.sh does both.
 */
#include "postgres.h"

#include <stdio.h>

#include "utils/memutils.h"

#include "neutralize.h"
#include "redact.h"
#include "scan_key.h"

static uint64_t digest = 14695981039346656037u;

#define CHECK(condition)                                                                 \
	do                                                                                   \
	{                                                                                    \
		if (!(condition))                                                                \
			fail(#condition, in, len);                                                   \
	} while (0)

/* Shows the text that breaks a promise, and stops. */
static void
fail(const char *condition, const char *in, size_t len)
{
	fprintf(stderr, "not true: %s\n", condition);
	fwrite(in, 1, len, stderr);
	fputc('\n', stderr);
	abort();
}

/* Adds bytes to the digest (FNV-1a). */
static void
mix(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		digest = (digest ^ (uint8_t) data[i]) * 1099511628211u;
}

/* One text, in one shape and at one level. */
static void
try_text(const char *in, size_t len, RedactShape shape, ScanLevel level)
{
	const ScanSetup setup = {.level = level};
	bool keep = shape == REDACT_BLOCK;
	Findings found = {0};
	RedactFind *find;
	char *once;
	char *twice;
	size_t n;
	size_t m;
	bool changed = redact_text(in, len, shape, &setup, &found, &once, &n);

	CHECK(changed == (once != in));
	CHECK(neutralize_text(once, n, keep, NULL) == n);
	if (redact_text(once, n, shape, &setup, NULL, &twice, &m))
		fail("sanitizing again changes nothing", in, len);
	mix(once, n);

	m = redact_find(in, len, &setup, &find);
	for (size_t i = 0; i < m; i++)
		CHECK(find[i].start < find[i].end && find[i].end <= len &&
			  (i == 0 || find[i - 1].end <= find[i].start));
	CHECK(m == 0 || changed);
	free(find);
	if (changed)
		free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* a copy of exactly this length, so that a read beyond it is noticed */
	char *in = malloc(len ? len : 1);

	memcpy(in, data, len);
	try_text(in, len, REDACT_LINE, SCAN_PII);
	try_text(in, len, REDACT_BLOCK, SCAN_PII);
	try_text(in, len, REDACT_LINE, SCAN_SECRETS);
	scan_key_type(in, len);
	free(in);
	return 0;
}

#ifndef MAESTRO_LIBFUZZER

static uint64_t state;

/* A number below n (xorshift). */
static unsigned
below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned) (state >> 33) % n;
}

static const char *const pieces[] = {"sk-ant-api03-Abcdefghijklmnop1234567890",
									 "sk-proj-abcdefghij0123456789XYZ",
									 "sk-",
									 "AKIAIOSFODNN7EXAMPLE",
									 "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
									 "github_pat_",
									 "xoxb-123456789012-abcdef",
									 "hooks.slack.com/services/T0000/B0000/XXXX",
									 "glpat-aB3dE6gH9jK2mN5pQ8sT.01.0x1y2z3ab",
									 "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
									 "sk-or-v1-0123456789abcdef0123456789abcdef",
									 "hf_AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh",
									 "npm_aB3dE6gH9jK2mN5pQ8sTaB3dE6gH9jK2mN5p",
									 "dapi0123456789abcdef0123456789abcdef",
									 "glpat-",
									 "SG.",
									 "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
									 "eyJhbGciOiJIUzI1NiJ9.",
									 "eyJ",
									 "Bearer abcdef1234567890",
									 "bearer ",
									 "Basic dXNlcjpwYXNzd29yZA==",
									 "Basic ",
									 "postgres://app:s3cret@db/x",
									 "://",
									 "a://b:",
									 "@",
									 "bob@example.com",
									 "@x.co",
									 "bob",
									 "4111 1111 1111 1111",
									 "4111111111111111",
									 "3782-822463-10005",
									 "1111",
									 "4111-",
									 "GB82WEST12345698765432",
									 "536-90-4399",
									 "+49 151 1234 5678",
									 "(415) 555-0132",
									 "415-555-0132",
									 "DE89 3704 ",
									 "+",
									 "password=",
									 "\"password\": \"",
									 "\\\"api_key\\\": \\\"",
									 "token: ",
									 "secret\\u003d",
									 "pwd%3D",
									 "hunter22",
									 "x9Kq2LmZ77pQwErTy",
									 "correct horse",
									 "aws_secret_access_key = ",
									 "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
									 "-----BEGIN RSA PRIVATE KEY-----",
									 "-----END RSA PRIVATE KEY-----",
									 "MIIEpAIBAAKCAQEA",
									 "[REDACTED:EMAIL]",
									 "[REDACTED:PASSWORD]",
									 "[REDACTED:",
									 "[REDACTED:NOTHING]",
									 "]",
									 "[",
									 "(",
									 ")",
									 "{",
									 "}",
									 "<",
									 ">",
									 "\"",
									 "'",
									 "\\",
									 "\\\"",
									 "\\n",
									 "\\u0040",
									 "%40",
									 "%26",
									 "%20",
									 "=",
									 ":",
									 ":=",
									 "=>",
									 ",",
									 ";",
									 ".",
									 "-",
									 "_",
									 "/",
									 " ",
									 "  ",
									 "\t",
									 "\n",
									 "\r",
									 "\x1b[31m",
									 "\x1b]0;t\x07",
									 "\x1b",
									 "\x01",
									 "\xc2\x9b[1m",
									 "\xe2\x80\x8b",
									 "\xe2\x80\xae",
									 "\xf0\x9f\x91\xa9",
									 "\xe2\x80\x8d",
									 "\xef\xb8\x8f",
									 "\xef\xbd\x93\xef\xbd\x8b",
									 "\xf3\xa0\x80\x81",
									 "\xff",
									 "\xe2\x80",
									 "\xc3\xbc",
									 "\xe8\xaf\xb7",
									 "1",
									 "a",
									 "Z",
									 "0"};

/* What must not survive between two blanks, whatever else there is. */
static const char *const secrets[] = {"sk-ant-api03-Abcdefghijklmnop1234567890",
									  "sk-proj-abcdefghij0123456789XYZ",
									  "AKIAIOSFODNN7EXAMPLE",
									  "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
									  "glpat-aB3dE6gH9jK2mN5pQ8sT.01.0x1y2z3ab",
									  "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
									  "sk-or-v1-0123456789abcdef0123456789abcdef",
									  "hf_AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh",
									  "npm_aB3dE6gH9jK2mN5pQ8sTaB3dE6gH9jK2mN5p",
									  "dapi0123456789abcdef0123456789abcdef",
									  "GB82WEST12345698765432",
									  "536-90-4399",
									  "xoxb-123456789012-abcdef",
									  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
									  "postgres://app:s3cret@db/x",
									  "bob@example.com",
									  "4111 1111 1111 1111",
									  "4111111111111111",
									  "password=hunter22",
									  "\"password\": \"hunter22\"",
									  "\\\"api_key\\\":\\\"7f3kQ9xLm2Zp8RtV\\\"",
									  "Bearer abcdef1234567890"};

/* Makes up a text of some pieces. */
static size_t
make_up(char *text, size_t size)
{
	size_t n = 0;

	for (unsigned count = 1 + below(12); count > 0; count--)
	{
		const char *piece = pieces[below(sizeof(pieces) / sizeof(pieces[0]))];
		size_t len = strlen(piece);

		/* a part of it now and then */
		if (below(6) == 0)
			len = 1 + below((unsigned) len);
		if (n + len > size)
			break;
		memcpy(text + n, piece, len);
		n += len;
	}
	/* and now and then a byte that does not belong there */
	if (n > 0 && below(4) == 0)
		text[below((unsigned) n)] = (char) below(256);
	return n;
}

/* Puts a secret between two made-up texts; it must be gone. */
static void
try_secret(void)
{
	static const ScanSetup pii = {.level = SCAN_PII};
	const char *secret = secrets[below(sizeof(secrets) / sizeof(secrets[0]))];
	size_t n = strlen(secret);
	char needle[128];
	char in[1024];
	size_t len = make_up(in, 400);
	char *out;
	size_t outlen;

	/* elsewhere it may be glued to a word, which makes it another one */
	snprintf(needle, sizeof(needle), " %s ", secret);
	memcpy(in + len, needle, n + 2);
	len += n + 2;
	len += make_up(in + len, 400);
	if (!redact_text(in, len, below(2) ? REDACT_LINE : REDACT_BLOCK, &pii, NULL,
					 &out, &outlen) ||
		memmem(out, outlen, needle, n + 2) != NULL)
		fail("a secret between blanks does not survive", in, len);
	free(out);
}

int
main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[2]) : 100000;
	char text[1024];

	state = 88172645463325252u + (argc > 1 ? strtoul(argv[1], NULL, 10) : 0) * 7919;
	while (count-- > 0)
	{
		LLVMFuzzerTestOneInput((const uint8_t *) text, make_up(text, sizeof(text)));
		try_secret();
	}
	printf("%016llx\n", (unsigned long long) digest);
	return 0;
}

#endif

/*
 * scan_wallet.c
 *		Addresses and keys of Bitcoin and Ethereum, by their check sums.
 *
 * base58check: the Bitcoin wiki's page of that name.  bech32 and bech32m: BIP 173
 * and BIP 350.  Capitals of an Ethereum address: EIP-55, by Keccak-256 as it was
 * before it became SHA-3 (padding 01).
 */
#include "port.h"

#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"
#include "sha256.h"

/* Bytes of what is encoded: a version, 20 or 33 bytes, four of the check sum. */
#define BASE58_MAX 38

bool
check_base58(const char *value, size_t len)
{
	static const char alphabet[] =
		"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	uint8_t bytes[BASE58_MAX] = {0};
	uint8_t sum[SHA256_LEN];
	size_t n = len > 40 ? 0 : 25;

	/* an address is 25 bytes; a private key 37, or 38 with a mark of its kind */
	if (len > 40)
		n = value[0] == '5' ? 37 : 38;
	for (size_t i = 0; i < len; i++)
	{
		const char *digit = memchr(alphabet, value[i], 58);
		unsigned carry;

		if (digit == NULL)
			return false;
		carry = (unsigned) (digit - alphabet);
		for (size_t j = n; j > 0; j--)
		{
			carry += 58u * bytes[j - 1];
			bytes[j - 1] = (uint8_t) carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	sha256(bytes, n - 4, sum);
	sha256(sum, sizeof(sum), sum);
	return memcmp(sum, bytes + n - 4, 4) == 0;
}

void
match_base58(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_BASE58);
	const uint8_t *t = s->text + at;
	size_t left = s->len - at;
	size_t n = 0;

	if (rule == NULL || memchr("13KL5", t[0], 5) == NULL)
		return;
	while (n < left && n <= rule->max && scan_is(t[n], CLASS_WORD))
		n++;
	if (n > rule->max || n < rule->min || (n > 35 && n < 51) ||
		(n > 35) != (memchr("5KL", t[0], 3) != NULL))
		return;
	if (rule->check(text_at(s, at), n))
		scan_report(s, rule, at, at + n);
}

/* The check sum of BIP 173: 1, or 0x2bc830a3 for the kind of BIP 350. */
bool
check_bech32(const char *value, size_t len)
{
	static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
										 0x2a1462b3};
	bool upper = len > 0 && value[0] >= 'A' && value[0] <= 'Z';
	const char *one = memchr(value, '1', len < 6 ? len : 6);
	size_t prefix = one == NULL ? 0 : (size_t) (one - value);
	uint32_t sum = 1;

	if (one == NULL || len < prefix + 7 || len > 90)
		return false;
	/* high bits of the prefix, zero, low bits of the prefix, the data */
	for (size_t i = 0; i < prefix + len; i++)
	{
		uint32_t top = sum >> 25;
		uint32_t digit;

		if (i < prefix)
			digit = (uint8_t) (value[i] | 0x20) >> 5;
		else if (i == prefix)
			digit = 0;
		else if (i <= 2 * prefix)
			digit = (value[i - prefix - 1] | 0x20) & 31;
		else
		{
			char c = value[i - prefix];
			const char *found;

			if (upper && c >= 'A' && c <= 'Z')
				c |= 0x20;
			else if (upper && c >= 'a' && c <= 'z')
				return false;
			found = memchr(alphabet, c, 32);
			if (found == NULL)
				return false;
			digit = (uint32_t) (found - alphabet);
		}
		sum = (sum & 0x1ffffff) << 5 ^ digit;
		for (int j = 0; j < 5; j++)
			sum ^= top >> j & 1 ? generator[j] : 0;
	}
	return sum == 1 || sum == 0x2bc830a3;
}

void
match_bech32(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	size_t end = scan_run_end(s, rule->class, body);

	if (scan_fits(rule, end - body) && rule->check(text_at(s, at), end - at))
		scan_report(s, rule, at, end);
}

static uint64_t
rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

/* Keccak's permutation, 24 rounds (FIPS 202, section 3). */
static void
keccak_f(uint64_t a[25])
{
	static const uint8_t turn[] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
								   27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
	static const uint8_t lane[] = {10, 7,  11, 17, 18, 3,  5,  16, 8,  21, 24, 4,
								   15, 23, 19, 13, 12, 2,  20, 14, 22, 9,  6,  1};
	uint8_t lfsr = 1;

	for (int round = 0; round < 24; round++)
	{
		uint64_t column[5];
		uint64_t t = a[1];

		for (int x = 0; x < 5; x++)
			column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
		for (int i = 0; i < 25; i++)
			a[i] ^= column[(i + 4) % 5] ^ rotate(column[(i + 1) % 5], 1);
		t = a[1];
		for (int i = 0; i < 24; i++)
		{
			uint64_t next = a[lane[i]];

			a[lane[i]] = rotate(t, turn[i]);
			t = next;
		}
		for (int y = 0; y < 25; y += 5)
		{
			uint64_t row[5];

			memcpy(row, a + y, sizeof(row));
			for (int x = 0; x < 5; x++)
				a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
		}
		/* the round's constant has bits at 2^j - 1, from a shift register */
		for (int j = 0; j < 7; j++)
		{
			if (lfsr & 1)
				a[0] ^= (uint64_t) 1 << ((1 << j) - 1);
			lfsr = (uint8_t) (lfsr << 1 ^ (lfsr >> 7 ? 0x71 : 0));
		}
	}
}

/* Keccak-256 of at most 135 bytes. */
static void
keccak_256(const uint8_t *data, size_t len, uint8_t out[32])
{
	uint64_t state[25] = {0};

	for (size_t i = 0; i < len; i++)
		state[i / 8] ^= (uint64_t) data[i] << (i % 8 * 8);
	state[len / 8] ^= (uint64_t) 1 << (len % 8 * 8);
	state[16] ^= (uint64_t) 1 << 63;
	keccak_f(state);
	for (size_t i = 0; i < 32; i++)
		out[i] = (uint8_t) (state[i / 8] >> (i % 8 * 8));
}

/* 40 hexadecimal digits whose capitals are those of EIP-55. */
bool
check_eip55(const char *value, size_t len)
{
	uint8_t lower[40];
	uint8_t hash[32];

	if (len != sizeof(lower))
		return false;
	for (size_t i = 0; i < len; i++)
		lower[i] = (uint8_t) (value[i] >= 'A' && value[i] <= 'F' ? value[i] | 0x20 : value[i]);
	keccak_256(lower, len, hash);
	for (size_t i = 0; i < len; i++)
	{
		bool capital = (hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15) >= 8;
		bool letter = lower[i] >= 'a' && lower[i] <= 'f';

		if (!letter && !(lower[i] >= '0' && lower[i] <= '9'))
			return false;
		if (letter && capital != (value[i] >= 'A' && value[i] <= 'F'))
			return false;
	}
	return true;
}

/* In one case there is no check sum: then a word before it must say what it is. */
void
match_ethereum(Scanner *s, size_t at)
{
	static const char *const words[] = {"wallet", "ethereum", "eth ", "eth_", "address", NULL};
	const ScanRule *rule = scan_rule_of(s, KIND_ETHEREUM);
	const uint8_t *t = s->text + at + 2;
	size_t n = 0;
	bool upper = false;
	bool lower = false;

	if (rule == NULL || s->len - at < 42)
		return;
	for (; n < 40 && scan_is(t[n], CLASS_HEX); n++)
	{
		upper = upper || (t[n] >= 'A' && t[n] <= 'F');
		lower = lower || (t[n] >= 'a' && t[n] <= 'f');
	}
	if (n < 40 || (at + 42 < s->len && scan_is(s->text[at + 42], CLASS_WORD)))
		return;
	if (upper && lower ? rule->check((const char *) t, 40) : scan_has_context(s, words, at))
		scan_report(s, rule, at, at + 42);
}

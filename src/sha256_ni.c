/*
 * sha256_ni.c
 *		SHA-256 by the SHA instructions of x86-64, where the CPU has them.
 *
 * OpenSSL uses the same instructions, but what it does around them takes longer than
 * hashing a node of the tree, and an event takes three hashes.  The steps are those of
 * FIPS 180-4, four rounds at a time: sha256rnds2 does two rounds, sha256msg1 and
 * sha256msg2 make the next four words of the message schedule.  The state is kept as
 * the instructions want it: A, B, E, F in one register, C, D, G, H in the other, the
 * first letter in the highest word.
 *
 * Builds without a server.
 */
#include "port.h"

#include "sha256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define SHA_TARGET __attribute__((target("sha,sse4.1")))

#define BLOCK 64

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* Does the CPU have them?  They use registers that every x86-64 system saves. */
static bool
cpu_has_sha(void)
{
	unsigned a;
	unsigned b;
	unsigned c;
	unsigned d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

/* One message on its way: its state, and where its blocks lie. */
typedef struct Lane
{
	__m128i abef;
	__m128i cdgh;
	const uint8_t *data;
	size_t whole;	 /* blocks of data */
	size_t nblocks;	 /* with those of the tail */
	uint8_t tail[2 * BLOCK];
} Lane;

static const uint8_t *
lane_block(const Lane *lane, size_t i)
{
	return i < lane->whole ? lane->data + i * BLOCK : lane->tail + (i - lane->whole) * BLOCK;
}

/*
 * Block i of one lane or two.  Each instruction waits for the one before it in its own
 * lane, so two lanes take little longer than one.
 */
SHA_TARGET static inline __attribute__((always_inline)) void
compress(Lane *const lanes[], const int n, size_t i)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i abef[2];
	__m128i cdgh[2];
	__m128i w[2][4];

#pragma GCC unroll 2
	for (int k = 0; k < n; k++)
	{
		const uint8_t *block = lane_block(lanes[k], i);

		abef[k] = lanes[k]->abef;
		cdgh[k] = lanes[k]->cdgh;
#pragma GCC unroll 4
		for (int j = 0; j < 4; j++)
			w[k][j] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *) (block + 16 * j)), swap);
	}
#pragma GCC unroll 16
	for (int r = 0; r < 16; r++)
	{
		const __m128i constants = _mm_load_si128((const __m128i *) (round_constants + 4 * r));
		__m128i sum[2];

#pragma GCC unroll 2
		for (int k = 0; k < n; k++)
		{
			sum[k] = _mm_add_epi32(w[k][r & 3], constants);
			cdgh[k] = _mm_sha256rnds2_epu32(cdgh[k], abef[k], sum[k]);
		}
#pragma GCC unroll 2
		for (int k = 0; k < n; k++)
		{
			__m128i next;

			abef[k] = _mm_sha256rnds2_epu32(abef[k], cdgh[k], _mm_shuffle_epi32(sum[k], 0x0e));
			if (r >= 12)
				continue;
			/* the words that round r + 16 and three more take */
			next = _mm_sha256msg1_epu32(w[k][r & 3], w[k][(r + 1) & 3]);
			next = _mm_add_epi32(next, _mm_alignr_epi8(w[k][(r + 3) & 3], w[k][(r + 2) & 3], 4));
			w[k][r & 3] = _mm_sha256msg2_epu32(next, w[k][(r + 3) & 3]);
		}
	}
#pragma GCC unroll 2
	for (int k = 0; k < n; k++)
	{
		lanes[k]->abef = _mm_add_epi32(abef[k], lanes[k]->abef);
		lanes[k]->cdgh = _mm_add_epi32(cdgh[k], lanes[k]->cdgh);
	}
}

SHA_TARGET static void
lane_begin(Lane *lane, const uint8_t *data, size_t len)
{
	size_t left = len % BLOCK;
	uint64_t bits = __builtin_bswap64((uint64_t) len * 8);

	lane->abef = _mm_set_epi32(0x6a09e667, (int) 0xbb67ae85, 0x510e527f, (int) 0x9b05688c);
	lane->cdgh = _mm_set_epi32(0x3c6ef372, (int) 0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
	lane->data = data;
	lane->whole = len / BLOCK;
	lane->nblocks = lane->whole + (left < BLOCK - 8 ? 1 : 2);
	/* what is left, one bit, zeros, and how many bits there were */
	memset(lane->tail, 0, sizeof(lane->tail));
	if (left > 0)
		memcpy(lane->tail, data + len - left, left);
	lane->tail[left] = 0x80;
	memcpy(lane->tail + (lane->nblocks - lane->whole) * BLOCK - 8, &bits, 8);
}

SHA_TARGET static void
lane_end(const Lane *lane, uint8_t out[SHA256_LEN])
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i feba = _mm_shuffle_epi32(lane->abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(lane->cdgh, 0xb1);

	_mm_storeu_si128((__m128i *) out, _mm_shuffle_epi8(_mm_blend_epi16(feba, dchg, 0xf0), swap));
	_mm_storeu_si128((__m128i *) (out + 16), _mm_shuffle_epi8(_mm_alignr_epi8(dchg, feba, 8), swap));
}

static bool
has_sha(void)
{
	static enum { UNKNOWN, YES, NO } answer = UNKNOWN;

	if (answer == UNKNOWN)
		answer = cpu_has_sha() ? YES : NO;
	return answer == YES;
}

SHA_TARGET bool
sha256_by_cpu(const void *data, size_t len, uint8_t out[SHA256_LEN])
{
	Lane lane;
	Lane *const lanes[1] = {&lane};

	if (!has_sha())
		return false;
	lane_begin(&lane, data, len);
	for (size_t i = 0; i < lane.nblocks; i++)
		compress(lanes, 1, i);
	lane_end(&lane, out);
	return true;
}

SHA_TARGET bool
sha256_pair_by_cpu(const void *const data[2], const size_t len[2], uint8_t *const out[2])
{
	Lane lane[2];
	Lane *const both[2] = {&lane[0], &lane[1]};
	Lane *rest[1];
	size_t i = 0;

	if (!has_sha())
		return false;
	lane_begin(&lane[0], data[0], len[0]);
	lane_begin(&lane[1], data[1], len[1]);
	for (; i < lane[0].nblocks && i < lane[1].nblocks; i++)
		compress(both, 2, i);
	rest[0] = &lane[i < lane[0].nblocks ? 0 : 1];
	for (; i < rest[0]->nblocks; i++)
		compress(rest, 1, i);
	lane_end(&lane[0], out[0]);
	lane_end(&lane[1], out[1]);
	return true;
}

#else

bool
sha256_by_cpu(const void *data, size_t len, uint8_t out[SHA256_LEN])
{
	(void) data;
	(void) len;
	(void) out;
	return false;
}

bool
sha256_pair_by_cpu(const void *const data[2], const size_t len[2], uint8_t *const out[2])
{
	(void) data;
	(void) len;
	(void) out;
	return false;
}

#endif

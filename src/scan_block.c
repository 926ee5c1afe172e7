/*
 * scan_block.c
 *		Which places of a text are worth a look: 64 bytes at a time, as bit masks.
 *
 * A find begins where a word does, or lies around one of the bytes @ = and colon.
 * Of the words only those count whose first three bytes some anchor has, that are
 * of the form of a number, or that follow a byte which may hide more (an
 * escape, a bracket); of the marks those with a key before them that some
 * rule has.  These are rough: never fewer than needed, and few.
 */
#include "port.h"

#include "scan.h"
#include "scan_match.h"

#if defined(__SSE2__) && !defined(MAESTRO_SCALAR)
#include <emmintrin.h>
#endif

/* Bytes before and behind a block that are looked at. */
#define EDGE 16

/* Which of 64 bytes are of a word, digits, - or dot, @ = or colon, tildes, blanks. */
typedef struct Masks
{
	uint64_t words;
	uint64_t digits;
	uint64_t dots;
	uint64_t marks;
	uint64_t tildes;
	uint64_t blanks;
} Masks;

#if defined(__SSE2__) && !defined(MAESTRO_SCALAR)

/* Which of 16 bytes lie in [low, low + n)? */
static inline __m128i
within(__m128i bytes, char low, char n)
{
	__m128i offset = _mm_sub_epi8(bytes, _mm_set1_epi8(low));

	return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8(n - 1)), offset);
}

static inline unsigned
equal(__m128i bytes, char c)
{
	return (unsigned) _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

static Masks
classify(const uint8_t *block)
{
	Masks m = {0};

	for (int i = 0; i < 4; i++)
	{
		__m128i b = _mm_loadu_si128((const __m128i *) (block + 16 * i));
		__m128i digit = within(b, '0', 10);
		__m128i word = within(_mm_or_si128(b, _mm_set1_epi8(0x20)), 'a', 26);
		__m128i mark = _mm_cmpeq_epi8(b, _mm_set1_epi8('@'));

		word = _mm_or_si128(word, digit);
		word = _mm_or_si128(word, _mm_cmpeq_epi8(b, _mm_set1_epi8('_')));
		mark = _mm_or_si128(mark, _mm_cmpeq_epi8(b, _mm_set1_epi8('=')));
		mark = _mm_or_si128(mark, _mm_cmpeq_epi8(b, _mm_set1_epi8(':')));
		m.words |= (uint64_t) _mm_movemask_epi8(word) << (16 * i);
		m.digits |= (uint64_t) _mm_movemask_epi8(digit) << (16 * i);
		m.dots |= (uint64_t) _mm_movemask_epi8(within(b, '-', 2)) << (16 * i);
		m.marks |= (uint64_t) _mm_movemask_epi8(mark) << (16 * i);
		m.tildes |= (uint64_t) equal(b, '~') << (16 * i);
		m.blanks |= (uint64_t) equal(b, ' ') << (16 * i);
	}
	return m;
}

#else

static Masks
classify(const uint8_t *block)
{
	Masks m = {0};

	for (int i = 0; i < 64; i++)
	{
		uint8_t c = block[i];

		m.words |= (uint64_t) scan_is(c, CLASS_WORD) << i;
		m.digits |= (uint64_t) (c >= '0' && c <= '9') << i;
		m.dots |= (uint64_t) (c == '-' || c == '.') << i;
		m.marks |= (uint64_t) (c == '@' || c == '=' || c == ':') << i;
		m.tildes |= (uint64_t) (c == '~') << i;
		m.blanks |= (uint64_t) (c == ' ') << i;
	}
	return m;
}

#endif

/* The mask's bytes n further on; what lies behind the block may be any. */
static inline uint64_t
ahead(uint64_t mask, int n)
{
	return mask >> n | ~(~(uint64_t) 0 >> n);
}

/*
 * Where a number of a person may begin: 3-3-4, 1-, 4-4 digits, eight or more in
 * a row; or an account's: two characters, two digits, and more than these.
 */
static inline uint64_t
numbers(const Masks *m)
{
	uint64_t two = m->digits & ahead(m->digits, 1);
	uint64_t four = two & ahead(two, 2);

	return (m->digits & ahead(m->dots, 1)) | (two & ahead(m->digits & ahead(m->dots, 1), 2)) |
		   (four & ahead(~m->words, 4)) | (four & ahead(four, 4)) | (ahead(two, 2) & ~m->digits);
}

/* Where 16 bytes of a word or more begin: addresses of wallets, tokens in base64. */
static inline uint64_t
long_words(const Masks *m)
{
	uint64_t run = m->words & ahead(m->words, 1);

	run &= ahead(run, 2);
	run &= ahead(run, 4);
	return run & ahead(run, 8);
}

/*
 * Can an anchor begin at the word at "t", or does what is before it ask for more?
 * Without branches, since what a text will bring is hard to foretell.
 */
static inline bool
word_counts(const uint8_t *t)
{
	uint32_t four = scan_four(t);

	return (scan_table.word.head[scan_bucket_of_four(four)] |
			scan_table.brief.head[scan_bucket_of_three(four)] |
			(scan_table.hint_of[t[-1]] & HINT_WORD)) != 0;
}

/* Can anything be found at the @ = or colon at "t"?  Reads from t[-9] to t[2]. */
static inline bool
mark_counts(const uint8_t *t)
{
	const uint8_t *end = t;
	bool colon = t[0] == ':';
	bool quote = (scan_table.hint_of[t[-1]] & HINT_QUOTE) != 0;

	/* the key may be in quotes, these behind a backslash */
	end -= quote;
	end -= quote & (end[-1] == '\\');
	/* its number */
	end -= scan_is(end[-1], CLASS_DIGIT);
	end -= scan_is(end[-1], CLASS_DIGIT);
	end -= (end != t) & ((end[-1] == '_') | (end[-1] == '-'));
	return (t[0] == '@') | (scan_table.key.head[scan_bucket(end - 3)] != 0) |
		   scan_may_be_suffix(end) |
		   (scan_table.hint_of[end[-1]] & HINT_KEY) |
		   (colon & ((t[1] == '/') | (t[1] == '\\') | ((t[1] == 'A') & (t[2] == 'A'))));
}

/* Which of a block's first bytes have a blank two before them, or a tilde in these two? */
static inline uint64_t
blanks_before(const uint8_t *block)
{
	return (uint64_t) (block[-2] == ' ') | (uint64_t) (block[-1] == ' ') << 1;
}

static inline uint64_t
tildes_before(const uint8_t *block)
{
	return (uint64_t) (block[-1] == '~' || block[-2] == '~') | (uint64_t) (block[-1] == '~') << 1;
}

/*
 * Those of a block's words and marks where something may be found: never fewer.
 * "block" has 16 bytes before it and behind it.
 */
static uint64_t
worthwhile(const Scanner *s, const uint8_t *block, const Masks *m)
{
	uint64_t words = m->words & ~(m->words << 1 | s->carry);
	uint64_t flags = (m->dots << 1 | (block[-1] == '-')) & (m->blanks << 2 | blanks_before(block));
	uint64_t kept = words & (numbers(m) | long_words(m) | m->tildes << 1 | m->tildes << 2 |
							 tildes_before(block) | flags | (m->digits & m->marks << 1));

	/* what is not built in may begin at any word */
	if (s->level >= SCAN_ALL || s->setup->user != NULL)
		kept = words;
	/* no anchor is of one or two letters before a blank */
	words &= m->digits | ~(m->blanks >> 1 | m->blanks >> 2);
	for (words &= ~kept; words != 0; words &= words - 1)
	{
		int i = __builtin_ctzll(words);

		kept |= (uint64_t) word_counts(block + i) << i;
	}
	for (uint64_t marks = m->marks; marks != 0; marks &= marks - 1)
	{
		int i = __builtin_ctzll(marks);

		kept |= (uint64_t) mark_counts(block + i) << i;
	}
	return kept;
}

/* memcpy, which the compiler would make a slow instruction of for so few bytes. */
static inline void
copy(uint8_t *to, const uint8_t *from, size_t n)
{
	for (; n >= 16; n -= 16, from += 16, to += 16)
		memcpy(to, from, 16);
	if (n >= 8)
	{
		memcpy(to, from, 8);
		n -= 8, from += 8, to += 8;
	}
	while (n-- > 0)
		*to++ = *from++;
}

void
scan_block(Scanner *s)
{
	static const uint8_t zeros[EDGE + 64 + EDGE];
	size_t left = s->len - s->next;
	const uint8_t *block = s->text + s->next;
	uint8_t edge[EDGE + 64 + EDGE];
	Masks m;

	/* at the ends of the text a copy has zeros around it */
	if (s->next == 0 || left < 64 + EDGE)
	{
		size_t before = s->next == 0 ? 0 : EDGE;

		memcpy(edge, zeros, sizeof(edge));
		copy(edge + EDGE - before, block - before,
			 before + (left < 64 + EDGE ? left : 64 + EDGE));
		block = edge + EDGE;
	}
	s->base = s->next;
	m = classify(block);
	s->events = worthwhile(s, block, &m);
	s->carry = m.words >> 63;
	s->next += left < 64 ? left : 64;
}

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

/* Which of 64 bytes are of a word, digits, - or dot, and @ = or colon. */
typedef struct Masks
{
	uint64_t words;
	uint64_t digits;
	uint64_t dots;
	uint64_t marks;
} Masks;

#if defined(__SSE2__) && !defined(MAESTRO_SCALAR)

/* Which of 16 bytes lie in [low, low + n)? */
static inline __m128i
within(__m128i bytes, char low, char n)
{
	__m128i offset = _mm_sub_epi8(bytes, _mm_set1_epi8(low));

	return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8(n - 1)), offset);
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
	return (scan_table.word.head[scan_bucket(t)] | (scan_table.hint_of[t[-1]] & HINT_WORD) |
			(t[-2] == '~') | ((t[-2] == ' ') & (t[-1] == '-'))) != 0;
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
		   (scan_table.hint_of[end[-1]] & HINT_KEY) |
		   (colon & ((t[1] == '/') | (t[1] == '\\') | ((t[1] == 'A') & (t[2] == 'A'))));
}

/* Those of a block's words and marks where something may be found: never fewer. */
static uint64_t
worthwhile(const Scanner *s, const Masks *m)
{
	const uint8_t *block = s->text + s->base;
	size_t left = s->len - s->base;
	uint64_t words = m->words & ~(m->words << 1 | s->carry);
	uint64_t edge = s->base == 0 ? 0xFFF : 0;
	uint64_t kept;

	/* near the ends of the text all are taken, so as not to read beyond them */
	if (left < 64 + 8)
		edge |= left < 8 ? ~(uint64_t) 0 : ~(uint64_t) 0 << (left - 8);
	kept = (words & (edge | numbers(m) | long_words(m))) | (m->marks & edge);
	/* what is not built in may begin at any word */
	if (s->level >= SCAN_ALL || s->setup->user != NULL)
		kept |= words;
	for (words &= ~kept & ~edge; words != 0; words &= words - 1)
	{
		int i = __builtin_ctzll(words);

		kept |= (uint64_t) word_counts(block + i) << i;
	}
	for (uint64_t marks = m->marks & ~edge; marks != 0; marks &= marks - 1)
	{
		int i = __builtin_ctzll(marks);

		kept |= (uint64_t) mark_counts(block + i) << i;
	}
	return kept;
}

void
scan_block(Scanner *s)
{
	size_t left = s->len - s->next;
	Masks m;

	s->base = s->next;
	if (left >= 64)
		m = classify(s->text + s->base);
	else
	{
		uint8_t tail[64] = {0};

		memcpy(tail, s->text + s->base, left);
		m = classify(tail);
	}
	s->events = worthwhile(s, &m);
	s->carry = m.words >> 63;
	s->next += left < 64 ? left : 64;
}


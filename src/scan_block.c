/*
 * scan_block.c
 *		Which places of a text are worth a look: 64 bytes at a time, as bit masks.
 *
 * A find begins where a word does, or lies around one of the bytes @ = and colon.
 * Of the words only those count whose first bytes some anchor has, that are
 * of the form of a number, or that follow a byte which may hide more (an
 * escape, a bracket); of the marks those with a key before them that some
 * rule has.  These are rough: never fewer than needed, and few.
 *
 * Most of a scan's time is spent here, half of it on branches that nobody can
 * foretell, so there are as few as can be.
 */
#include "port.h"

#include "scan.h"
#include "scan_match.h"

#if defined(__SSE2__) && !defined(MAESTRO_SCALAR)
#include <emmintrin.h>
#endif

/* Bytes before and behind a block that are looked at. */
#define EDGE 16

static const uint8_t zeros[16];

#if defined(__SSE2__) && !defined(MAESTRO_SCALAR)

/* Which of 16 bytes lie in [low, low + n)? */
static inline __m128i
within(__m128i bytes, char low, char n)
{
	__m128i offset = _mm_sub_epi8(bytes, _mm_set1_epi8(low));

	return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8(n - 1)), offset);
}

static inline __m128i
equal(__m128i bytes, char c)
{
	return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

static inline void
classify(const uint8_t *block, ScanMasks *m)
{
	uint64_t words = 0, digits = 0, dots = 0, marks = 0, tildes = 0, blanks = 0;

	for (int i = 0; i < 4; i++)
	{
		__m128i b = _mm_loadu_si128((const __m128i *) (block + 16 * i));
		__m128i digit = within(b, '0', 10);
		__m128i word = within(_mm_or_si128(b, _mm_set1_epi8(0x20)), 'a', 26);
		__m128i mark = _mm_or_si128(equal(b, '='), equal(b, ':'));

		word = _mm_or_si128(_mm_or_si128(word, digit), equal(b, '_'));
		mark = _mm_or_si128(mark, equal(b, '@'));
		words |= (uint64_t) _mm_movemask_epi8(word) << (16 * i);
		digits |= (uint64_t) _mm_movemask_epi8(digit) << (16 * i);
		dots |= (uint64_t) _mm_movemask_epi8(within(b, '-', 2)) << (16 * i);
		marks |= (uint64_t) _mm_movemask_epi8(mark) << (16 * i);
		tildes |= (uint64_t) _mm_movemask_epi8(equal(b, '~')) << (16 * i);
		blanks |= (uint64_t) _mm_movemask_epi8(equal(b, ' ')) << (16 * i);
	}
	*m = (ScanMasks){words, digits, dots, marks, tildes, blanks};
}

#else

static inline void
classify(const uint8_t *block, ScanMasks *m)
{
	*m = (ScanMasks){0};
	for (int i = 0; i < 64; i++)
	{
		uint8_t c = block[i];

		m->words |= (uint64_t) scan_is(c, CLASS_WORD) << i;
		m->digits |= (uint64_t) (c >= '0' && c <= '9') << i;
		m->dots |= (uint64_t) (c == '.' || c == '-') << i;
		m->marks |= (uint64_t) (c == '@' || c == '=' || c == ':') << i;
		m->tildes |= (uint64_t) (c == '~') << i;
		m->blanks |= (uint64_t) (c == ' ') << i;
	}
}

#endif

/* The mask's bytes n further on; "next" is the mask of the block that follows. */
static inline uint64_t
ahead(uint64_t mask, uint64_t next, int n)
{
	return mask >> n | next << (64 - n);
}

/* Likewise, when what lies in the next block may be any. */
static inline uint64_t
roughly(uint64_t mask, int n)
{
	return mask >> n | ~(~(uint64_t) 0 >> n);
}

/*
 * Where a number of a person may begin: 3-3-4 or 3-2-4 digits, 1-3, 4 and 4 digits, 13
 * or more in a row; or an account's: two characters, two digits, and then a
 * blank, or eight and more characters in a row.
 */
static inline uint64_t
numbers(const ScanMasks *m, const ScanMasks *next, uint64_t eight)
{
	uint64_t two = m->digits & ahead(m->digits, next->digits, 1);
	uint64_t four = two & ahead(two, next->digits & next->digits >> 1, 2);
	uint64_t gaps = m->blanks | m->dots;
	uint64_t telephone = roughly(m->digits & roughly(m->dots, 1), 2) & roughly(two, 4);
	uint64_t card = four & roughly(gaps, 4) & roughly(four, 5);
	uint64_t run = four & roughly(four, 4) & roughly(four, 8);
	uint64_t account = roughly(two, 2) & ~m->digits & (roughly(gaps, 4) | eight);

	return (two & telephone) | card | run | account |
		   (m->digits & roughly(m->dots & roughly(two, 1), 1));
}

/* Where eight bytes of a word or more begin. */
static inline uint64_t
eight_words(uint64_t words, uint64_t next)
{
	words &= ahead(words, next, 1);
	next &= next >> 1;
	words &= ahead(words, next, 2);
	next &= next >> 2;
	return words & ahead(words, next, 4);
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

	/* the key may be in quotes, these behind a backslash; and end in a number */
	end -= quote;
	end -= quote & (end[-1] == '\\');
	if (scan_is(end[-1], CLASS_DIGIT))
	{
		end--;
		end -= scan_is(end[-1], CLASS_DIGIT);
		end -= end[-1] == '_' || end[-1] == '-';
	}
	return (t[0] == '@') | (scan_table.key.head[scan_bucket(end - 3)] != 0) |
		   (scan_table.hint_of[end[-1]] & HINT_KEY) |
		   (colon & ((t[1] == '/') | (t[1] == '\\') | ((t[1] == 'A') & (t[2] == 'A'))));
}

/*
 * Those of a block's words and marks where something may be found: never fewer.
 * "block" has EDGE bytes before it and behind it.
 */
static inline uint64_t
worthwhile(const Scanner *s, const uint8_t *block, const ScanMasks *m, const ScanMasks *next)
{
	uint64_t words = m->words & ~(m->words << 1 | s->carry);
	uint64_t eight = eight_words(m->words, next->words);
	/* -p behind a blank */
	uint64_t flags = (m->dots << 1 | (block[-1] == '-')) &
					 (m->blanks << 2 | (uint64_t) (block[-1] == ' ') << 1 | (block[-2] == ' '));
	/* =3D of a mail, before a letter */
	uint64_t mail = m->digits & (m->marks << 1 | (block[-1] == '=')) & roughly(m->words, 2) &
					~(m->digits >> 2);
	/* a character and more behind ~ */
	uint64_t tildes = m->tildes << 1 | m->tildes << 2 |
					  (uint64_t) (block[-1] == '~') * 3 | (block[-2] == '~');
	uint64_t kept = words & (numbers(m, next, eight) | flags | mail | tildes |
							 (eight & ahead(eight, next->words, 8)));

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

/* memset and memcpy, which the compiler would make slow instructions of for so few bytes. */
static inline void
clear(uint8_t *to, size_t n)
{
	for (; n > 0; n -= 16, to += 16)
		memcpy(to, zeros, 16);
}

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

/* The masks of the 64 bytes at "at", which is in the text. */
static inline void
masks_at(const Scanner *s, size_t at, ScanMasks *m)
{
	uint8_t tail[64];

	if (s->len - at >= 64)
	{
		classify(s->text + at, m);
		return;
	}
	clear(tail, sizeof(tail));
	copy(tail, s->text + at, s->len - at);
	classify(tail, m);
}

void
scan_block(Scanner *s)
{
	size_t left = s->len - s->next;
	const uint8_t *block = s->text + s->next;
	uint8_t edge[EDGE + 64 + EDGE];
	/* the masks of this block and of the next take turns */
	ScanMasks *now = &s->masks[s->next / 64 % 2];
	ScanMasks *next = &s->masks[s->next / 64 % 2 ^ 1];

	/* at the ends of the text a copy has zeros around it */
	if (s->next == 0 || left < 64 + EDGE)
	{
		size_t before = s->next == 0 ? 0 : EDGE;

		clear(edge, sizeof(edge));
		copy(edge + EDGE - before, block - before,
			 before + (left < 64 + EDGE ? left : 64 + EDGE));
		block = edge + EDGE;
	}
	if (s->next == 0)
		masks_at(s, 0, now);
	if (left > 64)
		masks_at(s, s->next + 64, next);
	else
		*next = (ScanMasks){0, 0, 0, 0, 0, 0};
	s->base = s->next;
	s->next += left < 64 ? left : 64;
	s->events = worthwhile(s, block, now, next);
	s->carry = now->words >> 63;
}

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
 * Nearly half of a scan's time is spent here, much of it on branches that nobody
 * can foretell, so there are as few as can be.  A filter by byte shuffles over the
 * first three bytes, ahead of the hash, was tried: the anchors begin in too many
 * ways, it let 23 of 37 words through and gained nothing; nor did compiling for AVX2.
 */
#include "port.h"

#include "scan.h"
#include "scan_match.h"

#if defined(__SSE2__) && !defined(MAESTRO_SCALAR)
#include <emmintrin.h>
#endif

/* Bytes before a mark that are looked at, at most. */
#define EDGE 10

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

/* Adds the masks of 16 bytes, which are the block's from "first" on. */
static inline __attribute__((always_inline)) void
classify_part(const uint8_t *block, int first, ScanMasks *m)
{
	__m128i b = _mm_loadu_si128((const __m128i *) (block + first));
	__m128i digit = within(b, '0', 10);
	__m128i word = within(_mm_or_si128(b, _mm_set1_epi8(0x20)), 'a', 26);
	__m128i mark = _mm_or_si128(equal(b, '='), equal(b, ':'));
	__m128i quote = _mm_or_si128(equal(b, '"'), equal(b, '\''));

	word = _mm_or_si128(_mm_or_si128(word, digit), equal(b, '_'));
	mark = _mm_or_si128(mark, equal(b, '@'));
	m->words |= (uint64_t) _mm_movemask_epi8(word) << first;
	m->digits |= (uint64_t) _mm_movemask_epi8(digit) << first;
	m->dots |= (uint64_t) _mm_movemask_epi8(within(b, '-', 2)) << first;
	m->marks |= (uint64_t) _mm_movemask_epi8(mark) << first;
	m->quotes |= (uint64_t) _mm_movemask_epi8(quote) << first;
	m->commas |= (uint64_t) _mm_movemask_epi8(equal(b, ',')) << first;
	m->tildes |= (uint64_t) _mm_movemask_epi8(equal(b, '~')) << first;
	m->blanks |= (uint64_t) _mm_movemask_epi8(equal(b, ' ')) << first;
}

static inline void
classify(const uint8_t *block, ScanMasks *masks)
{
	ScanMasks m = {0, 0, 0, 0, 0, 0, 0, 0};

	classify_part(block, 0, &m);
	classify_part(block, 16, &m);
	classify_part(block, 32, &m);
	classify_part(block, 48, &m);
	masks->words = m.words;
	masks->digits = m.digits;
	masks->dots = m.dots;
	masks->marks = m.marks;
	masks->quotes = m.quotes;
	masks->commas = m.commas;
	masks->tildes = m.tildes;
	masks->blanks = m.blanks;
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
		m->quotes |= (uint64_t) (c == '"' || c == '\'') << i;
		m->commas |= (uint64_t) (c == ',') << i;
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
numbers(uint64_t digits, uint64_t next, uint64_t dots, uint64_t gaps, uint64_t eight)
{
	uint64_t two = digits & ahead(digits, next, 1);
	uint64_t four = two & roughly(two, 2);
	uint64_t telephone = two & roughly(digits & roughly(dots & roughly(two, 1), 1), 2);
	uint64_t card = roughly(gaps & roughly(four, 1), 4);
	uint64_t run = roughly(four & roughly(four, 4), 4);
	uint64_t account = ~digits & roughly(two, 2) & (roughly(gaps, 4) | eight);

	return telephone | (four & (card | run)) | account |
		   (digits & roughly(dots & roughly(two, 1), 1));
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

static inline bool
is_gap(uint8_t c)
{
	return c == ' ' || c == '-';
}

/*
 * Can an anchor begin at the word at "t", or does what is before it ask for more?
 * Without branches, since what a text will bring is hard to foretell.
 */
static inline bool
word_counts(const uint8_t *t)
{
	return scan_may_begin(scan_four(t)) | (scan_table.hint_of[t[-1]] & HINT_WORD);
}

/* Can anything be found at the @ = or colon at "t"?  Reads from t[-EDGE] to t[2]. */
static inline bool
mark_counts(const uint8_t *t)
{
	const uint8_t *end = t;
	bool colon = t[0] == ':';

	/* a blank; the key may be in quotes, these behind a backslash; and end in a number */
	end -= end[-1] == ' ';
	end -= (scan_table.hint_of[end[-1]] & HINT_QUOTE) != 0;
	end -= (end[0] != ' ') & (end[-1] == '\\');
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
 * What would be read outside the text is not read, and counts; of the block "left"
 * bytes and more are in it, and before it "before" bytes.
 */
static inline uint64_t
worthwhile(const Scanner *s, const uint8_t *block, size_t before, size_t left)
{
	const ScanMasks *m = &s->masks[s->base / 64 % 2];
	const ScanMasks *next = &s->masks[s->base / 64 % 2 ^ 1];
	uint8_t last = before > 0 ? block[-1] : 0;
	uint8_t last_but_one = before > 1 ? block[-2] : 0;
	uint64_t words = m->words & ~(m->words << 1 | s->carry);
	/* a name in quotes before a comma is one's of the string that follows */
	uint64_t marks = m->marks | (m->commas & (m->quotes << 1 | (last == '"') | (last == '\'')));
	uint64_t eight = eight_words(m->words, next->words);
	uint64_t gaps = m->blanks | m->dots;
	/* -p behind a blank, --password */
	uint64_t flags = (m->dots << 1 | (last == '-')) &
					 (gaps << 2 | (uint64_t) is_gap(last) << 1 | is_gap(last_but_one));
	/* =3D of a mail, before a letter */
	uint64_t mail = m->digits & (m->marks << 1 | (last == '=')) & roughly(m->words, 2) &
					~(m->digits >> 2);
	uint64_t kept = words & (numbers(m->digits, next->digits, m->dots, gaps, eight) | flags | mail |
							 (eight & roughly(eight, 8)));

	/* a character and more behind ~ */
	if (m->tildes != 0 || last == '~' || last_but_one == '~')
		kept |= words & (m->tildes << 1 | m->tildes << 2 | 3);

	/* what is not built in may begin at any word */
	if (s->level >= SCAN_ALL || s->setup->user != NULL)
		kept = words;
	if (before < EDGE)
	{
		/* before the first word there is nothing to hint at more */
		if (words & 1 && left > 3)
			kept |= scan_may_begin(scan_four(block));
		words &= ~(uint64_t) 1;
		kept |= marks & ((1 << EDGE) - 1);
		marks &= ~kept;
	}
	if (left < 64 + 4)
	{
		uint64_t end = ~(uint64_t) 0 << (left > 4 ? left - 4 : 0);

		kept |= (words | marks) & end;
		marks &= ~end;
	}
	/* no anchor is of one or two letters before a blank */
	words &= m->digits | ~(m->blanks >> 1 | m->blanks >> 2);
	for (words &= ~kept; words != 0; words &= words - 1)
	{
		int i = __builtin_ctzll(words);

		kept |= (uint64_t) word_counts(block + i) << i;
	}
	for (; marks != 0; marks &= marks - 1)
	{
		int i = __builtin_ctzll(marks);

		kept |= (uint64_t) mark_counts(block + i) << i;
	}
	return kept;
}

/* The masks of the 64 bytes at "at"; of those behind the text there are none. */
static inline void
masks_at(const Scanner *s, size_t at, ScanMasks *m)
{
	size_t left = at < s->len ? s->len - at : 0;
	unsigned more = (unsigned) (64 - left);
	uint8_t tail[64];

	if (left >= 64)
	{
		classify(s->text + at, m);
		return;
	}
	if (left == 0)
	{
		*m = (ScanMasks){0, 0, 0, 0, 0, 0, 0, 0};
		return;
	}
	if (s->len < 64)
	{
		memset(tail, 0, sizeof(tail));
		memcpy(tail, s->text + at, left);
		classify(tail, m);
		return;
	}
	/* the last 64 bytes of the text, those before "at" shifted out */
	classify(s->text + s->len - 64, m);
	m->words >>= more;
	m->digits >>= more;
	m->dots >>= more;
	m->marks >>= more;
	m->quotes >>= more;
	m->commas >>= more;
	m->tildes >>= more;
	m->blanks >>= more;
}

void
scan_block(Scanner *s)
{
	size_t left = s->len - s->next;

	s->base = s->next;
	s->next += left < 64 ? left : 64;
	/* the masks of this block and of the next take turns */
	if (s->base == 0)
		masks_at(s, 0, &s->masks[0]);
	masks_at(s, s->base + 64, &s->masks[s->base / 64 % 2 ^ 1]);
	s->events = worthwhile(s, s->text + s->base, s->base, left);
	s->carry = s->masks[s->base / 64 % 2].words >> 63;
}

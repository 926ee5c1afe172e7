/*
 * neutralize.c
 *		Make characters visible that forge log lines, drive terminals, reverse the
 *		reading order or hide text.
 *
 *	what									shown as
 *	LF, CR									\n, \r (LF stays where asked for)
 *	other controls but TAB, DEL				\x1b
 *	C1 controls, U+061C 180E 200B-200F
 *	2028-202E 2060-206F FE00-FE0F FEFF
 *	FFF9-FFFB								\u202e
 *	U+E0000-E007F, E0100-E01EF				\U000e0041
 *	bytes that are no UTF-8					\xff
 *
 * Existing backslashes stay single: \x1b in the input looks the same, and
 * is as harmless.  Joiners and variation selectors stay where an emoji needs them.
 *
 * The scanner's view is another matter: what hides inside a secret must not
 * hide the secret, so invisible characters and whole terminal sequences are
 * left out, and fullwidth forms, blanks and hyphens that do not break are the
 * ASCII characters they look like.  Other scripts are not folded.
 */
#include "port.h"

#include "neutralize.h"

#if defined(__SSE2__) && !defined(MAESTRO_SCALAR)
#include <emmintrin.h>
#endif

/* An unterminated sequence hides at most that many bytes from the scanner. */
#define SEQUENCE_MAX 256

#define ZWJ 0x200D

/* What is to be done with a character. */
typedef enum Verdict
{
	PLAIN,
	NEWLINE,   /* LF: as the caller wants it */
	ESCAPE,	   /* made visible; the scanner does not see it */
	CARRIAGE,  /* CR: made visible; the scanner sees it */
	SKIP,	   /* shown, but without width: the scanner does not see it */
	FULLWIDTH, /* shown; the scanner sees ASCII */
	INVALID	   /* one byte that is no UTF-8 */
} Verdict;

/* A walk over the characters of a text. */
typedef struct Walk
{
	const uint8_t *in;
	size_t len;
	size_t pos;	   /* of the current character */
	size_t n;	   /* its length */
	uint32_t code; /* its code point, of an invalid byte the byte */
	bool emoji;	   /* the one before is (part of) an emoji */
} Walk;

/* Decodes strictly; 0 if the bytes are not valid UTF-8. */
static size_t
decode(const uint8_t *p, size_t left, uint32_t *code)
{
	uint32_t c = p[0];

	if (c < 0x80)
	{
		*code = c;
		return 1;
	}
	if (left < 2 || c < 0xC2 || c > 0xF4 || (p[1] & 0xC0) != 0x80)
		return 0;
	c = (c & 0x1F) << 6 | (p[1] & 0x3F);
	if (p[0] < 0xE0)
	{
		*code = c;
		return 2;
	}
	if (left < 3 || (p[2] & 0xC0) != 0x80)
		return 0;
	c = (c & 0x3FF) << 6 | (p[2] & 0x3F);
	if (p[0] < 0xF0)
	{
		*code = c;
		/* overlong, surrogate */
		return c >= 0x800 && (c < 0xD800 || c > 0xDFFF) ? 3 : 0;
	}
	if (left < 4 || (p[3] & 0xC0) != 0x80)
		return 0;
	c = (c & 0x7FFF) << 6 | (p[3] & 0x3F);
	*code = c;
	return c >= 0x10000 && c <= 0x10FFFF ? 4 : 0;
}

size_t
neutralize_char(const char *in, size_t len)
{
	uint32_t code;
	size_t n = decode((const uint8_t *) in, len, &code);

	return n > 0 ? n : 1;
}

static bool
in_range(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

/* Can it be (the base of) an emoji? */
static bool
is_emoji(uint32_t c)
{
	return in_range(c, 0x1F000, 0x1FAFF) || in_range(c, 0x2190, 0x21FF) ||
		   in_range(c, 0x2300, 0x23FF) || in_range(c, 0x25A0, 0x27BF) ||
		   in_range(c, 0x2900, 0x297F) || in_range(c, 0x2B00, 0x2BFF) || c == 0xA9 ||
		   c == 0xAE || c == 0x203C || c == 0x2049 || c == 0x2122 || c == 0x2139 ||
		   c == 0x24C2 || c == 0x3030 || c == 0x303D || c == 0x3297 || c == 0x3299;
}

/* Characters that are shown but take no room. */
static bool
is_widthless(uint32_t c)
{
	return c == 0xAD || c == 0x34F || in_range(c, 0x115F, 0x1160) ||
		   in_range(c, 0x17B4, 0x17B5) || in_range(c, 0x180B, 0x180F) || c == 0x3164 ||
		   c == 0xFFA0;
}

/* The code point that follows the current character, 0 if none. */
static uint32_t
following(const Walk *w)
{
	uint32_t c = 0;
	size_t next = w->pos + w->n;

	if (next < w->len && decode(w->in + next, w->len - next, &c) == 0)
		return 0;
	return c;
}

/* A joiner or variation selector: does an emoji need it? */
static bool
is_emoji_part(const Walk *w)
{
	if (w->code == ZWJ)
		return w->emoji && is_emoji(following(w));
	if (w->code != 0xFE0E && w->code != 0xFE0F)
		return false;
	/* keycaps: a digit, the selector, U+20E3 */
	if (w->pos > 0 && following(w) == 0x20E3 &&
		memchr("0123456789#*", w->in[w->pos - 1], 12) != NULL)
		return true;
	return w->emoji;
}

/* What to do with a character that is not ASCII. */
static Verdict
judge_wide(const Walk *w)
{
	uint32_t c = w->code;

	if (c < 0xA0)
		return ESCAPE;
	if (c < 0x34F)
		return c == 0xAD ? SKIP : c == 0xA0 ? FULLWIDTH : PLAIN;
	if (in_range(c, 0x2000, 0x206F))
	{
		if (in_range(c, 0x200B, 0x200F))
			return is_emoji_part(w) ? SKIP : ESCAPE;
		if (c == 0x2007 || c == 0x2010 || c == 0x2011 || c == 0x202F)
			return FULLWIDTH;
		return in_range(c, 0x2028, 0x202E) || c >= 0x2060 ? ESCAPE : PLAIN;
	}
	if (c >= 0xFE00)
	{
		if (in_range(c, 0xFF01, 0xFF5E))
			return FULLWIDTH;
		if (c <= 0xFE0F)
			return is_emoji_part(w) ? SKIP : ESCAPE;
		if (c == 0xFEFF || in_range(c, 0xFFF9, 0xFFFB) || in_range(c, 0xE0000, 0xE007F) ||
			in_range(c, 0xE0100, 0xE01EF))
			return ESCAPE;
	}
	if (c == 0x61C || c == 0x180E)
		return ESCAPE;
	return is_widthless(c) ? SKIP : PLAIN;
}

/* The ASCII character that a FULLWIDTH one looks like. */
static char
like_ascii(uint32_t c)
{
	if (c >= 0xFF01)
		return (char) (c - 0xFF01 + '!');
	return c == 0x2010 || c == 0x2011 ? '-' : ' ';
}

/* Reads the character at w->pos and says what to do with it. */
static Verdict
judge(Walk *w)
{
	uint8_t c = w->in[w->pos];

	w->n = 1;
	w->code = c;
	if (c < 0x80)
	{
		if ((c >= 0x20 && c != 0x7F) || c == '\t')
			return PLAIN;
		return c == '\n' ? NEWLINE : c == '\r' ? CARRIAGE : ESCAPE;
	}
	w->n = decode(w->in + w->pos, w->len - w->pos, &w->code);
	if (w->n > 0)
		return judge_wide(w);
	w->n = 1;
	return INVALID;
}

/* To the next character. */
static void
advance(Walk *w, Verdict verdict)
{
	/* what stays after an emoji and has no width is a part of it */
	w->emoji = verdict == PLAIN ? w->code >= 0xA9 && is_emoji(w->code)
								: verdict == SKIP && w->emoji;
	w->pos += w->n;
}

static inline bool
is_plain_ascii(uint8_t c, bool keep_newline)
{
	return (c >= 0x20 && c < 0x7F) || c == '\t' || (c == '\n' && keep_newline);
}

/* How many bytes from the beginning are printable ASCII, TAB, and LF if kept? */
static size_t
ascii_prefix(const uint8_t *in, size_t len, bool keep_newline)
{
	size_t i = 0;

#if defined(__SSE2__) && !defined(MAESTRO_SCALAR)
	const __m128i kept = _mm_set1_epi8(keep_newline ? '\n' : '\t');

	for (; i + 16 <= len; i += 16)
	{
		__m128i b = _mm_loadu_si128((const __m128i *) (in + i));
		/* signed: bytes from 0x80 are negative, so they count as controls */
		__m128i bad = _mm_cmplt_epi8(b, _mm_set1_epi8(0x20));
		__m128i tab = _mm_cmpeq_epi8(b, _mm_set1_epi8('\t'));

		tab = _mm_or_si128(tab, _mm_cmpeq_epi8(b, kept));
		bad = _mm_andnot_si128(tab, bad);
		bad = _mm_or_si128(bad, _mm_cmpeq_epi8(b, _mm_set1_epi8(0x7F)));
		if (_mm_movemask_epi8(bad) != 0)
			break;
	}
#endif
	while (i < len && is_plain_ascii(in[i], keep_newline))
		i++;
	return i;
}

/* Goes over such bytes; returns how many they were. */
static inline size_t
skip_ascii(Walk *w, bool keep_newline)
{
	size_t n;

	if (!is_plain_ascii(w->in[w->pos], keep_newline))
		return 0;
	n = ascii_prefix(w->in + w->pos, w->len - w->pos, keep_newline);
	w->emoji = false;
	w->pos += n;
	return n;
}

size_t
neutralize_clean(const char *in, size_t len, bool keep_newline)
{
	Walk w = {.in = (const uint8_t *) in, .len = len};

	while (w.pos < len)
	{
		Verdict verdict;

		if (skip_ascii(&w, keep_newline) > 0)
			continue;
		verdict = judge(&w);
		if (verdict != PLAIN)
			break;
		advance(&w, verdict);
	}
	return w.pos;
}

/* Writes n hexadecimal digits. */
static void
put_hex(char *out, uint32_t value, int n)
{
	while (n-- > 0)
		*out++ = "0123456789abcdef"[value >> (4 * n) & 15];
}

/* Writes the current character in visible form; out may be NULL. */
static size_t
put_escape(const Walk *w, Verdict verdict, char *out)
{
	char letter = verdict == NEWLINE ? 'n' : verdict == CARRIAGE ? 'r' : 0;
	int digits = 2;

	if (letter == 0)
	{
		letter = 'x';
		if (verdict != INVALID && w->code >= 0x80)
		{
			letter = w->code > 0xFFFF ? 'U' : 'u';
			digits = w->code > 0xFFFF ? 8 : 4;
		}
	}
	else
		digits = 0;
	if (out != NULL)
	{
		out[0] = '\\';
		out[1] = letter;
		put_hex(out + 2, w->code, digits);
	}
	return (size_t) digits + 2;
}

size_t
neutralize_text(const char *in, size_t len, bool keep_newline, char *out)
{
	Walk w = {.in = (const uint8_t *) in, .len = len};
	size_t n = 0;

	while (w.pos < len)
	{
		size_t start = w.pos;
		Verdict verdict = PLAIN;

		/* all that stays at once, then what made it end */
		while (w.pos < len)
		{
			skip_ascii(&w, keep_newline);
			if (w.pos == len)
				break;
			verdict = judge(&w);
			if (verdict != PLAIN && verdict != SKIP && verdict != FULLWIDTH)
				break;
			advance(&w, verdict);
		}
		if (out != NULL)
			memcpy(out + n, in + start, w.pos - start);
		n += w.pos - start;
		if (w.pos < len)
		{
			n += put_escape(&w, verdict, out ? out + n : NULL);
			advance(&w, verdict);
		}
	}
	return n;
}

/*
 * Length of the terminal sequence at "pos", where a control character stands:
 * CSI to its final byte, OSC DCS APC PM SOS to BEL or ST; another escape ends
 * it, and one without an end is taken for its introducer alone.
 */
static size_t
sequence(const uint8_t *in, size_t len, size_t pos, uint32_t code, size_t n)
{
	uint32_t kind = code;
	size_t i = pos + n;
	size_t last = len - pos < SEQUENCE_MAX ? len : pos + SEQUENCE_MAX;

	if (code == 0x1B)
	{
		if (i >= len || in[i] < 0x40 || in[i] > 0x5F)
			return n;
		kind = in[i++] + 0x40u;
	}
	if (kind == 0x9B)
	{
		while (i < last && in[i] >= 0x20 && in[i] <= 0x3F)
			i++;
		return i < last && in[i] >= 0x40 && in[i] <= 0x7E ? i + 1 - pos : i - pos;
	}
	if (kind != 0x9D && kind != 0x90 && kind != 0x98 && kind != 0x9E && kind != 0x9F)
		return i - pos;
	for (size_t end = i; end < last; end++)
	{
		if (in[end] == 0x07)
			return end + 1 - pos;
		if (in[end] == 0x1B)
			return end + 1 < last && in[end + 1] == '\\' ? end + 2 - pos : i - pos;
		if (in[end] == 0xC2 && end + 1 < last && in[end + 1] < 0xA0)
			return in[end + 1] == 0x9C ? end + 2 - pos : i - pos;
	}
	return i - pos;
}

/* Copies bytes of the text to the view. */
static inline size_t
put_view(const Walk *w, size_t from, size_t bytes, char *view, uint32_t *origin)
{
	memcpy(view, w->in + from, bytes);
	for (size_t i = 0; i < bytes; i++)
		origin[i] = (uint32_t) (from + i);
	return bytes;
}

size_t
neutralize_view(const char *in, size_t len, bool keep_newline, char *view,
				uint32_t *origin, size_t *shown)
{
	Walk w = {.in = (const uint8_t *) in, .len = len};
	size_t n = 0;

	*shown = len;
	while (w.pos < len)
	{
		size_t ascii = skip_ascii(&w, keep_newline);
		Verdict verdict;

		if (ascii > 0)
		{
			n += put_view(&w, w.pos - ascii, ascii, view + n, origin + n);
			continue;
		}
		verdict = judge(&w);
		if (verdict == PLAIN)
			n += put_view(&w, w.pos, w.n, view + n, origin + n);
		else if (verdict == FULLWIDTH)
		{
			origin[n] = (uint32_t) w.pos;
			view[n++] = like_ascii(w.code);
		}
		else if (verdict != SKIP)
		{
			*shown += put_escape(&w, verdict, NULL) - w.n;
			if (verdict == NEWLINE || verdict == CARRIAGE)
				n += put_view(&w, w.pos, 1, view + n, origin + n);
			else if (verdict == ESCAPE && w.code < 0xA0)
			{
				size_t whole = sequence(w.in, len, w.pos, w.code, w.n);
				size_t rest = whole - w.n;

				/* what is in a sequence is shown, but not scanned */
				*shown +=
					neutralize_text(in + w.pos + w.n, rest, keep_newline, NULL) - rest;
				w.n = whole;
			}
		}
		advance(&w, verdict);
	}
	origin[n] = (uint32_t) len;
	return n;
}

/*
 * schema_format_idn.c
 *		Host names: RFC 1123, and IDNA2008 (RFC 5890 to 5893) with Punycode (RFC 3492).
 *
 * A name is checked as it goes to the DNS: labels beyond ASCII count by their encoded
 * length, and encoded ones are decoded and held to the same rules.  Nothing is mapped: a
 * capital letter beyond ASCII, or beside a letter that is, is none of a host name.  All is
 * bounded by the length of a label, so that the work grows with that of the name alone.
 */
#include "postgres.h"

#include "common/unicode_norm.h"
#include "mb/pg_wchar.h"

#include "ascii.h"
#include "schema_format.h"
#include "schema_format_idn_table.h"

/* Octets of a name and of a label (RFC 1035), code points of a label behind "xn--". */
#define NAME_MAX_OCTETS 253
#define LABEL_MAX_OCTETS 63
#define DECODED_MAX (LABEL_MAX_OCTETS - 4)

/* A label as code points; those in ASCII may fill it. */
typedef struct Label
{
	int		 n;
	pg_wchar code[LABEL_MAX_OCTETS + 1];
	uint16	 properties[LABEL_MAX_OCTETS];
} Label;

/* What the labels of a name say of its direction. */
typedef struct Direction
{
	bool is_bidi;	/* one goes from right to left */
	bool is_broken; /* one breaks the rule for names with such a label */
} Direction;

static uint16
properties_of(pg_wchar code)
{
	int			  low = 0;
	int			  high = lengthof(idn_rows);
	const IdnRow *row;

	while (high - low > 1)
	{
		int middle = (low + high) / 2;

		if (idn_rows[middle].first <= code)
			low = middle;
		else
			high = middle;
	}
	row = &idn_rows[low];
	if (code < row->first || code - row->first > row->span)
		return 0;
	if ((row->properties & IDN_EVERY_SECOND) != 0 && (code - row->first) % 2 != 0)
		return 0;
	return row->properties;
}

/* ---- Punycode ---- */

/* What bounds the digits of a number at this place of it. */
static uint32
threshold(uint32 place, uint32 bias)
{
	return place <= bias ? 1 : Min(place - bias, 26);
}

/* The bias of the next number: how large the last one was, in digits. */
static uint32
adapt(uint32 delta, uint32 npoints, bool is_first)
{
	uint32 bias = 0;

	delta /= is_first ? 700 : 2;
	delta += delta / npoints;
	for (; delta > 35 * 26 / 2; delta /= 35)
		bias += 36;
	return bias + 36 * delta / (delta + 38);
}

/* A number of digits with a weight each, added to "sum"; false at the end, or when it is too large. */
static bool
take_number(const char **at, const char *end, uint32 bias, uint32 *sum)
{
	uint64 weight = 1;

	for (uint32 place = 36;; place += 36)
	{
		uint32 bound = threshold(place, bias);
		uint32 digit;

		if (*at == end || !(is_letter(**at) || is_digit(**at)))
			return false;
		digit = is_digit(**at) ? **at - '0' + 26 : (**at | 0x20) - 'a';
		(*at)++;
		/* no code point at any place of a label needs more */
		if (*sum + digit * weight > 0x110000 * (LABEL_MAX_OCTETS + 1))
			return false;
		*sum += (uint32) (digit * weight);
		if (digit < bound)
			return true;
		weight *= 36 - bound;
		if (weight > PG_UINT32_MAX)
			return false;
	}
}

/* What stands behind "xn--", in lower case, as code points. */
static bool
punycode_decode(const char *at, const char *end, Label *label)
{
	uint32 bias = 72;
	uint32 code = 128;
	uint32 sum = 0;

	label->n = 0;
	/* what is before the last hyphen stands as it is */
	for (const char *c = end; c > at; c--)
	{
		if (c[-1] != '-')
			continue;
		for (; at < c - 1; at++)
			label->code[label->n++] = (unsigned char) *at;
		at = c;
		break;
	}
	/* ASCII alone is not encoded */
	if (at == end)
		return false;
	while (at < end)
	{
		uint32 before = sum;
		uint32 npoints = label->n + 1;

		if (!take_number(&at, end, bias, &sum) || npoints > DECODED_MAX)
			return false;
		bias = adapt(sum - before, npoints, before == 0);
		code += sum / npoints;
		sum %= npoints;
		if (code > 0x10ffff)
			return false;
		memmove(label->code + sum + 1, label->code + sum, (label->n - sum) * sizeof(pg_wchar));
		label->code[sum++] = code;
		label->n++;
	}
	return true;
}

/* A number in digits; how many there are then, -1: too many. */
static int
put_number(char *out, int n, uint32 number, uint32 bias)
{
	for (uint32 place = 36;; place += 36)
	{
		uint32 bound = threshold(place, bias);
		bool   is_last = number < bound;
		uint32 digit = is_last ? number : bound + (number - bound) % (36 - bound);

		if (n == DECODED_MAX)
			return -1;
		out[n++] = (char) (digit < 26 ? 'a' + digit : '0' + digit - 26);
		if (is_last)
			return n;
		number = (number - bound) / (36 - bound);
	}
}

/* The label as it stands behind "xn--"; its length, -1: it is too long. */
static int
punycode_encode(const Label *label, char out[DECODED_MAX])
{
	uint32 bias = 72;
	uint32 delta = 0;
	uint32 nbasic;
	uint32 done;
	int	   n = 0;

	if (label->n > DECODED_MAX)
		return -1;
	for (int i = 0; i < label->n; i++)
		if (label->code[i] < 128)
			out[n++] = (char) label->code[i];
	nbasic = done = n;
	if (n > 0 && n < DECODED_MAX)
		out[n++] = '-';
	for (pg_wchar code = 128; done < (uint32) label->n; code++)
	{
		pg_wchar next = 0x110000;

		for (int i = 0; i < label->n; i++)
			if (label->code[i] >= code && label->code[i] < next)
				next = label->code[i];
		/* far below 2^32: so many code points at so many places */
		delta += (next - code) * (done + 1);
		code = next;
		for (int i = 0; i < label->n; i++)
		{
			delta += label->code[i] < code ? 1 : 0;
			if (label->code[i] != code)
				continue;
			n = put_number(out, n, delta, bias);
			if (n < 0)
				return -1;
			bias = adapt(delta, done + 1, done == nbasic);
			delta = 0;
			done++;
		}
		delta++;
	}
	return n;
}

/* ---- labels beyond ASCII ---- */

/* A letter before that joins, and one behind, through marks: where a non-joiner shows (RFC 5892, A.1). */
static bool
is_between_joining(const Label *label, int i)
{
	int before = i - 1;
	int behind = i + 1;

	while (before >= 0 && (label->properties[before] & IDN_TRANSPARENT) != 0)
		before--;
	while (behind < label->n && (label->properties[behind] & IDN_TRANSPARENT) != 0)
		behind++;
	return before >= 0 && (label->properties[before] & IDN_JOINS_NEXT) != 0 &&
		   behind < label->n && (label->properties[behind] & IDN_JOINS_LAST) != 0;
}

/* What is allowed beside some characters only (RFC 5892, appendix A); "any" is of all of the label. */
static bool
holds_context(const Label *label, int i, uint16 any)
{
	uint16 last = i > 0 ? label->properties[i - 1] : 0;
	uint16 next = i + 1 < label->n ? label->properties[i + 1] : 0;

	switch (label->code[i])
	{
		case 0x200c: /* zero width non-joiner */
			return (last & IDN_VIRAMA) != 0 || is_between_joining(label, i);
		case 0x200d: /* zero width joiner */
			return (last & IDN_VIRAMA) != 0;
		case 0xb7: /* middle dot: Catalan */
			return i > 0 && i + 1 < label->n && label->code[i - 1] == 'l' && label->code[i + 1] == 'l';
		case 0x375: /* Greek keraia */
			return (next & IDN_GREEK) != 0;
		case 0x5f3: /* Hebrew geresh and gershayim */
		case 0x5f4:
			return (last & IDN_HEBREW) != 0;
		case 0x30fb: /* Katakana middle dot */
			return (any & IDN_JAPANESE) != 0;
		default:
			return true;
	}
}

/* As PostgreSQL normalizes, whose tables are of the same version of Unicode or a later one. */
static bool
is_composed(Label *label)
{
	UnicodeNormalizationQC quick;
	pg_wchar			  *composed;
	bool				   same = true;

	label->code[label->n] = 0;
	quick = unicode_is_normalized_quickcheck(UNICODE_NFC, label->code);
	if (quick != UNICODE_NORM_QC_MAYBE)
		return quick == UNICODE_NORM_QC_YES;
	composed = unicode_normalize(UNICODE_NFC, label->code);
	for (int i = 0; same && i <= label->n; i++)
		same = composed[i] == label->code[i];
	pfree(composed);
	return same;
}

static bool
is_u_label(Label *label)
{
	uint16 any = 0;
	bool   arabic = false;
	bool   extended = false;

	for (int i = 0; i < label->n; i++)
	{
		label->properties[i] = properties_of(label->code[i]);
		if (label->properties[i] == 0)
			return false;
		any |= label->properties[i];
		arabic = arabic || (label->code[i] >= 0x660 && label->code[i] <= 0x669);
		extended = extended || (label->code[i] >= 0x6f0 && label->code[i] <= 0x6f9);
	}
	if (label->n == 0 || label->code[0] == '-' || label->code[label->n - 1] == '-')
		return false;
	if ((label->properties[0] & IDN_COMBINING) != 0 || (arabic && extended))
		return false;
	/* it would look like an encoded one */
	if (label->n >= 4 && label->code[2] == '-' && label->code[3] == '-')
		return false;
	for (int i = 0; i < label->n; i++)
		if (!holds_context(label, i, any))
			return false;
	return is_composed(label);
}

/* ---- names ---- */

/* Does the label allow a name that goes from right to left?  RFC 5893, section 2. */
static void
note_direction(const Label *label, Direction *direction)
{
	int	 first = IDN_CLASS(label->properties[0]);
	int	 last = label->n - 1;
	bool has[8] = {false};

	for (int i = 0; i < label->n; i++)
		has[IDN_CLASS(label->properties[i])] = true;
	while (last > 0 && IDN_CLASS(label->properties[last]) == IDN_MARK)
		last--;
	last = IDN_CLASS(label->properties[last]);
	if (has[IDN_RIGHT] || has[IDN_ARABIC_DIGIT])
		direction->is_bidi = true;
	if (first == IDN_RIGHT ? has[IDN_LEFT] || last == IDN_NEUTRAL || (has[IDN_DIGIT] && has[IDN_ARABIC_DIGIT])
						   : first != IDN_LEFT || last == IDN_NEUTRAL || has[IDN_RIGHT] || has[IDN_ARABIC_DIGIT])
		direction->is_broken = true;
}

/* What stands behind "xn--", which must be the one way to write it. */
static bool
take_encoded(const char *at, const char *end, Label *label)
{
	char again[DECODED_MAX];

	return punycode_decode(at, end, label) && is_u_label(label) && punycode_encode(label, again) == end - at &&
		   memcmp(again, at, end - at) == 0;
}

/* Letters, digits and hyphens; its octets, 0: it is none. */
static int
take_ascii_label(const char *at, const char *end, Label *label)
{
	char lower[LABEL_MAX_OCTETS];
	int	 len = (int) Min(end - at, LABEL_MAX_OCTETS + 1);

	if (len == 0 || len > LABEL_MAX_OCTETS || *at == '-' || end[-1] == '-')
		return 0;
	for (int i = 0; i < len; i++)
	{
		if (!is_letter(at[i]) && !is_digit(at[i]) && at[i] != '-')
			return 0;
		lower[i] = is_upper(at[i]) ? at[i] | 0x20 : at[i];
		label->code[i] = (unsigned char) lower[i];
		label->properties[i] = properties_of(label->code[i]);
	}
	label->n = len;
	if (len >= 4 && memcmp(lower + 2, "--", 2) == 0 &&
		!(memcmp(lower, "xn", 2) == 0 && take_encoded(lower + 4, lower + len, label)))
		return 0;
	return len;
}

/* A label of mail need not be composed; who looks it up composes it (RFC 6531). */
static bool
compose(Label *label)
{
	pg_wchar *composed;
	int		  n = 0;

	label->code[label->n] = 0;
	composed = unicode_normalize(UNICODE_NFC, label->code);
	for (; composed[n] != 0 && n < DECODED_MAX; n++)
		label->code[n] = composed[n];
	label->n = n;
	n = composed[n] == 0 ? n : -1;
	pfree(composed);
	return n >= 0;
}

/* Its octets when it is encoded, 0: it is none. */
static int
take_u_label(const char *at, const char *end, HostKind kind, Label *label)
{
	char encoded[DECODED_MAX];
	int	 len;

	label->n = 0;
	for (; at < end; at += len)
	{
		len = pg_utf_mblen((const unsigned char *) at);
		if (len > end - at || label->n == DECODED_MAX)
			return 0;
		label->code[label->n++] = utf8_to_unicode((const unsigned char *) at);
	}
	if (kind == HOST_MAIL && !compose(label))
		return 0;
	if (!is_u_label(label))
		return 0;
	len = punycode_encode(label, encoded);
	return len < 0 ? 0 : len + 4;
}

/* The end of a label, and the length of what separates it from the next. */
static const char *
find_separator(const char *at, const char *end, HostKind kind, int *len)
{
	for (; at < end; at++)
	{
		*len = 1;
		if (*at == '.')
			break;
		/* full stops: ideographic, of full width, of half width */
		*len = 3;
		if (kind == HOST_IDN && end - at >= 3 &&
			(memcmp(at, "\xe3\x80\x82", 3) == 0 || memcmp(at, "\xef\xbc\x8e", 3) == 0 || memcmp(at, "\xef\xbd\xa1", 3) == 0))
			break;
	}
	return at;
}

bool
format_is_host(const char *at, const char *end, HostKind kind)
{
	Direction direction = {false, false};
	int		  octets = 0;

	/* a code point of up to four bytes is an octet of the name at least */
	if (end - at > NAME_MAX_OCTETS * 4)
		return false;
	for (;;)
	{
		int			separator = 0;
		const char *stop = find_separator(at, end, kind, &separator);
		bool		is_ascii = true;
		Label		label;
		int			len;

		for (const char *c = at; is_ascii && c < stop; c++)
			is_ascii = !IS_HIGHBIT_SET(*c);
		if (is_ascii)
			len = take_ascii_label(at, stop, &label);
		else
			len = kind == HOST_ASCII ? 0 : take_u_label(at, stop, kind, &label);
		octets += len;
		if (len == 0 || octets > NAME_MAX_OCTETS)
			return false;
		note_direction(&label, &direction);
		if (stop == end)
			return !(direction.is_bidi && direction.is_broken);
		at = stop + separator;
		octets++;
	}
}

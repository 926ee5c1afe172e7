/*
 * leak_trace.c
 *		The part of the leak detector that knows stack traces and paths.
 */
#include "leak_scan.h"

/*
 * Whether [start, end) ends with a file of code and a line in it, such as
 * "Main.java:12" or "x.js:1:2".
 */
static bool
is_location(const LeakScan *scan, size_t start, size_t end)
{
	const char *s = scan->s;
	size_t      suffix_end = end;
	size_t      i = end;

	for (int numbers = 0; numbers < 2; numbers++)
	{
		while (i > start && is_digit(s[i - 1]))
			i--;
		if (i == suffix_end || i == start || s[i - 1] != ':')
			break;
		suffix_end = --i;
	}
	for (i = suffix_end; i > start && is_letter(s[i - 1]); i--)
		;
	return suffix_end < end && i > start && s[i - 1] == '.' &&
	       leak_is_source_suffix(s + i, suffix_end - i);
}

/* Whether [start, end) is what stands in the parentheses of a frame. */
static bool
is_frame_place(const LeakScan *scan, size_t start, size_t end)
{
	return is_location(scan, start, end) || follows(scan, start, "Native Method)") ||
	       follows(scan, start, "Unknown Source)") ||
	       follows(scan, start, "<anonymous>)") ||
	       follows(scan, start, "node:internal/") || follows(scan, start, "SourceFile:");
}

/* The characters of the function or place in a frame. */
static inline bool
is_frame_name(char c)
{
	return is_word(c) || is_foreign(c) ||
	       (c != '\0' && strchr("$.<>/[]-:@+~`\\#*", c) != NULL);
}

/*
 * Whether a frame follows the word "at" that ended at i:
 *
 *	  at a.b.C.m(Main.java:12)		at fn [as x] (/x/y.js:1:2)
 *	  at /x/y.js:1:2				at ./src/main.rs:4:5
 *	  at A.B.C(String x)			(.NET without places, first on its line)
 */
static bool
is_frame(const LeakScan *scan, size_t i, bool first_on_line)
{
	size_t limit = i + MAX_LOOK;
	size_t name;
	size_t name_end;
	size_t open;

	if (!is_blank(at(scan, i)))
		return false;
	i = skip_blanks(scan, i);
	if (follows(scan, i, "async "))
		i += 6;
	if (follows(scan, i, "new "))
		i += 4;
	name = i;
	while (i < limit && is_frame_name(at(scan, i)) && !is_visible_blank(scan, i))
		i++;
	name_end = i;
	if (name_end == name)
		return false;
	if (is_location(scan, name, name_end))
		return true;

	i = skip_blanks(scan, i);
	if (follows(scan, i, "[as "))
	{
		for (i += 4; i < limit && is_word(at(scan, i)); i++)
			;
		if (at(scan, i) == ']')
			i = skip_blanks(scan, i + 1);
	}
	open = i;
	if (at(scan, i) != '(')
		return false;
	for (i++; i < limit && at(scan, i) != ')' && at(scan, i) != '('; i++)
		if (at(scan, i) == '\0' || is_newline(at(scan, i)))
			return false;
	if (at(scan, i) != ')')
		return false;
	return is_frame_place(scan, open + 1, i) ||
	       (first_on_line && open == name_end &&
	        memchr(scan->s + name, '.', name_end - name) != NULL);
}

/* Python: whether "File" that ended at i goes on with a name and a line. */
static bool
is_python_file(const LeakScan *scan, size_t i)
{
	size_t limit = i + MAX_LOOK;

	/* within JSON the quotes may be escaped */
	if (at(scan, i) != ' ')
		return false;
	i += at(scan, i + 1) == '\\' ? 2 : 1;
	if (at(scan, i) != '"')
		return false;
	for (i++; i < limit && at(scan, i) != '"'; i++)
		if (at(scan, i) == '\0' || is_newline(at(scan, i)))
			return false;
	return follows(scan, i, "\", line ") && is_digit(at(scan, i + 8));
}

/* C and PHP: whether "#" at i begins "#0 0x7f..." or "#0 /x/y.php(12)". */
static bool
is_numbered_frame(const LeakScan *scan, size_t i)
{
	size_t digits = skip_digits(scan, i + 1);
	size_t limit;

	if (digits == i + 1 || digits > i + 4 || !is_blank(at(scan, digits)))
		return false;
	i = skip_blanks(scan, digits);
	if (follows(scan, i, "0x"))
		return true;
	if (at(scan, i) != '/')
		return false;
	for (limit = i + MAX_LOOK; i < limit && (is_word(at(scan, i)) || at(scan, i) == '/' ||
	                                         at(scan, i) == '.' || at(scan, i) == '-');)
		i++;
	return at(scan, i) == '(' && is_digit(at(scan, i + 1));
}

/* Look at "#". */
void
leak_scan_hash(LeakScan *scan, size_t i)
{
	if (is_numbered_frame(scan, i))
		scan->found |= LEAK_STACK_TRACE;
}

/* Note that [start, end) of a file name is followed by a line number. */
static void
note_location(LeakScan *scan, const char *suffix, size_t suffix_len, size_t end)
{
	if (at(scan, end) != ':')
		return;
	if (suffix_len == 2 && memcmp(suffix, "go", 2) == 0 && is_digit(at(scan, end + 1)))
		scan->go_line = true;
	/* .NET's "in C:\x\y.cs:line 3", Ruby's "from /x/y.rb:12:in `f'" */
	if (follows(scan, end, ":line ") && is_digit(at(scan, end + 6)))
		scan->found |= LEAK_STACK_TRACE;
	if (is_digit(at(scan, end + 1)) && follows(scan, skip_digits(scan, end + 1), ":in "))
		scan->found |= LEAK_STACK_TRACE;
}

/* Where a path that includes position i ends, blanks and quotes apart. */
static size_t
path_end(const LeakScan *scan, size_t i, const char *also)
{
	while (i < scan->len && (is_word(scan->s[i]) || is_foreign(scan->s[i]) ||
	                         (scan->s[i] != '\0' && strchr(also, scan->s[i]) != NULL)))
		i++;
	return i;
}

/*
 * Judge the path whose components, separated by sep, are [first, end); known_root
 * tells that the first is one that gives a server away.  A dot at its end is a
 * sentence's, a foreign character most likely a quote.
 */
static void
judge_path(LeakScan *scan, size_t first, size_t end, char sep, bool known_root)
{
	const char *s = scan->s;
	size_t      name;

	while (end > first &&
	       (s[end - 1] == '.' || s[end - 1] == '-' || is_foreign(s[end - 1])))
		end--;
	for (name = end; name > first && s[name - 1] != sep && s[name - 1] != '/'; name--)
		;
	for (size_t i = end; i > name; i--)
	{
		if (s[i - 1] != '.')
			continue;
		/* with parameters behind it, it is a route of a web server */
		if (i - 1 > name && at(scan, end) != '?' && leak_is_source_suffix(s + i, end - i))
		{
			scan->found |= LEAK_SOURCE_PATH;
			note_location(scan, s + i, end - i, end);
		}
		break;
	}
	if (known_root && end > first)
		scan->found |= LEAK_SOURCE_PATH;
}

/* Look at an absolute path. */
size_t
leak_scan_path(LeakScan *scan, size_t i)
{
	size_t end = path_end(scan, i, "/.-+@~%");
	size_t slash = i + 1;

	while (slash < end && scan->s[slash] != '/')
		slash++;
	judge_path(scan, i + 1, end, '/',
	           slash + 1 < end && leak_is_root_directory(scan->s + i + 1, slash - i - 1));
	return end;
}

/* Tell a path from a division, a closing tag, a route, a link. */
bool
leak_begins_path(const LeakScan *scan, size_t i)
{
	char before = i > 0 ? scan->s[i - 1] : ' ';
	char after = at(scan, i + 1);

	if (!is_word(after) && after != '.' && after != '@')
		return false;
	if (is_word(before))
		return i > 1 && is_visible_blank(scan, i - 2);
	if (strchr("/.-~)]}%", before) != NULL)
		return false;
	if (before == '(' && i > 1 && scan->s[i - 2] == ']')
		return false; /* a link in Markdown */
	return !(i - scan->last_end <= 2 &&
	         (scan->last == WORD_ROUTE || scan->last == WORD_DELETE));
}

/* Look at a path with a drive letter. */
size_t
leak_scan_drive(LeakScan *scan, size_t i)
{
	static const char *const roots[] = {"Users", "Windows", "Program Files",
	                                    "ProgramData", "inetpub"};
	size_t                   first = i + 2;
	size_t                   end;
	bool                     known = false;

	if (at(scan, i) != ':' || (at(scan, i + 1) != '\\' && at(scan, i + 1) != '/'))
		return i;
	if (at(scan, first) == '\\')
		first++;
	if (!is_word(at(scan, first)))
		return i;
	end = path_end(scan, first, "\\/.-+@~%");
	for (size_t n = 0; n < sizeof(roots) / sizeof(roots[0]); n++)
		if (follows(scan, first, roots[n]))
		{
			char c = at(scan, first + strlen(roots[n]));

			known |= c == '\\' || c == '/' || c == ' ';
		}
	judge_path(scan, first, end, '\\', known);
	return end;
}

/* Look at what a word of a stack trace begins. */
void
leak_scan_trace_word(LeakScan *scan, const LeakToken *t)
{
	size_t end = t->offset + t->len;
	bool   found = false;

	switch (t->word)
	{
		case WORD_AT:
			found = is_frame(scan, end, scan->first_word);
			break;
		case WORD_TRACEBACK:
			found = follows(scan, end, " (most recent call last)");
			break;
		case WORD_FILE:
			found = is_python_file(scan, end);
			break;
		case WORD_EXCEPTION:
			found = follows(scan, end, " in thread \"");
			break;
		case WORD_GOROUTINE:
			found = at(scan, end) == ' ' && is_digit(at(scan, end + 1)) &&
			        follows(scan, skip_digits(scan, end + 1), " [");
			break;
		case WORD_PANIC:
			scan->panic |= at(scan, end) == ':';
			break;
		case WORD_GO:
			if (t->offset > 1 && t->s[-1] == '.' && is_word(t->s[-2]))
				note_location(scan, t->s, t->len, end);
			break;
		case WORD_THREAD:
			if (follows(scan, end, " '"))
				scan->thread = end;
			break;
		case WORD_PANICKED:
			found = follows(scan, end, " at ") && scan->thread != 0 &&
			        end - scan->thread < MAX_LOOK;
			break;
		default: /* WORD_SEGMENTATION */
			found = follows(scan, end, " fault") || follows(scan, end, " violation");
	}
	if (found)
		scan->found |= LEAK_STACK_TRACE;
}

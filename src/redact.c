/*
 * redact.c
 *		Neutralise and redact one text.
 *
 * One pass neutralises, scans, and writes placeholders in place of what was
 * found.  A placeholder makes new word boundaries, and text that was invisible to
 * the scanner may have become visible, so a changed text is passed over
 * again until nothing is found: the result is one that sanitizing does not
 * change, whatever the input.  That nearly always takes one more pass.  After
 * RESCANS the whole words around a find go, and if that is not the end of it
 * either, the whole text.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "neutralize.h"
#include "redact.h"
#include "scan.h"

/* Passes over a text already redacted, and such that take whole words. */
#define RESCANS 4
#define WORD_RESCANS 2

/* Longest text; origins take four bytes for each of its own. */
#define LENGTH_MAX (MaxAllocSize / NEUTRALIZE_GROWTH - 1)

/* What a pass works on and what it found. */
typedef struct Pass
{
	const char *in;
	size_t len;
	bool keep_newline;
	bool whole_words;
	bool as_is;		  /* is scanned without being neutralised */
	bool clean;		  /* nothing to neutralise, in and view are the same */
	size_t shown;	  /* length when neutralised */
	char *view;		  /* what the scanner saw */
	uint32_t *origin; /* where each byte of view comes from */
	Scanner scan;
	ScanSpan local[64]; /* findings, unless there are more */
} Pass;

/* Refuses what could become longer than a value may be. */
static void
check_length(size_t len)
{
	if (len > LENGTH_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("text is too long to be sanitized"),
						errdetail("The limit is %zu bytes.", (size_t) LENGTH_MAX)));
}

/* Scans, in a buffer that grows as needed. */
static void
find(Pass *p, const ScanSetup *setup)
{
	const char *view = p->in;
	size_t len = p->len;

	p->shown = len;
	p->clean = p->as_is || neutralize_clean(p->in, p->len, p->keep_newline) == p->len;
	if (!p->clean)
	{
		p->view = palloc(p->len);
		p->origin = palloc((p->len + 1) * sizeof(uint32_t));
		len = neutralize_view(p->in, p->len, p->keep_newline, p->view, p->origin,
							  &p->shown);
		view = p->view;
	}
	scan_begin(&p->scan, view, len, setup, p->local, lengthof(p->local));
	while (!scan_run(&p->scan))
	{
		size_t size = p->scan.span_max * sizeof(ScanSpan);

		if (p->scan.span == p->local)
			p->scan.span = memcpy(palloc(4 * size), p->local, size);
		else
			p->scan.span = repalloc_huge(p->scan.span, 4 * size);
		p->scan.span_max *= 4;
	}
}

/* Frees what find() allocated. */
static void
release(Pass *p)
{
	if (p->scan.span != p->local)
		pfree(p->scan.span);
	if (!p->clean)
	{
		pfree(p->view);
		pfree(p->origin);
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Turns a find's place in the view into its place in the text. */
static void
place(const Pass *p, ScanSpan *span)
{
	if (!p->clean)
	{
		size_t last = p->origin[span->end - 1];

		span->start = p->origin[span->start];
		span->end = last + neutralize_char(p->in + last, p->len - last);
	}
	if (p->whole_words)
	{
		while (span->start > 0 && !is_blank(p->in[span->start - 1]))
			span->start--;
		while (span->end < p->len && !is_blank(p->in[span->end]))
			span->end++;
	}
}

/* Writes the text between findings; out may be NULL. */
static size_t
put_text(const Pass *p, size_t start, size_t end, char *out)
{
	if (!p->clean)
		return neutralize_text(p->in + start, end - start, p->keep_newline, out);
	if (out != NULL)
		memcpy(out, p->in + start, end - start);
	return end - start;
}

/* Writes a placeholder; out may be NULL. */
static size_t
put_placeholder(ScanType type, char *out)
{
	const char *name = scan_type_name(type);
	size_t n = strlen(name);

	if (out != NULL)
	{
		memcpy(out, "[REDACTED:", 10);
		memcpy(out + 10, name, n);
		out[n + 10] = ']';
	}
	return n + 11;
}

/* Writes the result of a pass; out may be NULL, which only measures. */
static size_t
put_result(Pass *p, char *out)
{
	size_t done = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->scan.nspan; i++)
	{
		ScanSpan span = p->scan.span[i];

		place(p, &span);
		/* findings that share a word, which goes as a whole */
		if (span.end <= done)
			continue;
		if (span.start < done)
			span.start = done;
		n += put_text(p, done, span.start, out ? out + n : NULL);
		n += put_placeholder(span.rule->type, out ? out + n : NULL);
		done = span.end;
	}
	return n + put_text(p, done, p->len, out ? out + n : NULL);
}

/* One pass: false if there is nothing to change. */
static bool
run_pass(Pass *p, const ScanSetup *setup, char **out, size_t *outlen)
{
	bool changed;

	find(p, setup);
	/* a character made visible takes more room than before */
	changed = p->scan.nspan > 0 || p->shown > p->len;
	if (changed)
	{
		*out = palloc(p->scan.nspan > 0 ? put_result(p, NULL) : p->shown);
		*outlen = put_result(p, *out);
	}
	release(p);
	return changed;
}

/*
 * Is nothing of the text's bytes [start, end) in what the scanner saw, though they can
 * be seen once the sequence that they are in is?
 */
static bool
is_hidden(const Pass *p, size_t start, size_t end)
{
	size_t low = 0;
	size_t high = p->scan.len;

	while (low < high)
	{
		size_t middle = (low + high) / 2;

		if (p->origin[middle] < start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < p->scan.len && p->origin[low] < end)
		return false;
	while (start < end && (p->in[start] <= ' ' || p->in[start] >= 0x7f))
		start++;
	return start < end;
}

/* Adds the finds of a pass, of those of another only what that one did not see. */
static size_t
add_finds(Pass *p, const Pass *other, RedactFind *finds, size_t n)
{
	for (size_t i = 0; i < p->scan.nspan; i++)
	{
		ScanSpan span = p->scan.span[i];
		size_t at = n;

		place(p, &span);
		if (other != NULL && !is_hidden(other, span.start, span.end))
			continue;
		while (at > 0 && finds[at - 1].start >= span.end)
			at--;
		if (at > 0 && finds[at - 1].end > span.start)
			continue;
		memmove(&finds[at + 1], &finds[at], (n - at) * sizeof(RedactFind));
		finds[at] = (RedactFind){span.start, span.end, span.rule};
		n++;
	}
	return n;
}

size_t
redact_find(const char *in, size_t len, const ScanSetup *setup, RedactFind **finds)
{
	Pass pass = {.in = in, .len = len};
	Pass raw = {.in = in, .len = len, .as_is = true};
	size_t n;

	check_length(len);
	find(&pass, setup);
	/* a terminal's sequence hides what is in it until it is made visible */
	if (!pass.clean)
		find(&raw, setup);
	n = pass.scan.nspan + (pass.clean ? 0 : raw.scan.nspan);
	*finds = MemoryContextAllocHuge(CurrentMemoryContext, (n + 1) * sizeof(RedactFind));
	n = add_finds(&pass, NULL, *finds, 0);
	if (!pass.clean)
	{
		n = add_finds(&raw, &pass, *finds, n);
		release(&raw);
	}
	release(&pass);
	return n;
}

/* What is there in the end and was not before has been replaced now. */
static void
count(Findings *f, const uint32_t *before, const uint32_t *after)
{
	for (int i = 0; i < SCAN_NTYPES; i++)
	{
		f->seen[i] += before[i];
		if (after[i] > before[i])
			f->fired[i] += after[i] - before[i];
	}
}

bool
redact_text(const char *in, size_t len, RedactShape shape, const ScanSetup *setup,
			Findings *f, char **out, size_t *outlen)
{
	static const uint32_t none[SCAN_NTYPES];
	Pass pass;
	uint32_t before[SCAN_NTYPES];
	bool any = false; /* before[] is set */
	char *next;
	size_t nextlen;
	bool changed;

	check_length(len);
	*out = unconstify(char *, in);
	*outlen = len;
	for (int n = 0;; n++)
	{
		pass.in = *out;
		pass.len = *outlen;
		pass.as_is = false;
		pass.keep_newline = shape == REDACT_BLOCK;
		pass.whole_words = n > RESCANS;
		changed = run_pass(&pass, setup, &next, &nextlen);
		if (n == 0 && pass.scan.any_placeholder && f != NULL)
		{
			any = true;
			memcpy(before, pass.scan.placeholders, sizeof(before));
		}
		if (!changed)
			break;
		if (n == RESCANS + WORD_RESCANS)
			nextlen = put_placeholder(TYPE_ERROR, next = palloc(64));
		if (n > 0)
			pfree(*out);
		*out = next;
		*outlen = nextlen;
		CHECK_FOR_INTERRUPTS();
	}
	/* the last pass counted what is there now */
	if (f != NULL && (any || pass.scan.any_placeholder))
		count(f, any ? before : none, pass.scan.any_placeholder ? pass.scan.placeholders : none);
	return *out != in;
}

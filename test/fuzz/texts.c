/*
 * texts.c
 *		The seeded generator: texts made up out of secrets, parts of them and what
 *		may stand between.
 *
 *	texts SEED COUNT		tries that many, half of each kind, and prints a digest of all
 *							results, by which two builds are compared
 *	texts SEED COUNT DIR	writes that many into a directory, as libFuzzer's seeds
 *	texts rules				names the rules of which no secret can be made up
 *
 * The texts: pieces glued together anyhow, and secrets between blanks among
 * pieces.  Whatever else there is, a secret between blanks does not survive;
 * glued to a word it may be another word.  When a promise is broken, or a
 * sanitizer of the compiler stops the program, the text is written to the
 * file that FUZZ_KEEP names.
 */
#include "positive.h"

#include <sanitizer/common_interface_defs.h>
#include <stdio.h>

#include "pieces.h"

#define TEXT_MAX 8192

/* Secrets in one text at most. */
#define SECRETS_MAX 4

/* Rules of which secrets can be made up. */
static const ScanRule **usable;
static size_t           nusable;

typedef struct Text
{
	size_t len;
	char   data[TEXT_MAX];
} Text;

const char *__asan_default_options(void);

/*
 * Broken promises end as errors of memory do: through keep_input().  Texts are small
 * and many, so that most time would be spent on the allocator's bookkeeping.
 */
const char *
__asan_default_options(void)
{
	return "handle_abort=1:malloc_context_size=3:quarantine_size_mb=4";
}

/* Writes the input in work to the file that FUZZ_KEEP names. */
static void
keep_input(void)
{
	const char *path = getenv("FUZZ_KEEP");
	FILE       *file = path != NULL && harness_in != NULL ? fopen(path, "wb") : NULL;

	if (file == NULL)
		return;
	fwrite(harness_in, 1, harness_len, file);
	fclose(file);
}

static void
add(Text *t, const char *data, size_t len)
{
	if (t->len + len > TEXT_MAX)
		return;
	memcpy(t->data + t->len, data, len);
	t->len += len;
}

/* A secret of a rule taken by chance. */
static void
any_positive(Positive *p)
{
	while (!positive_make(usable[below((unsigned) nusable)], p))
		;
}

/* Adds some pieces, secrets among them, or parts of either. */
static void
make_up(Text *t, unsigned most)
{
	size_t start = t->len;

	for (unsigned count = 1 + below(most); count > 0; count--)
	{
		const char *piece = pieces[below(lengthof(pieces))];
		size_t      len = strlen(piece);
		Positive    p;

		if (below(5) == 0)
		{
			any_positive(&p);
			piece = p.text;
			len = p.len;
		}
		/* a part of it now and then */
		if (below(6) == 0)
			len = 1 + below((unsigned) len);
		add(t, piece, len);
	}
	/* and now and then a byte that does not belong there */
	if (t->len > start && below(4) == 0)
		t->data[start + below((unsigned) (t->len - start))] = (char) below(256);
}

/*
 * Ends a terminal sequence that is open at the end: it would take the blank and the
 * first letter that follow for its own, and no one would see the word they begin.
 */
static void
close_sequence(Text *t)
{
	size_t i = t->len;

	while (i > 0 && t->data[i - 1] >= 0x20 && t->data[i - 1] <= 0x3F)
		i--;
	if (i > 1 && (memcmp(t->data + i - 2, "\x1b[", 2) == 0 ||
	              memcmp(t->data + i - 2, "\xc2\x9b", 2) == 0))
		add(t, "m", 1);
}

static void
try_text(const Text *t)
{
	harness_in = t->data;
	harness_len = t->len;
	fuzz_scan(t->data, t->len);
	fuzz_neutralize(t->data, t->len);
	/* they don't depend on how the build classifies bytes */
	if (below(16) == 0)
		fuzz_validators(t->data, t->len < 200 ? t->len : 200);
	harness_in = NULL;
}

/* Alone between blanks it is found whole, under its name or a stronger one. */
static void
try_alone(const Positive *p)
{
	static Text t;
	RedactFind *find;
	bool        found = false;
	size_t      n;

	t.len = 0;
	add(&t, " ", 1);
	add(&t, p->text, p->len);
	add(&t, " ", 1);
	harness_in = t.data;
	harness_len = t.len;
	n = harness_find(t.data, t.len, SCAN_PII, &find);
	for (size_t i = 0; i < n; i++)
		found = found || (find[i].start <= p->secret + 1 &&
		                  find[i].end >= p->secret + 1 + p->secret_len &&
		                  find[i].rule->priority >= p->rule->priority);
	if (!found)
	{
		fprintf(stderr, "rule %s\n", p->rule->name);
		harness_fail("a secret alone is found");
	}
	free(find);
	harness_in = NULL;
}

/* Secrets between blanks, and anything between those; all must be gone. */
static void
try_secrets(void)
{
	static Positive p[SECRETS_MAX];
	static Text     t;
	unsigned        n = 1 + below(SECRETS_MAX);
	bool            ordinary = below(2) == 0;
	char           *out;
	size_t          outlen;

	t.len = 0;
	for (unsigned i = 0; i < n; i++)
	{
		any_positive(&p[i]);
		if (ordinary)
			add(&t, "and then it wrote", 17);
		else
			make_up(&t, 5);
		close_sequence(&t);
		add(&t, " ", 1);
		add(&t, p[i].text, p[i].len);
		add(&t, " ", 1);
	}
	make_up(&t, 5);
	try_text(&t);
	harness_in = t.data;
	harness_len = t.len;
	if (!harness_redact(t.data, t.len, below(2) ? REDACT_LINE : REDACT_BLOCK, SCAN_PII, &out,
	                    &outlen))
		harness_fail("a text with secrets is changed");
	for (unsigned i = 0; i < n; i++)
		/* a few digits may stand elsewhere by chance */
		if (p[i].secret_len > 6 &&
		    memmem(out, outlen, p[i].text + p[i].secret, p[i].secret_len) != NULL)
		{
			fprintf(stderr, "rule %s: %.*s\n", p[i].rule->name, (int) p[i].len,
			        p[i].text);
			harness_fail("a secret between blanks does not survive");
		}
	free(out);
	harness_in = NULL;
	try_alone(&p[0]);
}

/* Sorts the rules; prints the names of those that cannot be used, if asked to. */
static void
find_usable(bool print)
{
	Positive p;

	usable = malloc(scan_nrules * sizeof(*usable));
	for (size_t i = 0; i < scan_nrules; i++)
	{
		const ScanRule *rule = &scan_rules[i];

		/* by the name of a JSON key, or off by default: no matter of a text */
		if (rule->kind == KIND_NAME || !harness_takes(rule))
			continue;
		if (positive_make(rule, &p))
			usable[nusable++] = rule;
		else if (print)
			printf("%s\n", rule->name);
	}
}

/* Writes a text to a file of the directory. */
static void
write_seed(const char *dir, long number, const Text *t)
{
	char  path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/made-up-%ld", dir, number);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(t->data, 1, t->len, file) != t->len || fclose(file) != 0)
	{
		perror(path);
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	static Text t;
	long        count = argc > 2 ? atol(argv[2]) : 0;

	chance_seed(argc > 1 ? strtoul(argv[1], NULL, 10) : 0);
	find_usable(count == 0);
	__sanitizer_set_death_callback(keep_input);
	for (long i = 0; i < count; i++)
	{
		if (argc == 3 && i % 2 == 1)
		{
			try_secrets();
			continue;
		}
		t.len = 0;
		make_up(&t, 12);
		if (argc > 3)
			write_seed(argv[3], i, &t);
		else
			try_text(&t);
	}
	if (count > 0 && argc == 3)
		printf("%zu rules, digest %016llx\n", nusable,
		       (unsigned long long) harness_digest);
	free(usable);
	return 0;
}

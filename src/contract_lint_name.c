/*
 * contract_lint_name.c
 *		Names of properties that hold paths, or what something else will execute.
 *
 * The last word counts, and the last two as one: targetPath, output_dir, fileName,
 * "raw.sql", path2.
 */
#include "postgres.h"

#include "contract_lint_facts.h"

/* longer than any word of the lists, two of them joined */
#define WORD_MAX 24

static const struct
{
	const char *word;
	uint8		names;
} words[] = {
	{"path", NAME_PATH | NAME_PATHS},
	{"file", NAME_PATH | NAME_PATHS},
	{"filename", NAME_PATH | NAME_PATHS},
	{"filepath", NAME_PATH | NAME_PATHS},
	{"dir", NAME_PATH | NAME_PATHS},
	{"directory", NAME_PATH | NAME_PATHS},
	{"folder", NAME_PATH | NAME_PATHS},
	{"pathname", NAME_PATH | NAME_PATHS},
	{"dirname", NAME_PATH | NAME_PATHS},
	{"cwd", NAME_PATH},
	{"workdir", NAME_PATH},
	{"outfile", NAME_PATH},
	{"infile", NAME_PATH},
	{"paths", NAME_PATHS},
	{"files", NAME_PATHS},
	{"filenames", NAME_PATHS},
	{"filepaths", NAME_PATHS},
	{"dirs", NAME_PATHS},
	{"directories", NAME_PATHS},
	{"folders", NAME_PATHS},
	{"sql", NAME_SINK | NAME_SINKS},
	{"query", NAME_SINK | NAME_SINKS},
	{"command", NAME_SINK | NAME_SINKS},
	{"cmd", NAME_SINK | NAME_SINKS},
	{"code", NAME_SINK | NAME_SINKS},
	{"script", NAME_SINK | NAME_SINKS},
	{"shell", NAME_SINK | NAME_SINKS},
	{"html", NAME_SINK | NAME_SINKS},
	{"template", NAME_SINK | NAME_SINKS},
	{"expression", NAME_SINK | NAME_SINKS},
	{"expr", NAME_SINK | NAME_SINKS},
	{"statement", NAME_SINK | NAME_SINKS},
	{"eval", NAME_SINK | NAME_SINKS},
	{"exec", NAME_SINK | NAME_SINKS},
	{"bash", NAME_SINK | NAME_SINKS},
	{"javascript", NAME_SINK | NAME_SINKS},
	{"python", NAME_SINK | NAME_SINKS},
	{"xpath", NAME_SINK | NAME_SINKS},
	{"commandline", NAME_SINK | NAME_SINKS},
	/* "codes" are countries' and errors' */
	{"queries", NAME_SINKS},
	{"commands", NAME_SINKS},
	{"cmds", NAME_SINKS},
	{"scripts", NAME_SINKS},
	{"templates", NAME_SINKS},
	{"expressions", NAME_SINKS},
};

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Letters beyond ASCII belong to words, which are then none of ours. */
static bool
is_letter(char c)
{
	return is_lower(c) || is_upper(c) || IS_HIGHBIT_SET(c);
}

/* Where the last word before an end begins; the end moves before what follows that word. */
static int
last_word(const char *name, int *end)
{
	int start;

	while (*end > 0 && !is_letter(name[*end - 1]))
		(*end)--;
	start = *end;
	if (start > 0 && is_upper(name[start - 1]))
	{
		while (start > 0 && is_upper(name[start - 1]))
			start--;
		return start;
	}
	while (start > 0 && is_letter(name[start - 1]) && !is_upper(name[start - 1]))
		start--;
	if (start > 0 && start < *end && is_upper(name[start - 1]))
		start--;
	return start;
}

static int
append_word(char *out, int n, const char *from, int len)
{
	for (int i = 0; i < len && n < WORD_MAX; i++)
		out[n++] = is_upper(from[i]) ? (char) (from[i] + 'a' - 'A') : from[i];
	out[n] = '\0';
	return n;
}

static uint8
named(const char *word)
{
	for (int i = 0; i < (int) lengthof(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].names;
	return 0;
}

uint8
lint_name(const char *name, int len)
{
	char word[WORD_MAX + 1];
	int	 end = len;
	int	 start = last_word(name, &end);
	int	 end_before = start;
	int	 start_before = last_word(name, &end_before);
	uint8 names;

	append_word(word, 0, name + start, end - start);
	names = named(word);
	append_word(word, append_word(word, 0, name + start_before, end_before - start_before),
				name + start, end - start);
	return names | named(word);
}

uint8
lint_name_of_items(uint8 names)
{
	uint8 of_items = names & (NAME_PATHS | NAME_SINKS);

	if (names & NAME_PATHS)
		of_items |= NAME_PATH;
	if (names & NAME_SINKS)
		of_items |= NAME_SINK;
	return of_items;
}

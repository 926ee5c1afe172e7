/*
 * layer.c
 *		Reading and printing the seven layers.
 */
#include "postgres.h"

#include "compat.h"

#include "layer.h"

/* what is printed; the word in parentheses is read back */
static const char *const layer_words[LAYER_MAX + 1] = {NULL,
                                                       "1 (Model)",
                                                       "2 (Logic)",
                                                       "3 (Integration)",
                                                       "4 (Monitoring)",
                                                       "5 (Execution)",
                                                       "6 (Environment)",
                                                       "7 (Orchestration)"};

/* names that are read, by layer; the second layer has two */
static const struct
{
	const char *name; /* lower case, words joined by a blank */
	int         layer;
} layer_names[] = {{"model", 1},       {"logic", 2},        {"agent logic", 2},
                   {"integration", 3}, {"monitoring", 4},   {"execution", 5},
                   {"environment", 6}, {"orchestration", 7}};

/* What isspace() takes in the C locale. */
static inline bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Narrow a text to what lies between the blanks around it. */
static void
trim(const char **s, size_t *len)
{
	while (*len > 0 && is_blank((*s)[0]))
	{
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && is_blank((*s)[*len - 1]))
		(*len)--;
}

/* The layer with this name, 0 when none. */
static int
parse_name(const char *s, size_t len)
{
	char name[32];

	trim(&s, &len);
	if (len >= sizeof(name))
		return 0;
	for (size_t i = 0; i < len; i++)
		name[i] = (s[i] == '_' || s[i] == '-')
		              ? ' '
		              : (char) pg_ascii_tolower((unsigned char) s[i]);
	name[len] = '\0';
	for (size_t i = 0; i < lengthof(layer_names); i++)
		if (strcmp(name, layer_names[i].name) == 0)
			return layer_names[i].layer;
	return 0;
}

/* Read a layer in any of its forms. */
int
layer_parse(const char *s, size_t len)
{
	int layer;

	trim(&s, &len);
	if (len > 1 && (*s == 'L' || *s == 'l') && s[1] >= '0' && s[1] <= '9')
	{
		s++;
		len--;
	}
	if (len == 0 || *s < '0' + LAYER_MIN || *s > '0' + LAYER_MAX)
		return parse_name(s, len);

	/* a number, then nothing, or that layer's name in parentheses */
	layer = *s - '0';
	s++;
	len--;
	trim(&s, &len);
	if (len == 0)
		return layer;
	if (len < 2 || s[0] != '(' || s[len - 1] != ')')
		return 0;
	return parse_name(s + 1, len - 2) == layer ? layer : 0;
}

/* The words that the threat matrix template uses. */
const char *
layer_print(int layer)
{
	Assert(layer >= LAYER_MIN && layer <= LAYER_MAX);
	return layer_words[layer];
}

/*
 * known.c
 *		RFC 8785: its examples, and programs for comparing with others.
 *
 *		known			known answers, as TAP
 *		known numbers	prints a double for each line of its 16 hexadecimal digits
 *		known documents	the canonical form of each line, or its JcsFault as !n
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jcs.h"

static int tests = 0;
static int failed = 0;

static void
is(const char *have, const char *want, const char *name)
{
	bool same = strcmp(have, want) == 0;

	printf("%s %d - ", same ? "ok" : "not ok", ++tests);
	for (; *name != '\0'; name++)
		putchar(*name < ' ' ? '.' : *name == '#' ? '.' : *name);
	putchar('\n');
	if (!same)
		printf("# have %s, want %s\n", have, want);
	failed += !same;
}

static void
grow(CanonBuffer *buffer, size_t more)
{
	buffer->size = 2 * buffer->size + more + 64;
	buffer->data = realloc(buffer->data, buffer->size);
}

/* The canonical form, or !fault. */
static const char *
canonical(const char *text, size_t len)
{
	static JcsWork work = {.out.grow = grow, .keys.grow = grow, .members.grow = grow};
	static char fault_text[8];
	JcsFault fault;

	work.out.len = work.keys.len = work.members.len = 0;
	fault = jcs_write(&work, text, len);
	canon_char(&work.out, '\0');
	snprintf(fault_text, sizeof(fault_text), "!%d", (int) fault);
	return fault == JCS_OK ? (const char *) work.out.data : fault_text;
}

/* Appendix B. */
static const struct
{
	uint64_t bits;
	const char *text;
} numbers[] = {
	{0x0000000000000000, "0"},
	{0x8000000000000000, "0"},
	{0x0000000000000001, "5e-324"},
	{0x8000000000000001, "-5e-324"},
	{0x7fefffffffffffff, "1.7976931348623157e+308"},
	{0xffefffffffffffff, "-1.7976931348623157e+308"},
	{0x4340000000000000, "9007199254740992"},
	{0xc340000000000000, "-9007199254740992"},
	{0x4430000000000000, "295147905179352830000"},
	{0x44b52d02c7e14af5, "9.999999999999997e+22"},
	{0x44b52d02c7e14af6, "1e+23"},
	{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
	{0x444b1ae4d6e2ef4e, "999999999999999700000"},
	{0x444b1ae4d6e2ef4f, "999999999999999900000"},
	{0x444b1ae4d6e2ef50, "1e+21"},
	{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
	{0x3eb0c6f7a0b5ed8d, "0.000001"},
	{0x41b3de4355555553, "333333333.3333332"},
	{0x41b3de4355555554, "333333333.33333325"},
	{0x41b3de4355555555, "333333333.3333333"},
	{0x41b3de4355555556, "333333333.3333334"},
	{0x41b3de4355555557, "333333333.33333343"},
	{0xbecbf647612f3696, "-0.0000033333333333333333"},
	{0x43143ff3c1cb0959, "1424953923781206.2"},
	/* below a power of two doubles are closer: 16 digits, not the nearest 16 */
	{0x3d30000000000000, "5.684341886080802e-14"},
};

static const struct
{
	const char *text;
	const char *canonical;
} documents[] = {
	/* 3.2.2 */
	{"{\n  \"numbers\": [333333333.33333329, 1E30, 4.50,\n    2e-3, 0.000000000000000000000000001],\n"
	 "  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n  \"literals\": [null, true, false]\n}",
	 "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
	 "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"},
	/* 3.2.3 */
	{"{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\", \"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\","
	 "\"1\": \"One\", \"\\ud83d\\ude00\": \"Emoji: Grinning Face\", \"\\u0080\": \"Control\","
	 "\"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}",
	 "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"\xc3\xb6\":\"Latin Small Letter O With "
	 "Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\",\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew "
	 "Letter Dalet With Dagesh\"}"},
	{"[]", "[]"},
	{" { } ", "{}"},
	{"{\"b\": {\"d\": 1, \"c\": [{\"y\": 1, \"x\": 2}]}, \"a\": \"\\b\\t\\n\\f\\r\\u001f\\u007f\"}",
	 "{\"a\":\"\\b\\t\\n\\f\\r\\u001f\x7f\",\"b\":{\"c\":[{\"x\":2,\"y\":1}],\"d\":1}}"},
	{"{\"a\\\"\": 1, \"a!\": 2, \"a\": 3, \"\": 4}", "{\"\":4,\"a\":3,\"a!\":2,\"a\\\"\":1}"},
	{"-0", "0"},
	{"-0.0e5", "0"},
	{"0.00010000000000000000000000000000", "0.0001"},
	{"9007199254740993", "!7"},
	{"1e400", "!6"},
	{"-1e400", "!6"},
	{"1e-400", "!6"},
	{"0.1234567890123456789", "!7"},
	{"100000000000000000000", "100000000000000000000"},
	{"1000000000000000000000", "1e+21"},
	{"295147905179352825856", "295147905179352830000"},
	{"295147905179352830000", "295147905179352830000"},
	{"295147905179352830001", "!7"},
	{"{\"a\": 1, \"\\u0061\": 2}", "!4"},
	{"{\"a\": 1, \"b\": 2, \"a\": 1}", "!4"},
	{"\"\\ud800\"", "!5"},
	{"\"\\ude00\\ud83d\"", "!5"},
	{"\"\\ud83dx\"", "!5"},
	{"[1,]", "!1"},
	{"{\"a\"}", "!1"},
	{"{1: 2}", "!1"},
	{"[1 2]", "!1"},
	{"01", "!1"},
	{"1.", "!1"},
	{"1e", "!1"},
	{"+1", "!1"},
	{"\"a", "!1"},
	{"\"\t\"", "!1"},
	{"\"\\x\"", "!1"},
	{"\"\\u12g4\"", "!1"},
	{"nul", "!1"},
	{"1 1", "!1"},
	{"", "!1"},
};

static double
double_of(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void
known(void)
{
	char text[JCS_NUMBER_MAX];
	char deep[1024] = "";
	char *large = calloc(1, JCS_INPUT_MAX + 1);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		jcs_print_double(double_of(numbers[i].bits), text);
		is(text, numbers[i].text, numbers[i].text);
	}
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		is(canonical(documents[i].text, strlen(documents[i].text)), documents[i].canonical, documents[i].text);
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	is(canonical(deep, 200), deep, "100 levels");
	memset(deep, '[', 101);
	memset(deep + 101, ']', 101);
	is(canonical(deep, 202), "!3", "101 levels");
	memset(large, ' ', JCS_INPUT_MAX + 1);
	is(canonical(large, JCS_INPUT_MAX + 1), "!2", "over 4 MB");
	free(large);
	printf("1..%d\n", tests);
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (argc == 1)
		known();
	else
		while ((len = getline(&line, &room, stdin)) > 0)
		{
			char text[JCS_NUMBER_MAX];

			line[--len] = '\0';
			if (strcmp(argv[1], "documents") == 0)
				puts(canonical(line, (size_t) len));
			else
			{
				jcs_print_double(double_of(strtoull(line, NULL, 16)), text);
				puts(text);
			}
		}
	free(line);
	return failed > 0;
}

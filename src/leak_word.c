/*
 * leak_word.c
 *		The words that the leak detector takes notice of.
 */
#include "leak_word.h"

#include <string.h>

/* no word of interest is longer */
#define MAX_WORD_LEN 15

/* A word and what it means. */
typedef struct Entry
{
	const char *text; /* lower case; NULL ends a list */
	LeakWord    word;
} Entry;

/* clang-format off */

/* words by their first letter */
static const Entry words_a[] = {
	{"a", WORD_ARTICLE}, {"an", WORD_ARTICLE}, {"any", WORD_ARTICLE}, {"at", WORD_AT},
	{"as", WORD_EXPRESSION}, {"and", WORD_EXPRESSION}, {"all", WORD_DISTINCT},
	{"amqp", WORD_DB_SCHEME}, {"amqps", WORD_DB_SCHEME}, {"action", WORD_ROUTE},
	{"accountkey", WORD_SECRET_KEY}, {NULL, WORD_OTHER}};
static const Entry words_b[] = {
	{"by", WORD_BY}, {"between", WORD_EXPRESSION}, {NULL, WORD_OTHER}};
static const Entry words_c[] = {
	{"case", WORD_EXPRESSION}, {"catalog", WORD_DB_KEY}, {"chapter", WORD_VERSION},
	{NULL, WORD_OTHER}};
static const Entry words_d[] = {
	{"delete", WORD_DELETE}, {"distinct", WORD_DISTINCT}, {"dbname", WORD_DB_KEY},
	{"database", WORD_DB_KEY}, {NULL, WORD_OTHER}};
static const Entry words_e[] = {
	{"each", WORD_ARTICLE}, {"every", WORD_ARTICLE}, {"either", WORD_ARTICLE},
	{"else", WORD_EXPRESSION}, {"end", WORD_EXPRESSION}, {"error", WORD_ERROR},
	{"exception", WORD_EXCEPTION}, {NULL, WORD_OTHER}};
static const Entry words_f[] = {
	{"from", WORD_FROM}, {"file", WORD_FILE}, {"filter", WORD_EXPRESSION},
	{NULL, WORD_OTHER}};
static const Entry words_g[] = {
	{"go", WORD_GO}, {"get", WORD_ROUTE}, {"group", WORD_ORDER},
	{"goroutine", WORD_GOROUTINE}, {NULL, WORD_OTHER}};
static const Entry words_h[] = {
	{"her", WORD_ARTICLE}, {"his", WORD_ARTICLE}, {"head", WORD_ROUTE},
	{"href", WORD_ROUTE}, {"host", WORD_HOST_KEY}, {"hostaddr", WORD_HOST_KEY},
	{NULL, WORD_OTHER}};
static const Entry words_i[] = {
	{"it", WORD_ARTICLE}, {"its", WORD_ARTICLE}, {"in", WORD_EXPRESSION},
	{"is", WORD_EXPRESSION}, {"into", WORD_INTO}, {"insert", WORD_INSERT},
	{"internal", WORD_HOST_TLD}, {"interval", WORD_EXPRESSION}, {NULL, WORD_OTHER}};
static const Entry words_j[] = {
	{"jdbc", WORD_JDBC}, {NULL, WORD_OTHER}};
static const Entry words_l[] = {
	{"like", WORD_EXPRESSION}, {"local", WORD_HOST_TLD}, {"localhost", WORD_LOCALHOST},
	{NULL, WORD_OTHER}};
static const Entry words_m[] = {
	{"my", WORD_ARTICLE}, {"mysql", WORD_DB_SCHEME}, {"mariadb", WORD_DB_SCHEME},
	{"mongodb", WORD_DB_SCHEME}, {"mssql", WORD_DB_SCHEME}, {NULL, WORD_OTHER}};
static const Entry words_n[] = {
	{"not", WORD_EXPRESSION}, {"null", WORD_EXPRESSION}, {NULL, WORD_OTHER}};
static const Entry words_o[] = {
	{"on", WORD_WHERE}, {"one", WORD_ARTICLE}, {"or", WORD_EXPRESSION},
	{"our", WORD_ARTICLE}, {"ora", WORD_ORA}, {"order", WORD_ORDER},
	{"over", WORD_EXPRESSION}, {"options", WORD_ROUTE}, {NULL, WORD_OTHER}};
static const Entry words_p[] = {
	{"put", WORD_ROUTE}, {"post", WORD_ROUTE}, {"patch", WORD_ROUTE},
	{"panic", WORD_PANIC}, {"panicked", WORD_PANICKED}, {"password", WORD_DB_KEY},
	{"postgres", WORD_DB_SCHEME}, {"postgresql", WORD_DB_SCHEME}, {NULL, WORD_OTHER}};
static const Entry words_r[] = {
	{"redis", WORD_DB_SCHEME}, {"rediss", WORD_DB_SCHEME}, {"release", WORD_VERSION},
	{NULL, WORD_OTHER}};
static const Entry words_s[] = {
	{"set", WORD_SET}, {"src", WORD_ROUTE}, {"some", WORD_ARTICLE},
	{"select", WORD_SELECT}, {"server", WORD_HOST_KEY}, {"source", WORD_HOST_KEY},
	{"section", WORD_VERSION}, {"syntax", WORD_SYNTAX}, {"sqlstate", WORD_SQLSTATE},
	{"sqlserver", WORD_DB_SCHEME}, {"segmentation", WORD_SEGMENTATION},
	{"sharedaccesskey", WORD_SECRET_KEY}, {NULL, WORD_OTHER}};
static const Entry words_t[] = {
	{"the", WORD_ARTICLE}, {"top", WORD_DISTINCT}, {"this", WORD_ARTICLE},
	{"that", WORD_ARTICLE}, {"then", WORD_EXPRESSION}, {"these", WORD_ARTICLE},
	{"those", WORD_ARTICLE}, {"their", WORD_ARTICLE}, {"thread", WORD_THREAD},
	{"traceback", WORD_TRACEBACK}, {NULL, WORD_OTHER}};
static const Entry words_u[] = {
	{"update", WORD_UPDATE}, {NULL, WORD_OTHER}};
static const Entry words_v[] = {
	{"v", WORD_VERSION}, {"ver", WORD_VERSION}, {"version", WORD_VERSION},
	{"values", WORD_VALUES}, {"violates", WORD_VIOLATES}, {NULL, WORD_OTHER}};
static const Entry words_w[] = {
	{"when", WORD_EXPRESSION}, {"where", WORD_WHERE}, {NULL, WORD_OTHER}};
static const Entry words_y[] = {
	{"your", WORD_ARTICLE}, {NULL, WORD_OTHER}};

/* the lists above, by first letter */
static const Entry *const words_by_letter[26] = {
	words_a, words_b, words_c, words_d, words_e, words_f, words_g, words_h, words_i,
	words_j, NULL, words_l, words_m, words_n, words_o, words_p, NULL, words_r, words_s,
	words_t, words_u, words_v, words_w, NULL, words_y, NULL};

/* What counts as code; data and documents (json, yaml, md, csv) do not. */
static const char *const source_suffixes[] = {
	"bash", "c", "cc", "cjs", "class", "clj", "cpp", "cs", "cxx", "dart", "erl", "ex",
	"exs", "fs", "go", "groovy", "h", "hpp", "hs", "ipynb", "java", "jl", "js", "jsx",
	"kt", "kts", "lua", "m", "mjs", "ml", "mm", "php", "pl", "pm", "ps1", "py", "pyc",
	"pyi", "pyx", "r", "rb", "rs", "scala", "sh", "sql", "svelte", "swift", "ts", "tsx",
	"vb", "vue", NULL};

static const char *const root_directories[] = {
	"Users", "app", "etc", "home", "lib", "lib64", "mnt", "opt", "proc", "root", "srv",
	"tmp", "usr", "var", "workspace", NULL};

/* clang-format on */

/* The word, or WORD_OTHER. */
LeakWord
leak_word(const char *s, size_t len)
{
	char         lower[MAX_WORD_LEN + 1];
	const Entry *e;
	unsigned     letter = (unsigned) ((unsigned char) s[0] | 0x20) - 'a';

	if (len > MAX_WORD_LEN || letter >= 26 || words_by_letter[letter] == NULL)
		return WORD_OTHER;
	for (size_t i = 0; i < len; i++)
		lower[i] = (s[i] >= 'A' && s[i] <= 'Z') ? (char) (s[i] + 32) : s[i];
	lower[len] = '\0';
	for (e = words_by_letter[letter]; e->text != NULL; e++)
		if (e->text[1] == lower[1] && strcmp(e->text, lower) == 0)
			return e->word;
	return WORD_OTHER;
}

/* Whether the list has this text. */
static bool
contains(const char *const *list, const char *s, size_t len)
{
	for (; *list != NULL; list++)
		if ((*list)[0] == s[0] && strncmp(*list, s, len) == 0 && (*list)[len] == '\0')
			return true;
	return false;
}

/* Look the suffix up. */
bool
leak_is_source_suffix(const char *s, size_t len)
{
	return len > 0 && len <= 6 && contains(source_suffixes, s, len);
}

/* Look the directory up. */
bool
leak_is_root_directory(const char *s, size_t len)
{
	return len > 0 && len <= 9 && contains(root_directories, s, len);
}

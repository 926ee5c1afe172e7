/*
 * posture_words.c
 *		The words of answers: numbers, days and reasons, never payload.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "posture.h"

/*
 * Fill {good} {bad} {all} {event} {detail} in.
 */
char *
words_fill(const char *words, int64 good, int64 bad, int64 event, const char *detail)
{
	StringInfoData out;

	initStringInfo(&out);
	for (const char *brace; (brace = strchr(words, '{')) != NULL;
	     words = strchr(brace, '}') + 1)
	{
		appendBinaryStringInfo(&out, words, (int) (brace - words));
		if (strncmp(brace, "{good}", 6) == 0)
			appendStringInfo(&out, INT64_FORMAT, good);
		else if (strncmp(brace, "{bad}", 5) == 0)
			appendStringInfo(&out, INT64_FORMAT, bad);
		else if (strncmp(brace, "{all}", 5) == 0)
			appendStringInfo(&out, INT64_FORMAT, good + bad);
		else if (strncmp(brace, "{event}", 7) == 0)
			appendStringInfo(&out, INT64_FORMAT, event);
		else if (strncmp(brace, "{detail}", 8) == 0)
			appendStringInfoString(&out, detail ? detail : "");
		else
			elog(ERROR, "unknown placeholder in the words of a control");
	}
	appendStringInfoString(&out, words);
	return out.data;
}

/*
 * A length of time in its largest whole unit, as maestro.plain_interval.
 */
char *
words_age(int64 microseconds)
{
	int64 n = microseconds / USECS_PER_SEC;

	if (n > 0 && n % SECS_PER_DAY == 0)
		return psprintf(INT64_FORMAT " day%s", n / SECS_PER_DAY,
		                n == SECS_PER_DAY ? "" : "s");
	if (n > 0 && n % SECS_PER_HOUR == 0)
		return psprintf(INT64_FORMAT " h", n / SECS_PER_HOUR);
	if (n > 0 && n % SECS_PER_MINUTE == 0)
		return psprintf(INT64_FORMAT " min", n / SECS_PER_MINUTE);
	return psprintf(INT64_FORMAT " s", n);
}

/*
 * The day of a time in UTC, whatever the session's settings.
 */
char *
words_day(TimestampTz at)
{
	struct pg_tm tm;
	fsec_t       fsec;

	if (timestamp2tm(at, NULL, &tm, &fsec, NULL, NULL) != 0)
		return pstrdup("a day out of range");
	return psprintf("%04d-%02d-%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);
}

char *
words_skipped(char why)
{
	switch (why)
	{
		case 'k':
			return "does not apply to its kind";
		case 'p':
			return "it has no process of its own";
		case 'd':
			return "it declares no dependency";
		case 'l':
			return "it does not log for itself: measured at callers";
		case 's':
			return "one agent has nobody to hand off to";
		default:
			return "no registration was refused";
	}
}

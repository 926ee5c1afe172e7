/*
 * seal_snapshot.c
 *		Which transactions a seal has seen.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"

#include "seal_snapshot.h"

void
seal_snapshot_read(SealSnapshot *snapshot, const char *text)
{
	char *end;
	size_t commas = 0;

	snapshot->nxip = 0;
	snapshot->xip = NULL;
	snapshot->xmax = 0;
	if (text == NULL)
		return;
	(void) strtou64(text, &end, 10);
	if (*end == ':')
		snapshot->xmax = strtou64(end + 1, &end, 10);
	for (const char *c = end; *c != '\0'; c++)
		commas += *c == ',';
	/* one more for an own id */
	snapshot->xip = palloc((commas + 2) * sizeof(uint64));
	while (*end == ':' || *end == ',')
	{
		char *begin = end + 1;
		uint64 xid = strtou64(begin, &end, 10);

		if (end == begin)
			break;
		snapshot->xip[snapshot->nxip++] = xid;
	}
	if (*end != '\0' || snapshot->xmax == 0)
		elog(ERROR, "a checkpoint's snapshot is unreadable");
}

void
seal_snapshot_take(SealSnapshot *snapshot)
{
	Datum now = DirectFunctionCall1(pg_current_snapshot, (Datum) 0);
	uint64 own = U64FromFullTransactionId(GetTopFullTransactionId());
	int at;

	seal_snapshot_read(snapshot, DatumGetCString(DirectFunctionCall1(pg_snapshot_out, now)));
	if (own >= snapshot->xmax)
		return;
	/*
	 * A transaction counts as visible to itself, but what it logs after this seal
	 * would then never be sealed.
	 */
	for (at = snapshot->nxip; at > 0 && snapshot->xip[at - 1] > own; at--)
		snapshot->xip[at] = snapshot->xip[at - 1];
	snapshot->xip[at] = own;
	snapshot->nxip++;
}

char *
seal_snapshot_text(const SealSnapshot *snapshot)
{
	StringInfoData text;
	uint64 xmin = snapshot->nxip > 0 ? snapshot->xip[0] : snapshot->xmax;

	initStringInfo(&text);
	appendStringInfo(&text, UINT64_FORMAT ":" UINT64_FORMAT ":", xmin, snapshot->xmax);
	for (int i = 0; i < snapshot->nxip; i++)
		appendStringInfo(&text, i == 0 ? UINT64_FORMAT : "," UINT64_FORMAT, snapshot->xip[i]);
	return text.data;
}

bool
seal_snapshot_sees(const SealSnapshot *snapshot, uint64 xid)
{
	int low = 0;
	int high = snapshot->nxip;

	if (xid >= snapshot->xmax)
		return false;
	while (low < high)
	{
		int middle = (low + high) / 2;

		if (snapshot->xip[middle] < xid)
			low = middle + 1;
		else
			high = middle;
	}
	return low == snapshot->nxip || snapshot->xip[low] != xid;
}

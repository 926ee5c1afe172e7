/*
 * event_scan.h
 *		Events in the order of their stamps, over all leaves.
 */
#ifndef MAESTRO_EVENT_SCAN_H
#define MAESTRO_EVENT_SCAN_H

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "event.h"

typedef struct EventScan EventScan;

/* Opens all leaves; the snapshot must stay active. */
extern EventScan *event_scan_begin(Snapshot snapshot);

/* Turns to events with low <= stamp < high. */
extern void event_scan_range(EventScan *scan, int64 low, int64 high);

/* The next one by (stamp, event_id), valid until the next call; false: there is none. */
extern bool event_scan_next(EventScan *scan, Event *event);

extern void event_scan_end(EventScan *scan);

#endif /* MAESTRO_EVENT_SCAN_H */

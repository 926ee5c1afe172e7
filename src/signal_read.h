/*
 * signal_read.h
 *		What events say: what was counted of sealed ones, and what was not counted yet.
 */
#ifndef MAESTRO_SIGNAL_READ_H
#define MAESTRO_SIGNAL_READ_H

#include "datatype/timestamp.h"

#include "attributes.h"

/* Counts of one signal; there may be several of the same, to be added up. */
typedef struct SignalPart
{
	int32		system_id;
	int32		component_id;  /* 0: of the system as a whole */
	int32		dependency_id; /* 0: of the component as a whole */
	bool		drill;
	bool		is_current; /* evidence of the running version */
	Words		version;	/* that; NULL: another one, or of none */
	const char *signal;
	int64		ok;
	int64		bad;
	TimestampTz newest_ok; /* DT_NOBEGIN: none, as of the next */
	TimestampTz newest_bad;
	int64		last_bad; /* id of an event; 0: none */
} SignalPart;

typedef void (*SignalVisitor)(const SignalPart *part, void *context);

/*
 * Hands over all of them, of all systems, as of the active snapshot; whom they are shown
 * to is the visitor's to decide.  What contracts and versions that are none any more have
 * shown good is left out.  A part is valid until the visitor returns, and so is what that
 * puts into the memory context it is called in.
 */
extern void signals_visit(SignalVisitor visit, void *context);

#endif /* MAESTRO_SIGNAL_READ_H */

/*
 * action.h
 *		Actions that were begun and not ended yet: the table open_action.
 *
 * An action is two events.  The first is a note that it is begun, which says what is meant
 * in its attributes: maestro.action, the action's id; maestro.action.kind, what kind of
 * event it is to be; maestro.action.attributes, what the caller gave.  The second is that
 * event, with maestro.action too.  So posture counts an action once, when it has ended.
 */
#ifndef MAESTRO_ACTION_H
#define MAESTRO_ACTION_H

#include "datatype/timestamp.h"
#include "utils/uuid.h"

#include "event.h"

/* What of an attempt stays at most, in bytes. */
#define ACTION_MESSAGE_MAX 1024
#define ACTION_ATTRIBUTES_MAX 4096

#define ACTION_KEY "maestro.action"
#define ACTION_KIND_KEY "maestro.action.kind"
#define ACTION_ATTRIBUTES_KEY "maestro.action.attributes"

/* One that was begun; texts are palloc'd, or NULL. */
typedef struct Action
{
	int32		component_id;
	Oid			kind;
	TimestampTz begun_at;
	NameData	caller;
	int32		target_id;	   /* 0: none */
	int32		dependency_id; /* 0: none */
	char	   *target;		   /* where it is not registered */
	char	   *dependency;
	char	   *trace_id;
	char	   *span_id;
	char	   *parent_span_id;
} Action;

/* Store the event that an action is begun, and the action. */
extern void action_store(Event *event, const pg_uuid_t *id, Oid kind);

/* Keeps others from ending it until this transaction is over; false: it is not open. */
extern bool action_hold(const pg_uuid_t *id, Action *action);

/* One that is held is open no more, as far as this transaction commits. */
extern void action_close(const pg_uuid_t *id);

#endif /* MAESTRO_ACTION_H */

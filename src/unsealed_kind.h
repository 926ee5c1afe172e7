/*
 * unsealed_kind.h
 *		Of which kinds events are, and how they ended: most questions that take more than
 *		one event need not be asked of most.
 */
#ifndef MAESTRO_UNSEALED_KIND_H
#define MAESTRO_UNSEALED_KIND_H

#include "event.h"

/* A kind and an outcome, and what attributes tell besides. */
typedef struct KindSeen
{
	Oid	 kind;
	Oid	 outcome; /* invalid: none */
	bool files; /* of a heartbeat: it says how many files are open */
	bool uses; /* of a call: it says on which resource it works */
} KindSeen;

/* there are a few dozen */
#define KINDS_SEEN_MAX 1024

typedef struct UnsealedKinds
{
	Oid		 heartbeat;
	Oid		 call[3];
	int		 n;
	KindSeen seen[KINDS_SEEN_MAX];
} UnsealedKinds;

/* In the current memory context. */
extern UnsealedKinds *unsealed_kinds_new(void);
extern void unsealed_kind_note(UnsealedKinds *kinds, const Event *event);

#endif /* MAESTRO_UNSEALED_KIND_H */

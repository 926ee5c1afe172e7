/*
 * owner.h
 *		Acting as the extension's owner for access to our own tables.
 */
#ifndef MAESTRO_OWNER_H
#define MAESTRO_OWNER_H

/* Who a backend was before it acted as that role; an error puts it back by itself. */
typedef struct OwnerScope
{
	Oid user;
	int context;
} OwnerScope;

/* Between the two a backend acts as the owner. */
extern void owner_begin(OwnerScope *scope);
extern void owner_end(const OwnerScope *scope);

/*
 * Between the two nothing of the caller's search_path is called.  Returns what the
 * other takes.
 */
extern int path_begin(void);
extern void path_end(int level);

/* Between the two: as the owner, with that path, connected to SPI. */
typedef struct OwnerCall
{
	OwnerScope scope;
	int		   path;
} OwnerCall;

extern void owner_call_begin(OwnerCall *call);
extern void owner_call_end(OwnerCall *call);

#endif /* MAESTRO_OWNER_H */

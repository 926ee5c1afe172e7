/*
 * shmem.h
 *		What backends share, if the library is preloaded.
 */
#ifndef MAESTRO_SHMEM_H
#define MAESTRO_SHMEM_H

/* databases that are sealed in the background, at most */
#define SHMEM_SEALERS 64

/* Ask for the memory; while preloading. */
extern void shmem_request(void);

/* How much is asked for. */
extern Size shmem_size(void);

/* The calling process seals this database from now on; false: somebody else does. */
extern bool shmem_sealer_begin(void);

/* Events that were logged since; the sealer is woken when there are many. */
extern void shmem_count_event(void);
extern void shmem_forget_events(void);

/* Which process seals this database, and how many events came since it last began; false: none. */
extern bool shmem_look(int *sealer_pid, int64 *unsealed);

#endif /* MAESTRO_SHMEM_H */

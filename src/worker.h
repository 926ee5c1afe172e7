/*
 * worker.h
 *		Background processes: a launcher, and a sealer for each database.
 */
#ifndef MAESTRO_WORKER_H
#define MAESTRO_WORKER_H

/* Have the launcher started with the server; while preloading. */
extern void worker_register(void);

#endif /* MAESTRO_WORKER_H */

/*
 * recorder.h
 *		The process that stores what the queue of its database holds.
 */
#ifndef MAESTRO_RECORDER_H
#define MAESTRO_RECORDER_H

/* Stores all that waits, and says so. */
extern void recorder_run(void);

#endif /* MAESTRO_RECORDER_H */

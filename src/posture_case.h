/*
 * posture_case.h
 *		What one control finds for one system, component or dependency.
 */
#ifndef MAESTRO_POSTURE_CASE_H
#define MAESTRO_POSTURE_CASE_H

#include "posture.h"

/* one control for one system, component or dependency, while it is decided */
typedef struct Case
{
	const Posture           *posture;
	const Control           *control;
	const PostureSystem     *system;
	const PostureComponent  *component;  /* or NULL */
	const PostureDependency *dependency; /* or NULL */
	Answer                  *answer;
} Case;

/* a signal's observations, as they count for a case */
typedef struct Count
{
	const ControlSignal *signal;
	const Observation   *observation;
	int64                ok;
	int64                bad;
	int64                last_bad;
	bool                 wrong; /* more bad ones than are accepted */
} Count;

/* is a time recent enough for the control? */
extern bool case_is_fresh(const Case *c, TimestampTz at);

/* what a signal says; of the dependency, or else of the component or system; NULL:
 * nothing */
extern const Observation *case_observe(const Case *c, int signal, bool of_dependency);
extern int64 case_fresh_ok(const Case *c, AskedSignal asked, bool of_dependency);
extern Count case_count(const Case *c, const ControlSignal *signal);

/* are there more bad ones than the signal accepts? */
extern bool case_is_wrong(const Count *count);

/* let signals that excuse better the one that shows */
extern void case_excuse(const Control *control, Count *counts);

/* what is declared, or NULL */
extern const Declaration *case_declaration(const Case *c, bool of_dependency);

/* why the control does not apply, as the letter of its condition, k for the kind; 0: it
 * does */
extern char case_why_skipped(const Case *c);

/* was anything done lately that the declaration would be about? */
extern bool case_is_active(const Case *c);

/* what a person vouched for, in words, or NULL */
extern const char *case_attested(const Case *c);

#endif /* MAESTRO_POSTURE_CASE_H */

/*
 * judge_facts.h
 *		What judging needs beside the event: what is declared of components and
 *		dependencies, drills, reviews, and events that explain each other.
 */
#ifndef MAESTRO_JUDGE_FACTS_H
#define MAESTRO_JUDGE_FACTS_H

#include "judge.h"

/*
 * In the current memory context.  Of live_event's events: what is declared is kept by
 * the backend until it changes, of all systems.
 */
extern JudgeFacts *judge_facts_live(void);

/* Of all events that the role may read, by the active snapshot. */
extern JudgeFacts *judge_facts_of(Oid reader);

/* May the role for which facts were made read of that system? */
extern bool judge_facts_may_read(const JudgeFacts *facts, int32 system_id);

extern const JudgeLabels *judge_facts_labels(const JudgeFacts *facts);

/* NULL: nothing is known of it. */
extern const ComponentFacts *judge_facts_component(const JudgeFacts *facts, int32 component_id);
extern const LimitFacts *judge_facts_limits(const ComponentFacts *component, TimestampTz at);
extern const PolicyFacts *judge_facts_policy(const JudgeFacts *facts, int32 dependency_id,
											 TimestampTz at);
extern const PeriodFacts *judge_facts_plans(const JudgeFacts *facts, int32 system_id);

/* Does the event belong to a drill? */
extern bool judge_facts_drill(const JudgeFacts *facts, const JudgedEvent *event);

/* Does the newest review say that it is no alarm, or resolved? */
extern bool judge_facts_excused(JudgeFacts *facts, int64 event_id);

/* The newest valid output in an invalid one's span; false: there is none. */
extern bool judge_facts_retried(JudgeFacts *facts, int64 event_id, int64 *newest_id,
								TimestampTz *newest_at);

/* How long the event waited for persons, in us. */
extern int64 judge_facts_waits(const JudgedEvent *event);

/* Events recorded after that may still be explained by others. */
extern TimestampTz judge_facts_open_since(const JudgeFacts *facts);

#endif /* MAESTRO_JUDGE_FACTS_H */

/*
 * judge.h
 *		What an event says, question by question.
 *
 * A row becomes a JudgedEvent (judge_event.c); with what is declared and known besides,
 * the JudgeFacts (judge_facts.c), judge_answers() answers all questions about it (judge.c), and
 * verdict_votes() sorts the answers by slot (judge_vote.c).  judge_sql.c gives both to
 * views, signal_judge.c counts.
 */
#ifndef MAESTRO_JUDGE_H
#define MAESTRO_JUDGE_H

#include "datatype/timestamp.h"

#include "attributes.h"
#include "event.h"

/* Yes, no, or a question that does not concern the event. */
typedef enum Answer
{
	ANSWER_NONE = -1,
	ANSWER_NO = 0,
	ANSWER_YES = 1
} Answer;

/* Kinds of events; the label of each is its name in lower case. */
#define JUDGE_KINDS(X)                                                                   \
	X(INPUT, "input")                                                                    \
	X(OUTPUT, "output")                                                                  \
	X(HANDOFF, "handoff")                                                                \
	X(MODEL_CALL, "model_call")                                                          \
	X(TOOL_CALL, "tool_call")                                                            \
	X(DEPENDENCY_CALL, "dependency_call")                                                \
	X(AGENT_RUN, "agent_run")                                                            \
	X(ERROR, "error")                                                                    \
	X(HEARTBEAT, "heartbeat")                                                            \
	X(APPROVAL, "approval")                                                              \
	X(GUARD, "guard")                                                                    \
	X(NOTE, "note")                                                                      \
	X(REJECTED, "rejected")                                                              \
	X(REGISTRY, "registry")

typedef enum JudgeKind
{
#define JUDGE_ENUM(name, label) JUDGE_##name,
	JUDGE_KINDS(JUDGE_ENUM)
#undef JUDGE_ENUM
	JUDGE_OTHER
} JudgeKind;

/* Several kinds at once. */
#define JUDGE_BIT(kind) ((uint32) 1 << (kind))
#define JUDGE_CALLS                                                                      \
	(JUDGE_BIT(JUDGE_TOOL_CALL) | JUDGE_BIT(JUDGE_MODEL_CALL) | JUDGE_BIT(JUDGE_DEPENDENCY_CALL))
#define JUDGE_GUARDED (JUDGE_BIT(JUDGE_DEPENDENCY_CALL) | JUDGE_BIT(JUDGE_GUARD))

/* What judging knows the kinds and outcomes by. */
typedef struct JudgeLabels
{
	Oid kind[JUDGE_OTHER];
	Oid failed[2]; /* outcomes error and timeout */
	Oid unmade[3]; /* outcomes of what was not done: denied, rejected, cancelled */
	Oid deny;
} JudgeLabels;

extern void judge_labels(JudgeLabels *labels);
extern JudgeKind judge_kind(const JudgeLabels *labels, Oid kind);

/* An event, as far as judging reads it.  What it points to lies in the row, or was palloc'd. */
typedef struct JudgedEvent
{
	int64		event_id;
	TimestampTz recorded_at;
	TimestampTz at; /* the earlier of both times */
	int32		system_id; /* 0, and so are the next ones: none */
	int32		component_id;
	int32		target_id;
	int32		dependency_id;
	JudgeKind	kind;
	uint32		kind_bit;
	bool		own; /* of a registered component, which spoke for itself */
	bool		refused;
	bool		unmade; /* by its outcome */
	bool		is_failure; /* by its kind or outcome */
	bool		is_erased;
	bool		calls_other; /* its target is another one than who acted */
	bool		has_valid;
	bool		valid;
	bool		has_contract_version;
	int32		contract_version;
	bool		has_duration;
	int64		lasted; /* us, within what log_event takes */
	Words		version;
	Words		message;
	Words		reason;
	const uint8 *trace_id; /* NULL: none */
	const Event *row;
	Attributes	 attributes; /* of an own event, else empty */
	Jsonb		*findings;	 /* NULL: none, or no object */
} JudgedEvent;

extern void judged_event(JudgedEvent *event, const JudgeLabels *labels, const Event *row);

/* Of a body that is neither null, nor an empty text or list. */
extern bool judged_body_says(const JudgedEvent *event);

/* What an interval is at most, in us, a month being 30 days. */
extern int64 judge_span(const Interval *interval);

/* What held for a component from when to when. */
typedef struct LimitFacts
{
	TimestampTz valid_from;
	TimestampTz valid_until;
	Words		version;
	Words		model;
	Words		tool_digest;
	Words		manifest_digest;
	Words		old_tool_digest; /* which may run for an hour more */
	Words		old_manifest_digest;
	int64		latest; /* us; what has_latest says is there */
	double		memory_limit;
	uint32		contradicting; /* kinds that its own kind does not do, a bit each */
	int			nallowed;
	Words	   *allowed; /* findings that its outputs may have */
	bool		allows_null;
	bool		has_latest;
	bool		has_memory_limit;
	bool		is_current;
	bool		serves_models; /* a model or a gateway */
	bool		is_judged_by_callers;
} LimitFacts;

/* The same for a dependency. */
typedef struct PolicyFacts
{
	TimestampTz valid_from;
	TimestampTz valid_until;
	int64		latest;
	bool		has_latest;
	bool		retry_is_whole; /* what follows is there then */
	double		base_ms;
	double		cap_ms;
	double		multiplier;
	double		max_attempts;
} PolicyFacts;

/* Which contract is in force, and since when there is one. */
typedef struct ContractFacts
{
	JudgeKind	direction;
	int32		target_id; /* 0: of none */
	int32		version;
	TimestampTz since;
	struct ContractFacts *next;
} ContractFacts;

/* Two components that are nodes of one plan; may the first hand over to the second? */
typedef struct PairFacts
{
	int32 target_id;
	bool  is_allowed;
	struct PairFacts *next;
} PairFacts;

/* An address that a dependency had, or the digest of a plan, from when to when. */
typedef struct PeriodFacts
{
	Words		words;
	Words		host; /* of an address, without its port */
	TimestampTz since;
	TimestampTz until;
	struct PeriodFacts *next;
} PeriodFacts;

typedef struct ComponentFacts
{
	int32		   component_id;
	char		   status; /* simplehash's */
	bool		   is_node; /* of a plan */
	int			   nlimits;
	LimitFacts	  *limits; /* by time */
	ContractFacts *contracts;
	PairFacts	  *pairs;
	PeriodFacts	  *addresses;
} ComponentFacts;

typedef struct DependencyFacts
{
	int32		 dependency_id;
	char		 status; /* simplehash's */
	int			 npolicies;
	PolicyFacts *policies; /* by time */
} DependencyFacts;

typedef struct SystemFacts
{
	int32		 system_id;
	char		 status; /* simplehash's */
	PeriodFacts *plans;
} SystemFacts;

/* All that judging needs beside the event; judge_facts.h says how to come by it. */
typedef struct JudgeFacts JudgeFacts;

/* What was answered.  A row of maestro.event_verdict; see there. */
typedef struct Verdict
{
	const LimitFacts *limits;		 /* NULL: of who acted nothing is declared */
	const LimitFacts *target_limits; /* NULL: nor of the target */
	const ContractFacts *contract;	 /* that it is judged by; NULL: none */
	int32 judged_id;				 /* whose contract that is */
	bool  is_current;				 /* it says the version that limits are of */
	bool  is_open;
	bool  is_drill;
	bool  has_schedule;
	double waited;	  /* ms before a retry, no more than scheduled; what has_schedule says is there */
	double scheduled; /* ms by the policy, without jitter */
	Answer in_context;
	Answer without_secret;
	Answer clean;
	Answer error_clean;
	Answer error_typed;
	Answer in_time;
	Answer target_in_time;
	Answer call_in_time;
	Answer call_declared;
	Answer retry_in_bounds;
	Answer breaker_open;
	Answer limited;
	Answer made;
	Answer checked;
	Answer valid;
	Answer contracted;
	Answer order_kept;
	Answer model_pinned;
	Answer model_named;
	Answer contradicted;
	Answer tool_same;
	Answer target_tool_same;
	Answer manifest_same;
	Answer manifest_sent;
	Answer retry_known;
	Answer plan_same;
	Answer memory_in_limit;
	Answer neutral;
	Answer registered;
	Answer registration_reviewed;
} Verdict;

/* false: events of kind registry say nothing, and the verdict is not filled in. */
extern bool judge_answers(const JudgedEvent *event, JudgeFacts *facts, Verdict *verdict);

/* Whose verdict on the contract it is; false: of no version. */
extern bool verdict_version(const JudgedEvent *event, const Verdict *verdict, int32 *version);

/* Answers by slot of maestro.signal_slot, a bit each. */
typedef struct Votes
{
	uint64 asked;
	uint64 yes;
} Votes;

/* how many slots are of one event */
#define VOTE_SLOTS 49

extern Votes verdict_votes(const JudgedEvent *event, const Verdict *verdict);

/* Milliseconds as they are counted: whole ones. */
extern int64 verdict_ms(double ms);

#endif /* MAESTRO_JUDGE_H */

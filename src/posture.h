/*
 * posture.h
 *		From what is declared and was observed to answers, cells and items.
 *
 *		load	what the registry, the signals and the catalogue hold, once a call
 *		decide	each control for each system, component and dependency: an answer
 *		fold	answers to cells of the threat matrix and items of the checklist
 *
 * The rules of a control are its row in maestro.control and the rows of
 * maestro.control_signal; here is the one rule that decides all of them.
 * Everything lives in the memory context that posture_load was called in.
 */
#ifndef MAESTRO_POSTURE_H
#define MAESTRO_POSTURE_H

#include "datatype/timestamp.h"

/* in the order of maestro.control_status */
typedef enum ControlStatus
{
	CONTROL_OK,
	CONTROL_ALARM,
	CONTROL_UNKNOWN,
	CONTROL_ERROR,
	CONTROL_WAIVED,
	CONTROL_SKIP,
	CONTROL_COUNT
} ControlStatus;

/* in the order of maestro.evidence_basis, weakest first */
typedef enum Basis
{
	BASIS_ATTESTED,
	BASIS_DRILL,
	BASIS_REPORTED,
	BASIS_OBSERVED,
	BASIS_ENFORCED,
	BASIS_COUNT,
	BASIS_NONE = BASIS_COUNT
} Basis;

/* in the order of maestro.threat_status, as far as it is computed */
typedef enum ThreatStatus
{
	THREAT_OPEN,
	THREAT_PARTIAL,
	THREAT_MITIGATED,
	THREAT_UNKNOWN,
	THREAT_NOT_APPLICABLE,
	THREAT_COUNT
} ThreatStatus;

/* no time: before all times */
#define NEVER DT_NOBEGIN

/* what a signal or control has for a system, component or dependency; NULL: nothing */
typedef struct Known
{
	struct Observation **observations; /* by signal */
	struct Declaration **declarations; /* by control */
} Known;

typedef struct PostureSystem
{
	int32                     id; /* 0: stands for all while none is registered */
	char                     *name;
	int                       agents; /* active components that hand off */
	int                       nmembers;
	struct PostureComponent **members;
	bool  acts; /* has an active component that is judged by itself or its callers */
	Known known;
} PostureSystem;

typedef struct PostureComponent
{
	int32          id;
	PostureSystem *system;
	char          *name;
	int            kind_bit;   /* 1 << position in component_kind */
	int            layer_bits; /* 1 << layer, of each of its layers */
	char           judged_by;  /* i itself, c callers, s system */
	bool           active;
	bool           own_process;
	bool           has_role;
	bool           may_host; /* an environment report can be expected of it */
	bool           hands_off;
	int            first_dependency; /* index into dependencies */
	int            ndependencies;
	Known          known;
	struct Answer *answers; /* one a control, of component and dependency scope */
} PostureComponent;

typedef struct PostureDependency
{
	int32 id;
	char *name;
	Known known;
} PostureDependency;

/* a row of control_signal */
typedef struct ControlSignal
{
	int    signal; /* index into names of signals */
	char   role;   /* s shows, a against, c covers, e excuses */
	int    needed;
	bool   anywhere;
	double min_share; /* 1: no bad one is accepted */
	Basis  basis;
	char  *good;
	char  *bad;
} ControlSignal;

/* signals that a control may have */
#define CONTROL_SIGNALS_MAX 16

typedef struct Control
{
	char          *slug;
	char          *title;
	char           scope;     /* c component, d dependency, s system or log */
	char           condition; /* first letter of control.condition */
	bool           builtin;
	Basis          basis;
	int            min_evidence;
	int64          max_age; /* microseconds */
	bool           per_version;
	char          *declares; /* or NULL */
	bool           must_declare;
	bool           drill;
	bool           attestable;
	bool           evaluated;
	char          *to_declare; /* or NULL, as the next two */
	char          *to_observe;
	char          *to_repair;
	int            kind_bits;
	int            nsignals;
	ControlSignal *signals;
} Control;

typedef struct Tally
{
	int64       ok;
	int64       bad;
	TimestampTz newest_ok;
	TimestampTz newest_bad;
	int64       last_bad; /* event id, 0: none */
} Tally;

/* what was seen, and how much of it of the running version */
typedef struct Seen
{
	Tally all;
	Tally current;
} Seen;

typedef struct Observation
{
	Tally all;
	Tally current; /* of the running version */
	Seen *drill;   /* the same in drills, or NULL */
	char *detail; /* or NULL */
	char *skip;   /* or NULL: why what the signal asks does not apply */
} Observation;

/* a row of control_result that counts */
typedef struct Outcome
{
	int32         control;   /* index */
	int32         system_id; /* 0: the whole log */
	int32         component_id;
	ControlStatus status;
	Basis         basis;
	char         *reason;
	char         *remedy;
	int64         evidence_count;
	TimestampTz   evaluated_at;
} Outcome;

/* what is declared, attested and waived for a control */
typedef struct Declaration
{
	bool  declared;
	char *fault;    /* or NULL */
	char *lacking;  /* name of the dependency that does not declare it, or NULL */
	char *attested; /* reason of an ok by attestation, or NULL */
	bool  waived;
} Declaration;

typedef struct Answer
{
	const Control           *control;
	const PostureComponent  *component;  /* NULL: the system's */
	const PostureDependency *dependency; /* the worst of several, or NULL */
	ControlStatus            status;     /* as computed */
	bool                     waived;
	char                    *reason;
	Basis                    basis;
	int64                    evidence_count;
	TimestampTz              newest;
	const char              *remedy; /* template, or NULL */
	const char *lacking; /* name of the dependency that the remedy is about, where
	                        dependency is NULL */
	int    unblocks;     /* cells of the matrix that it keeps from being mitigated */
	double weight;       /* residual risk that its being ok takes away */
} Answer;

/* a threat or checklist item and the controls behind it */
typedef struct Subject
{
	char *slug;
	bool  is_threat;
	int   layer;    /* of a threat */
	int   severity; /* rank, 1 to 4 */
	int   ncontrols;
	int  *controls; /* indexes, in the order of slugs */
} Subject;

/* signals that decide() asks for by name */
typedef enum AskedSignal
{
	ASKED_ACTING,
	ASKED_CALL,
	ASKED_CALLED,
	ASKED_CALLED_SILENT,
	ASKED_CALLING,
	ASKED_EVENT,
	ASKED_HEARTBEAT,
	ASKED_REGISTRATION_SEEN,
	ASKED_UNDECLARED_CALL,
	ASKED_WRITER_REGISTERED,
	ASKED_COUNT
} AskedSignal;

typedef struct Posture
{
	TimestampTz        now;
	int                nsystems;
	PostureSystem     *systems;
	int                ncomponents;
	PostureComponent  *components; /* by id */
	int                ndependencies;
	PostureDependency *dependencies; /* by component and name */
	int                ncontrols;
	Control           *controls; /* by slug */
	int                nsignals;
	char             **signals;            /* names, sorted */
	int                asked[ASKED_COUNT]; /* their indexes */
	int                nsubjects;
	Subject           *subjects; /* threats by position, then items by position */
	int                noutcomes;
	Outcome           *outcomes;
	Answer           **system_answers; /* one array a system, one answer a control */
} Posture;

/* posture_load.c: systems that the role may read, and all that concerns them */
extern Posture *posture_load(Oid reader);

/* posture_case.c: let each system know its components */
extern void posture_members(Posture *posture);

/* posture_decide.c */
extern void          posture_decide(Posture *posture);
extern ControlStatus answer_status(const Answer *answer);     /* waived counted in */
extern const char   *answer_dependency(const Answer *answer); /* name, or NULL */
extern int           status_rank(ControlStatus status);       /* 1 the worst to 6 */

/* posture_words.c: {good} {bad} {all} {event} {detail} filled in; others for reasons */
extern char *words_fill(const char *words, int64 good, int64 bad, int64 event,
                        const char *detail);
extern char *words_age(int64 microseconds);
extern char *words_day(TimestampTz at);
extern char *words_skipped(char why); /* the letter of why_skipped() */

/* ---- posture_fold.c and posture_figure.c ---- */

/*
 * One answer behind a cell or item.  Where the answers of a whole system stand
 * for a component, words and figures are theirs.
 */
typedef struct Part
{
	const Control *control;
	ControlStatus  status;
	char          *reason;
	Basis          basis;
	int64          evidence_count;
	TimestampTz    newest;
	const char    *remedy; /* template, or NULL */
	const Answer
	    *answer;   /* the one it is, or the first of those it stands for; NULL: none */
	bool is_whole; /* it stands for all components, and counts once */
} Part;

/* a threat for a component, or for a layer that has none */
typedef struct Cell
{
	const PostureSystem    *system;
	const PostureComponent *component; /* NULL: none registered on the layer */
	const Subject          *threat;
	ThreatStatus            status;
	double                  share; /* of its controls that apply, those that are ok */
	int                     nparts;
	Part                   *parts;
} Cell;

/* an item of a system's checklist */
typedef struct ChecklistItem
{
	const PostureSystem *system;
	const Subject       *item;
	ControlStatus        status;   /* with waivers */
	ControlStatus        computed; /* without */
	const Part          *worst;
	char                *reason;
	Basis                basis;
	int64                evidence_count;
	TimestampTz          newest;
	int64                counts[CONTROL_COUNT];
} ChecklistItem;

/* the figures of a layer, or with layer 0 of a checklist */
typedef struct Figure
{
	const PostureSystem *system;
	int                  layer;
	int64                components;
	TimestampTz          newest;
	int64                counts[CONTROL_COUNT];
	int64                attested;
	int64                threats[THREAT_COUNT];
	int                  worst_open; /* severity's rank, 0: none */
	double               residual;
} Figure;

typedef struct Fold
{
	int            ncells;
	Cell          *cells;
	int            nitems;
	ChecklistItem *items;
	int            nfigures;
	Figure        *figures;
} Fold;

/* what is wanted: cells (with answers' weights), items */
#define FOLD_CELLS 1
#define FOLD_ITEMS 2

extern Fold *posture_fold(Posture *posture, int wanted);
/* posture_figure.c: of cells and items */
extern void         posture_figure(const Posture *posture, Fold *fold);
extern ThreatStatus threat_status(int worst, int ok);
extern double       cell_residual(const Cell *cell);
extern int          cell_worst(const Cell *cell); /* rank of its worst part */

#endif /* MAESTRO_POSTURE_H */

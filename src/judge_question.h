/*
 * judge_question.h
 *		What the questions of judge.c and judge_declared.c have in common.
 */
#ifndef MAESTRO_JUDGE_QUESTION_H
#define MAESTRO_JUDGE_QUESTION_H

#include "judge.h"
#include "judge_facts.h"

/* What a question needs. */
typedef struct Judging
{
	const JudgedEvent	 *event;
	JudgeFacts			 *facts;
	Verdict				 *verdict;
	const ComponentFacts *component; /* who acted; NULL: nothing is known */
	const ComponentFacts *target;
	const PolicyFacts	 *policy; /* of its dependency; NULL: none */
	bool				  accepted; /* own, and not refused */
} Judging;

static inline Answer
answer(bool yes)
{
	return yes ? ANSWER_YES : ANSWER_NO;
}

/* SQL's equality: without a side there is no answer. */
static inline Answer
words_answer(Words a, Words b)
{
	return a.s == NULL || b.s == NULL ? ANSWER_NONE : answer(words_equal(a, b));
}

static inline bool
is_one_of(const JudgedEvent *event, uint32 kinds)
{
	return (event->kind_bit & kinds) != 0;
}

/* Is it as it was declared?  Of judge_declared.c. */
extern void judge_contract(Judging *j);
extern void judge_order(Judging *j);
extern void judge_plan(Judging *j);
extern void judge_model(Judging *j);
extern void judge_digests(Judging *j);
extern void judge_memory(Judging *j);

#endif /* MAESTRO_JUDGE_QUESTION_H */

/*
 * declared_facts.h
 *		What is declared of components, dependencies and systems, in tables by id.
 */
#ifndef MAESTRO_DECLARED_FACTS_H
#define MAESTRO_DECLARED_FACTS_H

#include "judge.h"

typedef struct DeclaredFacts DeclaredFacts;

/* Of which systems; NULL: of all. */
typedef bool (*SystemFilter)(void *context, int32 system_id);

/*
 * In a memory context below that one, by the active snapshot.  As the owner, connected
 * to SPI.
 */
extern DeclaredFacts *declared_facts_read(MemoryContext parent, SystemFilter filter, void *context);
extern void declared_facts_free(DeclaredFacts *facts);

/* NULL: nothing is known. */
extern const ComponentFacts *declared_component(const DeclaredFacts *facts, int32 component_id);
extern const DependencyFacts *declared_dependency(const DeclaredFacts *facts, int32 dependency_id);
extern const SystemFacts *declared_system(const DeclaredFacts *facts, int32 system_id);

#endif /* MAESTRO_DECLARED_FACTS_H */

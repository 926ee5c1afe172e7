/*
 * contract.h
 *		Contracts of components: which is in force, and does a document hold it?
 */
#ifndef MAESTRO_CONTRACT_H
#define MAESTRO_CONTRACT_H

#include "utils/jsonb.h"

#include "schema.h"

typedef enum ContractDirection
{
	CONTRACT_INPUT,
	CONTRACT_OUTPUT,
	CONTRACT_HANDOFF
} ContractDirection;

/* Whose it is, and for what; target_id is 0 unless it is a handoff. */
typedef struct ContractKey
{
	int32			  component_id;
	int32			  target_id;
	ContractDirection direction;
} ContractKey;

/* A contract, compiled; good until the next call of this file. */
typedef struct Contract
{
	int32			  version;
	const SchemaNode *schema;
	const SchemaNode *overlay; /* NULL: there is none */
} Contract;

/* "input", "output" or "handoff"; -1 for any other word */
extern int contract_direction_named(const char *name);
extern const char *contract_direction_name(ContractDirection direction);

/* The newest version; false: there is no such contract. */
extern bool contract_find(const ContractKey *key, Contract *contract);

/* The registered schema of a URI, compiled, or NULL; good as a Contract is. */
extern const SchemaNode *contract_schema(const char *uri);

/* violations told of one document at most, and bytes of each path */
#define CONTRACT_VIOLATIONS 20
#define CONTRACT_PATH_MAX	256

/*
 * Does the document hold the contract?  If not, *violations is an array of
 * {"path", "keyword", "message"}, with "overlay": true where it is the overlay's: the
 * first ones, paths sanitized and cut, and never a value.
 */
extern bool contract_holds(const Contract *contract, Jsonb *document, Jsonb **violations);

#endif /* MAESTRO_CONTRACT_H */

/*
 * leaf_index.h
 *		A leaf's indexes, as far as rows of one kind enter them.
 */
#ifndef MAESTRO_LEAF_INDEX_H
#define MAESTRO_LEAF_INDEX_H

#include "nodes/execnodes.h"

/*
 * ExecOpenIndices for a row of that kind; ExecCloseIndices closes.  Returns whether
 * some were left out, so that rows of another kind need them opened anew.
 */
extern bool leaf_index_open(ResultRelInfo *result, Oid kind);

#endif /* MAESTRO_LEAF_INDEX_H */

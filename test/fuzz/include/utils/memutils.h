/* Memory contexts: the heap. */
#define MaxAllocSize ((size_t) 0x3fffffff)
#define CurrentMemoryContext NULL
#define palloc(size) malloc(size)
#define pfree(p) free(p)
#define repalloc_huge(p, size) realloc(p, size)
#define MemoryContextAllocHuge(context, size) malloc(size)

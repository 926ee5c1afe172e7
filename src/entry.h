/*
 * entry.h
 *		What is hashed of an event: its payload, its entry, its leaf.
 */
#ifndef MAESTRO_ENTRY_H
#define MAESTRO_ENTRY_H

#include "event.h"
#include "canon.h"
#include "sha256.h"

/* An event's hashes. */
typedef struct EntryHashes
{
	uint8 payload[SHA256_LEN];
	uint8 leaf[SHA256_LEN];
} EntryHashes;

/*
 * Hash a row of the log with that id.  A row whose payload was erased keeps its
 * payload hash, which is taken as it is.  False: such a row lacks it, or holds
 * payload without salt.
 */
extern bool entry_hash(const uint8 log[CANON_UUID_LEN], const Event *event,
					   EntryHashes *hashes);

/* The same of two events at once, which takes less than one after the other. */
extern void entry_hash_pair(const uint8 log[CANON_UUID_LEN], const Event *const events[2],
							EntryHashes hashes[2], bool hashed[2]);

/* The entry's bytes, valid until the next call of this file. */
extern const uint8 *entry_bytes(const uint8 log[CANON_UUID_LEN], const Event *event,
								const uint8 payload_hash[SHA256_LEN], size_t *len);

/* The payload's bytes, without salt; likewise. */
extern const uint8 *entry_payload(const Event *event, size_t *len);

/* Does erasing take that column away, and is there anything in such columns? */
extern bool entry_is_payload(EventColumn column);
extern bool entry_has_payload(const Event *event);

/* Random bytes, from a buffer. */
extern void entry_salt(uint8 salt[CANON_SALT_LEN]);

/* stamp = incarnation << 48 | top-level transaction id */
#define STAMP_XID_BITS 48
static inline int64
stamp_of(int incarnation, uint64 xid)
{
	/* a sum, because an id of 1 << STAMP_XID_BITS means the end of an incarnation */
	return (int64) (((uint64) incarnation << STAMP_XID_BITS) + xid);
}

static inline int
stamp_incarnation(int64 stamp)
{
	return (int) ((uint64) stamp >> STAMP_XID_BITS);
}

#endif /* MAESTRO_ENTRY_H */

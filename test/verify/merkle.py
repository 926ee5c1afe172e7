"""The tree of RFC 6962, and the files that C2SP tlog-tiles lays it out in."""

import hashlib

WIDTH = 256


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes):
    """MTH of section 2.1: split at the largest power of two below the number."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = hashes
    # Pairs from the left, and a last one without neighbour as it is, come to the same.
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2:]
    return level[0]


def root_of_inclusion(leaf, index, size, proof):
    """RFC 9162, 2.1.3.2: the root that the proof leads to, None if it can be none of that size."""
    if index >= size:
        return None
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn & 1 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def tile_name(n):
    groups = ["%03d" % (n % 1000)]
    while n >= 1000:
        n //= 1000
        groups.insert(0, "x%03d" % (n % 1000))
    return "/".join(groups)


def tiles_of(size):
    """(level, n, width) of each tile of a tree of that size."""
    level, nodes = 0, size
    while nodes > 0:
        for n in range((nodes + WIDTH - 1) // WIDTH):
            yield level, n, min(WIDTH, nodes - n * WIDTH)
        level, nodes = level + 1, nodes // WIDTH


def tile_path(kind, n, width):
    """kind is the level, or "entries"."""
    return "tile/%s/%s%s" % (kind, tile_name(n), "" if width == WIDTH else ".p/%d" % width)


def paths_of(size):
    """All files below tile/ of a log of that size."""
    paths = set()
    for level, n, width in tiles_of(size):
        paths.add(tile_path(level, n, width))
        if level == 0:
            paths.add(tile_path("entries", n, width))
    return paths

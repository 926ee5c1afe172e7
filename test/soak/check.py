"""Is the log what the clients were told?  For a server on which nothing else runs."""

import collections
import os
import sys
import time

from session import Refused

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../verify"))
import merkle

XID = (1 << 48) - 1

Row = collections.namedtuple("Row", "event_id stamp mark leaf")
Checkpoint = collections.namedtuple("Checkpoint", "size root batch incarnation snapshot")


class Snapshot:
    def __init__(self, text):
        _, xmax, running = text.split(":")
        self.xmax = int(xmax)
        self.running = {int(xid) for xid in running.split(",") if xid}

    def sees(self, xid):
        return xid < self.xmax and xid not in self.running


class Check:
    def __init__(self, session, ledger, random):
        self.session = session
        self.ledger = ledger
        self.random = random
        self.faults = []
        self.checkpoints = []

    def fault(self, text, some=()):
        some = sorted(some)
        self.faults.append(text + (f": {len(some)}: " + " ".join(map(str, some[:8])) if some else ""))

    def run(self, crashed, seconds=30):
        self.settle_prepared()
        self.catch_up(seconds)
        self.read()
        self.settle_groups(crashed)
        self.check_rows()
        self.check_tree()
        self.check_checkpoints()
        self.check_seen()
        self.check_proofs()
        for line in self.session.run("SELECT severity, kind, event_id, detail FROM maestro.verify()")[:20]:
            self.fault("verify(): " + line)
        for line in self.session.run("SELECT * FROM maestro.recount_signals()")[:20]:
            self.fault("counted otherwise when counted again: " + line)
        return self.faults

    def settle_prepared(self):
        """What became of those whose connection was lost; a seal's is ended, since all others wait for it."""
        there = set(self.session.run("SELECT gid FROM pg_prepared_xacts"))
        with self.ledger.lock:
            for one in list(self.ledger.prepared.values()):
                one.busy = False
                if one.gid in there:
                    one.state = "prepared"
                    continue
                if one.state == "prepared":
                    self.fault("a prepared transaction is gone", [one.gid])
                self.ledger.end_prepared(one, "kept" if one.state == "committing" else "gone")
            known = set(self.ledger.prepared)
            for gid in sorted(there):
                if gid not in known:
                    self.fault("a prepared transaction that nobody prepared", [gid])
                elif gid.startswith("seal-"):
                    commits = self.random.random() < 0.5
                    self.session.run(("COMMIT" if commits else "ROLLBACK") + f" PREPARED '{gid}'")
                    self.ledger.end_prepared(self.ledger.prepared[gid], "kept" if commits else "gone")

    def catch_up(self, seconds):
        """The background has to seal all; a lost event keeps it from that for ever."""
        end = time.monotonic() + seconds
        while self.session.value("SELECT queue_waiting FROM maestro.status()") != "0" and time.monotonic() < end:
            time.sleep(0.1)
        while True:
            waits = int(self.session.value("SELECT (SELECT count(*) FROM maestro.event)"
                                           " - coalesce((SELECT max(size) FROM maestro.checkpoint), 0)"))
            if waits == 0:
                return
            if time.monotonic() > end:
                self.fault(f"after {seconds} s {waits} events are not sealed")
                return
            time.sleep(0.1)

    def read(self):
        self.session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
        self.rows = [Row(int(a), int(b), c, d) for a, b, c, d in (line.split("|") for line in self.session.run(
            "SELECT event_id, stamp, coalesce(attributes->>'mark', attributes#>>'{maestro.action.attributes,mark}'), leaf FROM maestro.event"))]
        self.tree = [(int(a), b) for a, b in (line.split("|") for line in self.session.run(
            "SELECT event_id, leaf FROM maestro.tree_leaves() ORDER BY index"))]
        self.checkpoints = [Checkpoint(int(a), b, int(c), int(d), Snapshot(e)) for a, b, c, d, e in (
            line.split("|") for line in self.session.run(
                "SELECT size, root, batch, incarnation, snapshot FROM maestro.checkpoint ORDER BY size"))]
        self.incarnations = self.session.value("SELECT count(*) FROM maestro.incarnation")
        self.session.run("COMMIT")
        self.by_mark = {row.mark: row for row in self.rows if row.mark}
        self.by_id = {row.event_id: row for row in self.rows}

    def settle_groups(self, crashed):
        """All or nothing; from now on it must stay so."""
        ledger = self.ledger
        with ledger.lock:
            groups = [(group, "lost at COMMIT") for group in ledger.maybe]
            for group in ledger.soft:
                if crashed:
                    groups.append((group, "committed without waiting"))
                else:
                    ledger.kept.update((mark, group.leaves.get(mark)) for mark in group.marks)
            for group, what in groups:
                there = [mark for mark in group.marks if mark in self.by_mark]
                if there and len(there) != len(group.marks):
                    self.fault(f"a part of a transaction {what}", set(group.marks) - set(there))
                elif there:
                    ledger.kept.update((mark, group.leaves.get(mark)) for mark in group.marks)
                else:
                    ledger.gone.update(group.marks)
            ledger.soft, ledger.maybe = [], []
            ledger.settled = len(self.tree) - len(ledger.kept)

    def check_rows(self):
        ledger = self.ledger
        marks = [row.mark for row in self.rows if row.mark]
        if len(set(marks)) != len(marks):
            self.fault("an event is in the table twice", [m for m, n in collections.Counter(marks).items() if n > 1])
        if len(self.by_id) != len(self.rows):
            self.fault("an event's id is in the table twice")
        there = set(marks)
        pending = {mark for one in ledger.prepared.values() for mark in one.marks}
        if not ledger.kept.keys() <= there:
            self.fault("acknowledged, and not in the table", ledger.kept.keys() - there)
        if there & ledger.gone:
            self.fault("rolled back, and in the table", there & ledger.gone)
        if there & pending:
            self.fault("prepared, and in the table", there & pending)
        if there - ledger.kept.keys() - ledger.gone - pending:
            self.fault("in the table, and nobody logged it", there - ledger.kept.keys() - ledger.gone - pending)
        wrong = [mark for mark, leaf in ledger.kept.items() if leaf and mark in there and self.by_mark[mark].leaf != leaf]
        if wrong:
            self.fault("the receipt has another leaf", wrong)

    def check_tree(self):
        ids = [event_id for event_id, _ in self.tree]
        if len(set(ids)) != len(ids):
            self.fault("in the tree twice", [i for i, n in collections.Counter(ids).items() if n > 1])
        if set(ids) - self.by_id.keys():
            self.fault("in the tree, and not in the table", set(ids) - self.by_id.keys())
        if self.by_id.keys() - set(ids):
            missing = self.by_id.keys() - set(ids)
            self.fault("in the table, and not in the tree", missing)
            self.fault("their marks", [self.by_id[i].mark or "-" for i in sorted(missing)[:8]])
        wrong = [i for i, leaf in self.tree if i in self.by_id and self.by_id[i].leaf != leaf]
        if wrong:
            self.fault("another leaf in the tree than in the table", wrong)

    def check_checkpoints(self):
        """Each batch is what its snapshot sees and the one before did not, in order."""
        size, before = 0, Snapshot("0:0:")
        for c in self.checkpoints:
            if c.size != size + c.batch or c.incarnation != 1:
                self.fault("the checkpoint does not follow the one before", [c.size])
            keys = [(self.by_id[i].stamp, i) for i, _ in self.tree[size:c.size] if i in self.by_id]
            if any(a >= b for a, b in zip(keys, keys[1:])):
                self.fault("out of order in the batch up to", [c.size])
            wrong = [i for stamp, i in keys if stamp >> 48 != 1 or before.sees(stamp & XID) or not c.snapshot.sees(stamp & XID)]
            if wrong:
                self.fault(f"not to be sealed by the checkpoint of {c.size}", wrong)
            size, before = c.size, c.snapshot
        if size != len(self.tree):
            self.fault(f"the tree has {len(self.tree)} leaves, the newest checkpoint {size}")
        if self.incarnations != "1":
            self.fault(f"there are {self.incarnations} incarnations")
        if self.checkpoints:
            root = merkle.root_of([bytes.fromhex(leaf) for _, leaf in self.tree]).hex()
            if root != self.checkpoints[-1].root:
                self.fault("the newest root is not that of the leaves")

    def check_seen(self):
        """A checkpoint that somebody has read is there for ever, and the log of today begins with it."""
        there = {c.size: c.root for c in self.checkpoints}
        seen = sorted(self.ledger.seen.items())
        lost = [size for size, root in seen if there.get(size) != root]
        if lost:
            self.fault("a checkpoint that was read is gone or another", lost)
        if not seen or not self.checkpoints:
            return
        now = self.checkpoints[-1]
        some = self.random.sample(seen, min(len(seen), 60))
        pairs = [(*one, now.size, now.root) for one in some]
        pairs += [(*a, *b) for a, b in zip(sorted(some), sorted(some)[1:])]
        values = ", ".join(f"({a}::bigint, '\\x{b}'::bytea, {c}::bigint, '\\x{d}'::bytea)" for a, b, c, d in pairs if a <= now.size)
        try:
            for line in self.session.run(f"SELECT a, c FROM (VALUES {values}) AS v (a, b, c, d) WHERE NOT"
                                         " maestro.verify_consistency(a, c, maestro.consistency_proof(a, c), b, d)"):
                self.fault("no consistency between checkpoints", [line])
        except Refused as error:
            self.fault(f"no proof of consistency: {error}")

    def check_proofs(self):
        if not self.checkpoints or not self.tree:
            return
        now = self.checkpoints[-1]
        places = self.random.sample(range(min(len(self.tree), now.size)), min(30, now.size, len(self.tree)))
        values = ", ".join(f"({i}::bigint, {self.tree[i][0]}::bigint, '\\x{self.tree[i][1]}'::bytea)" for i in places)
        try:
            for line in self.session.run(f"SELECT i, id FROM (VALUES {values}) AS v (i, id, leaf) WHERE maestro.event_index(id) IS DISTINCT FROM i"
                                         f" OR NOT maestro.verify_inclusion(leaf, i, {now.size}, maestro.inclusion_proof(id), '\\x{now.root}')"):
                self.fault("no proof of inclusion", [line])
        except Refused as error:
            self.fault(f"no proof of inclusion: {error}")

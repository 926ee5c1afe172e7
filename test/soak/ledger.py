"""What the server said of each event, kept outside of it."""

import threading


class Group:
    """Events that are all there or all not, and nobody was told which."""

    def __init__(self, marks, leaves):
        self.marks = marks
        self.leaves = leaves


class Prepared:
    """A prepared transaction; state: preparing, prepared, committing or rolling."""

    def __init__(self, gid, marks, leaves, state):
        self.gid = gid
        self.marks = marks
        self.leaves = leaves
        self.state = state
        self.busy = False


class Ledger:
    def __init__(self, directory):
        self.directory = directory
        self.lock = threading.Lock()
        self.kept = {}  # mark: leaf of the receipt, or None
        self.gone = set()
        self.soft = []  # acknowledged with synchronous_commit off: a crash may take them
        self.maybe = []  # the connection was lost in COMMIT
        self.prepared = {}
        self.seen = {}  # size: root of checkpoints that were read
        self.counts = dict.fromkeys(("events", "commits", "rollbacks", "prepared", "crashes", "seals", "unknown"), 0)
        self.refused = {}
        self.settled = 0  # size of the log less events known as kept, at the last check
        self.backlog = 0
        self.files = {}

    def write(self, client, word, marks):
        """A line of the client's own file."""
        if client not in self.files:
            self.files[client] = open(f"{self.directory}/{client}.ledger", "a", buffering=1)
        self.files[client].write(word + " " + " ".join(marks) + "\n")

    def count(self, name, n=1):
        with self.lock:
            self.counts[name] += n

    def refuse(self, sqlstate):
        with self.lock:
            self.refused[sqlstate] = self.refused.get(sqlstate, 0) + 1

    def commit(self, client, marks, leaves, soft):
        self.write(client, "soft" if soft else "kept", marks)
        with self.lock:
            if soft:
                self.soft.append(Group(marks, leaves))
            else:
                self.kept.update((mark, leaves.get(mark)) for mark in marks)
            self.counts["commits"] += 1
            self.counts["events"] += len(marks)

    def roll_back(self, client, marks):
        self.write(client, "gone", marks)
        with self.lock:
            self.gone.update(marks)
            self.counts["rollbacks"] += 1

    def drop(self, client, marks):
        """Of a savepoint or a caught error: the transaction goes on."""
        if marks:
            self.write(client, "gone", marks)
            with self.lock:
                self.gone.update(marks)

    def lose(self, client, marks, leaves):
        self.write(client, "maybe", marks)
        with self.lock:
            self.maybe.append(Group(marks, leaves))
            self.counts["unknown"] += 1

    def prepare(self, client, gid, marks, leaves, state):
        self.write(client, state + " " + gid, marks)
        with self.lock:
            self.prepared[gid] = Prepared(gid, marks, leaves, state)
            self.counts["prepared"] += state == "prepared"

    def take_prepared(self, choose):
        """One that nobody else is about to end."""
        with self.lock:
            free = [p for p in self.prepared.values() if p.state == "prepared" and not p.busy]
            if not free:
                return None
            one = choose(free)
            one.busy = True
            return one

    def end_prepared(self, one, state):
        """With the lock: how it ended."""
        del self.prepared[one.gid]
        if state == "kept":
            self.kept.update((mark, one.leaves.get(mark)) for mark in one.marks)
            self.counts["commits"] += 1
            self.counts["events"] += len(one.marks)
        else:
            self.gone.update(one.marks)
            self.counts["rollbacks"] += 1

    def see(self, size, root):
        """A checkpoint that was read; False: another one of that size was."""
        with self.lock:
            return self.seen.setdefault(size, root) == root

    def committed(self):
        with self.lock:
            return len(self.kept) + sum(len(group.marks) for group in self.soft)

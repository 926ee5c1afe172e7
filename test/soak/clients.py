"""Threads that load the server; each keeps what it was told in the ledger."""

import json
import random
import threading
import time

from session import Lost, Refused, connect

# A whole row of another partition, as a restore brings it; the owner may.
SETUP = """
CREATE FUNCTION public.bring(mark text, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	e maestro.event;
BEGIN
	e := jsonb_populate_record(NULL::maestro.event, jsonb_build_object('event_id', nextval('maestro.event_id_seq'),
		'recorded_at', at, 'occurred_at', at, 'kind', 'note', 'level', 'info', 'caller', 'a', 'session_role', 'b'));
	e.attributes := jsonb_build_object('mark', mark);
	e.stamp := (1::bigint << 48) + pg_current_xact_id()::text::bigint;
	e.salt := decode(md5('x'), 'hex');
	e.payload_hash := maestro.event_payload_hash(e);
	e.leaf := maestro.leaf_hash(maestro.event_entry(e))::maestro.digest;
	INSERT INTO maestro.event SELECT (e).*;
	RETURN e.leaf;
END
$$;
"""


class Gate:
    """Clients pass it before each transaction; closed, they wait there."""

    def __init__(self):
        self.condition = threading.Condition()
        self.is_open = False
        self.parked = 0

    def wait(self):
        with self.condition:
            self.parked += 1
            self.condition.notify_all()
            while not self.is_open:
                self.condition.wait()
            self.parked -= 1

    def open(self):
        with self.condition:
            self.is_open = True
            self.condition.notify_all()

    def close(self):
        with self.condition:
            self.is_open = False

    def leave(self):
        """One that never comes back."""
        with self.condition:
            self.parked += 1
            self.condition.notify_all()

    def all_parked(self, clients, seconds):
        with self.condition:
            return self.condition.wait_for(lambda: self.parked == clients, seconds)


class Client(threading.Thread):
    """Runs one scenario after the other, until the gate is closed for good."""

    scenarios = {}  # method: weight

    def __init__(self, load, name):
        super().__init__(name=name, daemon=True)
        self.load = load
        self.ledger = load.ledger
        self.random = random.Random(f"{load.seed} {name}")
        self.serial = 0
        self.failures = 0
        self.session = None
        self.soft = False
        self.ends = False
        self.fault = None
        self.begin_transaction()

    def begin_transaction(self):
        self.marks = []  # of events that stay if it commits
        self.leaves = {}
        self.phase = "open"
        self.gid = None
        self.forced = False  # a seal makes the commit durable

    def run(self):
        try:
            while True:
                self.load.gate.wait()
                if self.ends:
                    return
                self.step()
        except Exception as error:  # pylint: disable=broad-except
            self.fault = f"{self.name}: {error!r}"
            self.load.faults.append(self.fault)
            self.load.gate.leave()

    def step(self):
        self.begin_transaction()
        try:
            if self.session is None:
                self.session = connect(self.load.server, 0.5)
                self.soft = self.random.random() < self.load.soft
                self.session.run("SET synchronous_commit = " + ("off" if self.soft else "on"))
            names = list(self.scenarios)
            getattr(self, self.random.choices(names, [self.scenarios[n] for n in names])[0])()
        except Lost:
            self.session = None
            self.lost()
        except Refused as error:
            self.ledger.refuse(error.sqlstate)
            if error.sqlstate not in ("40001", "40P01"):
                self.load.faults.append(f"{self.name}: {error}")
            self.finish_refused()

    def lost(self):
        if self.phase == "commit":
            self.ledger.lose(self.name, self.marks, self.leaves)
        elif self.phase == "prepare":
            self.ledger.prepare(self.name, self.gid, self.marks, self.leaves, "preparing")
        elif self.marks:
            self.ledger.roll_back(self.name, self.marks)

    def finish_refused(self):
        """What failed was rolled back, be it at its commit."""
        marks, self.marks, self.phase = self.marks, [], "open"
        if marks:
            self.ledger.roll_back(self.name, marks)
        try:
            self.session.run("ROLLBACK")
        except Lost:
            self.session = None

    # ---- pieces of transactions ----

    def mark(self):
        self.serial += 1
        return f"{self.name}-{self.serial}"

    def call(self, mark):
        return (f"maestro.log_event('soak/writer', 'note', 'message', '{json.dumps({'mark': mark})}'::jsonb)")

    def log(self, n=1):
        for _ in range(n):
            mark = self.mark()
            self.marks.append(mark)
            if self.random.random() < 0.1:
                at = "2001-01-%02d 12:00" % self.random.randrange(1, 31)
                self.leaves[mark] = self.session.value(f"SELECT public.bring('{mark}', '{at}')")
            else:
                self.leaves[mark] = self.session.value("SELECT leaf FROM " + self.call(mark))

    def outcome(self):
        """Seldom a failure: of more than 200 that wait for an explanation the sealer does not wait for the oldest."""
        if self.failures == 10 or self.random.random() > 0.02:
            return "ok"
        self.failures += 1
        return "error"

    def log_many(self, n, bad=0):
        """In one call, of which "bad" elements are skipped."""
        good = [self.mark() for _ in range(n)]
        wrong = [self.mark() for _ in range(bad)]
        # kinds whose meaning takes more than one event: calls of a run, failures and what explains them
        kinds = ["note", "tool_call", "model_call", "output", "error"]
        events = [{"component": "soak/writer", "kind": self.random.choice(kinds), "mark": mark,
                   "trace_id": "%032x" % self.random.randrange(1, 50), "span_id": "%016x" % self.random.randrange(1, 500),
                   "outcome": self.outcome()} for mark in good]
        events += [{"component": "soak/writer", "kind": "nonsense", "mark": mark} for mark in wrong]
        self.random.shuffle(events)
        self.marks += good
        self.session.run(f"SELECT count(*) FROM maestro.log_events('{json.dumps(events)}'::jsonb, 'skip')")
        self.ledger.drop(self.name, wrong)

    def begin(self, how="BEGIN"):
        self.session.run(how)

    def roll_back_to(self, name, first):
        """Marks from "first" on are gone."""
        self.session.run("ROLLBACK TO " + name)
        dropped, self.marks = self.marks[first:], self.marks[:first]
        self.ledger.drop(self.name, dropped)

    def commit(self):
        self.phase = "commit"
        self.session.run("COMMIT")
        self.ledger.commit(self.name, self.marks, self.leaves, self.soft and not self.forced)
        self.marks = []

    def roll_back(self):
        self.session.run("ROLLBACK")
        self.ledger.roll_back(self.name, self.marks)
        self.marks = []

    def end(self, chance=0.2):
        if self.random.random() < chance:
            self.roll_back()
        else:
            self.commit()

    def seal(self):
        # before it returns a crash is one of a transaction that is open
        self.session.run("SELECT FROM maestro.seal()")
        self.forced = True
        self.ledger.count("seals")

    def pause(self, low, high):
        time.sleep(self.random.uniform(low, high))


class Writer(Client):
    scenarios = {"single": 20, "several": 20, "many": 6, "savepoints": 15, "overflow": 2, "caught": 10, "prepares": 8,
                 "seals_itself": 8, "repeatable": 6, "reader": 3, "bulk": 0.4, "partition": 1, "action": 8}

    def single(self):
        mark = self.mark()
        self.marks.append(mark)
        self.phase = "commit"
        self.leaves[mark] = self.session.value("SELECT leaf FROM " + self.call(mark))
        self.ledger.commit(self.name, self.marks, self.leaves, self.soft)

    def several(self):
        self.begin()
        self.log(self.random.randrange(1, 6))
        self.end()

    def many(self):
        self.begin()
        self.log_many(self.random.randrange(1, 60), self.random.randrange(3))
        self.end()

    def bulk(self):
        self.begin()
        self.log_many(self.random.randrange(1000, 4000))
        if self.random.random() < 0.5:
            self.log_many(500, 20)
        self.end()

    def nest(self, depth):
        """Savepoints in savepoints, each kept, released or rolled back."""
        name = f"s{depth}"
        self.session.run("SAVEPOINT " + name)
        first = len(self.marks)
        self.log(self.random.randrange(3))
        if depth < 4 and self.random.random() < 0.5:
            self.nest(depth + 1)
        self.log(self.random.randrange(2))
        choice = self.random.random()
        if choice < 0.4:
            self.roll_back_to(name, first)
            self.log(self.random.randrange(2))
        elif choice < 0.8:
            self.session.run("RELEASE " + name)

    def savepoints(self):
        self.begin()
        self.log(self.random.randrange(2))
        for _ in range(self.random.randrange(1, 4)):
            self.nest(1)
        self.end()

    def overflow(self):
        """More subtransactions than a snapshot has room for."""
        self.begin()
        for _ in range(80):
            first = len(self.marks)
            self.session.run("SAVEPOINT s")
            self.log()
            if self.random.random() < 0.3:
                self.roll_back_to("s", first)
            self.session.run("RELEASE s")
        self.end()

    def action(self):
        """That it is begun stays, whatever becomes of the transaction; its end does not."""
        mark = self.mark()
        self.begin()
        self.log(self.random.randrange(2))
        try:
            action = self.session.value("SELECT maestro.begin_action('soak/writer', 'tool_call', 'message',"
                                        f" '{json.dumps({'mark': mark})}'::jsonb)")
        except (Lost, Refused) as error:
            # handed over, and nobody was told what became of it; without a recorder, or too late for it
            self.ledger.lose(self.name, [mark], {})
            if isinstance(error, Lost) or error.sqlstate not in ("55000", "55P03"):
                raise
            self.ledger.refuse(error.sqlstate)
            self.roll_back()
            return
        self.ledger.commit(self.name, [mark], {}, False)
        if self.random.random() < 0.7:
            self.session.run(f"SELECT decision FROM maestro.end_action('{action}', 'ok')")
        self.end(0.5)

    def caught(self):
        """An error in a block takes the block's events along, no others."""
        a, b, c = self.mark(), self.mark(), self.mark()
        self.marks += [a, b, c]
        wrong = self.random.choice(["PERFORM 1 / 0", "RAISE EXCEPTION 'so'", "PERFORM maestro.log_event('soak/writer', 'nonsense')",
                                    "PERFORM maestro.log_event('soak/writer', 'note', trace_id => 'x')",
                                    "DELETE FROM maestro.event"])
        self.begin()
        self.session.run(f"DO $$ BEGIN PERFORM {self.call(a)}; BEGIN PERFORM {self.call(b)}; {wrong};"
                         f" EXCEPTION WHEN OTHERS THEN NULL; END; PERFORM {self.call(c)}; END $$")
        self.marks.remove(b)
        self.ledger.drop(self.name, [b])
        self.end()

    def prepares(self):
        self.begin()
        self.log(self.random.randrange(1, 5))
        if self.random.random() < 0.3:
            self.nest(1)
        # PREPARE makes all that came before it durable
        if len(self.ledger.prepared) >= 8 or (self.load.soft == 1 and self.random.random() < 0.8):
            self.end()
            return
        self.gid = self.mark()
        self.phase = "prepare"
        self.session.run(f"PREPARE TRANSACTION '{self.gid}'")
        self.ledger.prepare(self.name, self.gid, self.marks, self.leaves, "prepared")

    def seals_itself(self):
        self.begin()
        self.log(self.random.randrange(2))
        self.seal()
        self.log(self.random.randrange(1, 4))
        if self.random.random() < 0.4:
            self.seal()
            self.log(self.random.randrange(2))
        if self.random.random() < 0.5:
            # a seal is waited for, whatever is set later
            self.session.run("SET LOCAL synchronous_commit = off")
        self.end(0.3)

    def repeatable(self):
        self.begin("BEGIN ISOLATION LEVEL " + self.random.choice(["REPEATABLE READ", "SERIALIZABLE"]))
        self.session.run("SELECT count(*) FROM maestro.checkpoint")
        self.pause(0, 0.1)
        self.log(self.random.randrange(1, 4))
        if self.random.random() < 0.2:
            self.refused("25000", "SELECT FROM maestro.seal()")
        self.end()

    def refused(self, sqlstate, statement):
        self.session.run("SAVEPOINT refused")
        try:
            self.session.run(statement)
            self.load.faults.append(f"{self.name}: not refused: {statement}")
        except Refused as error:
            if error.sqlstate != sqlstate:
                raise
        self.session.run("ROLLBACK TO refused")

    def reader(self):
        self.begin("BEGIN READ ONLY")
        mark = self.mark()
        self.ledger.drop(self.name, [mark])
        self.refused("25006", "SELECT FROM " + self.call(mark))
        self.refused("25006", "SELECT FROM maestro.seal()")
        self.session.run("SELECT count(*) FROM maestro.event WHERE recorded_at > now() - interval '1 s'")
        self.roll_back()

    def partition(self):
        day = self.random.randrange(1, 31)
        self.begin()
        self.log(self.random.randrange(2))
        self.session.run(f"SELECT maestro.create_partition('2001-01-{day:02}', 'day')")
        self.log(self.random.randrange(2))
        self.end(0.4)


class Long(Writer):
    """Transactions that span many seals."""

    scenarios = {"spans": 1}

    def spans(self):
        self.begin("BEGIN ISOLATION LEVEL " + self.random.choice(["READ COMMITTED", "REPEATABLE READ"]))
        for _ in range(self.random.randrange(2, 6)):
            if not self.load.gate.is_open:
                break
            if self.random.random() < 0.3:
                self.nest(1)
            else:
                self.log(self.random.randrange(1, 4))
            self.pause(0.1, 1)
        if self.random.random() < 0.2 and len(self.ledger.prepared) < 8:
            self.gid = self.mark()
            self.phase = "prepare"
            self.session.run(f"PREPARE TRANSACTION '{self.gid}'")
            self.ledger.prepare(self.name, self.gid, self.marks, self.leaves, "prepared")
        else:
            self.end()


class Sealer(Client):
    """Seals by hand, beside the background."""

    scenarios = {"plain": 6, "rolled_back": 4, "to_savepoint": 3, "twice": 3, "holds": 2, "prepares": 1}

    def plain(self):
        self.seal()
        self.pause(0, 1 if self.load.soft == 1 else 0.05)

    def rolled_back(self):
        self.begin()
        self.seal()
        self.pause(0, 0.02)
        self.roll_back()

    def to_savepoint(self):
        self.begin()
        self.log()
        self.session.run("SAVEPOINT s")
        first = len(self.marks)
        self.log()
        self.seal()
        self.log()
        self.roll_back_to("s", first)
        self.forced = False
        if self.random.random() < 0.5:
            self.seal()
        self.end()

    def twice(self):
        self.begin()
        self.seal()
        self.log(self.random.randrange(2))
        self.seal()
        self.end(0.3)

    def holds(self):
        """Others queue behind it."""
        self.begin()
        self.seal()
        self.pause(0.05, 0.3)
        self.end(0.3)

    def prepares(self):
        """A seal in a prepared transaction: all others wait for its end."""
        self.begin()
        self.log(1)
        self.seal()
        self.log(1)
        gid = self.gid = "seal-" + self.mark()
        self.phase = "prepare"
        self.session.run(f"PREPARE TRANSACTION '{gid}'")
        self.ledger.prepare(self.name, gid, self.marks, self.leaves, "prepared")
        self.marks, self.phase = [], "open"
        self.load.end_prepared(self.session, self.ledger.take_prepared(
            lambda free: next((p for p in free if p.gid == gid), None)), self.random)


class Resolver(Client):
    """Ends other sessions' prepared transactions, most of them."""

    scenarios = {"resolve": 1}

    def resolve(self):
        self.pause(0.02, 0.2)
        one = self.ledger.take_prepared(self.random.choice)
        if one is not None:
            self.load.end_prepared(self.session, one, self.random)


class Watcher(Client):
    """Reads checkpoints, and remembers them."""

    scenarios = {"newest": 60, "verify": 1}

    def newest(self):
        committed = self.ledger.committed()
        for line in self.session.run("SELECT size, root FROM maestro.checkpoint ORDER BY size DESC LIMIT 1"):
            size, root = line.split("|")
            if not self.ledger.see(int(size), root):
                self.load.faults.append(f"another root for the log of size {size}")
            with self.ledger.lock:
                self.ledger.backlog = max(self.ledger.backlog, committed + self.ledger.settled - int(size))
        self.pause(0.01, 0.1)

    def verify(self):
        for line in self.session.run("SELECT severity, kind, event_id, detail FROM maestro.verify()"):
            self.load.faults.append("verify() under load: " + line)

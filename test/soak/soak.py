#!/usr/bin/env python3
"""Load, kill, recover, compare: is everything that was committed in the log once?

    soak.py [--seconds N] [--seed N] [--keep]

Prints its seed, a line every ten seconds, and a summary; status 1 when something was
lost, doubled or out of place.
"""

import argparse
import os
import random
import sys
import threading
import time

from check import Check
from clients import SETUP, Gate, Long, Resolver, Sealer, Watcher, Writer
from ledger import Ledger
from server import Server
from session import Lost, Refused, connect

CRASHES = ["backend", "server", "immediate", "backend", "server", "fast"]


class Load:
    def __init__(self, seconds, seed):
        self.seed = seed
        self.random = random.Random(seed)
        self.faults = []
        self.began = time.monotonic()
        self.deadline = self.began + seconds
        self.server = Server()
        os.mkdir(self.server.dir + "/ledger")
        self.ledger = Ledger(self.server.dir + "/ledger")
        self.gate = Gate()
        self.crashes = []
        self.check_seconds = 0
        self.checkpoints = 0
        self.soft = 0.3  # share of the sessions that do not wait for their commits
        self.done = threading.Event()
        self.clients = [Writer(self, f"w{i}") for i in range(7)] + [Long(self, f"l{i}") for i in range(3)]
        self.clients += [Sealer(self, f"s{i}") for i in range(2)] + [Resolver(self, "r0"), Watcher(self, "v0")]

    def end_prepared(self, session, one, choose):
        """COMMIT PREPARED or ROLLBACK PREPARED, from whatever session."""
        if one is None:
            return
        commits = choose.random() < 0.7
        one.state = "committing" if commits else "rolling"
        session.run(("COMMIT" if commits else "ROLLBACK") + f" PREPARED '{one.gid}'")
        with self.ledger.lock:
            self.ledger.end_prepared(one, "kept" if commits else "gone")

    def set_up(self):
        first = connect(self.server_of("postgres"), 10)
        first.run("CREATE DATABASE soak")
        first.close()
        session = connect(self.server, 10)
        session.run("CREATE EXTENSION maestro")
        session.run("SELECT maestro.register_system('soak')")
        session.run("SELECT maestro.register_component('soak', 'writer', 'agent')")
        session.run(SETUP)
        for day in range(1, 31):
            if day % 4 != 0:
                session.run(f"SELECT maestro.create_partition('2001-01-{day:02}', 'day')")
        # days without a partition of their own
        session.run("SELECT maestro.create_partition(d, 'day') FROM generate_series(timestamptz '2001-01-04', '2001-01-31', '4 days') AS d")
        session.close()

    def server_of(self, database):
        class Other:
            bindir = self.server.bindir
            environment = staticmethod(lambda: {**self.server.environment(), "PGDATABASE": database})
        return Other

    def crash(self, how):
        if how == "backend":
            self.server.kill_backend(self.random.choice)
            return
        if how == "server":
            self.server.kill_all()
        else:
            self.server.stop(how)
        self.server.start()

    def recover(self):
        """A session, when the server is up again and all clients have noticed."""
        if not self.gate.all_parked(len(self.clients), 60):
            self.faults.append("clients do not end")
        end = time.monotonic() + 60
        while True:
            session = connect(self.server, 60)
            try:
                # of the server that is to be killed, perhaps
                others = int(session.value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                                           " AND pid <> pg_backend_pid() AND datname = 'soak' AND state LIKE '%transaction%'"))
                if others == 0 or time.monotonic() > end:
                    return session
                session.close()
            except Lost:
                pass
            time.sleep(0.2)

    def check(self, crashed):
        began = time.monotonic()
        session = self.recover()
        check = Check(session, self.ledger, self.random)
        try:
            self.faults += check.run(crashed)
        except Refused as error:
            self.faults.append(f"the check failed: {error}")
        self.checkpoints = len(check.checkpoints)
        self.set_pace(session)
        session.close()
        self.check_seconds = time.monotonic() - began

    def set_pace(self, session):
        """Until the next crash: either much is sealed and durable at once, or nothing for a while but by hand."""
        lazy = self.random.random() < 0.5
        self.soft = 1 if lazy else 0.3
        session.run(f"ALTER SYSTEM SET maestro.seal_interval = {2000 if lazy else 20}")
        session.run(f"ALTER SYSTEM SET maestro.seal_batch = {self.random.choice([50, 1000000]) if lazy else 50}")
        session.run("SELECT pg_reload_conf()")

    def phase(self, how):
        """Load for a while, and its end."""
        self.gate.open()
        left = self.deadline - time.monotonic()
        # most of the time is for the load, however large the table
        self.done.wait(max(1, min(left, max(5, 2 * self.check_seconds) * self.random.uniform(0.6, 1.4))))
        self.gate.close()
        if how is not None:
            self.crashes.append(how + ("/lazy" if self.soft == 1 else ""))
            self.ledger.count("crashes")
            self.crash(how)
        self.check(how is not None and how != "fast")

    def run(self):
        self.set_up()
        for client in self.clients:
            client.start()
        threading.Thread(target=self.report, daemon=True).start()
        plan = []
        while time.monotonic() < self.deadline and not self.faults:
            if not plan:
                plan = CRASHES[:]
                self.random.shuffle(plan)
            self.phase(plan.pop())
        if not self.faults:
            self.last()
        self.done.set()
        self.faults += ["the server's log: " + line for line in self.server.complaints()[:10]]

    def last(self):
        """Without a crash, and with no transaction left prepared."""
        self.phase(None)
        session = connect(self.server, 10)
        while (one := self.ledger.take_prepared(self.random.choice)) is not None:
            self.end_prepared(session, one, self.random)
        session.close()
        self.check(False)

    def report(self):
        while not self.done.wait(10):
            print(self.line(), flush=True)

    def line(self):
        c = self.ledger.counts
        seconds = time.monotonic() - self.began
        newest = max(self.ledger.seen, default=0)
        return (f"{seconds:.0f} s: {c['events']} events, {c['commits']} commits, {c['rollbacks']} rollbacks, {c['prepared']} prepared,"
                f" {c['unknown']} unknown, {c['crashes']} crashes, {c['seals']} seals by hand, log of {newest}, backlog up to {self.ledger.backlog}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("MAESTRO_SOAK_SECONDS") or 60))
    parser.add_argument("--seed", default=os.environ.get("MAESTRO_SEED") or str(int(time.time())))
    parser.add_argument("--keep", action="store_true", help="leave the server's directory")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds:.0f} s", flush=True)
    load = Load(arguments.seconds, arguments.seed)
    try:
        load.run()
        print("summary: " + load.line())
        print(f"summary: {load.checkpoints} checkpoints, of which {len(load.ledger.seen)} were seen and found again")
        print("summary: crashes: " + (" ".join(load.crashes) or "none"))
        print("summary: refused: " + (" ".join(f"{k}:{v}" for k, v in sorted(load.ledger.refused.items())) or "nothing"))
        for fault in load.faults[:40]:
            print("fault: " + fault)
    finally:
        if arguments.keep:
            print("left in " + load.server.dir)
            try:
                load.server.stop("fast")
            except Exception as error:  # pylint: disable=broad-except
                print(error)
        else:
            load.server.remove()
    print("soak: " + (f"{len(load.faults)} faults, seed {arguments.seed}" if load.faults else "no faults"))
    sys.exit(1 if load.faults else 0)


if __name__ == "__main__":
    main()

"""psql as a session: statements go in by a pipe, rows and states come out."""

import subprocess
import time


class Lost(Exception):
    """The connection is gone: what was under way has an unknown end."""


class Refused(Exception):
    """A statement failed; its SQLSTATE."""

    def __init__(self, sqlstate, statement):
        super().__init__(f"{sqlstate}: {statement[:200]}")
        self.sqlstate = sqlstate


class Session:
    def __init__(self, server):
        self.process = subprocess.Popen([server.bindir + "/psql", "-XAtq", "-v", "VERBOSITY=sqlstate", "-f", "-"],
                                        env=server.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.run("SELECT 1")

    def run(self, statement):
        """Rows of a statement, a line each."""
        rows = []
        try:
            self.process.stdin.write(statement + ";\n\\echo @@ :ERROR :SQLSTATE\n")
            self.process.stdin.flush()
        except (BrokenPipeError, OSError):
            self.close()
            raise Lost from None
        while True:
            line = self.process.stdout.readline()
            if not line.endswith("\n"):
                self.close()
                raise Lost
            if line.startswith("@@ "):
                break
            rows.append(line[:-1])
        _, failed, *state = line.split()
        if failed == "true":
            sqlstate = state[0] if state else ""
            # no state: of a connection that broke; 57P: the server goes down
            if not sqlstate or sqlstate[:3] == "57P" or sqlstate[:2] == "08":
                self.close()
                raise Lost
            raise Refused(sqlstate, statement)
        return rows

    def value(self, statement):
        return "\n".join(self.run(statement))

    def close(self):
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def connect(server, seconds):
    """A session, as soon as the server takes one."""
    end = time.monotonic() + seconds
    while True:
        try:
            return Session(server)
        except Lost:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)

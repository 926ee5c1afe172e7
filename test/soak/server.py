"""A PostgreSQL server of the soak's own, to be killed and started again."""

import glob
import os
import shutil
import signal
import subprocess
import time

SETTINGS = """
listen_addresses = ''
port = 5432
fsync = off
full_page_writes = on
max_connections = 60
max_prepared_transactions = 20
shared_preload_libraries = 'maestro'
maestro.databases = 'soak'
maestro.seal_interval = 20
maestro.seal_batch = 50
max_wal_size = '48MB'
min_wal_size = '32MB'
checkpoint_timeout = '30s'
wal_writer_delay = '10s'
wal_writer_flush_after = '1GB'
autovacuum_naptime = '2s'
deadlock_timeout = '200ms'
log_line_prefix = '%m [%p] %b: '
log_min_messages = warning
log_checkpoints = off
"""


class Server:
    def __init__(self):
        config = os.environ.get("PG_CONFIG") or "pg_config"
        self.bindir = subprocess.check_output([config, "--bindir"], text=True).strip()
        self.owner = ["runuser", "-u", os.environ.get("PGOWNER", "postgres"), "--"] if os.getuid() == 0 else []
        self.dir = self.as_owner("mktemp", "-dt", "maestro-soak.XXXXXX").strip()
        self.data = os.path.join(self.dir, "data")
        self.log = os.path.join(self.dir, "server.log")
        self.as_owner(self.bindir + "/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        with open(os.path.join(self.data, "postgresql.conf"), "a") as conf:
            conf.write(SETTINGS + f"unix_socket_directories = '{self.dir}'\n" + self.paths(config))
        self.start()

    def as_owner(self, *command):
        return subprocess.run([*self.owner, *command], cwd="/tmp", check=True, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    def paths(self, config):
        """Where the server finds what "make stage" has made; as in test/run.sh."""
        stage = os.environ.get("STAGE")
        if not stage:
            return ""
        shutil.copytree(stage, self.dir + "/stage", symlinks=True)
        known = subprocess.check_output([self.bindir + "/postgres", "--describe-config"], text=True)
        names = {line.split("\t")[0] for line in known.splitlines()}
        where = {name: self.dir + "/stage" + subprocess.check_output([config, "--" + name], text=True).strip()
                 for name in ("sharedir", "pkglibdir")}
        if "extension_control_path" in names:
            text = f"extension_control_path = '{where['sharedir']}:$system'\n"
        elif "extension_destdir" in names:
            text = f"extension_destdir = '{self.dir}/stage'\n"
        else:
            raise SystemExit("this server loads extensions from its own tree only: run make install, then make soak STAGE=")
        return text + f"dynamic_library_path = '{where['pkglibdir']}:$libdir'\n"

    def environment(self):
        return {**os.environ, "PGHOST": self.dir, "PGPORT": "5432", "PGUSER": "postgres", "PGDATABASE": "soak",
                "PGAPPNAME": "soak", "PGOPTIONS": "", "PGCONNECT_TIMEOUT": "10"}

    def start(self):
        # The server must not inherit a pipe that somebody reads to its end.
        done = subprocess.run([*self.owner, self.bindir + "/pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "120", "-s", "start"],
                              cwd="/tmp", check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            with open(self.log, errors="replace") as file:
                raise RuntimeError("the server does not start: " + "".join(file.readlines()[-8:]))

    def stop(self, mode):
        self.as_owner(self.bindir + "/pg_ctl", "-D", self.data, "-m", mode, "-w", "-s", "stop")

    def pids(self):
        """The postmaster of our data directory, and its children or orphans: they work in that directory."""
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            postmaster = int(file.readline())
        here = os.path.realpath(self.data)
        found = []
        for path in glob.glob("/proc/[0-9]*"):
            pid = int(path.split("/")[2])
            try:
                if os.readlink(path + "/cwd") == here and os.readlink(path + "/exe").endswith("/postgres"):
                    found.append(pid)
            except OSError:
                continue
        # zombies are not among them
        return sorted(found, key=lambda pid: pid != postmaster)

    def kill_backend(self, choose):
        """SIGKILL of one client's process, sealer or recorder; the postmaster restarts all."""
        names = {}
        for pid in self.pids()[1:]:
            try:
                with open(f"/proc/{pid}/cmdline") as file:
                    names[pid] = file.read()
            except OSError:
                continue
        pids = sorted(pid for pid, name in names.items() if any(word in name for word in (" soak ", "maestro sealer", "maestro recorder")))
        if not pids:
            return
        before = set(self.pids()[1:])
        os.kill(choose(pids), signal.SIGKILL)
        # until then it takes connections that are about to break
        end = time.monotonic() + 30
        while before & set(self.pids()) and time.monotonic() < end:
            time.sleep(0.02)

    def kill_all(self):
        """SIGKILL of everything, the postmaster held still meanwhile."""
        postmaster = self.pids()[0]
        os.kill(postmaster, signal.SIGSTOP)
        # it may have started one more before it stopped
        for _ in range(1000):
            pids = self.pids()
            # its parent has to hear of its end too, or its id looks like a server's
            if not pids and not os.path.exists(f"/proc/{postmaster}"):
                return
            for pid in pids[::-1]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.01)
        raise RuntimeError("processes of the server survive SIGKILL")

    def complaints(self):
        """Lines of the server's log that no crash explains."""
        usual = ("database \"soak\" does not exist", "terminating ", "the database system is ", "was terminated by signal", "background worker ", "server process ")
        bad = []
        with open(self.log, errors="replace") as file:
            for line in file:
                if "PANIC" in line or "TRAP:" in line or "segfault" in line:
                    bad.append(line.strip())
                elif "maestro" in line and (" ERROR: " in line or " FATAL: " in line) and " client backend: " not in line:
                    if not any(word in line for word in usual):
                        bad.append(line.strip())
        return bad

    def remove(self):
        try:
            self.stop("immediate")
        except subprocess.CalledProcessError:
            pass
        shutil.rmtree(self.dir, ignore_errors=True)

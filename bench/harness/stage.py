"""The stage a bench plays on: network namespaces, the processes in them, one directory for their files.

All namespaces are called hp-bench-<side>-<node> and all files are under /run/hp-bench. Nothing else on the machine is touched.
Whatever was put on the stage is taken down when it closes: after an error and after a signal too. What a run that was killed with
SIGKILL left behind is recognised by its name and swept away by the next run.
"""
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PREFIX = "hp-bench-"
DIRECTORY = Path("/run/hp-bench")
NAMESPACES = Path("/run/netns")


class BenchError(Exception):
    """Something the reader can act on. Its text is one sentence: what was tried, on what, what came back."""


def command(*argv, timeout=20):
    """Runs a short command and returns what it printed; its complaint becomes a BenchError."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise BenchError(f"`{' '.join(argv)}` did not end within {timeout} s") from None
    if done.returncode != 0:
        complaint = (done.stderr.strip() or done.stdout.strip()).replace("\n", "; ")
        raise BenchError(f"`{' '.join(argv)}` failed with status {done.returncode}: {complaint}")
    return done.stdout


def wait_until(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"{what} did not happen within {seconds} s")
        time.sleep(0.01)


@dataclass(frozen=True)
class Namespace:
    name: str

    def command_line(self, *argv):
        return ["ip", "netns", "exec", self.name, *argv]

    def run(self, *argv, timeout=20):
        return command(*self.command_line(*argv), timeout=timeout)

    def ip(self, text):
        """`ip` in this namespace, written as in a manual: host.ip("link set lo up")."""
        return command("ip", "-n", self.name, *text.split())

    def set_sysctl(self, key, value):
        """Sets a per-namespace kernel setting; one this kernel does not have is not there to be set."""
        path = f"/proc/sys/{key.replace('.', '/')}"
        if os.path.exists(path):
            self.run("sh", "-c", f"echo {value} > {path}")


class Process:
    """A program running on the stage. Its output goes to a file; the last lines of it explain why it is gone."""

    def __init__(self, title, argv, log, environment=None):
        self.title = title
        self.log = log
        with open(log, "wb") as output:
            # A session of its own: a ^C at the terminal reaches us, and we take the programs down in order.
            self._child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                           start_new_session=True, env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        """The program's own: `ip netns exec` becomes the program, it does not start a child."""
        return self._child.pid

    def check_alive(self):
        if self._child.poll() is not None:
            last = "; ".join(self.log.read_text(errors="replace").strip().splitlines()[-3:])
            raise BenchError(f"{self.title} ended with status {self._child.returncode}: {last or 'it said nothing'}")

    def wait_until(self, condition, what):
        def reached():
            self.check_alive()
            return condition()
        wait_until(reached, f"{self.title}: {what}")

    def stop(self):
        self._child.terminate()
        try:
            self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


class Stage:
    def __enter__(self):
        self._only_one = self._claim()
        self._processes = []
        self._namespaces = []
        sweep()
        DIRECTORY.mkdir(mode=0o700)
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second ^C must not leave half of the stage standing
        for process in reversed(self._processes):
            process.stop()
        sweep()
        self._only_one.close()

    @staticmethod
    def _claim():
        """Two benches at once would measure each other. A name in the abstract socket space is a lock that leaves no file."""
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind("\0hp-bench")
        except OSError:
            raise BenchError("another bench/run is under way on this machine: two at once would measure each other") from None
        return claim

    def namespace(self, side, node):
        namespace = Namespace(f"{PREFIX}{side}-{node}")
        command("ip", "netns", "add", namespace.name)
        namespace.ip("link set lo up")
        return namespace

    def start(self, title, namespace, *argv, environment=None):
        log = DIRECTORY / f"{namespace.name}-{title}.log"
        process = Process(title, namespace.command_line(*map(str, argv)), log, environment)
        self._processes.append(process)
        return process

    def stop(self, process):
        process.stop()
        self._processes.remove(process)

    @staticmethod
    def directory(side):
        path = DIRECTORY / side
        path.mkdir(exist_ok=True)
        return path


def sweep():
    """Removes every namespace of ours with what still runs in it, and our files."""
    names = sorted(path.name for path in NAMESPACES.glob(f"{PREFIX}*")) if NAMESPACES.is_dir() else []
    for name in names:
        for pid in _pids_in(name):
            _kill(pid)
        command("ip", "netns", "del", name)
    shutil.rmtree(DIRECTORY, ignore_errors=True)


def _pids_in(name):
    try:
        return [int(pid) for pid in command("ip", "netns", "pids", name).split()]
    except BenchError:  # a name without a namespace behind it: its creation was interrupted
        return []


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass

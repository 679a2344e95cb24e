"""What the shell's tests share: a daemon with the guide's gateway whose ports are queues in memory (so no root is needed), and a
person at a terminal in front of it.

    def test_something(terminal):
        terminal.type("show por\\t")
        terminal.sees("show ports")
"""
import json
import os
import re
import socket
import subprocess
import termios
import time
from pathlib import Path

import frames
import pexpect
import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("HAIRPIN_BUILD", ROOT / "build")).resolve() / "bin"
HAIRPIN, HAIRPIND = str(BIN / "hairpin"), str(BIN / "hairpind")
PATIENCE = 5  # seconds until what does not appear is missing
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r|\x07|.\x08")


def guide():
    """The gateway of topologies/hairpin; its hosts' ports are queues in memory."""
    document = json.loads((ROOT / "topologies/hairpin/configs/edge.json").read_text())
    hosts = {"workstation": "lan", "webserver": "lan", "internet": "wan"}
    document["hairpin:switch"] = {
        "segment": [{"name": "lan"}, {"name": "wan"}],
        "port": [{"name": name, "segment": segment, "memory": {}} for name, segment in hosts.items()],
    }
    return document


WORKSTATION = "192.168.255.2"
GATEWAY_MAC, WORKSTATION_MAC, SERVER_MAC, INTERNET_MAC = (f"02:00:00:00:00:0{number}" for number in (1, 2, 3, 4))


def write_capture(file):
    """What the workstation sends in the lively guide."""
    sent = [frames.tcp_syn(WORKSTATION, 40000, "203.0.113.80", 80), frames.ping(WORKSTATION, "198.51.100.10", 7),
            frames.udp(WORKSTATION, 50000, "203.0.113.80", 5000)]
    file.write_bytes(frames.capture(frames.frame(GATEWAY_MAC, WORKSTATION_MAC, packet) for packet in sent))
    return file


def lively_guide(folder):
    """The same after some traffic: what the workstation sends stands in a capture file that its port plays. Two sessions begin, tcp
    192.168.255.2:40000 by the hairpin and a ping to the Internet; one packet is dropped, because no rule lets it through."""
    document = guide()
    file = write_capture(Path(folder) / "workstation.pcap")
    document["hairpin:switch"]["port"][0] = {"name": "workstation", "segment": "lan", "pcap": {"read": str(file)}}
    gateway = document["hairpin:gateway"]
    next(each for each in gateway["interface"] if each["name"] == "lan")["mac"] = GATEWAY_MAC
    gateway["neighbor"] = [{"interface": "lan", "address": WORKSTATION, "mac": WORKSTATION_MAC},
                           {"interface": "lan", "address": "192.168.255.10", "mac": SERVER_MAC},
                           {"interface": "uplink", "address": "203.0.113.1", "mac": INTERNET_MAC}]
    return document


class Daemon:
    def __init__(self, folder, document, *options):
        self.folder, self.options = Path(folder), options
        self.socket = str(self.folder / "control.sock")
        self.config = self.folder / "config.json"
        self.config.write_text(json.dumps(document))
        self.process = None
        self.start()

    def start(self):
        ready, told = os.pipe()
        with open(self.folder / "daemon.log", "a") as log:
            self.process = subprocess.Popen(
                [HAIRPIND, "--config", str(self.config), "--socket", self.socket, "--ready-fd", str(told), "--core", "any", *self.options],
                pass_fds=[told], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(told)
        with os.fdopen(ready) as answer:
            assert answer.readline(), "hairpind did not start:\n" + (self.folder / "daemon.log").read_text()

    def play(self):
        """Waits until the lively guide's traffic has passed."""
        deadline = time.monotonic() + PATIENCE
        while json.loads(self.run("show", "sessions", "summary", "--json"))["sessions"] < 2:
            assert time.monotonic() < deadline, "the traffic does not come"
        return self

    def announce(self):
        """Waits until the gateway has told its two links, twice each, where its addresses are (RFC 5227): from then on an idle daemon's
        counters stand still."""
        deadline = time.monotonic() + PATIENCE
        while self.counter("originated") < 4:
            assert time.monotonic() < deadline, "the gateway does not announce itself"
            time.sleep(0.05)
        return self

    def counter(self, name):
        rows = json.loads(self.run("show", "counters", "--json"))["rows"]
        return next(row["value"] for row in rows if row["name"] == name)

    def stop(self, with_signal="terminate"):
        getattr(self.process, with_signal)()
        self.process.wait(PATIENCE)

    def run(self, *words, status=0, **options):
        """`hairpin WORDS` without a terminal. Returns what it printed, on both outputs when it is meant to fail."""
        done = subprocess.run([HAIRPIN, "--socket", self.socket, *words], text=True, timeout=30, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **({"stdin": subprocess.DEVNULL} | options))
        assert done.returncode == status, f"{words} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + (done.stderr if status else "")

    def script(self, text, status=0, **options):
        """The same for a script on standard input."""
        done = subprocess.run([HAIRPIN, "--socket", self.socket], text=True, timeout=30, input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **options)
        assert done.returncode == status, f"ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + (done.stderr if status else "")


def environment(home):
    """Of somebody at an xterm, whatever the terminal of these tests is."""
    made = os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": str(home), "PAGER": ""}
    made.pop("COLUMNS", None)
    return made


class Terminal:
    """Somebody who types `hairpin` and reads."""

    def __init__(self, daemon, rows=60, columns=100, home=None, words=(), cwd=None):
        self.child = pexpect.spawn(HAIRPIN, ["--socket", daemon.socket, *words], env=environment(home or daemon.folder), dimensions=(rows, columns),
                                   cwd=cwd, encoding="utf-8", timeout=PATIENCE)
        self.child.delaybeforesend = None
        self.prompt()

    def prompt(self, sign=">"):
        """Waits until the shell wants to hear something, and returns what it has said since."""
        self.child.expect_exact(f"{socket.gethostname()}{sign} ")
        self.is_asked()
        return ESCAPES.sub("", self.child.before)

    def is_asked(self):
        """Waits until it is the shell that reads the keys. Until then the terminal does, and makes a signal of Ctrl-C; nothing tells when
        that changes."""
        deadline = time.monotonic() + PATIENCE
        while termios.tcgetattr(self.child.child_fd)[3] & termios.ISIG:
            assert time.monotonic() < deadline, "the shell does not read"

    def type(self, keys):
        self.child.send(keys)

    def sees(self, text):
        self.child.expect_exact(text)

    def says(self, line, sign=">"):
        """Types a line with Enter and returns the answer without the line itself."""
        self.type(line + "\r")
        # The line that is edited ends with a line feed; what comes between it and the next prompt is the answer.
        self.child.expect_exact("\n")
        return self.prompt(sign)

    def leaves(self):
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


def running(tmp_path, document):
    made = Daemon(tmp_path, document)
    yield made
    if made.process.poll() is None:
        made.stop()
    log = (tmp_path / "daemon.log").read_text()
    assert " error " not in log and " warn" not in log, log


@pytest.fixture
def daemon(tmp_path):
    yield from running(tmp_path, guide())


@pytest.fixture
def awaiting(tmp_path):
    """The lively guide before its traffic: the workstation is a port that is still to come, with awaiting.send()."""
    document = lively_guide(tmp_path)
    workstation = document["hairpin:switch"]["port"].pop(0)
    for made in running(tmp_path, document):
        made.send = lambda: made.script("configure\nset switch port workstation segment lan\n"
                                        f"set switch port workstation pcap read {workstation['pcap']['read']}\ncommit\n")
        yield made


@pytest.fixture
def lively(tmp_path):
    for made in running(tmp_path, lively_guide(tmp_path)):
        yield made.play()


@pytest.fixture
def desk(tmp_path):
    """A folder to work in: what the manual names in the repository is there, and what is saved goes away again."""
    folder = tmp_path / "desk"
    folder.mkdir()
    for name in ("topologies", "docs"):
        (folder / name).symlink_to(ROOT / name)
    write_capture(folder / "capture.pcap")
    return folder


@pytest.fixture
def terminal(daemon):
    made = Terminal(daemon)
    yield made
    made.child.close(force=True)

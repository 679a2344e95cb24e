"""What the lab tests share: labs with names of their own, commands in their hosts, and the words to check with.

    with Lab("hairpin") as lab:                                  # copies the topology as test-hairpin, brings it up
        lab.at("workstation", "curl", "http://203.0.113.80/")    # runs it in the host, fails the test when it fails
        expect(lab.counter("balance") == 0, "packets were lost")
                                                                 # at the end: conservation, the logs, lab down
"""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("HAIRPIN_BUILD", ROOT / "build")) / "bin"
HAIRPIN = BIN / "hairpin"
HAIRPIND = BIN / "hairpind"
TOPOLOGIES = ROOT / "topologies"
LABS = Path("/run/hairpin/labs")
PREFIX = "test-"  # of every lab that these tests make; their namespaces begin with hp-test-

# The hosts of topologies/hairpin, and those ports that the tests forward besides the guide's.
WORKSTATION, WEB_SERVER, EXTERNAL, GATEWAY = "192.168.255.2", "192.168.255.10", "203.0.113.80", "192.168.255.1"
BULK_PORT = 5201


class Failure(Exception):
    """What did not hold, in a sentence."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def eventually(condition, message, seconds=5.0):
    """Waits until condition() is true; fails with the message after that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"{message} (waited {seconds} s)")
        time.sleep(0.02)


def ended(pid):
    """Whether a process is gone, or waits only for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter where it goes while it is read
        return True


def run(*words, ok=(0,), timeout=60, **options):
    """Runs a command and returns it done, with its words as text. Any other end than `ok` fails the test; ok=None allows all."""
    words = [str(word) for word in words]
    done = subprocess.run(words, stdin=options.pop("stdin", subprocess.DEVNULL), stdout=options.pop("stdout", subprocess.PIPE),
                          stderr=subprocess.PIPE, text=True, timeout=timeout, **options)
    if ok is not None and done.returncode not in ok:
        raise Failure(f"{' '.join(words)}\n  ended with {done.returncode}\n{done.stdout or ''}{done.stderr}")
    return done


def run_test(test):
    """Runs one test function; prints what failed. Returns the exit status."""
    try:
        test()
        left = leftovers()
        expect(not left, "left behind:\n" + "".join(f"    {thing}\n" for thing in left))
        return 0
    except Failure as failure:
        print(failure)
        where = [frame for frame in traceback.extract_tb(failure.__traceback__) if Path(frame.filename).name.startswith("test_")]
        if where:
            print(f"  in {Path(where[-1].filename).name}:{where[-1].lineno}: {where[-1].line}")
    except Exception:
        traceback.print_exc()
    return 1


# -- what is on the machine -------------------------------------------------------------------------------------------------

def namespaces(prefix="hp-" + PREFIX):
    folder = Path("/run/netns")
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(prefix)) if folder.exists() else []


def processes(words):
    """{pid: command line} of the processes whose command line contains one of the words."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                if any(word in line for word in words) and int(folder.name) != os.getpid():
                    found[int(folder.name)] = line
    return found


def processes_in_namespaces(prefix="hp-" + PREFIX):
    """{pid: command line} of every process that lives in one of our namespaces."""
    inodes = set()
    for name in namespaces(prefix):
        with contextlib.suppress(OSError):
            inodes.add(os.stat(f"/run/netns/{name}").st_ino)
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                if os.stat(folder / "ns/net").st_ino in inodes:
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def lab_folders(prefix=PREFIX):
    return sorted(path.name for path in LABS.iterdir() if path.name.startswith(prefix)) if LABS.exists() else []


def own_network():
    """Links, addresses and routes of the machine itself, which no test may change."""
    return {what: run("ip", "-o", *what.split()).stdout for what in ("link", "address", "route show table all", "-6 route show table all")}


def leftovers():
    """Everything that a test's labs left on the machine, in words."""
    return ([f"namespace {name}" for name in namespaces()] +
            [f"process {pid}: {line}" for pid, line in processes_in_namespaces().items()] +
            [f"folder {LABS / name}" for name in lab_folders()])


@contextlib.contextmanager
def namespace(name):
    """A network namespace of the test's own, hp-test-<name>."""
    full = f"hp-{PREFIX}{name}"
    run("ip", "netns", "add", full)
    try:
        run("ip", "-n", full, "link", "set", "lo", "up")
        yield full
    finally:
        for pid in processes_in_namespaces(full):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        run("ip", "netns", "del", full, ok=None)


# -- the daemon's control socket --------------------------------------------------------------------------------------------

def call(control_socket, method, **params):
    """One JSON-RPC call, as a program other than ours would make it. Returns the result; an error fails the test."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(20)
        connection.connect(str(control_socket))
        connection.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            part = connection.recv(1 << 20)
            expect(part, f"{method}: the daemon closed the connection instead of answering")
            answer += part
    answer = json.loads(answer)
    expect("error" not in answer, f"{method}: {answer.get('error')}")
    return answer["result"]


def wants_machines(topology):
    """Whether it has virtual machines or images, which tests/vms or tests/containers runs."""
    return re.search(r"generic_vm|^ +image: ", (TOPOLOGIES / topology / f"{topology}.clab.yml").read_text(), re.M) is not None


# -- labs ---------------------------------------------------------------------------------------------------------------------

class Lab:
    """A copy of topologies/<topology> under a name of its own. As a context it is up inside and gone behind."""

    def __init__(self, topology, name=None, up_options=()):
        self.topology = topology
        self.name = PREFIX + (name or topology)
        self.folder = Path(tempfile.mkdtemp(prefix="hairpin-lab-"))
        self.source = self.folder / self.name
        self.children = []
        self.up_options = up_options
        self.announced = []  # patterns of the warnings that this test means to provoke
        shutil.copytree(TOPOLOGIES / topology, self.source)
        for path in list(self.source.glob(f"{topology}.*")):
            path.rename(self.source / path.name.replace(topology, self.name, 1))
        file = self.source / f"{self.name}.clab.yml"
        expect(file.exists(), f"{topology} has no {topology}.clab.yml")
        text, count = re.subn(rf"(?m)^name:\s*{re.escape(topology)}\s*$", f"name: {self.name}", file.read_text())
        expect(count == 1, f"{topology}.clab.yml does not say  name: {topology}")
        file.write_text(text)

    def __enter__(self):
        try:
            self.up()
        except BaseException:  # also when killed: nobody calls __exit__ then
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.check_conservation()
                self.check_logs()
            else:
                self.print_logs()
        finally:
            self.stop_children()
            self.down(ok=(0,) if kind is None else None)
            shutil.rmtree(self.folder, ignore_errors=True)

    # commands

    def up(self):
        return run(HAIRPIN, "lab", "up", *self.up_options, self.source)

    def down(self, ok=(0,)):
        return run(HAIRPIN, "lab", "down", self.name, ok=ok)

    def verify(self, ok=(0,)):
        return run(HAIRPIN, "lab", "verify", self.name, ok=ok, timeout=110, cwd=self.folder)

    def hairpin(self, *words, **options):
        return run(HAIRPIN, "--lab", self.name, *words, **options)

    def rows(self, *words):
        """The rows that `hairpin show ... --json` prints."""
        answer = json.loads(self.hairpin(*words, "--json").stdout)
        return answer["rows"] if isinstance(answer, dict) else answer

    def call(self, method, **params):
        return call(self.state / "control.sock", method, **params)

    def counter(self, name):
        values = {row["name"]: row["value"] for row in self.rows("show", "counters")}
        expect(name in values, f"show counters has no {name}: {values}")
        return values[name]

    # hosts

    @property
    def state(self):
        return LABS / self.name

    def namespace(self, node):
        return f"hp-{self.name}-{node.replace('-', '--')}"  # lab/lab_paths.h says why

    def at(self, node, *words, **options):
        return run("ip", "netns", "exec", self.namespace(node), *words, **options)

    def start(self, node, *words, **options):
        """Starts a command in a host; it ends with the lab at the latest."""
        child = subprocess.Popen([str(word) for word in ("ip", "netns", "exec", self.namespace(node), *words)],
                                 stdin=options.pop("stdin", subprocess.DEVNULL), stdout=options.pop("stdout", subprocess.PIPE),
                                 stderr=options.pop("stderr", subprocess.PIPE), text=options.pop("text", True), **options)
        self.children.append(child)
        return child

    def wait_for_listener(self, node, port):
        eventually(lambda: self.at(node, "ss", "-Hltn", f"sport = :{port}").stdout.strip(), f"nobody listens on port {port} of {node}")

    def stop_children(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()
        self.children.clear()

    # configuration

    def running_config(self):
        return self.call("config.get")["config"]

    def configure(self, *commands):
        """Types the commands into the candidate configuration, and commits it."""
        return self.hairpin("-c", "; ".join(("configure", *commands, "commit", "exit")))

    def load(self, config, ok=(0,)):
        file = self.folder / "load.json"
        file.write_text(json.dumps(config, indent=1))
        return self.hairpin("load", file, ok=ok)

    def forward_bulk_port(self):
        """Opens BULK_PORT of the external address, TCP and UDP, on the LAN side: the hairpin for iperf3 and nc."""
        config = self.running_config()
        gateway = config["hairpin:gateway"]
        for number, protocol in enumerate(("tcp", "udp")):
            gateway["nat"]["rule"].append({
                "id": 65537 + number, "action": "dnat", "applied-on": "lan", "protocol": protocol,
                "original-address": EXTERNAL, "original-port": str(BULK_PORT),
                "translated-address": WEB_SERVER, "translated-port": str(BULK_PORT)})
        rules = gateway["firewall"]["rule"]
        rules.append({"id": 1000, "name": "Bulk", "source": {"address": [WORKSTATION]}, "destination": {"address": [EXTERNAL]},
                      "service": [{"protocol": "tcp", "port": [str(BULK_PORT)]}, {"protocol": "udp", "port": [str(BULK_PORT)]}],
                      "action": "accept"})
        self.load(config)
        return config

    # what must hold at the end of every test

    def check_conservation(self):
        if not (self.state / "control.sock").exists():
            return

        def read():  # in two questions, between which a packet more may be dropped
            counters = {row["name"]: row["value"] for row in self.rows("show", "counters")}
            return counters, sum(row["packets"] for row in self.rows("show", "drops"))

        counters, dropped = read()
        if dropped != counters["dropped"]:
            counters, dropped = read()
        expect(counters["balance"] == 0, f"packets in are not packets out + drops: {counters}")
        expect(dropped == counters["dropped"], f"{counters['dropped']} packets were dropped, but {dropped} of them have a reason")

    def log_lines(self):
        for file in sorted((self.state / "log").glob("*")):
            if file.is_file():
                for line in file.read_text(errors="replace").splitlines():
                    yield file.name, line

    def check_logs(self):
        for name, line in self.log_lines():
            if re.search(r"^\S+Z (warn|warning|error|critical)\b|AddressSanitizer|runtime error:", line):
                expect(any(re.search(pattern, line) for pattern in self.announced), f"the log {name} says: {line}")

    def print_logs(self):
        for name, line in self.log_lines():
            if "hairpind" in name or "edge" in name:
                print(f"  {name}: {line}")


def drops_in_words(lab):
    return ", ".join(f"{row['reason']} {row['packets']}" for row in lab.rows("show", "drops") if row["packets"]) or "none"

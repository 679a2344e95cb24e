"""hairpin-port in namespaces, without containers: a gateway that opens nothing, and hosts that pass their ports to it. What containers make of it is
in tests/containers.
"""
import contextlib
import json
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support import BIN, HAIRPIN, HAIRPIND, ROOT, Failure, eventually, expect, namespace, run

HAIRPIN_PORT = BIN / "hairpin-port"
NO_CAPABILITY = "0000000000000000"


def within(name, *words, **options):
    return run("ip", "netns", "exec", name, *words, **options)


class Gateway:
    """hairpind with the configuration of containers/hairpin, in a namespace without anything and without any capability."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hairpin-lab-"))
        self.ports = self.folder / "ports/ports.sock"
        self.control = self.folder / "control.sock"
        (self.folder / "ports").mkdir()
        (self.folder / "state").mkdir()
        self.children = []
        self.daemon = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in [*self.children, self.daemon]:
            if child is not None and child.poll() is None:
                child.kill()
            if child is not None:
                child.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name):
        self.daemon = subprocess.Popen(
            ["ip", "netns", "exec", name, "setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", HAIRPIND, "--core", "any",
             "--config", ROOT / "containers/hairpin/edge.json", "--state", self.folder / "state", "--socket", self.control, "--port-socket", self.ports],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def stop(self, how=signal.SIGTERM):
        self.daemon.send_signal(how)
        said = self.daemon.communicate(timeout=20)[0]
        expect(how == signal.SIGKILL or self.daemon.returncode == 0, f"hairpind ended with {self.daemon.returncode}: {said}")

    def port(self, name, *words):
        """A hairpin-port in a namespace; it ends with the gateway of this test at the latest."""
        child = subprocess.Popen(["ip", "netns", "exec", name, HAIRPIN_PORT, "--socket", self.ports, *words], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.children.append(child)
        return child

    def hosts(self, workstation, webserver):
        return (self.port(workstation, "--port", "workstation", "--address", "192.168.255.2/24", "--gateway", "192.168.255.1"),
                self.port(webserver, "--port", "webserver", "--address", "192.168.255.10/24", "--gateway", "192.168.255.1"))

    def row(self, port):
        answer = json.loads(run(HAIRPIN, "--json", "--socket", self.control, "show", "ports").stdout)
        return next(row for row in answer["rows"] if row["name"] == port)


def has_the_cable(name, device="eth1"):
    """As a container's health check asks."""
    return within(name, HAIRPIN_PORT, "--healthy", "--device", device, ok=(0, 1)).returncode == 0


def reaches(name, address):
    return within(name, "ping", "-c", "1", "-W", "1", address, ok=(0, 1, 2)).returncode == 0


def ended(child, signal_number=signal.SIGTERM):
    child.send_signal(signal_number)
    return child.communicate(timeout=10)[0]


def test_hairpin_port_makes_hosts_of_namespaces():
    with namespace("gateway") as gateway, namespace("ws") as workstation, namespace("web") as webserver, Gateway() as router:
        # The hosts are first: they wait, with their addresses and without a cable.
        first, second = router.hosts(workstation, webserver)
        eventually(lambda: "192.168.255.2/24" in within(workstation, "ip", "-br", "address").stdout, "the interface was not set up")
        expect(not has_the_cable(workstation), "there is a cable, and no gateway")
        router.start(gateway)
        for name in (workstation, webserver):
            eventually(lambda: has_the_cable(name), "the gateway is there, and the cable is not")
        eventually(lambda: reaches(workstation, "192.168.255.10"), "the hosts do not reach each other")
        expect("default via 192.168.255.1 dev eth1" in within(workstation, "ip", "route").stdout, "there is no default route")
        expect("02:00:00:00:00:02" in within(workstation, "ip", "link", "show", "eth1").stdout, "the port's MAC is not the configured one")
        status = Path(f"/proc/{router.daemon.pid}/status").read_text()
        expect(f"CapEff:\t{NO_CAPABILITY}" in status and f"CapBnd:\t{NO_CAPABILITY}" in status, f"the gateway has capabilities: {status}")

        # A new gateway, after one that ended well and one that did not; the interface and its MAC are the same.
        index = within(workstation, "cat", "/sys/class/net/eth1/ifindex").stdout
        for how in (signal.SIGTERM, signal.SIGKILL):
            router.stop(how)
            eventually(lambda: not has_the_cable(workstation), "the gateway is gone, and the cable is not")
            router.start(gateway)
            eventually(lambda: has_the_cable(workstation) and has_the_cable(webserver), "the new gateway was not passed the ports")
            eventually(lambda: reaches(workstation, "192.168.255.10"), "the hosts do not reach each other by the new gateway")
        expect(within(workstation, "cat", "/sys/class/net/eth1/ifindex").stdout == index, "the interface is another")

        said = ended(second)
        expect(second.returncode == 0 and "no gateway has begun yet" in said and "eth1 is up, mac 02:00:00:00:00:10, mtu 1500" in said, f"it said: {said}")
        eventually(lambda: router.row("webserver")["state"] == "detached", "hairpin-port has ended, and its port is not detached")
        ended(first)


def listens_tcp(name, port):
    return within(name, "ss", "-Hltn", f"sport = :{port}").stdout.strip()


def test_hairpin_port_super_packets():
    with namespace("gateway") as gateway, namespace("ws") as workstation, namespace("web") as webserver, Gateway() as router:
        router.start(gateway)
        router.hosts(workstation, webserver)
        eventually(lambda: has_the_cable(workstation) and has_the_cable(webserver), "the ports were not passed")
        server = subprocess.Popen(["ip", "netns", "exec", webserver, "iperf3", "-s", "-1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        router.children.append(server)
        eventually(lambda: listens_tcp(webserver, 5201), "iperf3 does not listen")
        within(workstation, "iperf3", "-c", "192.168.255.10", "-t", "1")
        row = router.row("workstation")
        expect(row["in_bytes"] / row["in_packets"] > 3000, f"packets from the workstation were small: {row}")


def test_hairpin_port_says_what_is_wrong():
    with namespace("gateway") as gateway, namespace("ws") as workstation, Gateway() as router:
        router.start(gateway)
        eventually(router.ports.exists, "the gateway has no port socket")
        stranger = router.port(workstation, "--port", "nobody", "--address", "192.0.2.1/24")
        eventually(lambda: "192.0.2.1/24" in within(workstation, "ip", "-br", "address").stdout, "it does not wait for its port")
        expect(not has_the_cable(workstation), "a port that is not there was passed")
        busy = Path(f"/proc/{router.daemon.pid}/stat").read_text().split()[13:15]
        within(workstation, "ping", "-c", "3", "-i", "0.3", "-W", "1", "127.0.0.1")
        used = sum(map(int, Path(f"/proc/{router.daemon.pid}/stat").read_text().split()[13:15])) - sum(map(int, busy))
        expect(used < 20, f"who is refused asks without a pause: it cost the gateway {used} ticks in half a second")
        # It is configured meanwhile.
        run(HAIRPIN, "--socket", router.control, "-c", "configure; set switch port nobody segment lan; set switch port nobody tap origin passed; commit; exit")
        eventually(lambda: has_the_cable(workstation), "the port is there now, and it was not passed again")

        twice = router.port(workstation, "--port", "nobody", "--address", "192.0.2.1/24")
        said = twice.communicate(timeout=10)[0]
        expect(twice.returncode == 1 and "eth1" in said and "exists already" in said, f"a second one in the namespace said: {said}")
        said = ended(stranger)
        expect('refused: there is no port "nobody"' in said, f"it said: {said}")

        missing = run(HAIRPIN_PORT, "--healthy", "--device", "no-such-device", ok=(1,))
        expect("/sys/class/net/no-such-device/carrier" in missing.stderr, f"health says: {missing.stderr}")
        wrong = run(HAIRPIN_PORT, "--port", "a", "--address", "192.0.2.1", ok=(2,))
        expect("an address has a length" in wrong.stderr, f"it said: {wrong.stderr}")
        powerless = within(workstation, "setpriv", "--bounding-set=-all", "--inh-caps=-all", HAIRPIN_PORT, "--port", "nobody", "--socket", router.ports, ok=(1,))
        expect("CAP_NET_ADMIN" in powerless.stderr, f"without privileges it said: {powerless.stderr}")


def application_status(lines):
    return dict(line.split(":", 1) for line in lines if ":" in line)


def test_hairpin_port_runs_an_application_without_capabilities():
    with namespace("gateway") as gateway, namespace("ws") as workstation, Gateway() as router:
        router.start(gateway)
        words = ("--port", "workstation", "--address", "192.168.255.2/24", "--user", "65534:65534", "--")
        child = router.port(workstation, *words, "sh", "-c", "cat /proc/self/status; trap 'echo asked to end; exit 5' TERM; echo ready; while :; do sleep 0.05; done")
        lines = []
        while "ready" not in lines:
            line = child.stdout.readline()
            if not line:
                raise Failure(f"the application did not begin: {lines}")
            lines.append(line.strip())
        status = application_status(lines)
        for word in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
            expect(status[word].strip() == NO_CAPABILITY, f"the application has {word} {status[word]}")
        expect(status["NoNewPrivs"].strip() == "1" and status["Uid"].split() == ["65534"] * 4 and not status["Groups"].split(), f"the application is {status}")
        eventually(lambda: has_the_cable(workstation), "the port was not passed")
        said = ended(child)
        expect(child.returncode == 5 and "asked to end" in said, f"it ended with {child.returncode}: {said}")
        eventually(lambda: router.row("workstation")["state"] == "detached", "the application has ended, and its port is not detached")

        missing = router.port(workstation, *words, "/no-such-program")
        said = missing.communicate(timeout=10)[0]
        expect(missing.returncode == 127 and "run /no-such-program: No such file" in said, f"it ended with {missing.returncode}: {said}")


def test_hairpin_port_replicas_share_out_ports():
    ports = ("--port", "backend-1,backend-2,backend-3", "--address", "192.168.255.21/24,192.168.255.22/24,192.168.255.23/24")
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(namespace("gateway"))
        names = [stack.enter_context(namespace(f"replica{number}")) for number in (1, 2, 3)]
        router = stack.enter_context(Gateway())
        router.start(gateway)
        replicas = [router.port(name, *ports) for name in names]
        addresses = lambda: sorted(line.split()[2] for name in names for line in within(name, "ip", "-br", "-4", "address", "show", "dev", "eth1", ok=(0, 1)).stdout.splitlines())
        eventually(lambda: addresses() == [f"192.168.255.2{number}/24" for number in (1, 2, 3)], "the replicas have not an address each")
        eventually(lambda: all(has_the_cable(name) for name in names), "not every replica has a port")

        fourth = router.port(gateway, *ports)
        said = fourth.communicate(timeout=10)[0]
        expect(fourth.returncode == 1 and "all 3 ports are taken by others, backend-1 to backend-3" in said, f"a fourth said: {said}")
        ended(replicas[1], signal.SIGKILL)
        again = router.port(names[1], *ports)
        eventually(lambda: has_the_cable(names[1]), "the place that was given back was not taken")
        expect(addresses() == [f"192.168.255.2{number}/24" for number in (1, 2, 3)], f"the addresses are {addresses()}")
        ended(again)

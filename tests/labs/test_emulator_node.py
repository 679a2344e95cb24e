"""hairpin-node, as containers of network emulators run it: interfaces that come late are taken, and the management's is left alone."""
import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

from support import BIN, HAIRPIN, ROOT, eventually, expect, namespace, run

NODE = BIN / "hairpin-node"
EXAMPLES = ROOT / "examples"


def plug(here, device, there, peer="eth0"):
    """As containerlab does it: made elsewhere, moved, named, and only then set up."""
    run("ip", "link", "add", "hptmpa", "type", "veth", "peer", "name", "hptmpb")
    for name, where, final in (("hptmpa", here, device), ("hptmpb", there, peer)):
        run("ip", "link", "set", name, "netns", where)
        run("ip", "-n", where, "link", "set", name, "name", final)


def up(where, device, *addresses):
    for address in addresses:
        run("ip", "-n", where, "address", "add", address, "dev", device)
    run("ip", "-n", where, "link", "set", device, "up")


class Node:
    """hairpin-node in a namespace, with only those capabilities that its container has."""

    def __init__(self, where, startup, *words, environment=None):
        self.folder = Path(tempfile.mkdtemp(prefix="hairpin-node-"))
        self.socket = self.folder / "control.sock"
        self.log = self.folder / "log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", where, "setpriv", "--inh-caps=-all,+net_admin,+net_raw", "--bounding-set=-all,+net_admin,+net_raw", NODE, "--startup",
                 startup, "--document", self.folder / "startup.json", *words, "--", "--socket", self.socket, "--core", "any"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | (environment or {}))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.said())
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait()
        run("rm", "-r", self.folder)

    def said(self):
        return self.log.read_text()

    def show(self, *words):
        return json.loads(run(HAIRPIN, "--socket", self.socket, "show", *words, "--json").stdout)["rows"]

    def wait_until_it_runs(self):
        eventually(lambda: self.process.poll() is not None or
                   (self.socket.exists() and run(HAIRPIN, "--socket", self.socket, "show", "counters", ok=None).returncode == 0),
                   f"it does not run: {self.said()}", 30)
        expect(self.process.poll() is None, self.said())


def test_a_containerlab_node_takes_its_interfaces_and_leaves_the_managements():
    with namespace("nat") as nat, namespace("client") as client, namespace("server") as server, namespace("mgmt") as management:
        plug(nat, "eth0", management)
        up(nat, "eth0", "172.20.20.2/24")
        up(management, "eth0", "172.20.20.1/24")
        with Node(nat, EXAMPLES / "containerlab/nat.cfg", environment={"CLAB_INTFS": "2"}) as node:
            eventually(lambda: "0 of 2 are up" in node.said(), f"it does not wait: {node.said()}", 20)
            plug(nat, "eth1", client, "eth1")
            up(client, "eth1", "192.168.1.10/24")
            up(nat, "eth1", "192.168.1.1/24")
            eventually(lambda: "1 of 2 are up" in node.said(), f"it does not see the first: {node.said()}", 20)
            expect(not node.socket.exists(), "it has begun with one of two interfaces")
            plug(nat, "eth2", server, "eth1")
            up(server, "eth1", "203.0.113.10/24")
            up(nat, "eth2", "203.0.113.2/24", "203.0.113.3/24")
            node.wait_until_it_runs()
            run("ip", "-n", client, "route", "add", "203.0.113.0/24", "via", "192.168.1.1")

            # NAT from eth1 to eth2: the server knows no way to the client.
            run("ip", "netns", "exec", client, "ping", "-c", "1", "-W", "3", "203.0.113.10")
            sessions = node.show("sessions")
            expect(any("203.0.113.2" in json.dumps(row) for row in sessions), f"nothing is translated: {sessions}")
            with subprocess.Popen(["ip", "netns", "exec", server, "sh", "-c", "echo hello | nc -l -p 8080"], stdin=subprocess.DEVNULL) as listener:
                eventually(lambda: ":8080" in run("ip", "netns", "exec", server, "ss", "-ltn").stdout, "nobody listens")
                said = run("ip", "netns", "exec", client, "nc", "-w", "5", "203.0.113.10", "8080").stdout
                listener.terminate()
            expect(said == "hello\n", f"TCP through the node: {said!r}")
            # Nobody comes in.
            expect(run("ip", "netns", "exec", server, "ping", "-c", "1", "-W", "1", "192.168.1.10", ok=None).returncode != 0, "a stranger came in")

            addresses = run("ip", "-n", nat, "-br", "-4", "address").stdout
            expect("172.20.20.2/24" in addresses and "192.168.1.1" not in addresses and "203.0.113" not in addresses,
                   f"the management's address stays, and the others are taken: {addresses}")
            run("ip", "netns", "exec", management, "ping", "-c", "1", "-W", "3", "172.20.20.2")
            # The kernel of the node answers no question about its own addresses where the interfaces are taken.
            run("ip", "-n", client, "route", "add", "172.20.20.2/32", "dev", "eth1")
            expect(run("ip", "netns", "exec", client, "ping", "-c", "1", "-W", "1", "172.20.20.2", ok=None).returncode != 0,
                   "the management's address is reached from a link of the lab")
            ports = {row["name"]: row for row in node.show("ports")}
            expect(set(ports) == {"eth1", "eth2"} and all(row["kind"] == "netdev" and row["state"] == "up" for row in ports.values()), f"{ports}")


def test_a_kathara_node_takes_all_interfaces():
    with namespace("nat") as nat, namespace("client") as client, namespace("server") as server:
        plug(nat, "eth0", client)
        plug(nat, "eth1", server)
        up(client, "eth0", "192.168.1.10/24")
        up(server, "eth0", "203.0.113.10/24")
        with Node(nat, EXAMPLES / "kathara/nat/etc/hairpin/startup.cfg", "--management", "none") as node:
            node.wait_until_it_runs()
            run("ip", "-n", client, "route", "add", "default", "via", "192.168.1.1")
            run("ip", "netns", "exec", client, "ping", "-c", "1", "-W", "3", "203.0.113.10")


def test_a_node_says_what_is_wrong_before_it_takes_anything():
    with namespace("nat") as nat, namespace("client") as client, tempfile.TemporaryDirectory(prefix="hairpin-node-") as folder:
        plug(nat, "eth1", client)
        up(nat, "eth1", "192.168.1.1/24")
        wrong = Path(folder) / "startup.cfg"
        wrong.write_text("set gateway interface eth1 role internal\nset gateway interface eth1 adress 10.0.0.1/8\n")
        done = run("ip", "netns", "exec", nat, NODE, "--startup", wrong, ok=(1,))
        expect("startup.cfg, line 2" in done.stderr, done.stderr)
        expect("192.168.1.1/24" in run("ip", "-n", nat, "-br", "-4", "address").stdout, "the interface was taken")
        done = run("ip", "netns", "exec", nat, "setpriv", "--bounding-set=-all", "--inh-caps=-all", NODE, "--startup", "/nowhere", "--document",
                   f"{folder}/startup.json", ok=(1,))
        expect("needs CAP_NET_ADMIN" in done.stderr, done.stderr)

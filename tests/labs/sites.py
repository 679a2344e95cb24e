"""Sites of a LAN that VXLAN joins: ours with a hairpind, and others that the kernel or Open vSwitch makes.

    with Sites("computed") as lab:                 # 192.0.2.1 with a daemon and the host `workstation`, 10.0.0.1
        lab.kernel("b", 2)                         # 192.0.2.2, a vxlan device of the kernel with 10.0.0.2
        lab.ping(2)
                                                   # at the end: conservation, the log, everything down
"""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support import HAIRPIN, HAIRPIND, Failure, call, eventually, expect, namespace, run

VNI = 100
INNER_MTU = 1450


class Sites:
    """The network underneath is a bridge of a namespace of its own, 192.0.2.0/24; site N has 192.0.2.N there and 10.0.0.N in the LAN."""

    def __init__(self, checksum="computed", remotes=(2,), mtu=INNER_MTU):
        self.folder = Path(tempfile.mkdtemp(prefix="hairpin-sites-"))
        self.stack = contextlib.ExitStack()
        self.announced = []
        self.mtu = mtu
        self.config = {"hairpin:switch": {"segment": [{"name": "lan"}], "port": [
            {"name": "workstation", "segment": "lan",
             "tap": {"device": "eth1", "namespace": "hp-test-workstation", "mtu": mtu, "address": ["10.0.0.1/24"]}},
            self.tunnel("far", VNI, remotes, checksum)]}}

    def tunnel(self, name, vni, remotes, checksum="computed", segment="lan"):
        return {"name": name, "segment": segment, "vxlan": {
            "vni": vni, "local": "192.0.2.1", "namespace": "hp-test-here", "mtu": self.mtu, "outer-checksum": checksum,
            "remote": [{"address": f"192.0.2.{number}"} for number in remotes]}}

    def __enter__(self):
        try:
            self.under = self.stack.enter_context(namespace("under"))
            run("ip", "-n", self.under, "link", "add", "br0", "type", "bridge")
            run("ip", "-n", self.under, "link", "set", "br0", "up")
            self.here, self.host = self.site("here", 1), self.stack.enter_context(namespace("workstation"))
            self.start()
        except BaseException:
            self.stack.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                counters = {row["name"]: row["value"] for row in self.rows("show", "counters")}
                expect(counters["balance"] == 0, f"packets in are not packets out + drops: {counters}")
            self.daemon.send_signal(signal.SIGTERM)
            self.daemon.wait(10)
            for line in (self.folder / "log").read_text().splitlines():
                if kind is not None:
                    print("  hairpind:", line)
                elif re.search(r"^\S+Z (warn|warning|error|critical)\b", line):
                    expect(any(re.search(pattern, line) for pattern in self.announced), f"the log says: {line}")
        finally:
            self.daemon.kill()
            self.stack.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def site(self, name, number):
        """A namespace at the network underneath."""
        there = self.stack.enter_context(namespace(name))
        run("ip", "-n", there, "link", "add", "under", "type", "veth", "peer", "name", name, "netns", self.under)
        run("ip", "-n", self.under, "link", "set", "dev", name, "master", "br0", "up")
        run("ip", "-n", there, "address", "add", f"192.0.2.{number}/24", "dev", "under")
        run("ip", "-n", there, "link", "set", "under", "up")
        return there

    def start(self):
        (self.folder / "config.json").write_text(json.dumps(self.config))
        ready, told = os.pipe()
        with open(self.folder / "log", "w") as log:
            self.daemon = subprocess.Popen([HAIRPIND, "--config", self.folder / "config.json", "--socket", self.folder / "control.sock",
                                            "--ready-fd", str(told)], stdout=log, stderr=log, pass_fds=(told,))
        os.close(told)
        answer = os.read(ready, 2)
        os.close(ready)
        expect(answer, f"hairpind did not start: {(self.folder / 'log').read_text()}")

    # the daemon here

    def hairpin(self, *words, **options):
        return run(HAIRPIN, "--socket", self.folder / "control.sock", *words, **options)

    def rows(self, *words):
        return json.loads(self.hairpin(*words, "--json").stdout)["rows"]

    def commit(self):
        """Loads self.config as it is now; what the daemon warned of."""
        return call(self.folder / "control.sock", "config.load", config=self.config)["warnings"]

    def drops(self):
        return {row["reason"]: row["packets"] for row in self.rows("show", "drops") if row["packets"]}

    # other sites

    def kernel(self, name, number, *options):
        """A site whose host is its own vxlan device, which knows only us."""
        there = self.site(name, number)
        run("ip", "-n", there, "link", "add", "vx0", "mtu", self.mtu, "type", "vxlan", "id", VNI, "local", f"192.0.2.{number}", "remote",
            "192.0.2.1", "dstport", 4789, *options)
        run("ip", "-n", there, "address", "add", f"10.0.0.{number}/24", "dev", "vx0")
        run("ip", "-n", there, "link", "set", "vx0", "up")
        return there

    # traffic

    def at(self, where, *words, **options):
        return run("ip", "netns", "exec", where, *words, **options)

    def ping(self, number, *options, where=None, ok=(0,)):
        return self.at(where or self.host, "ping", "-c", 2, "-i", "0.2", "-W", 1, *options, f"10.0.0.{number}", ok=ok)

    def bulk(self, server, client, number, *options):
        """iperf3 from the client to the server at 10.0.0.<number>; what arrived there."""
        child = subprocess.Popen(["ip", "netns", "exec", server, "iperf3", "-s", "-1"], stdout=subprocess.DEVNULL)
        try:
            eventually(lambda: self.at(server, "ss", "-Hltn", "sport = :5201").stdout.strip(), "iperf3 does not listen")
            done = self.at(client, "iperf3", "-J", "-c", f"10.0.0.{number}", *options)
        finally:
            child.kill()
            child.wait()
        return json.loads(done.stdout)["end"]


class OpenVSwitch:
    """Open vSwitch in its userspace datapath, in the namespace of a site whose tunnel and address it takes over."""

    def __init__(self, lab, name, number, checksum):
        self.folder = lab.folder / "ovs"
        self.folder.mkdir()
        self.environment = dict(os.environ, OVS_RUNDIR=str(self.folder), OVS_LOGDIR=str(self.folder), OVS_DBDIR=str(self.folder),
                                OVS_SYSCONFDIR=str(self.folder))
        self.there = lab.site(name, number)
        self.children = []
        lab.stack.callback(self.stop)
        run("ovsdb-tool", "create", self.folder / "conf.db", "/usr/share/openvswitch/vswitch.ovsschema")
        database = f"unix:{self.folder}/db.sock"
        self.run_in_background("ovsdb-server", self.folder / "conf.db", f"--remote=p{database}", f"--unixctl={self.folder}/db.ctl")
        eventually(lambda: (self.folder / "db.sock").exists(), "ovsdb-server does not listen")
        self.control = ("ovs-vsctl", f"--db={database}", "--timeout=10")
        run(*self.control, "--no-wait", "init")
        self.run_in_background("ovs-vswitchd", database, f"--unixctl={self.folder}/switch.ctl")
        run("ip", "-n", self.there, "address", "flush", "dev", "under")
        run(*self.control, "add-br", "br-phy", "--", "set", "bridge", "br-phy", "datapath_type=netdev", "--", "add-port", "br-phy", "under")
        run(*self.control, "add-br", "br-int", "--", "set", "bridge", "br-int", "datapath_type=netdev", "--", "add-port", "br-int", "vx",
            "--", "set", "interface", "vx", "type=vxlan", "options:remote_ip=192.0.2.1", f"options:key={VNI}",
            f"options:csum={'true' if checksum == 'computed' else 'false'}")
        for bridge, address in (("br-phy", f"192.0.2.{number}/24"), ("br-int", f"10.0.0.{number}/24")):
            run("ip", "-n", self.there, "address", "add", address, "dev", bridge)
            run("ip", "-n", self.there, "link", "set", bridge, "mtu", 1500 if bridge == "br-phy" else lab.mtu, "up")
        # Its packet sockets take nothing that a network card would have to finish.
        for where, device in ((self.there, "under"), (self.there, "br-int"), (lab.here, "under")):
            run("ip", "netns", "exec", where, "ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", ok=None)

    def run_in_background(self, program, *words):
        log = self.folder / f"{program}.log"
        with open(log, "w") as output:
            self.children.append(subprocess.Popen(["ip", "netns", "exec", self.there, program, *[str(word) for word in words]],
                                                  stdout=output, stderr=output, env=self.environment))

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def skip_without(program):
    if not shutil.which(program):
        raise Failure(f"{program} is missing: scripts/install test")

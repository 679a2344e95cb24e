"""Open vSwitch with its userspace datapath as a plain switch: a netdev bridge whose two internal ports are TAPs, each moved into
the namespace of its host. It forwards by its default flow (action NORMAL, learning).

A private instance: own database, sockets and run directory, no system service, no kernel datapath.
"""
import os

from harness.stage import command
from harness.traffic import Side
from sides.addresses import WEB_SERVER, WORKSTATION

PROGRAMS = ("ovsdb-tool", "ovsdb-server", "ovs-vswitchd", "ovs-vsctl")
SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"


def switch(stage, options):
    node = stage.namespace("ovs", "switch")
    directory = stage.directory("ovs")
    environment = {f"OVS_{name}": str(directory) for name in ("RUNDIR", "DBDIR", "LOGDIR", "SYSCONFDIR")}
    database = f"unix:{directory}/db.sock"

    def configure(*arguments):
        command("ovs-vsctl", f"--db={database}", "--timeout=10", *arguments)

    command("ovsdb-tool", "create", f"{directory}/conf.db", SCHEMA)
    server = stage.start("ovsdb-server", node, "ovsdb-server", f"{directory}/conf.db", f"--remote=p{database}",
                         f"--unixctl={directory}/ovsdb.ctl", environment=environment)
    server.wait_until(lambda: os.path.exists(f"{directory}/db.sock"), "its socket")
    configure("--no-wait", "init")
    if options.ovs_tso:
        configure("--no-wait", "set", "Open_vSwitch", ".", "other_config:userspace-tso-enable=true")
    daemon = stage.start("ovs-vswitchd", node, "ovs-vswitchd", database, f"--unixctl={directory}/vswitchd.ctl",
                         environment=environment)
    daemon.wait_until(lambda: os.path.exists(f"{directory}/vswitchd.ctl"), "its socket")

    configure("add-br", "lan", "--", "set", "bridge", "lan", "datapath_type=netdev")
    hosts = [_host(stage, node, configure, "workstation", WORKSTATION), _host(stage, node, configure, "webserver", WEB_SERVER)]
    title = "Open vSwitch with TSO" if options.ovs_tso else "Open vSwitch"
    return Side(title, *hosts, WEB_SERVER, daemon)


def _host(stage, node, configure, name, address):
    host = stage.namespace("ovs", name)
    configure("add-port", "lan", name, "--", "set", "interface", name, "type=internal")
    node.ip(f"link set {name} netns {host.name}")  # the daemon keeps the TAP's descriptor, and with it the port
    host.ip(f"address add {address}/24 dev {name}")
    host.ip(f"link set {name} up")
    return host

"""A virtual machine as the workstation of the guide's lab, by each backend: it reaches the web server beside it by the gateway's external
address. Then either side ends under the other.
"""
import contextlib

from machine import Machine, add_port, daemon_away, port_row, qemu_args
from support import GATEWAY, Lab, eventually, expect, namespace, run

EXTERNAL_PAGE = "timeout 5 wget -q -O - http://203.0.113.80/"


@contextlib.contextmanager
def plugged(kind, device, mtu=1500):
    """The guide's lab with a machine as its workstation; yields both."""
    with namespace(f"vm-{kind}") as place, Lab("hairpin", f"vm-{kind}") as lab:
        values = {key: value.format(state=lab.state, namespace=place) for key, value in device.items()}
        lab.hairpin("port", "remove", "workstation")
        add_port(lab, {"name": "workstation", "segment": "lan", kind: {**values, "mtu": mtu}})
        row = port_row(lab, "workstation")
        expect((row["kind"], row["state"]) == (kind, "detached"), f"a port without a machine: {row}")
        told = qemu_args(lab, "workstation")
        with Machine(place, told["arguments"], told["mac"], "192.168.255.2/24", GATEWAY, "workstation") as machine:
            lab.machine_arguments = told
            yield lab, machine


def check_ways(lab, machine):
    """What a workstation does in the guide's lab."""
    machine.reaches(GATEWAY)
    page = machine.run(EXTERNAL_PAGE)
    expect("web server of the hairpin lab" in page and "you are 192.168.255.1" in page, f"by the external address comes: {page}")
    expect("you are 203.0.113.80" in machine.run("timeout 5 wget -q -O - http://198.51.100.10/"), "the Internet is not reached as 203.0.113.80")
    expect("1 packets received" in machine.run(f"ping -c 1 -W 2 -s 1472 {GATEWAY}"), "a packet of 1500 bytes does not pass")
    expect("1 packets received" in machine.run(f"ping -c 1 -W 2 -s 4000 {GATEWAY}"), "a packet in fragments does not pass")
    # Two megabytes, which must arrive as they were sent.
    machine.run("head -c 2000000 /dev/urandom >/tmp/sent; md5sum </tmp/sent >/tmp/sum")
    lab.at("webserver", "ping", "-c", "1", "-W", "2", "192.168.255.2")
    machine.run("mkdir -p /tmp/www; cp /tmp/sent /tmp/www/sent; httpd -p 8000 -h /tmp/www 2>/dev/null || true")
    there = lab.at("webserver", "sh", "-c", "curl -sS --max-time 60 http://192.168.255.2:8000/sent | md5sum").stdout
    expect(there == machine.run("cat /tmp/sum"), f"what the machine serves arrives as something else: {there}")
    row = port_row(lab, "workstation")
    expect(row["state"] == "up" and row["in_packets"] > 0 and row["out_packets"] > 0, f"show ports says {row}")


def check_daemon_restart(lab, machine):
    """The machine runs on while hairpind is killed and comes again."""
    before = machine.run("cat /proc/sys/kernel/random/boot_id")
    with daemon_away(lab):
        expect("0 packets received" in machine.run(f"ping -c 1 -W 1 {GATEWAY}", ok=None), "somebody answers for a gateway that is gone")
    machine.reaches(GATEWAY, 30)
    expect("web server of the hairpin lab" in machine.run(EXTERNAL_PAGE), "the web server is not reached any more")
    expect(machine.run("cat /proc/sys/kernel/random/boot_id") == before, "the machine has booted meanwhile")


def check_machine_restart(lab, machine):
    """The machine is killed and boots anew under a gateway that runs on; the port is the same, and goes on counting."""
    before = port_row(lab, "workstation")
    machine.end()
    lab.at("webserver", "ping", "-c", "1", "-W", "1", "192.168.255.2", ok=None)  # what is sent tells that nobody is there
    eventually(lambda: port_row(lab, "workstation")["state"] == "detached", "the port of a machine that was killed is up")
    machine.boot()
    machine.reaches(GATEWAY)
    after = port_row(lab, "workstation")
    expect(after["state"] == "up" and after["in_packets"] > before["in_packets"], f"before {before}, after {after}")


def test_dgram():
    with plugged("dgram", {"socket": "{state}/vm.sock", "remote": "{state}/vm.qemu"}) as (lab, machine):
        check_ways(lab, machine)
        check_daemon_restart(lab, machine)
        check_machine_restart(lab, machine)


def test_stream():
    with plugged("stream", {"socket": "{state}/vm.sock"}) as (lab, machine):
        check_ways(lab, machine)
        check_machine_restart(lab, machine)
        # The daemon that ends: QEMU that cannot connect again says so before, and is started again.
        says = " ".join(lab.machine_arguments["remarks"])
        if "connects once" in says:
            with daemon_away(lab):
                pass
            expect("0 packets received" in machine.run(f"ping -c 1 -W 2 {GATEWAY}", ok=None), f"the machine has connected again, although: {says}")
            machine.end()
            machine.boot()
            machine.reaches(GATEWAY)
        else:
            check_daemon_restart(lab, machine)


def test_vde():
    with plugged("vde", {"folder": "{state}/vde"}) as (lab, machine):
        check_ways(lab, machine)
        check_machine_restart(lab, machine)
        second = run("timeout", "5", "vde_plug", f"vde://{lab.state}/vde", "true", ok=None)
        expect(port_row(lab, "workstation")["state"] == "up", f"a second plug has unplugged the first: {second.stderr}")
        machine.reaches(GATEWAY)


def test_netdev():
    with plugged("netdev", {"device": "vm0", "namespace": "{namespace}"}) as (lab, machine):
        check_ways(lab, machine)
        check_daemon_restart(lab, machine)
        check_machine_restart(lab, machine)


def test_vhost_user():
    with plugged("vhost-user", {"socket": "{state}/vm.sock"}) as (lab, machine):
        told = lab.hairpin("port", "qemu-args", "workstation", "memory", "300").stdout
        expect("-m 300M -object memory-backend-memfd,id=memory,size=300M,share=on" in told, f"port qemu-args says {told}")
        check_ways(lab, machine)
        check_daemon_restart(lab, machine)
        check_machine_restart(lab, machine)


def test_udp():
    """QEMU's own way to speak to GNS3's nodes, where both are on one host."""
    with Lab("hairpin", "vm-udp") as lab:
        lab.hairpin("port", "remove", "workstation")
        add_port(lab, {"name": "workstation", "segment": "lan", "udp": {"local-port": 20000, "remote": "127.0.0.1", "remote-port": 30000}})
        backend = "dgram,id=net0,local.type=inet,local.host=127.0.0.1,local.port=30000,remote.type=inet,remote.host=127.0.0.1,remote.port=20000"
        mac = "52:54:00:00:00:07"
        arguments = ["-netdev", backend, "-device", f"virtio-net-pci,netdev=net0,mac={mac}"]
        with Machine(lab.namespace("edge"), arguments, mac, "192.168.255.2/24", GATEWAY, "workstation") as machine:
            check_ways(lab, machine)
            check_daemon_restart(lab, machine)
            check_machine_restart(lab, machine)


def test_mtu_of_the_port_is_the_machines():
    with plugged("dgram", {"socket": "{state}/vm.sock", "remote": "{state}/vm.qemu"}, mtu=1400) as (lab, machine):
        expect(machine.run("cat /sys/class/net/eth1/mtu").strip() == "1400", "the machine has another MTU than its port")
        machine.reaches(GATEWAY)


for test in (test_dgram, test_stream, test_vde, test_netdev, test_vhost_user, test_mtu_of_the_port_is_the_machines):
    test.limit_seconds = 900  # without KVM a machine boots in ten seconds, or in a minute where others want the processor, too

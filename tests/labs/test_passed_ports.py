"""Ports whose TAP somebody else opens and passes, and many ports of each way to get one."""
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from sidecar import example
from support import Failure, Lab, eventually, expect, namespace, run

HERE = Path(__file__).resolve().parent
PING = ("ping", "-c", "2", "-i", "0.2", "-W", "2", "198.51.100.10")  # through the gateway, by the guide's rule for the LAN
GUEST = "192.168.255.50/24"


def within(name, *words, **options):
    return run("ip", "netns", "exec", name, *words, **options)


def start(lab, name, program, *words):
    """A Python program in the namespace, whose standard output is ours to read; it ends with the lab at the latest."""
    child = subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", program, *map(str, words)], cwd=HERE, text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"})
    lab.children.append(child)
    return child


def answer_of(child):
    line = child.stdout.readline()
    if not line:
        raise Failure(f"the sidecar said nothing: {child.communicate()[1]}")
    return json.loads(line)


def end(child):
    child.kill()
    child.communicate()


def pass_by_example(lab, name, device="eth1"):
    """Runs the example of docs/ports.md until it has set its device up. Returns it and what it was answered."""
    child = start(lab, name, example(), lab.state / "ports.sock", "guest", device, GUEST)
    answer = answer_of(child)
    expect(answer["ok"], f"the example was answered {answer}")
    eventually(lambda: "LOWER_UP" in within(name, "ip", "link", "show", device).stdout, "the example did not set its device up")
    within(name, "ip", "route", "replace", "default", "via", "192.168.255.1", "dev", device)
    return child, answer


def row_of(lab, port="guest"):
    return next(row for row in lab.rows("show", "ports") if row["name"] == port)


def detachments(lab):
    return [line for _, line in lab.log_lines() if "event=port_detached port=guest" in line]


def taps_held(lab):
    """How many TUN descriptors the daemon has: each keeps its namespace alive."""
    folder = Path(f"/proc/{lab.call('version')['pid']}/fd")
    count = 0
    for entry in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # a descriptor of our own question, which is closed by now
            count += os.readlink(entry) == "/dev/net/tun"
    return count


def test_ports_passed_by_who_opens_them():
    with Lab("hairpin", "passed") as lab, namespace("guest") as guest:
        before = taps_held(lab)
        lab.configure("set switch port guest segment lan", "set switch port guest tap origin passed")
        row = row_of(lab)
        expect((row["state"], row["device"], row["origin"]) == ("detached", None, "passed"), f"a port that waits is {row}")
        expect("detached" in lab.hairpin("show", "ports").stdout, "show ports does not say that it is detached")
        lab.at("workstation", "ping", "-c", "1", "-W", "1", "192.168.255.50", ok=(1,))
        expect(row_of(lab)["drops"] > 0, "what is sent to a port that waits was not counted as dropped there")
        expect(any(drop["reason"] == "port-detached" and drop["packets"] for drop in lab.rows("show", "drops")), "it has no reason")

        sidecar, first = pass_by_example(lab, guest)
        expect(first["port"] == "guest" and first["device"] == "eth1" and first["mtu"] == 1500, f"the answer is {first}")
        within(guest, *PING)
        row = row_of(lab)
        expect((row["state"], row["device"]) == ("up", "eth1"), f"a port with a device is {row}")
        counted = row["in_packets"]
        expect(counted >= 2, f"the port has counted {counted} packets")

        # The sidecar ends, and nobody holds its namespace any more.
        end(sidecar)
        eventually(lambda: row_of(lab)["state"] == "detached", "the sidecar has ended, and its port is not detached")
        expect(len(detachments(lab)) == 1 and "why=" in detachments(lab)[0], f"the log says {detachments(lab)}")
        expect(taps_held(lab) == before, "the daemon still holds the descriptor of a sidecar that has ended")
        lab.at("workstation", "ping", "-c", "1", "-W", "1", "192.168.255.50", ok=(1,))
    # conservation and the logs have been looked at by now


def test_a_passed_port_is_passed_again():
    with Lab("hairpin", "passed-again") as lab:
        lab.configure("set switch port guest segment lan", "set switch port guest tap origin passed")
        before = taps_held(lab)
        with namespace("first") as first:
            sidecar, answer = pass_by_example(lab, first)
            within(first, *PING)
            counted = row_of(lab)["in_packets"]
            end(sidecar)
        eventually(lambda: row_of(lab)["state"] == "detached", "its namespace is gone, and the port is not detached")
        expect(taps_held(lab) == before, "the daemon keeps a namespace alive that is gone")
        expect(row_of(lab)["in_packets"] >= counted, "a port that waits has lost its counters")
        with namespace("second") as second:
            sidecar, again = pass_by_example(lab, second)
            expect(again["mac"] == answer["mac"], f"the host's MAC was {answer['mac']} and is {again['mac']}")
            expect(again["mac"] in within(second, "ip", "link", "show", "eth1").stdout, "the device has another MAC than was answered")
            within(second, *PING)
            expect(row_of(lab)["in_packets"] > counted, "the counters of the port began anew")

            # While the first still stands, another device takes its place.
            within(second, "ip", "link", "del", "eth1")
            eventually(lambda: row_of(lab)["state"] == "detached", "ip link del did not detach the port")
            other, _ = pass_by_example(lab, second, "eth2")
            within(second, *PING)
            third, _ = pass_by_example(lab, second, "eth3")
            end(other)
            end(sidecar)
            within(second, *PING)
            expect((row_of(lab)["state"], row_of(lab)["device"]) == ("up", "eth3"),
                   f"who has been replaced took the device of the next with it: {row_of(lab)}")

            # A commit that changes the port leaves it its device.
            lab.configure("set switch port guest tap mac 02:00:00:00:00:77")
            expect(row_of(lab)["device"] == "eth3", f"a commit took the device away: {row_of(lab)}")
            expect("02:00:00:00:00:77" in within(second, "ip", "link", "show", "eth3").stdout, "the MAC of the configuration is not its own")
            within(second, *PING)
            lab.configure("delete switch port guest")
            eventually(lambda: taps_held(lab) == before, "a port that is gone holds its device")
            end(third)


STEALS_O_NONBLOCK = """
import json, os, sys
from sidecar import *
tap = open_tap("eth1")
answer = ask(connect(sys.argv[1]), {"version": 1, "port": "guest", "keep": True}, [tap])
os.set_blocking(tap, True)
os.system("ip address add 192.168.255.50/24 dev eth1; ip link set eth1 up; ip route add default via 192.168.255.1")
print(json.dumps(answer), flush=True)
sys.stdin.read()
"""


def test_what_is_passed_is_not_trusted():
    with Lab("hairpin", "passed-hostile") as lab, namespace("guest") as guest:
        lab.configure("set switch port guest segment lan", "set switch port guest tap origin passed")
        child = start(lab, guest, STEALS_O_NONBLOCK, lab.state / "ports.sock")
        expect(answer_of(child)["ok"], "the port was not passed")
        within(guest, *PING)  # whoever waited for this device would wait for ever
        expect(row_of(lab)["state"] == "up", "keep was asked for, and the port is detached without its connection")
        for _ in range(3):  # as many frames as the device takes, and more
            lab.at("workstation", "ping", "-q", "-f", "-c", "2000", "-s", "1400", "192.168.255.50", ok=(0, 1))
        expect(row_of(lab)["state"] == "up", "the daemon does not answer any more")
        end(child)
        within(guest, *PING)  # kept
        within(guest, "ip", "link", "del", "eth1")
        eventually(lambda: row_of(lab)["state"] == "detached", "its device is gone, and the port is not detached")


REFUSED = """
import json, os, sys
from sidecar import *
daemon = connect(sys.argv[1])
good = open_tap("good")
said = {
    "tun": ask(daemon, {"version": 1, "port": "guest"}, [open_tap("tun9", TUN | NO_PI | VNET_HDR)]),
    "no vnet": ask(daemon, {"version": 1, "port": "guest"}, [open_tap("plain", TAP | NO_PI)]),
    "pi": ask(daemon, {"version": 1, "port": "guest"}, [open_tap("pi9", TAP | VNET_HDR)]),
    "no device": ask(daemon, {"version": 1, "port": "guest"}, [os.open("/dev/net/tun", os.O_RDWR)]),
    "null": ask(daemon, {"version": 1, "port": "guest"}, [os.open("/dev/null", os.O_RDWR)]),
    "none": ask(daemon, {"version": 1, "port": "guest"}),
    "two": ask(daemon, {"version": 1, "port": "guest"}, [good, good]),
    "nine": ask(daemon, {"version": 1, "port": "guest"}, [good] * 9),
    "unknown": ask(daemon, {"version": 1, "port": "nobody"}, [good]),
    "made": ask(daemon, {"version": 1, "port": "workstation"}, [good]),
    "good": ask(daemon, {"version": 1, "port": "guest"}, [good]),
}
print(json.dumps(said), flush=True)
"""


def test_what_cannot_be_a_port_is_refused():
    expected = {"tun": "is of \"tun9\", a TUN device", "no vnet": "no header for checksums", "pi": "packet information",
                "no device": "has no device", "null": "is no TAP device's", "none": "carries no descriptor", "two": "carries 2 descriptors",
                "nine": "more than 8 descriptors", "unknown": "there is no port \"nobody\"", "made": "the daemon opens its TAP itself"}
    with Lab("hairpin", "refused") as lab, namespace("guest") as guest:
        lab.configure("set switch port guest segment lan", "set switch port guest tap origin passed")
        before = taps_held(lab)
        said = answer_of(start(lab, guest, REFUSED, lab.state / "ports.sock"))
        for name, words in expected.items():
            expect(not said[name]["ok"] and words in said[name]["error"], f"{name}: {said[name]}")
        expect(said["good"]["ok"], f"the connection was of no more use after refusals: {said['good']}")
        eventually(lambda: taps_held(lab) == before, "descriptors that were refused are still open")


def test_an_existing_tap_is_taken_and_left():
    with Lab("hairpin", "existing") as lab, namespace("guest") as guest:
        missing = lab.hairpin("-c", "configure; set switch port guest segment lan; set switch port guest tap device tap7; "
                              f"set switch port guest tap namespace {guest}; set switch port guest tap origin existing; commit", ok=None)
        expect("ip tuntap add tap7 mode tap" in missing.stdout + missing.stderr, f"a missing device: {missing.stdout}{missing.stderr}")
        for mode in ((), ("multi_queue",)):
            run("ip", "-n", guest, "tuntap", "add", "tap7", "mode", "tap", *mode)
            for _ in range(2):  # the second time it is as the first has left it
                lab.configure("set switch port guest segment lan", "set switch port guest tap device tap7",
                              f"set switch port guest tap namespace {guest}", "set switch port guest tap origin existing",
                              f"set switch port guest tap address {GUEST}", "set switch port guest tap route 0.0.0.0/0 via 192.168.255.1")
                within(guest, *PING)
                lab.configure("delete switch port guest")
            run("ip", "-n", guest, "link", "del", "tap7")


RESTART = """tests:
  restart: {do: {restart: hairpind}, expect: {carrier: {"workstation:eth1": up}}}
"""


def test_a_kept_tap_outlives_the_daemon_but_not_its_port():
    with Lab("hairpin", "kept") as lab, namespace("guest") as guest:
        (lab.source / f"{lab.name}.tests.yml").write_text(RESTART)
        port = ("set switch port guest segment lan", "set switch port guest tap device eth1", f"set switch port guest tap namespace {guest}",
                "set switch port guest tap origin kept", f"set switch port guest tap address {GUEST}")

        def interface():
            return json.loads(within(guest, "ip", "-j", "link", "show", "eth1").stdout)[0]
        for _ in range(2):  # the second time after it has gone
            lab.configure(*port, "set switch port guest tap route 0.0.0.0/0 via 192.168.255.1")
            within(guest, *PING)
            before = interface()
            within(guest, "ip", "route", "add", "198.18.0.0/15", "via", "192.168.255.7")
            lab.verify()
            expect((interface()["ifindex"], interface()["address"]) == (before["ifindex"], before["address"]), f"{before} has become {interface()}")
            expect("via 192.168.255.7" in within(guest, "ip", "route", "show", "198.18.0.0/15").stdout, "a route that others have added has gone")
            within(guest, *PING)
            expect(row_of(lab)["origin"] == "kept", f"{row_of(lab)}")
            lab.configure("delete switch port guest")
            expect(within(guest, "ip", "link", "show", "eth1", ok=(1,)).returncode == 1, "the port has gone, and its device is there")
        # What is refused leaves nothing; and what is none of ours is not taken.
        refused = lab.hairpin("-c", "configure; " + "; ".join(port) + "; set switch port guest tap route 0.0.0.0/0 via 203.0.113.99; commit", ok=None)
        expect("203.0.113.99" in refused.stdout + refused.stderr, f"a route that leads nowhere: {refused.stdout}{refused.stderr}")
        expect(within(guest, "ip", "link", "show", "eth1", ok=(1,)).returncode == 1, "a commit was refused, and its device is there")
        within(guest, "ip", "link", "add", "eth1", "type", "bridge")
        refused = lab.hairpin("-c", "configure; " + "; ".join(port) + "; commit", ok=None)
        expect("is no TAP device" in refused.stdout + refused.stderr, f"a bridge: {refused.stdout}{refused.stderr}")


# -- many -------------------------------------------------------------------------------------------------------------------------

MANY = 32
PASSES_MANY = """
import json, subprocess, sys
from sidecar import *
path, names = sys.argv[1], sys.argv[2:]
daemon, taps = connect(path), [open_tap(f"eth{i}") for i in range(len(names))]
for i, (name, tap) in enumerate(zip(names, taps)):
    answer = ask(daemon, {"version": 1, "port": name}, [tap])
    if not answer["ok"]: sys.exit(answer["error"])
subprocess.run(["ip", "-batch", "-"], input="".join(f"link set eth{i} up\\n" for i in range(len(names))), text=True, check=True)
print(json.dumps(len(names)), flush=True)
daemon.settimeout(None)
daemon.recv(1)
"""
ASKS_FROM_EACH = """
import json, sys
from sidecar import *
devices = sys.argv[1:]
print(json.dumps([device for i, device in enumerate(devices) if not arp_gateway(device, f"192.168.255.{60 + i}", "192.168.255.1")]))
"""


def entries_of(way, name):
    """The ports of one way to get a device, as a document has them."""
    tap = {"made": lambda i: {"device": f"eth{i}", "namespace": name},
           "existing": lambda i: {"device": f"eth{i}", "namespace": name, "origin": "existing"},
           "kept": lambda i: {"device": f"eth{i}", "namespace": name, "origin": "kept"},
           "passed": lambda i: {"origin": "passed"}}[way]
    return [{"name": f"{way}-{i}", "segment": "lan", "tap": tap(i)} for i in range(MANY)]


def many_ports(way):
    """32 ports one by one, each a commit, and all at once in one; the gateway answers behind each."""
    with Lab("hairpin", f"many-{way}") as lab:
        without = lab.running_config()
        for at_once in (False, True):
            with namespace(way) as name:
                if way == "existing":
                    for i in range(MANY):
                        run("ip", "-n", name, "tuntap", "add", f"eth{i}", "mode", "tap")
                config = json.loads(json.dumps(without))
                ports = config["hairpin:switch"]["port"]
                entries = entries_of(way, name)
                for entry in entries:
                    ports.append(entry)
                    if not at_once:
                        lab.call("config.load", config=config)
                if at_once:
                    lab.call("config.load", config=config)
                child = start(lab, name, PASSES_MANY, lab.state / "ports.sock", *(entry["name"] for entry in entries)) if way == "passed" else None
                if child:
                    expect(answer_of(child) == MANY, "not every port was passed")
                down = [row["name"] for row in lab.rows("show", "ports") if row["state"] != "up"]
                expect(not down, f"these ports have no device: {down}")
                silent = json.loads(within(name, sys.executable, "-c", ASKS_FROM_EACH, *(f"eth{i}" for i in range(MANY)), cwd=HERE,
                                           env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}).stdout)
                expect(not silent, f"the gateway does not answer behind {silent}")
                lab.call("config.load", config=without)
                if child:
                    end(child)


def test_many_ports_that_are_made():
    many_ports("made")


def test_many_ports_that_exist():
    many_ports("existing")


def test_many_ports_that_are_kept():
    many_ports("kept")


def test_many_ports_that_are_passed():
    many_ports("passed")

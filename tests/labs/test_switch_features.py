"""What the switch does besides carrying frames, with the kernel and other programs at the other end."""
import json
import re
import shutil
import subprocess
import time

from hosts import Hosts
from support import eventually, expect, run

BROADCASTS = """
import socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for number in range(int(sys.argv[1])):
    sender.sendto(b"x" * 100, ("10.0.0.255", 9))
"""

JOIN = """
import socket, sys
group, seconds = sys.argv[1], float(sys.argv[2])
if ":" in group:
    receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    receiver.bind(("::", 5000))
    receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, group) + socket.if_nametoindex("eth1").to_bytes(4, sys.byteorder))
else:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("", 5000))
    receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(sys.argv[3]))
print("joined", flush=True)
sys.stdin.read()
receiver.settimeout(seconds)
received = 0
try:
    while True:
        receiver.recv(2000)
        received += 1
except TimeoutError:
    pass
print(received, flush=True)
"""

STREAM = """
import socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.0.0.1"))
for number in range(int(sys.argv[2])):
    sender.sendto(b"x" * 100, (sys.argv[1], 5000))
"""


def test_switch_isolated_ports_reach_only_the_others():
    with Hosts("a", "b", "c") as lab:
        lab.ping(2, where=lab.at_host("a"))
        for name in ("a", "b"):
            lab.port(name)["isolated"] = True
        lab.commit()
        expect(lab.ping(2, where=lab.at_host("a"), ok=None).returncode != 0, "a reaches b, and both are isolated")
        lab.ping(3, where=lab.at_host("a"))
        lab.ping(1, where=lab.at_host("c"))
        expect(lab.drops().get("port-isolated", 0) > 0, f"counted: {lab.drops()}")
        expect(lab.row("a", "show", "ports", "features")["isolated"], "show ports features says it")


def test_switch_a_port_changes_its_vlan_and_keeps_its_device():
    with Hosts("a", "b") as lab:
        lab.ping(2, where=lab.at_host("a"))
        link = run("ip", "-n", lab.at_host("a"), "-o", "link", "show", "eth1").stdout
        received = lab.row("a", "show", "ports")["in_packets"]
        lab.port("a")["vlan"] = {"access": 7}
        lab.commit()
        expect(lab.ping(2, where=lab.at_host("a"), ok=None).returncode != 0, "VLAN 7 reaches the untagged LAN")
        lab.port("b")["vlan"] = {"access": 7}
        lab.commit()
        lab.ping(2, where=lab.at_host("a"))
        expect(run("ip", "-n", lab.at_host("a"), "-o", "link", "show", "eth1").stdout == link, "the interface is another one")
        expect(lab.row("a", "show", "ports")["in_packets"] > received > 0, "its counters began anew")


def test_switch_storm_control_limits_broadcasts():
    with Hosts("a", "b") as lab:
        lab.announced = ["event=storm_begins"]
        lab.port("a")["storm-control"] = {"broadcast": {"packets-per-second": 50}}
        lab.commit()
        lab.ping(2, where=lab.at_host("a"))
        lab.python_at("a", BROADCASTS, 2000)
        row = lab.row("a", "show", "storm-control", key="port")
        expect(row["dropped"] > 1500 and row["passed"] < 500 and row["storms"] == 1, f"show storm-control says {row}")
        expect(lab.drops().get("storm-control") == row["dropped"], f"counted: {lab.drops()}")
        lab.ping(2, where=lab.at_host("a"))
        eventually(lambda: "event=storm_begins" in lab.log(), "the log does not say that it begins")
        eventually(lambda: "event=storm_ends" in lab.log(), "the log does not say that it ends", 15)
        expect(lab.log().count("event=storm_begins") == 1, "once is enough")
        drops = {row["reason"]: row["packets"] for row in lab.rows("show", "ports", "drops") if row["port"] == "a"}
        expect(drops.get("storm-control") == row["dropped"], f"show ports drops says {drops}")


def test_switch_mirror_records_into_a_file():
    with Hosts("a", "b", "c") as lab:
        record = lab.folder / "mirror.pcap"
        lab.switch["port"].append({"name": "probe", "segment": "lan", "pcap": {"write": str(record)}})
        lab.switch["mirror"] = [{"name": "ids", "source": [{"port": "a"}], "to": "probe"}]
        lab.commit()
        lab.ping(2, where=lab.at_host("a"))
        lab.ping(3, where=lab.at_host("b"))
        came = lab.bulk(lab.at_host("b"), lab.at_host("a"), 2, "-n", "2M")["sum_received"]["bytes"]
        row = lab.row("ids", "show", "mirrors")
        expect(row["to"] == "probe" and row["sources"] == ["a both"] and row["copies"] > 4, f"show mirrors says {row}")
        lab.switch["port"].pop()
        del lab.switch["mirror"]
        lab.commit()
        frames = run("tcpdump", "-nn", "-r", record).stdout.splitlines()
        pings = [line for line in frames if "ICMP echo" in line]
        expect(len(pings) == 4 and all("10.0.0.2" in line and "10.0.0.1" in line for line in pings), f"two pings with their answers, both ways: {pings}")
        lengths = [int(length) for line in frames if "Flags" in line for length in re.findall(r"length (\d+)", line)]
        expect(sum(lengths) >= came > 0 and max(lengths) <= 1448,
               f"of {came} bytes of TCP that came there are {sum(lengths)}, in segments of up to {max(lengths)}")


CUSTOMERS_FRAME = """
from scapy.all import Dot1Q, Ether, ICMP, IP, Raw, sendp
tagged = Ether(dst="02:00:00:00:00:77", src="02:00:00:00:00:66") / Dot1Q(vlan=7, prio=5)
sendp(tagged / IP(src="10.7.0.1", dst="10.7.0.2", flags="DF") / ICMP() / Raw(b"x" * 1472), iface="eth1", verbose=False)
"""

PROVIDERS_FRAME = """
from scapy.all import Dot1AD, Dot1Q, Ether, ICMP, IP, Raw, sendp
tagged = Ether(dst="02:00:00:00:00:66", src="02:00:00:00:00:77") / Dot1AD(vlan=100, prio=5) / Dot1Q(vlan=7, prio=5)
sendp(tagged / IP(src="10.7.0.2", dst="10.7.0.1") / ICMP(type=0) / Raw(b"x" * 100), iface="eth1", verbose=False)
"""


def seen_at(lab, name, program, at):
    """What tcpdump sees of 10.7.0.1 and 10.7.0.2 at a host while the program runs at another."""
    watcher = subprocess.Popen(["ip", "netns", "exec", lab.at_host(name), "tcpdump", "-nne", "--immediate-mode", "-l", "-i", "eth1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        expect("listening" in watcher.stderr.readline() + watcher.stderr.readline(), "tcpdump does not listen")
        lab.python_at(at, program)
        while True:
            line = watcher.stdout.readline()
            if "10.7.0.1" in line or not line:
                return line
    finally:
        watcher.kill()
        watcher.wait()


def test_switch_carries_a_customers_tags_within_service_tags():
    # What is at the other end is scapy and tcpdump: not every kernel has devices of 802.1ad.
    with Hosts("customer", "core", "stranger") as lab:
        lab.port("customer")["vlan"] = {"tunnel": 100}
        lab.port("core")["vlan"] = {"trunk": [100], "tags": "service"}
        lab.port("stranger")["vlan"] = {"access": 100}
        lab.commit()
        line = seen_at(lab, "core", CUSTOMERS_FRAME, "customer")
        expect("802.1Q-QinQ (0x88a8)" in line and "vlan 100, p 0, ethertype 802.1Q" in line and "vlan 7, p 5" in line, f"the core sees {line}")
        expect("length 1522" in line, f"1500 bytes of IP, and two tags: {line}")
        line = seen_at(lab, "customer", PROVIDERS_FRAME, "core")
        expect("802.1Q (0x8100)" in line and "vlan 7, p 5" in line and "QinQ" not in line, f"the customer sees {line}")
        expect(lab.row("customer", "show", "ports")["vlan"] == "tunnel 100", "show ports says tunnel")
        expect(lab.row("core", "show", "ports")["vlan"] == "service trunk 100", "show ports says service trunk")
        stranger = lab.row("stranger", "show", "ports")
        expect("oversize" not in lab.drops(), f"tags are no part of the MTU: {lab.drops()}")
        expect(stranger["out_bytes"] < 1500, f"an access port gets nothing with a tag inside: {stranger}")


def test_switch_loop_guard_shuts_one_end_of_a_loop():
    with Hosts("a", "beyond") as lab:
        lab.announced = ["event=loop_found", "event=station_flaps"]
        beyond = lab.at_host("beyond")
        run("ip", "-n", beyond, "address", "flush", "dev", "eth1")
        lab.switch["port"].append({"name": "second", "segment": "lan", "tap": {"device": "eth2", "namespace": beyond}})
        lab.switch["loop-guard"] = {"interval-seconds": 1, "recovery-seconds": 3}
        for name in ("beyond", "second"):
            lab.port(name)["loop-guard"] = True
        lab.commit()
        run("ip", "-n", beyond, "link", "add", "br0", "type", "bridge")
        for device in ("eth1", "eth2"):
            run("ip", "-n", beyond, "link", "set", device, "master", "br0")
        run("ip", "-n", beyond, "address", "add", "10.0.0.2/24", "dev", "br0")
        run("ip", "-n", beyond, "link", "set", "br0", "up")

        def states():
            return {row["port"]: row["state"] for row in lab.rows("show", "loop-guard")}
        eventually(lambda: sorted(states().values()) == ["open", "shut"], f"one of the two is not shut: {states()}", 10)
        eventually(lambda: "event=loop_found" in lab.log(), "the log does not say it")
        lab.ping(2, where=lab.at_host("a"))
        before = lab.row("a", "show", "ports")["out_packets"]
        lab.python_at("a", BROADCASTS, 20)
        time.sleep(0.5)  # that nothing comes, in any time
        after = lab.row("a", "show", "ports")["out_packets"]
        expect(after - before < 20, f"broadcasts come back to who sent them: {after - before}")
        expect(lab.drops().get("loop-guard", 0) > 0, f"counted: {lab.drops()}")
        run("ip", "-n", beyond, "link", "set", "eth2", "nomaster")
        eventually(lambda: sorted(states().values()) == ["open", "open"] and "event=loop_over" in lab.log(), "it does not open again", 10)
        eventually(lambda: lab.ping(2, where=lab.at_host("a"), ok=None).returncode == 0, "nothing passes afterwards", 5)


def joined(lab, name, group, seconds=1):
    """A host that has joined; what it says after its standard input has been closed is how much it received."""
    host = subprocess.Popen(["ip", "netns", "exec", lab.at_host(name), "/usr/bin/python3", "-c", JOIN, group, str(seconds),
                             f"10.0.0.{lab.names.index(name) + 1}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lab.stack.callback(host.wait)
    lab.stack.callback(host.kill)
    expect(host.stdout.readline() == "joined\n", f"{name} has not joined {group}")
    return host


def members(lab, group):
    return {row["port"] for row in lab.rows("show", "multicast", "groups") if row["group"] == group}


def test_switch_multicast_goes_to_those_who_joined():
    with Hosts("sender", "member", "other") as lab:
        lab.switch["multicast"] = {"snooping": True, "querier": True}
        lab.commit()
        member = joined(lab, "member", "239.1.2.3")
        eventually(lambda: members(lab, "239.1.2.3") == {"member"}, f"the join is not known: {lab.rows('show', 'multicast', 'groups')}")
        before = {row["name"]: row["out_packets"] for row in lab.rows("show", "ports")}
        lab.python_at("sender", STREAM, "239.1.2.3", 200)
        received = int(member.communicate()[0])
        after = {row["name"]: row["out_packets"] for row in lab.rows("show", "ports")}
        expect(received == 200, f"the member received {received} of 200")
        expect(after["other"] - before["other"] < 50, f"who has not joined got {after['other'] - before['other']} packets")
        eventually(lambda: members(lab, "239.1.2.3") == set(), "the leave is not known", 10)
        lab.python_at("sender", STREAM, "239.1.2.3", 200)
        flooded = {row["name"]: row["out_packets"] for row in lab.rows("show", "ports")}
        expect(flooded["other"] - after["other"] >= 200, "what nobody asked for is flooded")
        lab.switch["multicast"]["unknown"] = "routers"
        lab.commit()
        lab.python_at("sender", STREAM, "239.1.2.3", 200)
        expect(lab.drops().get("multicast-no-listener", 0) >= 200, f"and may be dropped: {lab.drops()}")


def test_switch_hears_mld_of_the_kernel():
    with Hosts("sender", "member", "other") as lab:
        lab.switch["multicast"] = {"snooping": True, "querier": True}
        lab.commit()
        joined(lab, "member", "ff05::99")
        eventually(lambda: members(lab, "ff05::99") == {"member"}, f"the join is not known: {lab.rows('show', 'multicast', 'groups')}")


def test_switch_asks_and_the_kernel_answers():
    with Hosts("member", "other") as lab:
        joined(lab, "member", "239.1.2.3")  # before anybody listened
        lab.switch["multicast"] = {"snooping": True, "querier": True, "querier-address": "10.0.0.200"}
        lab.commit()
        eventually(lambda: members(lab, "239.1.2.3") == {"member"}, "the kernel did not answer our query", 15)


def test_switch_tells_neighbours_by_lldp():
    with Hosts("neighbour", "other") as lab:
        expect(shutil.which("lldpd"), "lldpd is missing: scripts/install test")
        where, socket = lab.at_host("neighbour"), lab.folder / "lldpd.sock"
        lab.folder.chmod(0o755)  # lldpcli is its own user, also where root calls it
        listener = subprocess.Popen(["ip", "netns", "exec", where, "lldpd", "-d", "-u", str(socket), "-I", "eth1", "-r"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.stack.callback(listener.wait)
        lab.stack.callback(listener.terminate)
        eventually(socket.exists, "lldpd does not listen")
        # It answers questions before it hears frames: those of a packet socket.
        eventually(lambda: len(lab.run_at("neighbour", "cat", "/proc/net/packet").stdout.splitlines()) > 1, "lldpd does not hear its interface", 30)

        def heard():
            return json.loads(run("lldpcli", "-u", socket, "-f", "json0", "show", "neighbors", "details").stdout)["lldp"][0].get("interface", [])
        expect(not heard(), "nothing is told before it is asked for")
        lab.switch.update({"lldp": True, "system-name": "core"})
        lab.port("other")["lldp"] = False
        lab.commit()
        eventually(heard, "lldpd hears nothing", 10)
        chassis, port = heard()[0]["chassis"][0], heard()[0]["port"][0]
        expect(chassis["name"][0]["value"] == "core" and "Hairpin" in chassis["descr"][0]["value"], f"the chassis is {chassis}")
        capabilities = {one["type"]: one["enabled"] for one in chassis["capability"]}
        expect(capabilities.get("Bridge") and capabilities.get("Router"), f"we are {capabilities}")
        expect(port["id"][0]["value"] == "neighbour" and port["descr"][0]["value"] == "port neighbour of segment lan", f"the port is {port}")
        expect([row["port"] for row in lab.rows("show", "lldp")] == ["neighbour"], "the other port says nothing")
        lab.switch["lldp"] = False
        lab.commit()
        eventually(lambda: not heard(), "it is not forgotten when we say that it is over", 5)


def test_switch_rates_are_shown():
    with Hosts("a", "b") as lab:
        lab.bulk(lab.at_host("b"), lab.at_host("a"), 2, "-u", "-b", "10M", "-t", "3")
        row = lab.row("a", "show", "ports", "rates")
        expect(row["mean_in_bits_per_second"] > 100_000, f"10 Mbit/s for three seconds of the last minute: {row}")

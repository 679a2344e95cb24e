"""Paths through the NAT: traceroute and mtr name every hop, and what a narrow link far away says reaches the host that it concerns."""
import contextlib
import errno
import json
import re
import socket
import sys
from pathlib import Path

from distance import GATEWAY_HOP, INTERNET_HOP, NARROW_HOP, NARROW_MTU, SERVER, distant_lab
from support import BULK_PORT, EXTERNAL, WEB_SERVER, WORKSTATION, eventually, expect
from wire import Wire

HOPS = [GATEWAY_HOP, INTERNET_HOP, NARROW_HOP, SERVER]
INTERNET = "198.51.100.10"
INSIDE = {"workstation": WORKSTATION, "webserver": WEB_SERVER}
PROBES = {"UDP": (), "ICMP": ("-I",), "TCP": ("-T", "-p", "80")}
MTR_PROBES = {"ICMP": (), "UDP": ("-u",), "TCP": ("-T", "-P", "80")}
DO_NOT_FRAGMENT = (10, 2)  # IP_MTU_DISCOVER, IP_PMTUDISC_DO: Python has no names for them
TOO_BIG = (3, 4)


@contextlib.contextmanager
def known_neighbours(name):
    """The distant lab after a ping from each host inside: probes that come all at once would be more than wait for one ARP answer."""
    with distant_lab(name) as lab:
        for host in INSIDE:
            lab.at(host, "ping", "-c", "1", "-W", "2", SERVER)
        yield lab


def hops_of(report):
    """Who answered at each hop of a traceroute."""
    found = {}
    for line in report.splitlines()[1:]:
        number, answers = line.split(maxsplit=1)
        found[int(number)] = re.findall(r"\d+\.\d+\.\d+\.\d+", answers)
        expect("!" not in answers, f"traceroute met an error that it does not expect:\n{report}")
    return [found[number] for number in sorted(found)]


def test_traceroute_names_every_hop_to_each_of_two_hosts():
    """Both hosts probe from the same ports at the same time, so that only the NAT knows whom an answer is for."""
    with known_neighbours("traceroute") as lab, contextlib.closing(Wire(lab, INSIDE)) as wire:
        for name, words in PROBES.items():
            port = () if name == "ICMP" else ("--sport=40000",) if name == "UDP" else ("--sport=40001",)
            wire.forget()
            running = {host: lab.start(host, "traceroute", "-n", "-w", "2", *words, *port, SERVER) for host in INSIDE}
            for host, child in running.items():
                report, complaint = child.communicate(timeout=20)
                expect(child.returncode == 0, f"traceroute by {name} from {host}: {complaint}")
                expect(hops_of(report) == [[hop] for hop in HOPS], f"by {name} from {host} the hops are not {HOPS}:\n{report}")
            for host, address in INSIDE.items():
                exceeded = wire.matching(host, "in", protocol="icmp", icmp=(11, 0))
                expect(len(exceeded) >= len(HOPS) - 1, f"by {name}, {host} saw {len(exceeded)} times that the time was exceeded")
                for seen in exceeded:
                    expect(seen.destination == address and seen.about[0].split(":")[0] == address and seen.about[1].split(":")[0] == SERVER,
                           f"by {name}, {host} was told of a packet that it did not send: {seen}")


def test_mtr_names_every_hop():
    with known_neighbours("mtr") as lab:
        running = {name: lab.start("workstation", "mtr", "-n", "--json", "-c", "3", "-i", "0.1", "-G", "1", *words, SERVER)
                   for name, words in MTR_PROBES.items()}
        for name, child in running.items():
            report, complaint = child.communicate(timeout=20)
            expect(child.returncode == 0, f"mtr by {name}: {complaint}")
            hubs = json.loads(report)["report"]["hubs"]
            expect([hub["host"] for hub in hubs] == HOPS, f"by {name} the hops are not {HOPS}: {hubs}")
            expect(all(hub["Loss%"] == 0 for hub in hubs), f"by {name} probes were lost: {hubs}")


def test_traceroute_through_the_hairpin_ends_at_the_external_address():
    """The web server answers behind the gateway, and still it is the external address that has answered."""
    with known_neighbours("turn") as lab:
        lab.at("workstation", "curl", "-sS", "--max-time", "5", f"http://{EXTERNAL}/")
        report = lab.at("workstation", "traceroute", "-n", "-w", "2", "-T", "-p", "80", EXTERNAL).stdout
        expect(hops_of(report) == [[GATEWAY_HOP], [EXTERNAL]], f"the hops are not the gateway and the external address:\n{report}")


def test_a_narrow_link_is_found_by_tracepath_and_by_datagrams():
    with known_neighbours("tracepath") as lab, contextlib.closing(Wire(lab, INSIDE)) as wire:
        sender = wire.udp("webserver", (WEB_SERVER, 40000))
        sender.setsockopt(socket.IPPROTO_IP, *DO_NOT_FRAGMENT)
        sender.connect((SERVER, 40000))
        sender.send(bytes(NARROW_MTU))
        told = wire.saw("webserver", "in", protocol="icmp", icmp=TOO_BIG)
        expect((told.source, told.destination, told.about) == (INTERNET_HOP, WEB_SERVER, (f"{WEB_SERVER}:40000", f"{SERVER}:40000")),
               f"not told by {INTERNET_HOP} about the datagram as it was sent: {told}")

        def refused(size):
            try:
                sender.send(bytes(size - 28))
            except OSError as reason:
                return reason.errno == errno.EMSGSIZE
            return False

        # An error that waits at the socket is told whatever is sent next; afterwards it depends on the size alone.
        eventually(lambda: refused(NARROW_MTU + 1), "the error does not reach the socket that sent the datagram")
        eventually(lambda: not refused(NARROW_MTU), "a datagram that fits is refused")
        expect(refused(NARROW_MTU + 1), "a datagram that is too big, and may not be fragmented, is not EMSGSIZE")
        wire.forget()
        report = lab.at("workstation", "tracepath", "-n", SERVER).stdout
        expect(f"Resume: pmtu {NARROW_MTU} hops 4 back 4" in report, f"tracepath does not see the narrow link:\n{report}")
        for hop, address in enumerate(HOPS, 1):
            expect(re.search(rf"(?m)^ ?{hop}: +{re.escape(address)} ", report), f"tracepath does not see hop {hop}, {address}:\n{report}")
        told = wire.matching("workstation", "in", protocol="icmp", icmp=TOO_BIG)
        expect(told and all(one.about[0].startswith(f"{WORKSTATION}:") for one in told), f"what the workstation was told of: {told}")
        learned = lab.at("workstation", "ip", "route", "get", SERVER).stdout
        expect(f"mtu {NARROW_MTU}" in learned, f"the workstation's kernel did not learn the MTU:\n{learned}")


def times_told(lab, host):
    """How many ICMP 3 this host's kernel has taken in."""
    names, values = [line.split() for line in lab.at(host, "cat", "/proc/net/snmp").stdout.splitlines() if line.startswith("Icmp:")]
    return int(dict(zip(names, values))["InDestUnreachs"])


def exchange(lab, server, client, address):
    """4 MiB each way at once over one connection between two hosts; what arrives must hash to what was sent."""
    program, size = (sys.executable, Path(__file__).with_name("exchange.py")), 4 << 20
    waiting = lab.start(server, *program, BULK_PORT, size)
    lab.wait_for_listener(server, BULK_PORT)
    sent, got = lab.at(client, *program, BULK_PORT, size, address).stdout.split()
    expect(waiting.communicate(timeout=20)[0].split() == [got, sent], f"what {server} and {client} sent each other arrived changed")


def test_tcp_goes_through_a_narrow_link():
    """TCP sets DF on all it sends. A lowered segment size spares it the errors; without, they must come through the NAT."""
    with known_neighbours("narrow") as lab:
        for command, told in ((f"set gateway interface uplink tcp-mss {NARROW_MTU - 40}", False), ("delete gateway interface uplink tcp-mss", True)):
            lab.configure(command)
            before = times_told(lab, "workstation")
            exchange(lab, "server", "workstation", SERVER)
            expect((times_told(lab, "workstation") > before) == told, f"{command}: the workstation is {'not ' * told}told")
        learned = lab.at("workstation", "ip", "route", "get", SERVER).stdout
        expect(f"mtu {NARROW_MTU}" in learned, f"the workstation's kernel did not learn the MTU:\n{learned}")


def test_tcp_goes_through_a_narrow_uplink():
    """Clamping reckons with the gateway's own MTUs; without it the gateway itself says that the uplink is narrow."""
    with known_neighbours("uplink") as lab:
        lab.at("internet", "ip", "link", "set", "eth1", "mtu", NARROW_MTU)
        lab.configure(f"set gateway interface uplink mtu {NARROW_MTU}", "set gateway interface uplink tcp-mss clamp")
        before = times_told(lab, "workstation")
        exchange(lab, "internet", "workstation", INTERNET)
        expect(times_told(lab, "workstation") == before, "in spite of clamping, the workstation is told")
        lab.configure("delete gateway interface uplink tcp-mss")
        lab.at("internet", "ip", "route", "change", "203.0.113.0/24", "dev", "eth1", "src", INTERNET, "advmss", "1460")
        exchange(lab, "internet", "workstation", INTERNET)
        expect(times_told(lab, "workstation") > before, "without clamping, the workstation is not told")
        learned = lab.at("workstation", "ip", "route", "get", INTERNET).stdout
        expect(f"mtu {NARROW_MTU}" in learned, f"the workstation's kernel did not learn the uplink's MTU:\n{learned}")


def test_a_forwarded_server_is_told_of_a_narrow_link():
    """The error is addressed to the external address, and is about the web server's packet as the world sees it."""
    with known_neighbours("forwarded") as lab:
        lab.configure(*(f"set gateway nat rule 65600 {words}" for words in (
            "action dnat", "applied-on uplink", "protocol tcp", f"original-address {EXTERNAL}", f"original-port {BULK_PORT}",
            f"translated-address {WEB_SERVER}", f"translated-port {BULK_PORT}")), *(f"set gateway firewall rule 1001 {words}" for words in (
                "name Bulk", "source interface external", f"destination address {EXTERNAL}", "action accept")))
        before = times_told(lab, "webserver")
        exchange(lab, "webserver", "server", EXTERNAL)
        expect(times_told(lab, "webserver") > before, "the web server was not told")
        learned = lab.at("webserver", "ip", "route", "get", SERVER).stdout
        expect(f"mtu {NARROW_MTU}" in learned, f"the web server's kernel did not learn the MTU:\n{learned}")

"""Packets as no socket would send them, made with scapy, and those that arrive, taken apart by it.

    with crafting("fragments", ["workstation", "internet"]) as (lab, craft):
        craft.send("internet", IP(src=..., dst=...) / UDP(...))           # as it stands, to the gateway
        craft.saw("workstation", lambda packet: UDP in packet)            # waits for it, and returns it
        craft.dropped("fragment-overlap", "internet", first, second)      # sends them, and one is dropped for that reason
"""
import contextlib
import logging
import select
import socket
import time

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)  # scapy misses routes, which it does not need

from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

from support import Failure, Lab, eventually, expect
from wire import ETH_P_ALL, Wire, inside

INTERNET = "198.51.100.10"
OUTGOING = 4  # PACKET_OUTGOING: what the host itself has sent
INTERFACES = {"workstation": "lan", "webserver": "lan", "internet": "uplink"}


@contextlib.contextmanager
def crafting(name, hosts):
    """The guide's lab, with a Craft for these hosts. Gateway and hosts know each other by ARP already."""
    with Lab("hairpin", name) as lab:
        for host in hosts:
            lab.at(host, "ping", "-c", "1", "-W", "2", "203.0.113.80" if host == "internet" else "192.168.255.1")
        with contextlib.closing(Craft(lab, hosts)) as craft:
            yield lab, craft


class Craft:
    """A raw socket at eth1 of each host. Everything that has passed there, or since forget(), is in `seen`, as (host, way, packet)."""

    def __init__(self, lab, hosts):
        self.lab, self.seen = lab, []
        self.sockets = Wire(lab, [])  # makes ordinary ones
        self.taps, self.gateways = {}, {row["name"]: row["mac"] for row in lab.rows("show", "interfaces")}
        for host in hosts:
            with inside(lab.namespace(host)):
                tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            tap.bind(("eth1", ETH_P_ALL))
            tap.setblocking(False)
            self.taps[host] = tap

    def close(self):
        self.sockets.close()
        for tap in self.taps.values():
            tap.close()

    def send(self, host, *packets):
        for packet in packets:
            station = self.taps[host].getsockname()[4].hex(":")
            self.taps[host].send(bytes(Ether(src=station, dst=self.gateways[INTERFACES[host]], type=0x0800) / packet))

    def read(self):
        for host, tap in self.taps.items():
            with contextlib.suppress(BlockingIOError):
                while True:
                    frame, address = tap.recvfrom(65536)
                    if address[1] == 0x0800:
                        self.seen.append((host, "out" if address[2] == OUTGOING else "in", IP(frame[14:])))

    def forget(self):
        """What comes now is all that has been seen."""
        self.read()
        self.seen.clear()

    def matching(self, host, match, way="in"):
        self.read()
        return [packet for where, direction, packet in self.seen if (where, direction) == (host, way) and match(packet)]

    def saw(self, host, match, way="in", seconds=3.0):
        """The latest such packet; waits for one."""
        deadline = time.monotonic() + seconds
        while not (found := self.matching(host, match, way)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failure(f"no such packet {way} at {host}; there were:" +
                              "".join(f"\n    {where} {direction} {packet.summary()}" for where, direction, packet in self.seen))
            select.select(list(self.taps.values()), [], [], left)
        return found[-1]

    # sessions to speak into

    def udp_session(self, port=40000):
        """A socket of the workstation's that has sent a datagram to the Internet's port 9000, and the outside address and port that it has."""
        inner = self.sockets.udp("workstation", ("192.168.255.2", port))
        with contextlib.suppress(OSError):
            self.sockets.udp("internet", (INTERNET, 9000))  # so that the host does not say that nobody listens
        inner.sendto(b"out", (INTERNET, 9000))
        found = self.saw("internet", lambda packet: packet.dst == INTERNET and bytes(packet.payload.payload) == b"out")
        return inner, (found.src, found.payload.sport)

    # what becomes of packets

    def drops(self, reason):
        return sum(row["packets"] for row in self.lab.call("show.drops")["rows"] if row["reason"] == reason)

    def dropped(self, reason, host, *packets, times=1):
        """Sends these; so many of them are dropped for this reason, and nobody is told."""
        before, errors = self.drops(reason), len(self.matching(host, is_error))
        self.send(host, *packets)
        shown = "; ".join(packet.summary() for packet in packets)
        eventually(lambda: self.drops(reason) >= before + times, f"{shown}: not dropped as {reason}, but {self.lab.rows('show', 'drops')}")
        expect(self.drops(reason) == before + times, f"{shown}: more than {times} dropped as {reason}")
        expect(len(self.matching(host, is_error)) == errors, f"{shown}: {host} is told by ICMP")


def is_error(packet):
    return packet.proto == 1 and bytes(packet.payload)[0] in (3, 4, 5, 11, 12)


def got(inner, seconds=3.0):
    """The next datagram that this socket gets, and from whom."""
    inner.settimeout(seconds)
    try:
        return inner.recvfrom(65536)
    except socket.timeout:
        raise Failure("no datagram arrives") from None


def got_nothing(inner):
    inner.setblocking(False)
    try:
        data, source = inner.recvfrom(65536)
    except BlockingIOError:
        return
    raise Failure(f"{len(data)} bytes from {source} arrived")

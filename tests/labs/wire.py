"""What is on the wire in a lab's hosts, and sockets in them, without a process for each: a socket stays in the namespace in which it was
made.

    wire = Wire(lab, ["workstation", "webserver"])
    client = wire.tcp("workstation", ("192.168.255.2", 40000))      # a socket in that host
    client.connect_ex(("203.0.113.80", 80))
    wire.saw("webserver", "in", protocol="tcp", destination="192.168.255.10:80")
"""
import contextlib
import ctypes
import os
import select
import socket
import struct
import time
from dataclasses import dataclass

from support import Failure

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SO_TIMESTAMPNS = 35
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}
libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def inside(namespace):
    """This thread in another network namespace, for as long as it takes to make a socket there."""
    home, there = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"enter {namespace}")
        yield
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


@dataclass(frozen=True)
class Seen:
    """An IPv4 packet as it passed a host's eth1: out is what the host sent. Of echoes the identifier stands for both ports."""
    when: float
    host: str
    way: str
    protocol: str
    source: str
    destination: str
    icmp: tuple = None  # type and code
    about: tuple = None  # of an ICMP error: source and destination of the packet that it quotes

    def __str__(self):
        what = f" ICMP {self.icmp[0]}/{self.icmp[1]}" if self.icmp else ""
        return f"{self.host} {self.way:3} {self.protocol} {self.source} -> {self.destination}{what}" + (f" about {self.about}" if self.about else "")


def parse(packet):
    """protocol, source, destination, icmp, about; None of what is no IPv4 or no first fragment."""
    if len(packet) < 28 or packet[0] >> 4 != 4 or struct.unpack("!H", packet[6:8])[0] & 0x1fff:
        return None
    header = 4 * (packet[0] & 15)
    source, destination = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
    protocol, rest = PROTOCOLS.get(packet[9], str(packet[9])), packet[header:]
    first, second = struct.unpack("!HH", rest[:4])
    if protocol in ("tcp", "udp"):
        return protocol, f"{source}:{first}", f"{destination}:{second}", None, None
    if protocol != "icmp":
        return protocol, source, destination, None, None
    kind = (rest[0], rest[1])
    if rest[0] in (0, 8):
        identifier = struct.unpack("!H", rest[4:6])[0]
        return protocol, f"{source}:{identifier}", f"{destination}:{identifier}", kind, None
    quoted = parse(rest[8:] + bytes(28))
    return protocol, source, destination, kind, quoted[1:3] if quoted else None


class Wire:
    """Everything that passes eth1 of these hosts, from now on."""

    def __init__(self, lab, hosts):
        self.lab, self.log, self.fresh, self.open = lab, [], 0, []
        self.taps = {}
        for host in hosts:
            with inside(lab.namespace(host)):
                tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            tap.bind(("eth1", ETH_P_ALL))
            tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            tap.setblocking(False)
            self.taps[tap] = host

    def close(self):
        for one in [*self.taps, *self.open]:
            one.close()

    def read(self):
        """Takes in what has come; sorted by the kernel's clock, which all namespaces share."""
        for tap, host in self.taps.items():
            while True:
                try:
                    frame, control, _, address = tap.recvmsg(65536, 64)
                except BlockingIOError:
                    break
                if address[1] != 0x0800 or not (found := parse(frame[14:])):
                    continue
                seconds, nanoseconds = struct.unpack("ll", control[0][2]) if control else (0, 0)
                self.log.append(Seen(seconds + nanoseconds / 1e9, host, "out" if address[2] == 4 else "in", *found))
        self.log[self.fresh:] = sorted(self.log[self.fresh:], key=lambda seen: seen.when)

    def forget(self):
        """What comes now is what the next saw() and matching() are about. The log keeps all."""
        self.read()
        self.fresh = len(self.log)

    def matching(self, host=None, way=None, **fields):
        self.read()
        return [seen for seen in self.log[self.fresh:] if host in (None, seen.host) and way in (None, seen.way) and
                all(getattr(seen, name) == value for name, value in fields.items())]

    def saw(self, host=None, way=None, seconds=2.0, **fields):
        """The first such packet; waits for it."""
        deadline = time.monotonic() + seconds
        while not (found := self.matching(host, way, **fields)):
            left = deadline - time.monotonic()
            if left <= 0:
                seen = "".join(f"\n    {one}" for one in self.log[self.fresh:])
                raise Failure(f"no packet {way or ''} at {host or 'any host'} with {fields}; there were:{seen or ' none'}")
            select.select(list(self.taps), [], [], left)
        return found[0]

    # sockets in hosts

    def _socket(self, host, kind, protocol, at):
        with inside(self.lab.namespace(host)):
            made = socket.socket(socket.AF_INET, kind, protocol)
        self.open.append(made)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(at)
        made.settimeout(2)
        return made

    def tcp(self, host, at):
        made = self._socket(host, socket.SOCK_STREAM, 0, at)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets: no packet comes later
        return made

    def udp(self, host, at):
        return self._socket(host, socket.SOCK_DGRAM, 0, at)

    def echo(self, host, address):
        return self._socket(host, socket.SOCK_RAW, socket.IPPROTO_ICMP, (address, 0))


def echo_request(identifier):
    message = struct.pack("!BBHHH", 8, 0, 0, identifier, 1)
    total = sum(struct.unpack("!4H", message))
    return message[:2] + struct.pack("!H", ~((total & 0xffff) + (total >> 16)) & 0xffff) + message[4:]

"""What a sidecar does, right and wrong: opens TAP devices and passes them to a daemon's port socket."""
import array
import fcntl
import json
import os
import re
import socket
import struct
from pathlib import Path

TUN, TAP, NO_PI, VNET_HDR = 0x0001, 0x0002, 0x1000, 0x4000
TUNSETIFF = 0x400454ca


def example():
    """The program that docs/ports.md shows."""
    return re.search(r"```python\n(.*?)```", (Path(__file__).resolve().parents[2] / "docs/ports.md").read_text(), re.S).group(1)


def open_tap(name, flags=TAP | NO_PI | VNET_HDR):
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    return descriptor


def connect(path):
    daemon = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    daemon.settimeout(20)
    daemon.connect(str(path))
    return daemon


def send(daemon, message, descriptors):
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    daemon.sendmsg([text], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else [])


def ask(daemon, message, descriptors=()):
    send(daemon, message, descriptors)
    return json.loads(daemon.recv(65536))


def mac_of(device):
    return Path(f"/sys/class/net/{device}/address").read_text().strip()


def arp_gateway(device, source, target):
    """Asks for the address behind the device, as a host that has just come up. Returns whether it is answered."""
    mac = bytes.fromhex(mac_of(device).replace(":", ""))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)) as wire:
        wire.bind((device, 0))
        wire.settimeout(3)
        wire.send(b"\xff" * 6 + mac + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + socket.inet_aton(source) + bytes(6) +
                  socket.inet_aton(target))
        while True:
            try:
                frame = wire.recv(100)
            except TimeoutError:
                return False
            if frame[:6] == mac and frame[20:22] == b"\x00\x02" and frame[28:32] == socket.inet_aton(target):
                return True

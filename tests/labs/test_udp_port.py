"""A port by UDP datagrams, as GNS3 and QEMU wire their nodes: the other side is a socket that the test has."""
import sys

from support import Lab, eventually, expect

# A node of GNS3: says who it is and asks for the gateway, by frames in datagrams. Prints what the answer says of the gateway's address.
ASK = """
import socket, struct
here, there = ("127.0.0.1", 30000), ("127.0.0.1", 20000)
mac, own, asked = bytes.fromhex("020000000077"), socket.inet_aton("192.168.255.77"), socket.inet_aton("192.168.255.1")
wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wire.bind(here)
wire.settimeout(5)
wire.sendto(b"\\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + mac + own + bytes(6) + asked + bytes(18), there)
while True:
    frame, sender = wire.recvfrom(2000)
    if frame[12:14] == b"\\x08\\x06" and frame[20:22] == b"\\x00\\x02" and frame[28:32] == asked and sender == there:
        print(frame[22:28].hex(":"))
        break
"""


def port(lab):
    return next(row for row in lab.rows("show", "ports") if row["name"] == "gns3")


def test_a_udp_port_carries_frames_as_gns3_sends_them():
    with Lab("hairpin", "udp") as lab:
        lab.hairpin("-c", "configure; set switch port gns3 segment lan; set switch port gns3 udp local-port 20000; set switch port gns3 udp remote 127.0.0.1; "
                          "set switch port gns3 udp remote-port 30000; commit; exit")
        expect((port(lab)["device"], port(lab)["remote"]) == ("127.0.0.1:20000", "127.0.0.1:30000"), f"{port(lab)}")
        mac = lab.at("edge", sys.executable, "-c", ASK).stdout.strip()
        lab.at("workstation", "ping", "-c1", "-W2", "192.168.255.1")
        expect(mac in lab.at("workstation", "ip", "neighbor").stdout, f"the gateway is at {mac} for one and not for the other")
        # The node has gone: what is flooded to it is refused by the kernel, and the port says so.
        lab.at("workstation", "ping", "-c2", "-W1", "192.168.255.99", ok=None)
        eventually(lambda: port(lab)["state"] == "detached", f"nobody is there: {port(lab)}")
        lab.at("edge", sys.executable, "-c", ASK)
        expect(port(lab)["in_packets"] == 2, f"{port(lab)}")

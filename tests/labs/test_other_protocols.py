"""What is neither TCP, UDP nor ICMP across the NAT, there and back, on real TAPs. tests/scenarios has the whole of it, in memory."""
import struct

from craft import INTERNET, crafting
from scapy.layers.inet import IP
from scapy.layers.ipsec import ESP
from scapy.layers.l2 import GRE
from scapy.layers.sctp import SCTP, SCTPChunkInit, SCTPChunkInitAck
from scapy.packet import Raw
from support import EXTERNAL, WORKSTATION, drops_in_words, expect

CARRIED = b"carried as it is"
SERVICE = 5060  # of the host on the Internet's, where there are ports


def between(source, destination, protocol):
    return IP(src=source[0], dst=destination[0], proto=protocol)


def summed(ip, data, covered):
    """A packet of UDP-Lite or DCCP, whose checksum is at its byte 6: over the pseudo header with the whole length, and what is covered."""
    words = bytes(IP(src=ip.src, dst=ip.dst))[12:20] + struct.pack("!2H", ip.proto, len(data)) + data[:covered]
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ip / Raw(data[:6] + struct.pack("!H", ~total & 0xffff) + data[8:])


def gre(source, destination, _):
    return between(source, destination, 47) / GRE(key_present=1, key=17) / Raw(CARRIED)


def esp(source, destination, answers):
    return between(source, destination, 50) / ESP(spi=0x2000 if answers else 0x1000, seq=1, data=CARRIED)


def sctp(source, destination, answers):
    header = SCTP(sport=source[1], dport=destination[1], tag=7 if answers else 0)
    return between(source, destination, 132) / header / (SCTPChunkInitAck(init_tag=8) if answers else SCTPChunkInit(init_tag=7))


def udp_lite(source, destination, _):
    covered = 12
    return summed(between(source, destination, 136), struct.pack("!4H", source[1], destination[1], covered, 0) + CARRIED, covered)


def dccp(source, destination, answers):
    """A request, or the response to one: RFC 4340 sections 5.1 to 5.3."""
    header = struct.pack("!2HBBH", source[1], destination[1], 7 if answers else 5, 0, 0)
    header += struct.pack("!BBHI", (1 if answers else 0) << 1 | 1, 0, 0, 1000)  # the type, with sequence numbers of 48 bits
    header += struct.pack("!HHI", 0, 0, 1000) if answers else b""
    data = header + struct.pack("!I", 42) + CARRIED
    return summed(between(source, destination, 33), data, len(data))


def test_gre_esp_sctp_udp_lite_and_dccp_cross_the_nat():
    with crafting("protocols", ["workstation", "internet"]) as (lab, craft):
        server, client = (INTERNET, SERVICE), (WORKSTATION, 40000)
        for packet in (gre, esp, sctp, udp_lite, dccp):
            name = packet.__name__
            question = packet(client, server, False)
            craft.send("workstation", question)
            asked = craft.saw("internet", lambda seen: seen.proto == question.proto)
            # Of those whose checksum is no sum the ports stay, or there are none.
            port = struct.unpack("!H", bytes(asked.payload)[:2])[0] if packet in (udp_lite, dccp) else client[1]
            outside = (EXTERNAL, port)
            expect_same(asked, packet(outside, server, False), f"{name} from inside")
            craft.send("internet", packet(server, outside, True))
            answered = craft.saw("workstation", lambda seen: seen.proto == question.proto)
            expect_same(answered, packet(server, client, True), f"{name} from outside")
        expect(drops_in_words(lab) == "none", f"dropped: {drops_in_words(lab)}")


def expect_same(seen, expected, what):
    """Nothing has changed but what NAT changes, and every checksum is that of what is there now."""
    expected = IP(bytes(expected))
    expect((seen.src, seen.dst) == (expected.src, expected.dst), f"{what}: {seen.summary()} instead of {expected.summary()}")
    expect(bytes(seen.payload) == bytes(expected.payload), f"{what}: {bytes(seen.payload).hex()} instead of {bytes(expected.payload).hex()}")

"""Ethernet frames, and the capture file that a port of kind pcap plays: traffic for a daemon without hosts and without root."""
import socket
import struct


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ipv4(protocol, source, destination, payload):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0, socket.inet_aton(source),
                         socket.inet_aton(destination))
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def with_transport_checksum(protocol, source, destination, segment, at):
    pseudo = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!BBH", 0, protocol, len(segment))
    return segment[:at] + struct.pack("!H", checksum(pseudo + segment)) + segment[at + 2:]


def tcp_syn(source, source_port, destination, destination_port):
    segment = struct.pack("!HHIIBBHHH", source_port, destination_port, 1, 0, 5 << 4, 0x02, 65535, 0, 0)
    return ipv4(6, source, destination, with_transport_checksum(6, source, destination, segment, 16))


def udp(source, source_port, destination, destination_port, payload=b"hello"):
    segment = struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0) + payload
    return ipv4(17, source, destination, with_transport_checksum(17, source, destination, segment, 6))


def ping(source, destination, identifier):
    message = struct.pack("!BBHHH", 8, 0, 0, identifier, 1) + b"hairpin!"
    return ipv4(1, source, destination, message[:2] + struct.pack("!H", checksum(message)) + message[4:])


def frame(destination, source, packet):
    return (mac(destination) + mac(source) + b"\x08\x00" + packet).ljust(60, b"\0")


def capture(frames):
    """The file's bytes: pcap 2.4, Ethernet, a frame a millisecond."""
    text = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for number, each in enumerate(frames):
        text += struct.pack("<IIII", 0, 1000 * number, len(each), len(each)) + each
    return text

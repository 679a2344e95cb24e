"""Requirements of the RFCs once more, with packets that scapy makes, from outside on real TAPs. tests/rfc has them all, in memory; these are
the ones where the kernel's TAPs, checksums and fragments have a say. Each test is named for what it shows, as tests/rfc/requirements.py does.
"""
import os
import select
import socket

from craft import INTERNET, crafting, got, got_nothing, is_error
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPerror, UDPerror
from scapy.layers.inet import IPOption_LSRR, IPOption_RR, IPOption_Router_Alert, IPOption_SSRR, IPOption_Timestamp
from scapy.packet import Raw
from support import BULK_PORT, EXTERNAL, WEB_SERVER, WORKSTATION, expect

ROUTER = "192.0.2.77"  # somewhere on the way: who tells of errors need not be who was spoken to


def datagram(outside, data, **header):
    """From the Internet's port 9000 to a mapping."""
    return IP(src=INTERNET, dst=outside[0], **header) / UDP(sport=9000, dport=outside[1]) / Raw(data)


def fragments(packet, *cuts):
    """The packet in pieces that begin at these bytes of its payload."""
    payload = bytes(IP(bytes(packet)).payload)
    pieces, ends = [], (*cuts[1:], len(payload))
    for start, end in zip(cuts, ends):
        pieces.append(IP(src=packet.src, dst=packet.dst, id=packet.id, proto=IP(bytes(packet)).proto, flags="MF" if end < len(payload) else 0,
                         frag=start // 8) / Raw(payload[start:end]))
    return pieces


def test_rfc4787_req9_hairpinning_by_external_addresses():
    """Two hosts inside, each of which knows the other's outside address and port alone, and sees no other (REQ-9a)."""
    with crafting("hairpinning", ["workstation", "webserver", "internet"]) as (lab, craft):
        lab.configure(*(f"set gateway nat rule 196609 {words}" for words in ("filtering endpoint-independent", "firewall-match bypass")))
        one, outside = craft.udp_session()
        other = craft.sockets.udp("webserver", (WEB_SERVER, 40000))
        other.sendto(b"to you", outside)
        data, source = got(one)
        expect(data == b"to you" and source[0] == EXTERNAL and source != outside, f"the first host sees {data} from {source}")
        one.sendto(b"and back", source)
        expect(got(other) == (b"and back", outside), "the second host does not see the first by its outside address and port")


def test_rfc4787_req14_fragments_in_any_order():
    """Also RFC 815: those of several datagrams in between."""
    with crafting("fragments", ["workstation", "internet"]) as (_, craft):
        inner, outside = craft.udp_session()
        data = [os.urandom(3000) for _ in range(3)]
        first, second, third = (fragments(datagram(outside, one, id=100 + number), 0, 800, 1600, 2400) for number, one in enumerate(data))
        craft.send("internet", *reversed(first))
        expect(got(inner) == (data[0], (INTERNET, 9000)), "fragments in reversed order arrived changed")
        craft.send("internet", second[2], third[3], second[0], third[1], second[3], third[0], third[2], second[1])
        expect([got(inner)[0], got(inner)[0]] == [data[2], data[1]], "fragments of two datagrams in between arrived changed")


def test_rfc1858_section4_overlapping_fragments_are_dropped():
    with crafting("overlap", ["workstation", "internet"]) as (_, craft):
        inner, outside = craft.udp_session()
        # The first piece is forwarded at once; from the overlap on, what would have been right is not believed any more either.
        whole = datagram(outside, bytes(1600), id=200)
        first, second = fragments(whole, 0, 800)
        within_first = fragments(whole, 0, 792)[1]
        craft.send("internet", first)
        craft.dropped("fragment-overlap", "internet", within_first)
        craft.dropped("fragment-overlap", "internet", second)
        # What waits for the first piece goes with it.
        first.id = second.id = within_first.id = 201
        craft.dropped("fragment-overlap", "internet", second, within_first, times=2)
        craft.dropped("fragment-overlap", "internet", first)
        craft.send("internet", datagram(outside, b"as usual"))
        expect(got(inner)[0] == b"as usual", "overlapping fragments were put together")
        expect(len(craft.matching("workstation", lambda packet: packet.flags.MF or packet.frag)) == 1, "more than the very first fragment arrived")


def test_rfc1858_section3_tiny_fragments_are_dropped():
    """And RFC 3128: one that begins within the TCP header; RFC 791: one that ends beyond 65535 bytes."""
    with crafting("tiny", ["workstation", "internet"]) as (_, craft):
        syn = IP(src=INTERNET, dst=EXTERNAL, id=300) / TCP(sport=9000, dport=80, flags="S", options=[("MSS", 1460)])
        tiny, within = fragments(syn, 0, 8)
        craft.dropped("fragment-tiny", "internet", tiny)
        craft.dropped("fragment-tiny", "internet", within)
        beyond = IP(src=INTERNET, dst=EXTERNAL, id=301, proto=1, frag=8189) / Raw(bytes(100))
        craft.dropped("fragment-oversize", "internet", beyond)


def error(outside, sent=b"out", code=3, **quoted):
    """A router's ICMP 3 about the datagram that the mapping has sent."""
    about = IP(src=outside[0], dst=INTERNET, ttl=60, **quoted) / UDP(sport=outside[1], dport=9000) / Raw(sent)
    return IP(src=ROUTER, dst=outside[0]) / ICMP(type=3, code=code) / Raw(bytes(about))


def test_rfc5508_req3_errors_with_wrong_checksums_are_dropped():
    with crafting("checksums", ["workstation", "internet"]) as (_, craft):
        _, outside = craft.udp_session()
        wrong = error(outside)
        wrong[ICMP].chksum = 0x1234
        craft.dropped("l4-checksum", "internet", wrong)
        craft.dropped("l4-checksum", "internet", error(outside, chksum=0x1234))  # REQ-3a: the quoted IP header's
        about = IP(src=outside[0], dst=INTERNET) / UDP(sport=outside[1], dport=9000, chksum=0x1234) / Raw(b"out")
        craft.send("internet", IP(src=ROUTER, dst=outside[0]) / ICMP(type=3, code=3) / Raw(bytes(about)))  # REQ-3c: not judged
        craft.saw("workstation", is_error)
        expect(len(craft.matching("workstation", is_error)) == 1, "a wrong error arrived, too")


def test_rfc5508_req4_errors_are_translated_and_those_about_nothing_dropped():
    """REQ-4a to 4c; RFC 4787 REQ-12 and 12a: whoever tells it, and it ends nothing."""
    with crafting("errors", ["workstation", "internet"]) as (_, craft):
        inner, outside = craft.udp_session()
        craft.dropped("icmp-no-session", "internet", error((outside[0], outside[1] ^ 1)))
        craft.send("internet", error(outside, code=1))
        told = craft.saw("workstation", is_error)
        expect((told.src, told.dst, told[ICMP].type, told[ICMP].code) == (ROUTER, WORKSTATION, 3, 1), f"the error is {told.summary()}")
        quoted = told[IPerror]
        expect((quoted.src, quoted.dst, quoted[UDPerror].sport, quoted[UDPerror].dport) == (WORKSTATION, INTERNET, 40000, 9000),
               f"the workstation did not send what is quoted: {quoted.summary()}")
        anew = IP(src=WORKSTATION, dst=INTERNET, ttl=60) / UDP(sport=40000, dport=9000) / Raw(b"out")
        expect(bytes(quoted) == bytes(anew), "the quoted packet's checksums are not those that it was sent with")
        expect(told[ICMP].chksum == IP(bytes(IP(src=ROUTER, dst=WORKSTATION) / ICMP(type=3, code=1) / Raw(bytes(anew))))[ICMP].chksum,
               "the error's own checksum is wrong")
        craft.send("internet", datagram(outside, b"still there"))
        expect(got(inner)[0] == b"still there", "the error ended the session")


def test_rfc5508_req7errors_about_hairpinned_packets():
    """The web server refuses a datagram that came by the hairpin; its sender hears it of the external address that it spoke to."""
    with crafting("refused", ["workstation", "webserver"]) as (lab, craft):
        lab.forward_bulk_port()
        sender = craft.sockets.udp("workstation", (WORKSTATION, 40000))
        sender.sendto(b"anybody?", (EXTERNAL, BULK_PORT))
        asked = craft.saw("webserver", lambda packet: UDP in packet and packet[UDP].dport == BULK_PORT)
        expect(asked.src != WORKSTATION, "the web server saw the workstation, so that this was no hairpin")
        told = craft.saw("workstation", is_error)
        quoted = told[IPerror]
        expect((told.src, told.dst, told[ICMP].type, told[ICMP].code) == (EXTERNAL, WORKSTATION, 3, 3), f"the error is {told.summary()}")
        expect((quoted.src, quoted.dst, quoted[UDPerror].sport, quoted[UDPerror].dport) == (WORKSTATION, EXTERNAL, 40000, BULK_PORT),
               f"the workstation did not send what is quoted: {quoted.summary()}")


def connected(craft, port):
    """A connection of the workstation's to the Internet's web server: the socket, and the server's SYN-ACK as it sent it."""
    craft.forget()
    inner = craft.sockets.tcp("workstation", (WORKSTATION, port))
    inner.connect_ex((INTERNET, 80))
    answer = craft.saw("internet", lambda packet: TCP in packet and packet[TCP].flags == "SA", way="out")
    craft.saw("internet", lambda packet: TCP in packet and (packet[TCP].flags, packet[TCP].seq) == ("A", answer[TCP].ack))
    return inner, answer


def page(inner):
    inner.settimeout(3)
    inner.sendall(b"GET / HTTP/1.0\r\n\r\n")
    return inner.recv(4096)


def test_rfc5961_section3_2_only_the_exact_reset_resets():
    """And RFC 7857 section 2.2: one outside the window changes nothing, neither in the gateway nor behind it."""
    with crafting("resets", ["workstation", "internet"]) as (lab, craft):
        inner, answer = connected(craft, 40000)

        def reset(sequence):
            return IP(src=INTERNET, dst=answer.dst) / TCP(sport=80, dport=answer[TCP].dport, flags="R", seq=sequence % (1 << 32))

        expected = answer[TCP].seq + 1
        for sequence in (expected + (1 << 30), expected - (1 << 30)):
            craft.dropped("invalid-state", "internet", reset(sequence))
        # Within what may be sent, or sent again: forwarded to be judged by its end, and not believed by the gateway.
        for sequence in (expected - 1, expected + 1):
            craft.send("internet", reset(sequence))
            craft.saw("workstation", lambda packet: TCP in packet and packet[TCP].flags == "R" and packet[TCP].seq == sequence % (1 << 32))
        states = [row["state"] for row in lab.rows("show", "sessions", "--source", f"{WORKSTATION}:40000")]
        expect(states == ["established"], f"after resets from off the path the session is {states}")
        expect(b"200 OK" in page(inner), "the connection did not survive resets from off the path")

        inner, answer = connected(craft, 40001)
        craft.send("internet", reset(answer[TCP].seq + 1))
        expect(select.select([inner], [], [], 3)[0], "the exact reset does not arrive")
        expect(inner.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0, "the exact reset does not reset")


def test_rfc5927_section4_1_errors_must_quote_what_is_in_flight():
    with crafting("blind", ["workstation", "internet"]) as (_, craft):
        inner, answer = connected(craft, 40000)
        about = IP(src=answer.dst, dst=INTERNET) / TCP(sport=answer[TCP].dport, dport=80, seq=(answer[TCP].ack + (1 << 30)) % (1 << 32), flags="A")
        craft.dropped("icmp-out-of-window", "internet", IP(src=ROUTER, dst=answer.dst) / ICMP(type=3, code=2) / Raw(bytes(about)))
        expect(b"200 OK" in page(inner), "the connection did not survive a blind error")


def test_rfc7126_section4_3_source_routes_and_records_are_dropped():
    """4.3 loose, 4.4 strict source routes, 4.5 record route, 4.7 timestamps; a router alert (4.8) passes."""
    with crafting("options", ["workstation", "internet"]) as (_, craft):
        inner, outside = craft.udp_session()
        for option in (IPOption_LSRR(routers=[WORKSTATION]), IPOption_SSRR(routers=[WORKSTATION]), IPOption_RR(length=7, routers=["0.0.0.0"]),
                       IPOption_Timestamp(flg=0, timestamp=0)):
            craft.dropped("options-not-allowed", "internet", datagram(outside, b"no", options=[option]))
        # A source route does not lead around the NAT either.
        craft.dropped("options-not-allowed", "internet", IP(src=INTERNET, dst=EXTERNAL, options=[IPOption_LSRR(pointer=4, routers=[WEB_SERVER])]) /
                      TCP(sport=9000, dport=80, flags="S"))
        got_nothing(inner)
        craft.send("internet", datagram(outside, b"alert", options=[IPOption_Router_Alert()]))
        expect(got(inner)[0] == b"alert", "a router alert does not pass")


def test_rfc1812_section5_3_7_martian_sources_are_dropped():
    with crafting("martians", ["workstation", "internet"]) as (_, craft):
        inner, outside = craft.udp_session()
        # This network, loopback, multicast, class E, broadcasts, and the gateway's own addresses.
        for source in ("0.0.0.9", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "203.0.113.255", EXTERNAL, "192.168.255.1"):
            packet = datagram(outside, b"no")
            packet.src = source
            craft.dropped("martian-source", "internet", packet)
        # A link-local address may speak with the gateway, but is not let through it.
        craft.dropped("martian-source", "internet", IP(src="169.254.1.1", dst=EXTERNAL) / TCP(sport=9000, dport=80, flags="S"))
        got_nothing(inner)


def test_rfc1812_section5_3_8_spoofed_sources_are_dropped():
    """Where source-validation is strict: BCP 38. Who inside claims to be outside, and who outside claims to be inside."""
    with crafting("spoofed", ["workstation", "webserver", "internet"]) as (lab, craft):
        lab.configure("set gateway interface uplink source-validation strict", "set gateway interface lan source-validation strict")
        syn = TCP(sport=9000, dport=80, flags="S")
        craft.dropped("spoofed-source", "internet", IP(src=WORKSTATION, dst=EXTERNAL) / syn)
        craft.dropped("spoofed-source", "workstation", IP(src="198.51.100.99", dst=INTERNET) / syn)
        for host in ("webserver", "internet"):
            expect(not craft.matching(host, lambda packet: TCP in packet and packet[TCP].sport == 9000), f"{host} saw the spoofed packet")


def test_rfc1812_section4_2_2_5_wrong_headers_are_dropped():
    """And 5.2.2: version, header length and length are checked."""
    with crafting("headers", ["workstation", "internet"]) as (_, craft):
        inner, outside = craft.udp_session()
        craft.dropped("header-checksum", "internet", datagram(outside, b"no", chksum=0x1234))
        for header in ({"version": 5}, {"ihl": 4}, {"ihl": 15}, {"len": 12}, {"len": 600}):
            craft.dropped("header-malformed", "internet", datagram(outside, b"no", **header))
        got_nothing(inner)


def test_rfc5382_req4a_a_refused_connection_gets_no_answer():
    with crafting("silence", ["internet"]) as (lab, craft):
        craft.dropped("firewall-denied", "internet", IP(src=INTERNET, dst=EXTERNAL) / TCP(sport=9000, dport=8080, flags="S"))
        lab.at("internet", "ping", "-c", "1", "-W", "2", EXTERNAL)  # whatever was said before this answer has come before it
        expect(not craft.matching("internet", lambda packet: TCP in packet), "the refused SYN was answered")


def test_rfc768_checksum_none_stays_none():
    with crafting("unsummed", ["workstation", "internet"]) as (_, craft):
        inner, outside = craft.udp_session()
        packet = datagram(outside, b"unsummed")
        packet[UDP].chksum = 0
        craft.send("internet", packet)
        expect(got(inner)[0] == b"unsummed", "a datagram without a checksum does not arrive")
        arrived = craft.saw("workstation", lambda packet: UDP in packet and bytes(packet[UDP].payload) == b"unsummed")
        expect(arrived[UDP].chksum == 0, f"it got the checksum {arrived[UDP].chksum:#x}")

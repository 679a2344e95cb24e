"""FTP and TFTP with real servers and curl, and calls between two sipp: what works through NAT only where somebody listens to the control session."""
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

from support import EXTERNAL, GATEWAY, WEB_SERVER, WORKSTATION, Lab, eventually, expect
from wire import ETH_P_ALL, inside

INTERNET = "198.51.100.10"
CONTENT = "behind the gateway\n"
FTP_SERVER = """
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
authorizer = DummyAuthorizer()
authorizer.add_anonymous(sys.argv[2])
FTPHandler.authorizer = authorizer
FTPServer((sys.argv[1], 21), FTPHandler).serve_forever()
"""


def serve_ftp(lab, node, address):
    (lab.folder / "ftp").mkdir(exist_ok=True)
    (lab.folder / "ftp" / "file").write_text(CONTENT)
    lab.start(node, sys.executable, "-c", FTP_SERVER, address, lab.folder / "ftp", cwd=lab.folder)
    lab.wait_for_listener(node, 21)


def configure(lab, *settings):
    lab.hairpin("-c", "; ".join(("configure", *settings, "commit", "exit")))


def fetch(lab, node, url, *options, ok=(0,)):
    return lab.at(node, "curl", "-sS", "--connect-timeout", 3, "--max-time", 8, *options, url, ok=ok)


def counts(lab, alg):
    return next(row for row in lab.rows("show", "alg") if row["alg"] == alg)


def test_ftp_is_active_only_with_its_alg():
    with Lab("hairpin", "ftp") as lab:
        serve_ftp(lab, "internet", INTERNET)
        url = f"ftp://{INTERNET}/file"
        expect(fetch(lab, "workstation", url).stdout == CONTENT, "passive FTP from inside needs no ALG")
        for how in ("--disable-eprt", "--eprt"):
            expect(fetch(lab, "workstation", url, "--ftp-port", "-", how, ok=None).returncode != 0, "active FTP works without an ALG")
        configure(lab, "set gateway alg ftp enabled true")
        for how in ("--disable-eprt", "--eprt"):
            expect(fetch(lab, "workstation", url, "--ftp-port", "-", how).stdout == CONTENT, f"active FTP with {how}")
        for how in ("--disable-epsv", "--epsv"):
            expect(fetch(lab, "workstation", url, how).stdout == CONTENT, f"passive FTP with {how}")
        row = counts(lab, "ftp")
        expect(row["rewritten"] == 2 and row["arrived"] == 4 and row["stopped"] == 0, f"show alg says {row}")
        related = [row for row in lab.rows("show", "sessions") if row["related_to"] is not None]
        expect(len(related) == 4, f"related sessions: {related}")


def test_an_ftp_server_behind_dnat_is_passive_with_its_alg():
    with Lab("hairpin", "ftp-server") as lab:
        serve_ftp(lab, "webserver", WEB_SERVER)
        configure(lab, "set gateway alg ftp enabled true",
                  f"set gateway firewall rule 1000 destination address {EXTERNAL}",
                  "set gateway firewall rule 1000 service tcp port 21", "set gateway firewall rule 1000 action accept",
                  *(f"set gateway nat rule {number} action dnat; set gateway nat rule {number} applied-on {interface}; "
                    f"set gateway nat rule {number} protocol tcp; set gateway nat rule {number} original-address {EXTERNAL}; "
                    f"set gateway nat rule {number} original-port 21; set gateway nat rule {number} translated-address {WEB_SERVER}; "
                    f"set gateway nat rule {number} translated-port 21" for number, interface in ((65537, "uplink"), (65538, "lan"))))
        url = f"ftp://{EXTERNAL}/file"
        # The Internet's host reaches it from outside, the workstation by the hairpin. curl must believe the address that it is told.
        for node in ("internet", "workstation"):
            for how in ("--disable-epsv", "--epsv"):
                expect(fetch(lab, node, url, how, "--no-ftp-skip-pasv-ip").stdout == CONTENT, f"{node}, passive, {how}")
            expect(fetch(lab, node, url, "--ftp-port", "-").stdout == CONTENT, f"{node}, active")
        row = counts(lab, "ftp")
        expect(row["arrived"] == 6 and row["refused"] == 0, f"show alg says {row}")


def test_tftp_answers_pass_only_with_their_alg():
    with Lab("hairpin", "tftp") as lab:
        (lab.folder / "tftp").mkdir()
        (lab.folder / "tftp" / "file").write_text(CONTENT * 200)
        lab.start("internet", "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--enable-tftp", "--user=root",
                  f"--tftp-root={lab.folder / 'tftp'}", f"--listen-address={INTERNET}", "--bind-interfaces", "--log-facility=-",
                  f"--pid-file={lab.folder / 'dnsmasq.pid'}", cwd=lab.folder)
        eventually(lambda: lab.at("internet", "ss", "-Hlun", "sport = :69").stdout.strip(), "dnsmasq does not listen")
        url = f"tftp://{INTERNET}/file"
        expect(fetch(lab, "workstation", url, ok=None).returncode != 0, "TFTP works without an ALG")
        configure(lab, "set gateway alg tftp enabled true")
        expect(fetch(lab, "workstation", url).stdout == CONTENT * 200, "TFTP with its ALG")
        row = counts(lab, "tftp")
        expect(row["arrived"] == 1 and not counts(lab, "ftp")["enabled"], f"show alg says {row}")


# -- SIP ----------------------------------------------------------------------------------------------------------------------

def serve_telephone(lab):
    """Signalling alone is let in to the telephone at the web server, from outside and from inside."""
    configure(lab, f"set gateway firewall rule 1000 destination address {EXTERNAL}", "set gateway firewall rule 1000 service udp port 5060",
              "set gateway firewall rule 1000 action accept",
              *(f"set gateway nat rule {number} action dnat; set gateway nat rule {number} applied-on {interface}; "
                f"set gateway nat rule {number} protocol udp; set gateway nat rule {number} original-address {EXTERNAL}; "
                f"set gateway nat rule {number} original-port 5060; set gateway nat rule {number} translated-address {WEB_SERVER}; "
                f"set gateway nat rule {number} translated-port 5060" for number, interface in ((65537, "uplink"), (65538, "lan"))))


class Listener:
    """What reaches a host's eth1 from now on: UDP, as (source, destination, payload)."""

    def __init__(self, lab, host):
        with inside(lab.namespace(host)):
            self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.tap.bind(("eth1", ETH_P_ALL))
        self.tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.tap.setblocking(False)
        self.all = []

    def heard(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                packet, where = self.tap.recvfrom(65535)
                if where[2] == socket.PACKET_OUTGOING or len(packet) < 28 or packet[0] != 0x45 or packet[9] != socket.IPPROTO_UDP:
                    continue
                ports = [int.from_bytes(packet[at:at + 2], "big") for at in (20, 22)]
                self.all.append((f"{socket.inet_ntoa(packet[12:16])}:{ports[0]}", f"{socket.inet_ntoa(packet[16:20])}:{ports[1]}", packet[28:]))
        return self.all

    def speech(self, from_address):
        """Packets of RTP (version 2, PCMU) from there."""
        return [packet for source, _, packet in self.heard() if source.startswith(f"{from_address}:") and packet[:2] in (b"\x80\x00", b"\x80\x80")]


def talk(lab, caller, caller_address, called, callee, callee_address, begins="call.xml", answers="answer.xml"):
    """One call in which both speak to where the other has said. Returns what reached who begins and who answers."""
    (lab.folder / "speech.raw").write_bytes(os.urandom(4000))
    here = Path(__file__)
    at_caller, at_callee = Listener(lab, caller), Listener(lab, callee)
    answering = lab.start(callee, "sipp", "-sf", here.with_name(answers), "-i", callee_address, "-m", "1", "-nostdin", cwd=lab.folder,
                          stdout=subprocess.DEVNULL)
    eventually(lambda: lab.at(callee, "ss", "-Hlun", "sport = :5060").stdout.strip(), f"sipp does not answer at {callee}")
    # Call-ID is a name that nobody translates; sipp would put its address into it.
    lab.at(caller, "sipp", called, "-sf", here.with_name(begins), "-i", caller_address, "-m", "1", "-cid_str", "%u-%p@telephone", "-nostdin",
           "-timeout", "20", "-timeout_error", cwd=lab.folder, timeout=30, stdout=subprocess.DEVNULL)
    eventually(lambda: answering.poll() is not None, "the callee does not hang up")
    expect(answering.returncode == 0, f"the callee ends with {answering.returncode}")
    return at_caller, at_callee


ENOUGH = 20  # packets, of half a second of speech


def test_sip_telephones_hear_each_other_only_with_their_alg():
    with Lab("hairpin", "sip-alg") as lab:
        telephones = ("workstation", WORKSTATION, INTERNET, "internet", INTERNET)
        at_caller, at_callee = talk(lab, *telephones)
        expect(not at_caller.speech(INTERNET), "the callee's speech finds the caller without an ALG")
        expect(any(b"192.168." in packet for _, _, packet in at_callee.heard()), "without an ALG no inside address is told")

        lab.hairpin("clear", "sessions")
        configure(lab, "set gateway alg sip enabled true")
        at_caller, at_callee = talk(lab, *telephones)
        eventually(lambda: len(at_caller.speech(INTERNET)) >= ENOUGH, f"the caller hears {len(at_caller.speech(INTERNET))} packets")
        expect(len(at_callee.speech(EXTERNAL)) >= ENOUGH, f"the callee hears {len(at_callee.speech(EXTERNAL))} packets")
        told = [packet for _, _, packet in at_callee.heard() if b"192.168." in packet]
        expect(not told, f"inside addresses leave by the uplink: {told[:1]}")
        answers = [packet for _, _, packet in at_caller.heard() if packet.startswith(b"SIP/2.0")]
        expect(answers and all(f"Via: SIP/2.0/UDP {WORKSTATION}:5060".encode() in packet for packet in answers), f"the caller's Via does not come back: {answers}")
        row = counts(lab, "sip")
        expect(row["followed"] == 1 and row["arrived"] >= 1 and row["refused"] == row["unread"] == row["stopped"] == 0, f"show alg says {row}")
        expect(not lab.rows("show", "alg", "expectations"), "with BYE nothing is awaited any more")


def test_a_sip_telephone_behind_dnat_is_heard_only_with_its_alg():
    with Lab("hairpin", "sip-dnat") as lab:
        serve_telephone(lab)
        telephones = ("internet", INTERNET, EXTERNAL, "webserver", WEB_SERVER)
        at_caller, at_callee = talk(lab, *telephones)
        expect(not at_callee.speech(INTERNET), "the caller's speech finds the telephone without an ALG")

        lab.hairpin("clear", "sessions")
        configure(lab, "set gateway alg sip enabled true")
        at_caller, at_callee = talk(lab, *telephones)
        expect(len(at_caller.speech(EXTERNAL)) >= ENOUGH, f"the caller hears {len(at_caller.speech(EXTERNAL))} packets")
        expect(len(at_callee.speech(INTERNET)) >= ENOUGH, f"the telephone hears {len(at_callee.speech(INTERNET))} packets")
        told = [packet for _, _, packet in at_caller.heard() if b"192.168." in packet]
        expect(not told, f"inside addresses leave by the uplink: {told[:1]}")
        asked = [packet for _, _, packet in at_callee.heard() if packet.startswith(b"INVITE ")]
        expect(asked and asked[0].startswith(f"INVITE sip:callee@{WEB_SERVER}:5060 ".encode()), f"the telephone is asked as somebody else: {asked}")

        # From inside, by the hairpin.
        at_caller, at_callee = talk(lab, "workstation", WORKSTATION, EXTERNAL, "webserver", WEB_SERVER)
        expect(len(at_caller.speech(EXTERNAL)) >= ENOUGH, f"the workstation hears {len(at_caller.speech(EXTERNAL))} packets")
        expect(len(at_callee.speech(GATEWAY)) >= ENOUGH, f"the telephone hears {len(at_callee.speech(GATEWAY))} packets from inside")
        expect(counts(lab, "sip")["followed"] == 2, f"show alg says {counts(lab, 'sip')}")


def test_a_registered_sip_telephone_is_called_through_source_nat():
    with Lab("hairpin", "sip-called") as lab:
        configure(lab, "set gateway alg sip enabled true")
        at_telephone, at_registrar = talk(lab, "workstation", WORKSTATION, INTERNET, "internet", INTERNET, "registered.xml", "registrar.xml")
        registers = [packet for _, _, packet in at_registrar.heard() if packet.startswith(b"REGISTER ")]
        expect(registers and f"Contact: <sip:telephone@{EXTERNAL}:".encode() in registers[0], f"the registrar is told {registers}")
        invites = [packet for _, _, packet in at_telephone.heard() if packet.startswith(b"INVITE ")]
        expect(invites and invites[0].startswith(f"INVITE sip:telephone@{WORKSTATION}:5060 SIP/2.0".encode()), f"the telephone is asked {invites}")
        expect(len(at_telephone.speech(INTERNET)) >= ENOUGH, f"the telephone hears {len(at_telephone.speech(INTERNET))} packets")
        expect(len(at_registrar.speech(EXTERNAL)) >= ENOUGH, f"the caller hears {len(at_registrar.speech(EXTERNAL))} packets")
        told = [packet for _, _, packet in at_registrar.heard() if b"192.168." in packet]
        expect(not told, f"inside addresses leave by the uplink: {told[:1]}")

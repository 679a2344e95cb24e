"""FTP and TFTP with real servers and curl: what works through NAT only where somebody listens to the control session."""
import sys

from support import EXTERNAL, WEB_SERVER, Lab, eventually, expect

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

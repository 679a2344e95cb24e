"""Connections whose handshake the gateway makes: whole, whatever the kernels at their ends negotiate, and reachable during a flood."""
from pathlib import Path

from scapy.layers.inet import IP, TCP

from craft import crafting
from support import BULK_PORT, EXTERNAL, Lab, expect

RULES = ("set gateway firewall rule 3 syn-proxy true", "set gateway firewall rule 4 syn-proxy true")


def test_a_syn_flood_reaches_no_server_and_nobody_waits():
    syns = [IP(src=f"198.51.100.{100 + number % 100}", dst=EXTERNAL) / TCP(sport=1024 + number, dport=80, flags="S", seq=number)
            for number in range(2000)]
    with crafting("flood", ["internet"]) as (lab, craft):
        lab.configure(*RULES)
        for some in range(0, len(syns), 200):
            craft.send("internet", *syns[some:some + 200])
            for node in ("internet", "workstation"):
                lab.at(node, "curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/")
        half_open = lab.at("webserver", "ss", "-Htn", "state", "syn-recv").stdout
        expect(not half_open, f"the web server waits for\n{half_open}")
        (counts,) = lab.rows("show", "sessions", "syn-proxy")
        expect(counts["answered"] >= 2020 and counts["opened"] == counts["returned"] == 20, f"the proxy has counted {counts}")
        sessions = lab.rows("show", "sessions")
        expect(len(sessions) < 30, f"{len(sessions)} sessions")
        expect(any("syn-proxy" in row["flags"] for row in sessions), "no session is marked")


def test_what_is_carried_by_a_spliced_connection_is_the_same():
    program, size = Path(__file__).with_name("exchange.py"), 32 << 20
    with Lab("hairpin", "spliced") as lab:
        lab.forward_bulk_port()
        lab.configure("set gateway firewall rule 1000 syn-proxy true")
        for node, setting in ((None, None), ("webserver", "net.ipv4.tcp_window_scaling=0"), ("workstation", "net.ipv4.tcp_window_scaling=0"),
                              ("webserver", "net.ipv4.tcp_window_scaling=1"), ("webserver", "net.ipv4.tcp_sack=0")):
            if node:
                lab.at(node, "sysctl", "-qw", setting)
            server = lab.start("webserver", program, BULK_PORT, size)
            lab.wait_for_listener("webserver", BULK_PORT)
            up_sent, down_got = lab.at("workstation", program, BULK_PORT, size, EXTERNAL).stdout.split()
            down_sent, up_got = server.communicate(timeout=20)[0].split()
            expect((up_got, down_got) == (up_sent, down_sent), f"something arrived changed ({node} {setting})")
        (counts,) = lab.rows("show", "sessions", "syn-proxy")
        expect(counts["opened"] == 5, f"the proxy has counted {counts}")


def test_a_closed_port_refuses_through_the_proxy():
    with Lab("hairpin", "refusal") as lab:
        lab.forward_bulk_port()  # on which nobody listens
        lab.configure("set gateway firewall rule 1000 syn-proxy true")
        done = lab.at("workstation", "curl", "-sS", "--max-time", "5", f"http://{EXTERNAL}:{BULK_PORT}/", ok=None)
        expect(done.returncode in (7, 56), f"curl, whose connection was reset, ended with {done.returncode}: {done.stderr}")
        (counts,) = lab.rows("show", "sessions", "syn-proxy")
        expect(counts["refused"] == 1, f"the proxy has counted {counts}")

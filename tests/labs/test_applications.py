"""Applications through the NAT as people use them: FTP in passive mode, telephone calls by SIP, and ten thousand page views by the hairpin.

No ALG is needed for any of them: who is asked to connect is the server outside, or it names its external address itself.
"""
import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from support import EXTERNAL, GATEWAY, WEB_SERVER, WORKSTATION, Lab, drops_in_words, eventually, expect
from wire import Wire

INTERNET = "198.51.100.10"
PASSIVE_PORTS = "50000-50019"


# -- FTP ----------------------------------------------------------------------------------------------------------------------

def serve_files(lab, host, address, *words):
    """An FTP server with two files of a megabyte; returns its folder."""
    folder = lab.folder / "served"
    folder.mkdir()
    for name in ("first", "second"):
        (folder / name).write_bytes(os.urandom(1 << 20))
    lab.start(host, sys.executable, "-m", "pyftpdlib", "-i", address, "-p", "21", "-d", folder, "-u", "hairpin", "-P", "secret", *words,
              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lab.wait_for_listener(host, 21)
    return folder


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def use_curl(lab, client, server, served):
    """Lists, downloads and uploads in both ways to ask for a passive connection: EPSV, which names no address, and PASV, which does."""
    for mode in ("--ftp-skip-pasv-ip", "--disable-epsv --no-ftp-skip-pasv-ip"):
        curl, url = ("curl", "-sS", "--max-time", "20", *mode.split()), f"ftp://hairpin:secret@{server}/"
        names = set(lab.at(client, *curl, "--list-only", url).stdout.split())
        expect(names == set(contents(served)), f"{client} with {mode} sees {names}")
        got = lab.folder / "got"
        lab.at(client, *curl, "-o", got, url + "first")
        expect(got.read_bytes() == (served / "first").read_bytes(), f"what {client} downloaded with {mode} is not what is there")
        lab.at(client, *curl, "-T", served / "second", url + "uploaded")
        expect((served / "uploaded").read_bytes() == (served / "second").read_bytes(), f"what {client} uploaded with {mode} is not what was sent")
        (served / "uploaded").unlink()


def test_ftp_in_passive_mode_through_source_nat():
    with Lab("hairpin", "ftp") as lab:
        served = serve_files(lab, "internet", INTERNET, "-w")
        use_curl(lab, "workstation", INTERNET, served)
        # lftp mirrors with several connections at once, one way and back.
        taken, home = lab.folder / "taken", dict(os.environ, HOME=str(lab.folder))
        lab.at("workstation", "lftp", "-c", "set net:timeout 10; set net:max-retries 1; set ftp:passive-mode on; "
               f"open -u hairpin,secret {INTERNET}; mirror --parallel=2 . {taken}; mkdir back; mirror -R --parallel=2 {taken} back", env=home)
        expect(contents(taken) == contents(served / "back"), "the files came back changed")
        expect(set(contents(taken)) == {"first", "second"}, f"lftp took {set(contents(taken))}")
        rows = lab.rows("show", "sessions", "--source", WORKSTATION)
        expect(len(rows) > 10 and {row["snat_rule"] for row in rows} == {196609}, f"not all sessions were translated: {rows}")


def test_a_forwarded_ftp_server_that_knows_its_external_address():
    """Without an ALG the server itself must say where it is reached, and by ports that are forwarded; from outside and by the hairpin."""
    with Lab("hairpin", "ftpd") as lab:
        for number, ports in enumerate(("21", PASSIVE_PORTS)):
            lab.configure(*(f"set gateway nat rule {65600 + number} {words}" for words in (
                "action dnat", "applied-on uplink", "protocol tcp", f"original-address {EXTERNAL}", f"original-port {ports}",
                f"translated-address {WEB_SERVER}", f"translated-port {ports}")))
        lab.configure(*(f"set gateway firewall rule 1001 {words}" for words in (
            "name FTP", f"destination address {EXTERNAL}", "service tcp port 21", f"service tcp port {PASSIVE_PORTS}", "action accept")))
        served = serve_files(lab, "webserver", WEB_SERVER, "-w", "-n", EXTERNAL, "-r", PASSIVE_PORTS)
        for client in ("internet", "workstation"):
            use_curl(lab, client, EXTERNAL, served)


# -- SIP ----------------------------------------------------------------------------------------------------------------------

def answer_calls(lab, host, address):
    """sipp as it comes answers calls where they come from, and sends back the speech that it hears."""
    lab.start(host, "sipp", "-sn", "uas", "-i", address, "-rtp_echo", "-nostdin", cwd=lab.folder, stdout=subprocess.DEVNULL)
    eventually(lambda: all(lab.at(host, "ss", "-Hlun", f"sport = :{port}").stdout.strip() for port in (5060, 6000)),
               f"sipp does not answer at {host}")


def call(lab, host, address, callee, *words):
    done = lab.at(host, "sipp", callee, "-i", address, "-nostdin", "-timeout", "20", "-timeout_error", *words, cwd=lab.folder, timeout=30)
    counts = {name.strip(): int(total) for name, total in re.findall(r"(?m)^\s+(\w[\w ]+?)\s+\|\s+\d+\s+\|\s+(\d+)\s*$", done.stdout)}
    return counts["Successful call"], counts["Failed call"]


def speak(lab, host, address, callee):
    """One call with speech: all of it must come back."""
    (lab.folder / "speech.raw").write_bytes(os.urandom(4000))
    with contextlib.closing(Wire(lab, [host])) as wire:
        made = call(lab, host, address, callee, "-sf", Path(__file__).with_name("call.xml"), "-m", "1")
        expect(made == (1, 0), f"the call from {host} to {callee}: {made} succeeded and failed")
        wire.saw(host, "in", protocol="udp", source=f"{callee}:6000", destination=f"{address}:6000")

    def packets():
        rows = [row for row in lab.rows("show", "sessions", "--source", address) if row["original_source"] == f"{address}:6000"]
        expect(len(rows) == 1, f"the speech has the sessions {rows}")
        return rows[0]["original_packets"], rows[0]["reply_packets"]

    eventually(lambda: packets()[0] == packets()[1], f"not all of the {packets()[0]} packets of speech come back")
    expect(packets()[0] >= 20, f"half a second of speech is {packets()[0]} packets")


def test_calls_by_sip_through_source_nat():
    """The caller names an inside address; it works where both sides answer to where a packet came from."""
    with Lab("hairpin", "sip") as lab:
        answer_calls(lab, "internet", INTERNET)
        made = call(lab, "workstation", WORKSTATION, INTERNET, "-sn", "uac", "-m", "50", "-r", "100", "-d", "300")
        expect(made == (50, 0), f"of 50 calls {made} succeeded and failed")
        speak(lab, "workstation", WORKSTATION, INTERNET)


def test_calls_by_sip_where_nothing_is_translated():
    """From outside to a telephone inside that has an address of its own; the firewall names the ports of signalling and of speech."""
    with Lab("hairpin", "routed") as lab:
        lab.configure("delete gateway nat rule 196609", *(f"set gateway firewall rule 1001 {words}" for words in (
            "name Telephone", "source interface external", f"destination address {WORKSTATION}", "service udp port 5060",
            "service udp port 6000", "action accept")))
        answer_calls(lab, "workstation", WORKSTATION)
        speak(lab, "internet", INTERNET, WORKSTATION)


# -- HTTP ---------------------------------------------------------------------------------------------------------------------

def test_ten_thousand_connections_through_the_hairpin():
    """Every one is answered, with its own page; and the books are right afterwards, without waiting for anything to end."""
    count = 10_000
    with Lab("hairpin", "crowd") as lab:
        # The first 200 come all at once, more than wait for one answer by ARP; so the gateway knows the hosts already.
        for host in (WEB_SERVER, WORKSTATION):
            lab.hairpin("ping", host, "count", "1")
        lab.hairpin("clear", "sessions")
        # HTTP/1.0: each page has a connection of its own, which the server closes.
        done = lab.at("workstation", "curl", "-s", "--http1.0", "--parallel", "--parallel-immediate", "--parallel-max", "200", "--max-time", "30",
                      "-w", "%{http_code} %{num_connects} %{local_port}\n", f"http://{EXTERNAL}/[1-{count}]", timeout=60)
        lines = done.stdout.splitlines()
        pages = sorted(line for line in lines if line.startswith("web server"))
        said = [line.split() for line in lines if not line.startswith("web server")]
        wanted = sorted(f"web server of the hairpin lab; you are {GATEWAY}, asking for http://{EXTERNAL}/{number}" for number in range(1, count + 1))
        expect(pages == wanted, f"of {count} pages {len(set(pages) & set(wanted))} came")
        expect(len(said) == count and all(line[:2] == ["200", "1"] for line in said), f"not all are 200 by a connection of their own: {said[:5]}")

        # A client's port that comes again, to the same server, is the same session again.
        sessions = len({port for _, _, port in said})
        summary = json.loads(lab.hairpin("-c", "show sessions summary | json").stdout)
        expect(summary["sessions"] == sessions == sum(row["sessions"] for row in summary["rows"]),
               f"{sessions} client ports, but the summary is {summary}")
        expect({(row["protocol"], row["translated"] == row["sessions"]) for row in summary["rows"]} == {("tcp", True)}, f"the summary is {summary}")
        expect(lab.counter("sessions") == sessions, "show counters and show sessions summary disagree")
        pools = json.loads(lab.hairpin("-c", "show nat pools | json").stdout)
        used = [(row["address"], row["ports_used"], row["sessions"]) for row in pools["rows"] if row["protocol"] == "tcp"]
        expect(pools["exhausted"] == 0 and used == [(GATEWAY, sessions, sessions)], f"{sessions} client ports, but the pools are {pools}")
        expect(lab.counter("dropped") == 0, f"packets were dropped: {drops_in_words(lab)}")
        print(f"{count} connections, {sessions} sessions")

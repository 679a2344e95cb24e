"""Captures as Wireshark sees them: tshark reads what comes to files, pipes, TCP connections and the FIFO of extcap."""
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from support import BIN, EXTERNAL, GATEWAY, HAIRPIN, WEB_SERVER, WORKSTATION, Lab, Failure, eventually, expect, run

HAIRPINDUMP = BIN / "hairpindump"
PAGE = ("curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/")
FIELDS = ("frame.interface_name", "frame.packet_flags_direction", "frame.packet_id", "frame.comment", "frame.drop_count",
          "ip.src", "ip.dst", "tcp.srcport", "tcp.dstport", "tcp.flags.str", "frame.len")


def read(file, *filters):
    """The packets of a capture, as tshark reads them: a dictionary each."""
    words = ["tshark", "-n", "-r", str(file), "-T", "fields", "-E", "separator=\x1f", "-E", "occurrence=f"]
    for field in FIELDS:
        words += ["-e", field]
    if filters:
        words += ["-Y", " && ".join(filters)]
    lines = run(*words).stdout.splitlines()
    return [dict(zip(FIELDS, line.split("\x1f"))) for line in lines]


def place_and_way(packet):
    way = {"0x00000001": "in", "0x00000002": "out"}.get(packet["frame.packet_flags_direction"], "-")
    return f"{packet['frame.interface_name']} {way}"


def addresses(packet):
    return packet["ip.src"], packet["ip.dst"]


class Capturing:
    """`hairpin capture` in the background; a context that is inside once the daemon captures."""

    def __init__(self, lab, *words, count=1, program=("capture",), **options):
        self.lab, self.count = lab, count
        self.child = subprocess.Popen([str(word) for word in (HAIRPIN, "--lab", lab.name, *program, *words)], stdin=subprocess.DEVNULL,
                                      **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options))
        lab.children.append(self.child)

    def __enter__(self):
        def running():
            if self.child.poll() is not None:
                raise Failure(f"the capture ended with {self.child.returncode}: {self.child.stderr.read().decode()}")
            return len(self.lab.rows("show", "captures")) == self.count
        eventually(running, "the capture does not begin")
        return self

    def __exit__(self, kind, *_):
        if kind is None and self.child.poll() is None:
            self.interrupt()

    def interrupt(self):
        self.child.send_signal(signal.SIGINT)
        expect(self.child.wait(10) == 0, f"ended with {self.child.returncode}: {self.child.stderr.read().decode()}")


def test_capture_shows_the_four_stages_of_a_hairpin():
    with Lab("hairpin", "capture") as lab:
        lab.at("workstation", *PAGE)
        file = lab.folder / "hairpin.pcapng"
        with Capturing(lab, "workstation", "webserver", "gateway", "--filter", "tcp port 80", "-w", file):
            lab.at("workstation", *PAGE)
        expect(file.stat().st_mode & 0o777 == 0o600, "whoever likes may read it")
        packets = read(file, "tcp")
        syn = [packet for packet in packets if packet["tcp.flags.str"].strip("\u00b7.") == "S"]
        answer = [packet for packet in packets if "A" in packet["tcp.flags.str"] and "S" in packet["tcp.flags.str"]]
        expect([(place_and_way(packet), *addresses(packet)) for packet in syn] ==
               [("workstation in", WORKSTATION, EXTERNAL), ("gateway:lan in", WORKSTATION, EXTERNAL),
                ("gateway:lan out", GATEWAY, WEB_SERVER), ("webserver out", GATEWAY, WEB_SERVER)], f"stages 1 and 2: {syn}")
        expect([(place_and_way(packet), *addresses(packet)) for packet in answer] ==
               [("webserver in", WEB_SERVER, GATEWAY), ("gateway:lan in", WEB_SERVER, GATEWAY),
                ("gateway:lan out", EXTERNAL, WORKSTATION), ("workstation out", EXTERNAL, WORKSTATION)], f"stages 3 and 4: {answer}")
        for stages in (syn, answer):
            expect(len({packet["frame.packet_id"] for packet in stages}) == 1, f"one packet has several ids: {stages}")
        expect(syn[0]["frame.packet_id"] != answer[0]["frame.packet_id"], "two packets have one id")
        session = re.match(r"session (\d+), original direction, firewall rule 3, dnat rule 196613, snat rule 196612", syn[1]["frame.comment"])
        expect(session, f"the comment says {syn[1]['frame.comment']!r}")
        found = lab.rows("show", "sessions")
        expect(int(session[1]) in [row["id"] for row in found], f"there is no session {session[1]}: {found}")
        expect(answer[1]["frame.comment"].startswith(f"session {session[1]}, reply direction"), answer[1]["frame.comment"])
        for packet in packets:
            expect(packet["frame.interface_name"].startswith("gateway") == bool(packet["frame.comment"]), f"a comment at {packet}")
        # All that one connection was, by a filter of Wireshark's.
        one = read(file, f'frame.comment contains "session {session[1]},"')
        expect(len(one) == len([packet for packet in packets if packet["frame.interface_name"] == "gateway:lan"]), "the session's packets")
        names = run("tshark", "-N", "n", "-r", file, "-T", "fields", "-e", "ip.src_host").stdout.split()
        expect({"workstation", "webserver", "gateway-lan", "gateway-uplink"} == set(names), f"the names of addresses are {set(names)}")
        info = run("capinfos", file).stdout
        expect("Number of interfaces in file: 4" in info or "gateway:uplink" in info, info)
        expect(lab.rows("show", "captures") == [], "it still runs")


def test_capture_of_what_is_dropped():
    with Lab("hairpin", "drops") as lab:
        file, all_of_it = lab.folder / "drops.pcapng", lab.folder / "all.pcapng"
        with Capturing(lab, "--drops", "-w", file), Capturing(lab, "workstation", "gateway:lan", "-w", all_of_it, count=2):
            lab.at("workstation", *PAGE)
            lab.at("workstation", "curl", "--max-time", "0.3", f"http://{EXTERNAL}:8080/", ok=(28,))
        dropped, seen = read(file), read(all_of_it, "tcp.dstport == 8080")
        expect(dropped and all(packet["tcp.dstport"] == "8080" for packet in dropped), f"dropped were {dropped}")
        expect({place_and_way(packet) for packet in dropped} == {"gateway:lan -"}, f"where it was dropped: {dropped}")
        for packet in (*dropped, *seen):
            expect(packet["frame.comment"].startswith("dropped: firewall-denied, "), f"no reason: {packet}")
        expect("firewall rule " in dropped[0]["frame.comment"], dropped[0]["frame.comment"])
        expect({packet["frame.packet_id"] for packet in dropped} == {packet["frame.packet_id"] for packet in seen}, "ids differ")


def test_capture_into_a_pipe_is_there_at_once_and_ends_with_its_reader():
    with Lab("hairpin", "pipe") as lab:
        with Capturing(lab, "workstation", "filter", "icmp", "write", "-", stdout=subprocess.PIPE) as capture:
            shark = subprocess.Popen(["tshark", "-n", "-l", "-i", "-", "-T", "fields", "-e", "icmp.type"], stdin=capture.child.stdout,
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            lab.children.append(shark)
            capture.child.stdout.close()
            # dumpcap takes a moment until it reads; from then on each packet is told when it comes.
            for _ in range(20):
                lab.at("workstation", "ping", "-c1", "-W1", GATEWAY)
                if select.select([shark.stdout], [], [], 1)[0]:
                    break
            expect(shark.stdout.readline() == b"8\n", "tshark does not tell the ping")
            shark.terminate()
            shark.wait()
            # Without any further packet.
            expect(capture.child.wait(5) == 0, "it ended as a failure when its reader went")
            eventually(lambda: not lab.rows("show", "captures"), "the daemon still captures")


def test_capture_ends_by_count_and_duration_and_refuses():
    with Lab("hairpin", "ends") as lab:
        file = lab.folder / "ends.pcapng"
        with Capturing(lab, "workstation", "--count", "3", "--snaplen", "60", "-w", file) as capture:
            lab.at("workstation", *PAGE)
            expect(capture.child.wait(5) == 0, "it did not end by itself")
        expect(len(read(file)) == 3, "three packets were asked for")
        # A filter that nobody's address fits: neighbours may be looked for at any time.
        lab.hairpin("capture", "workstation", "duration", "1s", "filter", "host 198.51.100.99", "write", file)
        expect(read(file) == [], "nothing has passed")
        for words, status, text in ((("nowhere", "-w", file), 4, "nowhere"), (("lan", "-f", "tcp port", "-w", file), 2, "filter"),
                                    (("lan",), 2, "write FILE"), (("lan", "-w", "/nowhere/x"), 1, "/nowhere/x"),
                                    (("lan", "--listen", "198.51.100.99:1"), 1, "listen at")):
            refused = lab.hairpin("capture", *words, ok=(status,))
            expect(text in refused.stderr, f"{words}: {refused.stderr}")


def test_capture_with_a_slow_reader_counts_what_it_loses_and_holds_nobody_up():
    with Lab("hairpin", "slow") as lab:
        lab.forward_bulk_port()
        lab.start("webserver", "iperf3", "-s", "-1", "-p", "5201")
        lab.wait_for_listener("webserver", 5201)
        with Capturing(lab, "workstation", "buffer", "262144", "write", "-", stdout=subprocess.PIPE) as capture:
            sent = lab.at("workstation", "iperf3", "-c", EXTERNAL, "-p", "5201", "-t", "1", "-J", timeout=30).stdout
            megabits = float(re.search(r'"sum_received":\s*{[^}]*"bits_per_second":\s*([\d.e+]+)', sent)[1]) / 1e6
            row = lab.rows("show", "captures")[0]
            expect(row["lost"] > 0 and row["waiting_bytes"] <= 262144, f"nobody reads, and nothing is lost: {row}")
            expect(megabits > 100, f"traffic went at {megabits:.0f} Mbit/s")
            file = lab.folder / "slow.pcapng"
            with open(file, "wb") as output:
                capture.child.send_signal(signal.SIGINT)
                while part := os.read(capture.child.stdout.fileno(), 1 << 20):
                    output.write(part)
            expect(capture.child.wait(5) == 0, "it ended as a failure")
        packets = read(file)
        row_of_file = run("tshark", "-r", file, "-q", "-z", "io,stat,0").stdout
        expect(len(packets) == row["packets"], f"{len(packets)} packets were written of {row}: {row_of_file}")
        print(f"lost {row['lost']} of {row['packets'] + row['lost']}, {megabits:.0f} Mbit/s")


def test_capture_over_tcp():
    with Lab("hairpin", "overtcp") as lab:
        child = subprocess.Popen([str(HAIRPIN), "--lab", lab.name, "capture", "workstation", "filter", "icmp", "listen", "0"],
                                 stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        lab.children.append(child)
        said = child.stderr.readline()
        port = int(re.match(r"listening at 127\.0\.0\.1:(\d+): wireshark -k -i TCP@127\.0\.0\.1:\d+\n", said)[1])
        expect(lab.rows("show", "captures") == [], "nobody reads yet")
        shark = subprocess.Popen(["tshark", "-n", "-l", "-i", f"TCP@127.0.0.1:{port}", "-c", "2", "-T", "fields", "-e", "frame.interface_name",
                                  "-e", "icmp.type"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lab.children.append(shark)
        with socket.create_connection(("127.0.0.1", port)) as plain:
            plain.settimeout(20)
            eventually(lambda: len(lab.rows("show", "captures")) == 2, "the readers have no captures", 60)
            expect(plain.recv(4, socket.MSG_WAITALL) == b"\x0a\x0d\x0d\x0a", "it does not begin with a section header")
            lab.at("workstation", "ping", "-c1", "-W1", GATEWAY)
            out, errors = shark.communicate(timeout=60)
            expect(out.splitlines() == ["workstation\t8", "workstation\t0"], f"tshark read {out!r}: {errors}")
            eventually(lambda: len(lab.rows("show", "captures")) == 1, "the capture of a reader that has gone runs on")
            child.send_signal(signal.SIGINT)
            rest = b""
            while part := plain.recv(1 << 16):
                rest += part
            expect(child.wait(5) == 0, "the listener ended as a failure")
        file = lab.folder / "tcp.pcapng"
        file.write_bytes(b"\x0a\x0d\x0d\x0a" + rest)
        expect(len(read(file)) == 2 and rest[-4:] and b"\x05\0\0\0" in rest, "it was not ended as a file ends")
        eventually(lambda: not lab.rows("show", "captures"), "the daemon still captures")


def test_capture_says_what_it_does():
    with Lab("hairpin", "says") as lab:
        file = lab.folder / "says.pcapng"
        with Capturing(lab, "workstation", "-f", "icmp", "-n", "2", "-w", file, program=("capture",)) as capture:
            lab.at("workstation", "ping", "-c1", "-W1", GATEWAY)
            expect(capture.child.wait(5) == 0, "it did not end by itself")
            said = capture.child.stderr.read().decode()
            expect(said == f"capturing at workstation, to {file}; Ctrl-C ends it\n2 packets captured\n", said)
        done = run(HAIRPIN, "lab", "capture", lab.name, "workstation", "--quiet", "-a", "1s", "-w", file)
        expect((done.stdout, done.stderr) == ("", ""), f"{done}")


def test_capture_over_tcp_ends_with_its_time_and_does_not_wait_for_readers():
    with Lab("hairpin", "timed") as lab:
        started = time.monotonic()
        child = subprocess.Popen([str(HAIRPIN), "lab", "capture", lab.name, "workstation", "--listen", "0", "-a", "2s"],
                                 stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        lab.children.append(child)
        port = int(re.match(r"listening at 127\.0\.0\.1:(\d+)", child.stderr.readline())[1])
        with socket.create_connection(("127.0.0.1", port)):
            eventually(lambda: len(lab.rows("show", "captures")) == 1, "the reader has no capture")
            expect(child.wait(15) == 0 and 1.5 < time.monotonic() - started, "when it ended")
        # A reader that takes nothing, and a capture that has much for it.
        child = subprocess.Popen([str(HAIRPIN), "lab", "capture", lab.name, "workstation", "--listen", "0"],
                                 stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        lab.children.append(child)
        port = int(re.match(r"listening at 127\.0\.0\.1:(\d+)", child.stderr.readline())[1])
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", port))
            eventually(lambda: len(lab.rows("show", "captures")) == 1, "the reader has no capture")
            lab.at("workstation", "ping", "-q", "-c", "3000", "-i", "0.0005", "-s", "1400", GATEWAY, timeout=60)
            child.send_signal(signal.SIGINT)
            expect(child.wait(10) == 0, "it waits for a reader that does not read")


def test_capture_of_a_labs_links():
    with Lab("hairpin", "links") as lab:
        file = lab.folder / "links.pcapng"
        for names, places in ((("workstation",), {"workstation"}), (("workstation:eth1", "lan:webserver"), {"workstation", "webserver"}),
                              (("edge",), {"gateway:lan", "gateway:uplink"}), (("edge:uplink",), {"gateway:uplink"}),
                              (("wan",), {"internet", "gateway:uplink"})):
            run(HAIRPIN, "lab", "capture", lab.name, *names, "-a", "1s", "-w", file)
            found = set(re.findall(r"Name = (\S+)", run("capinfos", file).stdout))
            expect(found == places, f"{names} are {found}")
        refused = run(HAIRPIN, "lab", "capture", lab.name, "nobody:eth1", "-w", file, ok=(4,)).stderr
        expect("workstation:eth1" in refused and "nobody:eth1" in refused, refused)


def test_capture_by_extcap():
    with Lab("hairpin", "extcap") as lab:
        def ask(*words, **options):
            return run(HAIRPINDUMP, *words, **options).stdout
        interfaces = ask("--extcap-interfaces", "--extcap-version=4.0")
        expect(interfaces.startswith("extcap {version="), interfaces)
        mine = f"hairpin:{lab.name}:port:workstation"
        expect(f"interface {{value={mine}}}{{display=Hairpin lab {lab.name}: port workstation}}\n" in interfaces, interfaces)
        expect(ask("--extcap-interface", mine, "--extcap-dlts") == "dlt {number=1}{name=EN10MB}{display=Ethernet}\n", "its link type")
        expect("{call=--drops}" in ask("--extcap-interface", mine, "--extcap-config"), "its options")
        expect(ask("--extcap-interface", mine, "--extcap-capture-filter", "tcp port 80") == "", "the filter is good")
        expect("filter" in ask("--extcap-interface", mine, "--extcap-capture-filter", "tcp port"), "the filter is not")
        expect(run(HAIRPINDUMP, "--extcap-interface", "eth0", "--capture", "--fifo", "/dev/null", ok=(2,)).stderr, "whose interface is that")

        fifo = lab.folder / "fifo"
        os.mkfifo(fifo)
        dump = subprocess.Popen([str(HAIRPINDUMP), "--capture", "--extcap-interface", mine, "--fifo", str(fifo), "--extcap-capture-filter", "icmp"],
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        lab.children.append(dump)
        file = lab.folder / "extcap.pcapng"
        with open(fifo, "rb") as stream, open(file, "wb") as output:
            lab.at("workstation", "ping", "-c1", "-W1", GATEWAY)
            dump.send_signal(signal.SIGTERM)  # so does Wireshark
            output.write(stream.read())
        expect(dump.wait(5) == 0, f"hairpindump ended with {dump.returncode}: {dump.stderr.read()}")
        expect([place_and_way(packet) for packet in read(file)] == ["workstation in", "workstation out"], f"{read(file)}")

        # And as dumpcap finds it by itself.
        home = lab.folder / "home"
        folder = home / ".local/lib/wireshark/extcap"
        folder.mkdir(parents=True)
        os.symlink(HAIRPINDUMP, folder / "hairpindump")
        old = home / ".config/wireshark/extcap"
        old.mkdir(parents=True)
        os.symlink(HAIRPINDUMP, old / "hairpindump")
        listed = run("tshark", "-D", env=os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}).stdout
        expect(mine in listed, f"tshark lists {listed}")

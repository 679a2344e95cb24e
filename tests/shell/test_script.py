"""Commands from a file, a pipe, or the command line of a program."""
import json
import socket
import struct


def test_a_script_does_what_it_says(daemon):
    answer = daemon.script("# what is there\nshow ports | match web\n\nshow version\n")
    assert answer.startswith("webserver") and "generation 1" in answer


def test_a_script_stops_at_its_first_error_and_says_where(daemon):
    answer = daemon.script("show version\nshow nonsense\nstop\n", status=2)
    assert "standard input line 2" in answer
    assert "    show nonsense\n         ^\n" in answer
    assert daemon.process.poll() is None, "what came after the error was done"


def test_an_error_of_the_daemon_ends_a_script(daemon):
    assert "line 1" in daemon.script("trace tcp 1.1.1.1:1 2.2.2.2:2 in nowhere\n", status=2)


def test_commands_as_an_argument(daemon):
    answer = daemon.run("-c", 'show ports | match "web"; show version')
    assert answer.startswith("webserver") and "generation 1" in answer


def test_without_a_terminal_nothing_is_coloured_or_paged(daemon):
    assert "\x1b" not in daemon.script("show configuration\nshow firewall\n")


def test_unfinished_quotes_are_an_error(daemon):
    assert "quotes are not closed" in daemon.script('show ports | match "web\n', status=2)


def a_capture(daemon, folder):
    """A pcap file with the SYN of the workstation to the external address, and a frame for nobody."""
    macs = {row["port"]: row["mac"] for row in json.loads(daemon.run("show", "mac-table", "--json"))["rows"] if row["type"] == "gateway"}
    to_gateway = bytes.fromhex(macs["lan"].replace(":", "")) + bytes.fromhex("020000000001") + b"\x08\x00"
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, 6, 0, socket.inet_aton("192.168.255.2"), socket.inet_aton("203.0.113.80"))
    total = sum(struct.unpack("!10H", ip))
    total = (total & 0xffff) + (total >> 16)
    ip = ip[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + ip[12:]
    syn = to_gateway + ip + struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 65535, 0, 0)
    stranger = bytes.fromhex("020000000009") + syn[6:]
    file = folder / "capture.pcap"
    file.write_bytes(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) +
                     b"".join(struct.pack("<IIII", 1700000000 + i, 0, len(frame), len(frame)) + frame for i, frame in enumerate((syn, stranger))))
    return str(file)


def test_a_capture_is_traced_and_leaves_nothing_behind(daemon, tmp_path):
    file = a_capture(daemon, tmp_path)
    table = daemon.run("trace", "pcap", file).splitlines()
    assert len(table) == 3 and "forwarded" in table[1] and "dnat 196613, firewall 3, snat 196612" in table[1]
    assert "(for others)" in table[2]
    rows = json.loads(daemon.run("trace", "pcap", file, "--json"))["rows"]
    assert [row["verdict"] for row in rows] == ["forwarded", None]
    assert "rule 3" in daemon.run("trace", "pcap", file, "detail")
    assert daemon.run("show", "sessions") == "no sessions\n"


def test_a_capture_is_traced_under_the_candidate(daemon, tmp_path):
    file = a_capture(daemon, tmp_path)
    answer = daemon.script(f"configure\nset gateway nat hairpin off\ndelete gateway nat rule 196613\ntrace pcap {file}\nexit discard\ntrace pcap {file}\n")
    assert "no-local-service" in answer and "forwarded" in answer
    refused = daemon.script("configure\ntrace live tcp\n", status=2)
    assert "the configuration in force" in refused


def test_a_broken_capture_is_told_and_fails(daemon, tmp_path):
    file = a_capture(daemon, tmp_path)
    with open(file, "r+b") as capture:
        capture.truncate(120)
    answer = daemon.run("trace", "pcap", file, status=1)
    assert "forwarded" in answer and "is broken at packet 2" in answer
    assert "    trace pcap /nowhere\n               ^\n" in daemon.script("trace pcap /nowhere\n", status=1)

"""The four stages that the gateway tells of are those that tcpdump sees in the hosts."""
import re
import signal
import time

from support import EXTERNAL, WEB_SERVER, WORKSTATION, Lab, eventually, expect, run


def start_capture(lab, node):
    file = lab.folder / f"{node}.pcap"
    child = lab.start(node, "tcpdump", "-i", "eth1", "-U", "--immediate-mode", "-w", file, "tcp port 80")
    eventually(lambda: file.exists() and file.stat().st_size >= 24, f"tcpdump does not start on {node}")
    time.sleep(0.1)
    return child, file


def handshake(file):
    """(time, source, destination) of the SYN and of the SYN-ACK in a capture."""
    found = []
    for line in run("tcpdump", "-nn", "-tt", "-r", file).stdout.splitlines():
        match = re.match(r"([\d.]+) IP ([\d.]+)\.(\d+) > ([\d.]+)\.(\d+): Flags \[(S\.?)\]", line)
        if match:
            when, source, source_port, destination, destination_port, _ = match.groups()
            found.append((float(when), f"{source}:{source_port}", f"{destination}:{destination_port}"))
    expect(len(found) == 2, f"{file.name}: expected one SYN and one SYN-ACK, saw {found}")
    return found


def test_stages_equal_the_wire():
    with Lab("hairpin") as lab:
        captures = [start_capture(lab, node) for node in ("workstation", "webserver")]
        # Held open, so that the trace below meets a living session.
        connection = lab.start("workstation", "nc", "-v", "-p", "40001", EXTERNAL, "80", stdin=-1)
        port = 40001
        where = ("tcp", f"{WORKSTATION}:{port}", f"{EXTERNAL}:80")
        eventually(lambda: len(lab.rows("show", "sessions", "--source", where[1])) == 1, "no session for the connection")
        eventually(lambda: captures[0][1].stat().st_size > 24 + 3 * 16, "tcpdump saw nothing")
        time.sleep(0.3)
        stages = lab.call("session.stages", protocol="tcp", source=where[1], destination=where[2])["stages"]
        traced = lab.call("trace", protocol="tcp", source=where[1], destination=where[2], interface="lan", flags="ack")["stages"]
        shown = lab.hairpin("show", "stages", *where).stdout

        out, _ = connection.communicate("GET / HTTP/1.0\r\n\r\n", timeout=10)
        expect("200 OK" in out, f"the web server answered {out!r}")
        for child, _ in captures:
            child.send_signal(signal.SIGINT)
            child.wait(5)

        at_workstation, at_web_server = (handshake(file) for _, file in captures)
        wire = sorted([at_workstation[0], at_web_server[0], at_web_server[1], at_workstation[1]])
        expect(wire == [at_workstation[0], at_web_server[0], at_web_server[1], at_workstation[1]],
               f"the packets were not seen in the order of the stages: {wire}")
        wire = [(source, destination) for _, source, destination in wire]
        for name, told in (("session.stages", stages), ("trace", traced)):
            told = [(stage["source"], stage["destination"]) for stage in told]
            expect(told == wire, f"{name} tells of {told}\n  tcpdump saw {wire}")
        for number, (source, destination) in enumerate(wire, 1):
            expect(f"stage {number}" in shown and source in shown and destination in shown, f"show stages does not show stage {number}:\n{shown}")
            print(f"stage {number}  {source} -> {destination}")
        expect(wire[1][1] == f"{WEB_SERVER}:80", "the second stage does not end at the web server")

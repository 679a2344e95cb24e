"""What docs/transcripts shows is what appears: each transcript is recorded again from a lab, and compared."""
import json
import re
import signal

from support import EXTERNAL, WORKSTATION, Failure, Lab, eventually, expect, run
from test_wire import start_capture
from transcript import Transcript, compare

SOURCE = """<!-- Recorded by tests/labs/test_transcripts.py from a real lab; `tests/labs/run --update from_nothing` records it anew. -->"""
INTERNET = "198.51.100.10"
PAGE = ("curl", "-sS", "--max-time", "2", f"http://{EXTERNAL}/")


class EmptyLab(Lab):
    """The hosts and segments of a lab, with a gateway that is attached to nothing and configured with nothing."""

    def __init__(self, topology, name):
        super().__init__(topology, name)
        file = self.source / f"{self.name}.clab.yml"
        links = re.compile(r'(?m)^ *- \{endpoints: \["edge:[^\n]*\n')
        text, count = links.subn("", file.read_text())
        expect(count == 2, f"{file.name} attaches the gateway by {count} links")
        file.write_text(text)
        (self.source / "configs" / "edge.json").write_text(json.dumps({"hairpin:gateway": {"interface": []}}))


def suggested(answer):
    """The lines that `test connectivity` says to type."""
    return [line.strip() for line in answer.splitlines() if re.match(r"  (set|insert) ", line)]


def seen_on_the_wire(lab, node):
    """The SYN and the SYN-ACK in a host's capture, as tcpdump prints them, without times and TCP's details."""
    lines = run("tcpdump", "-nn", "-t", "-r", lab.folder / f"{node}.pcap").stdout.splitlines()
    return [re.sub(r", (seq|cksum).*", "", line) for line in lines if re.search(r"Flags \[S\.?\]", line)]


def page_with_captures(lab):
    """Opens the page while both hosts capture. Again until the gateway has chosen a port of five digits, so that columns are the same
    in every run. Returns the client's port and the packets of each stage."""
    for port in range(40000, 40050):
        for node in ("workstation", "webserver"):
            (lab.folder / f"{node}.pcap").unlink(missing_ok=True)
        captures = [start_capture(lab, node) for node in ("workstation", "webserver")]
        answer = lab.at("workstation", *PAGE, "--local-port", port).stdout
        for child, _ in captures:
            child.send_signal(signal.SIGINT)
            child.wait(5)
        stages = lab.call("session.stages", protocol="tcp", source=f"{WORKSTATION}:{port}", destination=f"{EXTERNAL}:80")["stages"]
        if re.search(r":\d{5}$", stages[1]["source"]):
            return port, answer, [(stage["source"], stage["destination"]) for stage in stages]
    raise Failure("fifty random ports, and none of five digits")


def look_around(router, story):
    router.asks("")
    router.types("show segments")
    router.types("show interfaces")
    story.says("""There are two LANs with hosts on them, and a gateway that is attached to neither. `?` tells what can be configured, and `(mandatory)` what
a commit will demand:""")
    router.types("configure")
    router.asks("set ")
    router.asks("set gateway ")
    router.asks("set gateway interface ")
    router.asks("set gateway interface lan ")


def make_interfaces(router, story):
    router.types("set gateway interface lan address 192.168.255.1")
    router.types("set gateway interface lan address 192.168.255.1/24")
    router.types("commit check")
    router.types("set gateway interface lan segment lan")
    router.asks("set gateway interface uplink role ")
    for setting in ("role uplink", "segment wan", "address 203.0.113.80/24"):
        router.types(f"set gateway interface uplink {setting}")
    router.asks("set gateway route ")
    router.types("set gateway route 0.0.0.0/0 next-hop 203.0.113.1")
    router.types("commit check")
    router.types('commit comment "two interfaces and the way out"')
    story.says("The gateway answers pings; that is an automatic rule. Everything else its firewall drops, because no rule accepts it:")
    story.host("workstation", "ping", "-q", "-c", "1", "192.168.255.1")


def open_the_internet(router, story):
    router.asks("set gateway firewall rule ")
    router.asks("set gateway firewall rule 1 ")
    router.types("edit gateway firewall rule 1")
    router.asks("set source interface ")
    for setting in ('name "LAN to Internet"', "source interface internal", "destination interface external", "action accept"):
        router.types(f"set {setting}")
    router.types("top")
    story.says("Is that enough? The candidate can be asked before anything is in force:")
    answer = router.types(f"test connectivity from workstation to {INTERNET} tcp 80")
    story.says("It says what to type, so that is typed:")
    for line in suggested(answer):
        router.types(line)
    router.types(f"test connectivity from workstation to {INTERNET} tcp 80")
    router.types("commit")


def make_the_hairpin(router, story):
    router.types(f"test connectivity from workstation to {EXTERNAL} tcp 80")
    story.says("Which server is meant, nobody can guess. A destination rule says it, applied on the interface where the workstation's packets enter:")
    router.asks("set gateway nat rule ")
    router.asks("set gateway nat rule 65538 ")
    router.types("edit gateway nat rule 65538")
    router.asks("set action ")
    for setting in ("action dnat", "applied-on lan", f"original-address {EXTERNAL}", "original-port 80", "translated-address 192.168.255.10"):
        router.types(f"set {setting}")
    router.types("top")
    router.types("commit check")
    router.types("set gateway nat rule 65538 protocol tcp")
    router.types("commit check")
    story.says("That commit would do no harm, and no good either: its answer says what is missing. So does the question from before, with all that it takes:")
    answer = router.types(f"test connectivity from workstation to {EXTERNAL} tcp 80")
    for line in suggested(answer):
        router.types(line)
    router.types("compare")
    router.types("commit check")
    router.types("commit comment hairpin")


def show_the_stages(story, lab):
    port, answer, stages = page_with_captures(lab)
    story.shows(f"$ hairpin lab exec {lab.name} workstation -- {' '.join(PAGE)} --local-port {port}\n" + answer)
    with story.router() as router:
        router.types(f"show stages tcp {WORKSTATION}:{port} {EXTERNAL}:80")
    story.says("The same connection's first packets, as `tcpdump` saw them on both hosts at that moment:")
    at_workstation, at_web_server = (seen_on_the_wire(lab, node) for node in ("workstation", "webserver"))
    wire = [("workstation", at_workstation[0]), ("webserver", at_web_server[0]), ("webserver", at_web_server[1]), ("workstation", at_workstation[1])]
    story.shows("".join(f"stage {number}  {node:<11}  {line}\n" for number, (node, line) in enumerate(wire, 1)))
    for (source, destination), (_, line) in zip(stages, wire):
        seen = re.match(r"IP ([\d.]+)\.(\d+) > ([\d.]+)\.(\d+):", line).groups()
        expect((f"{seen[0]}:{seen[1]}", f"{seen[2]}:{seen[3]}") == (source, destination), f"{line} is not {source} -> {destination}")


def trace(router):
    """Again until all random ports have five digits; the last one is shown."""
    shown = len(router.story.parts)
    while True:
        answer = router.types(f"trace tcp {WORKSTATION}:50000 {EXTERNAL}:80 in lan")
        if not re.search(r"192\.168\.255\.1:\d{1,4}\b", answer):
            return
        del router.story.parts[shown:]


def lock_out(router, story, lab):
    lab.hairpin("clear", "sessions")  # so that one will end, however often the page was opened
    lab.at("workstation", *PAGE)
    router.types("configure")
    router.types("set gateway firewall rule 2 action drop")
    router.types("commit confirmed 5 comment oops")
    story.host("workstation", *PAGE, ok=(28,))
    story.says("Nobody confirms it. Five seconds later:")
    eventually(lambda: lab.rows("show", "system", "commit")[0]["via"] == "confirm timeout", "the commit was not undone", 20)
    story.host("workstation", *PAGE)
    router.types("run show system commit")
    story.says("The candidate still has the mistake; `discard` begins again from what is in force:")
    router.types("discard")
    router.types("compare")
    router.types("exit")


def test_the_hairpin_from_nothing():
    with EmptyLab("hairpin", "nothing") as lab:
        story = Transcript(lab, "The hairpin, from nothing")
        story.says(SOURCE)
        story.says("""
A recorded session: somebody who knows neither this program nor its configuration makes the guide's hairpin on an empty gateway, with nothing but
`?` and what the program answers. The lab is `topologies/hairpin` without its gateway: the two links of `edge` are taken out of the topology
file, and its configuration is `{"hairpin:gateway": {"interface": []}}`. What it is about is told in [Hairpin NAT, stage by stage](../hairpin-nat.md).

## Nothing works
""")
        story.host("workstation", *PAGE, ok=(7, 28))
        story.says("## Interfaces\n\n`hairpin` at a terminal is the router's command line. `?` lists what may be typed, at any place:")
        with story.router() as router:
            look_around(router, story)
            story.says("A mistake is pointed at, and a commit that lacks something says what to type:")
            make_interfaces(router, story)
            story.says("## From the LAN to the Internet\n\nA firewall rule, then. The number is free to choose; the next one is offered:")
            open_the_internet(router, story)
            story.host("workstation", "curl", "-sS", "--max-time", "2", f"http://{INTERNET}/")
            story.says("## The hairpin\n\nAnd the web server, by the address that the world knows it by?")
            make_the_hairpin(router, story)
            router.types("exit")
        story.host("workstation", *PAGE)
        story.says("## What happened to the packets\n")
        show_the_stages(story, lab)
        story.says("And what the gateway would do with the next one, step by step:")
        with story.router() as router:
            trace(router)
            story.says("## A lock-out that undoes itself\n\nA commit that waits for its confirmation is undone when none comes, so a mistake locks nobody out for long:")
            lock_out(router, story, lab)
        compare(story, "hairpin-from-nothing.md")

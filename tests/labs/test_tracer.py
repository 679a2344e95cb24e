"""What the tracer says is what the wire shows: in each of the hairpin's cases it is asked first, then the packet is sent, and what the hosts
see, what the sessions and drops say, and what `trace live` tells of that very packet must be what it said."""
import contextlib
import itertools
import json
import re
import socket
import struct
from dataclasses import dataclass, field

from support import EXTERNAL, GATEWAY, WEB_SERVER, WORKSTATION, Lab, expect
from wire import Wire, echo_request

INTERNET, SECOND, INNER, BEHIND, GUEST = "198.51.100.10", "192.168.255.11", "192.168.255.20", "172.16.0.10", "10.10.0.2"
# Where each host's packets enter the gateway, and what they come from.
HOSTS = {"workstation": (WORKSTATION, "lan"), "webserver": (WEB_SERVER, "lan"), "second": (SECOND, "lan"), "inner": (BEHIND, "lan"),
         "guest": (GUEST, "guest"), "internet": (INTERNET, "uplink")}
UDP_SERVERS = {"webserver": (53, 6004), "second": (53,), "inner": (53,), "internet": (53,)}
ports = itertools.count(40000)  # no two packets of this test are alike


def another_lab():
    """The guide's lab with a second server, a server behind a second router, and a client in another LAN."""
    lab = Lab("hairpin", "tracer")
    file = lab.source / f"{lab.name}.clab.yml"
    text = file.read_text()
    text = text.replace("    workstation: {kind: linux}\n", """    guests: {kind: bridge}
    workstation: {kind: linux}
    second: {kind: linux}
    guest: {kind: linux}
    inner: {kind: linux, exec: ["ip address replace %s/32 dev lo"]}
""" % BEHIND)
    text += f"""    - {{endpoints: ["edge:guest", "guests:edge-guest"]}}
    - {{endpoints: ["second:eth1", "lan:second"], ipv4: ["{SECOND}/24"], vars: {{gateway: {GATEWAY}}}}}
    - {{endpoints: ["inner:eth1", "lan:inner"], ipv4: ["{INNER}/24"], vars: {{gateway: {GATEWAY}}}}}
    - {{endpoints: ["guest:eth1", "guests:guest"], ipv4: ["{GUEST}/24"], vars: {{gateway: 10.10.0.1}}}}
"""
    file.write_text(text)
    edge = lab.source / "configs/edge.json"
    document = json.loads(edge.read_text())
    document["hairpin:gateway"]["interface"].append({"name": "guest", "role": "internal", "segment": "guests", "address": ["10.10.0.1/24"]})
    document["hairpin:gateway"]["route"].append({"prefix": "172.16.0.0/24", "next-hop": INNER})
    edge.write_text(json.dumps(document))
    return lab


@dataclass
class Case:
    """A packet from a host, and what should become of it: a verdict, or why it is dropped."""
    name: str  # begins with the letter of the case in the design
    protocol: str
    host: str
    destination: str
    port: int
    expected: str
    ttl: int = 64
    icmp_error: tuple = None
    size: int = 5  # of a datagram: above 1472 bytes it travels in fragments
    source_port: int = field(default_factory=lambda: next(ports))

    @property
    def source(self):
        return f"{HOSTS[self.host][0]}:{self.source_port}"

    @property
    def target(self):
        """Of an echo, the identifier stands on both sides."""
        return f"{self.destination}:{self.source_port if self.protocol == 'icmp' else self.port}"


class Live:
    """`trace live` for one packet, on a connection of its own."""

    def __init__(self, lab, case):
        address = case.source.split(":")[0]
        which = f"icmp[4:2] = {case.source_port}" if case.protocol == "icmp" else f"src port {case.source_port}"
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.settimeout(5)
        self.connection.connect(str(lab.state / "control.sock"))
        self.lines = self.connection.makefile("rw")
        parameters = {"filter": f"{case.protocol} and src host {address} and {which}", "interface": HOSTS[case.host][1]}
        print(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "trace.live", "params": parameters}), file=self.lines, flush=True)
        answer = json.loads(self.lines.readline())
        expect("result" in answer, f"trace live: {answer}")

    def event(self):
        return json.loads(self.lines.readline())["params"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.connection.close()


class World:
    def __init__(self, lab):
        self.lab, self.config = lab, lab.running_config()
        self.wire = Wire(lab, HOSTS)
        self.udp = {(host, port): self.wire.udp(host, (HOSTS[host][0], port)) for host in UDP_SERVERS for port in UDP_SERVERS[host]}
        for host in ("second", "inner"):  # the others run a web server
            listener = self.wire.tcp(host, (HOSTS[host][0], 80))
            listener.listen()

    def load(self, nat=(), firewall=(), change=lambda gateway: None):
        """The guide's rules with these behind them, or whatever `change` makes of them."""
        config = json.loads(json.dumps(self.config))
        gateway = config["hairpin:gateway"]
        gateway["nat"]["rule"] += [{"id": 65537 + number, **rule} for number, rule in enumerate(nat)]
        gateway["firewall"]["rule"] += [{"id": 1000 + number, **rule} for number, rule in enumerate(firewall)]
        change(gateway)
        self.lab.load(config)

    def send(self, case):
        """Sends the case's packet by an ordinary socket; returns the socket."""
        at = (HOSTS[case.host][0], case.source_port)
        if case.protocol == "icmp":
            sender = self.wire.echo(case.host, at[0])
        else:
            sender = (self.wire.tcp if case.protocol == "tcp" else self.wire.udp)(case.host, at)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, case.ttl)
        if case.protocol == "tcp":
            sender.connect_ex((case.destination, case.port))
        else:
            sender.sendto(echo_request(case.source_port) if case.protocol == "icmp" else bytes(case.size), (case.destination, case.port))
        return sender

    def ask(self, case, **more):
        return self.lab.call("trace", protocol=case.protocol, source=case.source, interface=HOSTS[case.host][1], ttl=case.ttl,
                             destination=case.destination if case.protocol == "icmp" else case.target, **more)

    def drops_of(self, case):
        """What the flight recorder has about this packet."""
        arrow = re.escape(f"{case.source} > {case.target}")
        if case.protocol == "icmp":
            arrow = re.escape(f"{case.source.split(':')[0]} > {case.destination} echo request id {case.source_port} ")
        return [row for row in self.lab.call("show.drops-recent", count=50)["rows"] if re.match(f"{case.protocol} {arrow}", row["packet"] or "")]


def addresses(stages):
    return [(stage["source"].split(":")[0], stage["destination"].split(":")[0]) for stage in stages]


def tuples(stages):
    return [(stage["source"], stage["destination"]) for stage in stages]


def check(world, case):
    told = world.ask(case, **({"size": case.size, "df": False} if case.protocol == "udp" else {}))
    told_verdict = told["drop_reason"] or told["verdict"]
    expect(told_verdict == case.expected, f"{case.name}: the tracer says {told_verdict} and not {case.expected}: {told}")
    world.wire.forget()
    with Live(world.lab, case) as live, contextlib.closing(world.send(case)) as sender:
        happened = live.event()
        sent = world.wire.saw(case.host, "out", protocol=case.protocol, source=case.source, destination=case.target)
        for key in ("verdict", "drop_reason", "firewall_rule", "dnat_rule", "snat_rule", "out_interface", "next_hop", "icmp_error"):
            expect(told[key] == happened[key], f"{case.name}: {key}: the tracer said {told[key]}, and it was {happened[key]}")
        if told["verdict"] == "forwarded":
            expect_forwarded(world, case, told, happened, sent)
        elif told["verdict"] == "local":
            answer = world.wire.saw(case.host, "in", protocol="icmp", source=case.target, destination=case.source)
            expect(answer.icmp == (0, 0), f"{case.name}: the gateway answered {answer}")
        else:
            expect_refused(world, case, told)
        del sender


def expect_forwarded(world, case, told, happened, sent):
    second = world.wire.saw(None, "in", protocol=case.protocol, source=happened["translated_source"], destination=happened["translated_destination"])
    if case.protocol == "udp":
        server = world.udp[second.host, int(second.destination.split(":")[1])]
        data, client = server.recvfrom(65536)
        expect(len(data) == case.size, f"{case.name}: {len(data)} of {case.size} bytes arrived")
        server.sendto(data, client)
    third = world.wire.saw(second.host, "out", protocol=case.protocol, source=second.destination, destination=second.source)
    fourth = world.wire.saw(case.host, "in", protocol=case.protocol, source=case.target, destination=case.source)
    wire = [(seen.source, seen.destination) for seen in (sent, second, third, fourth)]
    stages = world.lab.call("session.stages", protocol=case.protocol, source=case.source)
    expect(sent.when <= second.when <= third.when <= fourth.when, f"{case.name}: not in the order of the stages")
    expect(told["reply"]["verdict"] == "forwarded", f"{case.name}: the tracer said of the reply {told['reply']}")
    for name, one in (("trace live", happened["stages"]), ("session.stages", stages["stages"])):
        expect(tuples(one) == wire, f"{case.name}: {name} tells of {tuples(one)}\n  the hosts saw {wire}")
    # A translated source's port is drawn anew each time; all else is told beforehand.
    before = addresses(told["stages"]) if told["snat_rule"] else tuples(told["stages"])
    expect(before == (addresses(happened["stages"]) if told["snat_rule"] else wire), f"{case.name}: the tracer told of {told['stages']}\n  the hosts saw {wire}")
    expect(told["translated_destination"] == second.destination or case.protocol == "icmp", f"{case.name}: sent to {second.destination}")
    expect(told["out_port"] in (None, second.host), f"{case.name}: the tracer said port {told['out_port']}, and it came at {second.host}")
    for key in ("firewall_rule", "dnat_rule", "snat_rule"):
        expect(told[key] == stages["session"][key], f"{case.name}: {key}: the tracer said {told[key]}, the session {stages['session'][key]}")


def expect_refused(world, case, told):
    dropped = world.drops_of(case)
    expect([row["reason"] for row in dropped] == [told["drop_reason"]], f"{case.name}: the tracer said {told['drop_reason']}, recorded is {dropped}")
    expect((dropped[0]["port"], dropped[0]["interface"]) == (case.host, HOSTS[case.host][1]), f"{case.name}: dropped where? {dropped[0]}")
    error = told["icmp_error"] and (told["icmp_error"]["type"], told["icmp_error"]["code"])
    expect(error == case.icmp_error, f"{case.name}: the tracer said ICMP {error} and not {case.icmp_error}")
    if error:
        world.wire.saw(case.host, "in", protocol="icmp", icmp=error, about=(case.source, case.target))
    errors = [seen for seen in world.wire.matching(case.host, "in", protocol="icmp") if seen.about]
    expect(len(errors) == (1 if error else 0), f"{case.name}: the sender was told {errors}")
    elsewhere = [seen for seen in world.wire.matching(None, "in", protocol=case.protocol) if not seen.about]
    expect(not elsewhere, f"{case.name}: it was dropped, and yet arrived {elsewhere}")


def dnat(protocol, port, to, to_port=None, on="lan"):
    rule = {"action": "dnat", "applied-on": on, "protocol": protocol, "original-address": EXTERNAL, "translated-address": to}
    if port:
        rule |= {"original-port": str(port), "translated-port": str(to_port or port)}
    return rule


def accept(source, destination=EXTERNAL, **more):
    return {"source": {"address": [source]}, "destination": {"address": [destination]}, "action": "accept"} | more


def the_guide():
    for port in (80, 443):
        yield Case(f"a: hairpin, tcp {port}", "tcp", "workstation", EXTERNAL, port, "forwarded")
    yield Case("a: a service that is not there", "tcp", "workstation", EXTERNAL, 81, "firewall-denied")
    yield Case("a: the wrong protocol", "udp", "workstation", EXTERNAL, 80, "firewall-denied")
    for protocol, port in (("tcp", 80), ("udp", 53), ("icmp", 0)):
        yield Case(f"a: out to the Internet, {protocol}", protocol, "workstation", INTERNET, port, "forwarded")
    yield Case("a: in from the Internet", "tcp", "internet", EXTERNAL, 80, "forwarded")
    yield Case("a: in, the wrong protocol", "udp", "internet", EXTERNAL, 80, "firewall-denied")
    yield Case("a: in, by the inside address", "tcp", "internet", WEB_SERVER, 80, "firewall-denied")
    yield Case("a: too many hops", "tcp", "workstation", EXTERNAL, 80, "ttl-expired", ttl=1, icmp_error=(11, 0))
    yield Case("c: the server is not allowed", "tcp", "webserver", EXTERNAL, 80, "firewall-denied")
    for host in ("workstation", "internet"):
        yield Case(f"h: {host} pings the external address", "icmp", host, EXTERNAL, 0, "local")


def every_protocol():
    yield Case("a: hairpin, udp", "udp", "workstation", EXTERNAL, 53, "forwarded")
    yield Case("a: hairpin, in fragments", "udp", "workstation", EXTERNAL, 53, "forwarded", size=4000)
    yield Case("a: hairpin, icmp", "icmp", "workstation", EXTERNAL, 0, "forwarded")
    yield Case("a: hairpin, a range of ports", "udp", "workstation", EXTERNAL, 6004, "forwarded")
    yield Case("a: rejected", "tcp", "workstation", EXTERNAL, 9999, "firewall-denied", icmp_error=(3, 13))
    for case, client, kind, to in (("c: the server its own", "webserver", "icmp", (80, 53)), ("d: from another LAN", "guest", "icmp", (80, 53)),
                                   ("e: the second server", "workstation", None, (8080, 54)),
                                   ("g: a server behind a second router", "workstation", None, (8081, 55))):
        yield Case(f"{case}, tcp", "tcp", client, EXTERNAL, to[0], "forwarded")
        yield Case(f"{case}, udp", "udp", client, EXTERNAL, to[1], "forwarded")
        if kind:
            yield Case(f"{case}, icmp", "icmp", client, EXTERNAL, 0, "forwarded")


def an_error_reaches_the_client(world):
    """i: the server's kernel says that nobody listens, and the workstation hears it about the packet that it sent."""
    case = Case("i", "udp", "workstation", EXTERNAL, 5353, "forwarded")
    expect(world.ask(case)["verdict"] == "forwarded", "i: the datagram is not forwarded")
    error = Case("i", "icmp", "webserver", GATEWAY, 0, "forwarded")
    error.source_port = 0  # an unreachable has zeroes where an echo has its identifier
    world.wire.forget()
    with Live(world.lab, error) as live, contextlib.closing(world.send(case)):
        happened = live.event()
        arrived = world.wire.saw("workstation", "in", protocol="icmp", icmp=(3, 3))
    expect(arrived.about == (case.source, case.target), f"i: the workstation was told about {arrived.about}")
    expect(happened["verdict"] == "forwarded" and happened["translated_destination"].split(":")[0] == WORKSTATION, f"i: trace live tells {happened}")
    expect(happened["translated_source"].split(":")[0] == arrived.source == EXTERNAL, f"i: from {arrived.source}, told {happened['translated_source']}")


def two_clients_find_each_other(world):
    """f: by the mapping that one has the other reaches it, and where filtering lets in only whom it has spoken to, does not."""
    first = Case("f: one", "udp", "workstation", INTERNET, 53, "forwarded")
    check(world, first)
    mapped = world.lab.call("show.sessions", source=first.source)["rows"][0]["translated_source"]
    check(world, Case("f: the other", "udp", "second", EXTERNAL, int(mapped.split(":")[1]), "firewall-denied"))

    def let_everybody_in(gateway):
        rule = next(rule for rule in gateway["nat"]["rule"] if rule["id"] == 196609)
        rule |= {"filtering": "endpoint-independent", "firewall-match": "bypass"}
    world.load(change=let_everybody_in)
    world.udp["workstation", first.source_port] = world.wire.udp("workstation", (WORKSTATION, first.source_port))
    check(world, Case("f: the other, let in", "udp", "second", EXTERNAL, int(mapped.split(":")[1]), "forwarded"))


def the_rule_is_removed(world):
    """k: a connection in its midst ends, for the tracer and for the wire."""
    case = Case("k", "tcp", "workstation", EXTERNAL, 80, "no-session")
    world.wire.forget()
    with contextlib.closing(world.send(case)) as client:
        world.wire.saw("workstation", "in", protocol="tcp", source=case.target, destination=case.source)
        before = world.ask(case, flags="psh,ack", size=5)
        expect(before["verdict"] == "forwarded", f"k: with the rule: {before}")

        def without_it(gateway):
            gateway["nat"]["rule"] = [rule for rule in gateway["nat"]["rule"] if rule["id"] != 196613]
            gateway["nat"]["hairpin"] = "off"  # or 196610 would do for it
        world.load(change=without_it)
        told = world.ask(case, flags="psh,ack", size=5)
        expect(told["drop_reason"] == "no-session", f"k: without the rule: {told}")
        world.wire.forget()
        with Live(world.lab, case) as live:
            client.send(b"hello")
            happened = live.event()
        expect(happened["drop_reason"] == told["drop_reason"], f"k: the tracer said {told['drop_reason']}, and it was {happened['drop_reason']}")
        expect("no-session" in {row["reason"] for row in world.drops_of(case)}, "k: the flight recorder knows nothing of it")
        expect(not world.lab.call("show.sessions", source=case.source)["rows"], "k: the session lives on")


def test_the_tracer_equals_the_wire():
    with another_lab() as lab:
        world = World(lab)
        try:
            count = 0
            for case in the_guide():
                check(world, case)
                count += 1
            two_clients_find_each_other(world)

            everybody = [accept(address) for address in (WORKSTATION, WEB_SERVER, GUEST)]
            reject = accept(WORKSTATION, service=[{"protocol": "tcp", "port": ["9999"]}], action="reject")
            world.load(nat=[dnat("udp", 53, WEB_SERVER), dnat("icmp", None, WEB_SERVER), dnat("udp", "6000-6010", WEB_SERVER), dnat("udp", 5353, WEB_SERVER),
                            dnat("tcp", 80, WEB_SERVER, on="guest"), dnat("udp", 53, WEB_SERVER, on="guest"), dnat("icmp", None, WEB_SERVER, on="guest"),
                            dnat("tcp", 8080, SECOND, 80), dnat("udp", 54, SECOND, 53), dnat("tcp", 8081, BEHIND, 80), dnat("udp", 55, BEHIND, 53)],
                       firewall=[reject, *everybody])
            for case in every_protocol():
                check(world, case)
                count += 1
            guest = world.lab.call("show.sessions", source=GUEST)["rows"]
            expect(guest and all(row["translated_source"] == row["original_source"] for row in guest), f"d: a client of another LAN is hidden: {guest}")
            an_error_reaches_the_client(world)

            def match_translated(gateway):
                rules = gateway["firewall"]["rule"]
                rules[:] = [rule for rule in rules if rule["id"] != 3]
                rules += [{"id": 1000, "match-translated": True} | accept(WORKSTATION, WEB_SERVER, service=[{"protocol": "tcp", "port": ["80"]}, {"protocol": "udp"}])]
            world.load(nat=[dnat("udp", 53, WEB_SERVER), dnat("icmp", None, WEB_SERVER)], change=match_translated)
            for protocol, port, expected in (("tcp", 80, "forwarded"), ("tcp", 443, "firewall-denied"), ("udp", 53, "forwarded"), ("icmp", 0, "firewall-denied")):
                check(world, Case(f"b: match-translated, {protocol} {port}", protocol, "workstation", EXTERNAL, port, expected))
                count += 1

            def outside_the_subnet(gateway):
                next(rule for rule in gateway["nat"]["rule"] if rule["id"] == 196612)["translated-address"] = "10.99.0.1"
            world.load(nat=[dnat("udp", 53, WEB_SERVER), dnat("icmp", None, WEB_SERVER)], firewall=[accept(WORKSTATION)], change=outside_the_subnet)
            for protocol, port in (("tcp", 80), ("udp", 53), ("icmp", 0)):
                check(world, Case(f"l: an SNAT address outside the subnet, {protocol}", protocol, "workstation", EXTERNAL, port, "forwarded"))
                count += 1

            world.load()
            the_rule_is_removed(world)
            redirects = [seen for seen in world.wire.log if seen.icmp and seen.icmp[0] == 5]
            expect(not redirects, f"j: the gateway sent {redirects}")
            print(f"{count} packets and {len(world.wire.log)} on the wire: all as the tracer said")
        finally:
            world.wire.close()

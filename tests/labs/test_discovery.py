"""NAT behaviour discovery from inside: what a client finds out is what is configured. coturn's client and server for RFC 5780, and the
classic client of RFC 3489 against the same server.
"""
import itertools

from support import EXTERNAL, Lab, WORKSTATION, eventually, expect

SERVERS = ("198.51.100.10", "203.0.113.1")  # both are the host on the Internet's: RFC 5780 wants two
MAPPINGS = {"endpoint-independent": "NAT with Endpoint Independent Mapping!",
            "address-dependent": "NAT with Address Dependent Mapping!",
            "address-and-port-dependent": "NAT with Address and Port Dependent Mapping!"}
FILTERINGS = {"endpoint-independent": "NAT with Endpoint Independent Filtering!",
              "address-dependent": "NAT with Address Dependent Filtering!",
              "address-and-port-dependent": "NAT with Address and Port Dependent Filtering!"}
NO_ALG = "No ALG: Mapped == XOR-Mapped"  # nobody has rewritten the address within the answer


def serve_stun(lab):
    lab.start("internet", "turnserver", "-n", "--stun-only", "--no-tcp", "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout",
              "--pidfile", lab.folder / "turnserver.pid", "--userdb", lab.folder / "turndb",
              *itertools.chain.from_iterable(("--listening-ip", server) for server in SERVERS), cwd=lab.folder)
    eventually(lambda: len(lab.at("internet", "ss", "-Hlun", "sport = :3478").stdout.splitlines()) >= 2, "turnserver does not listen")


def configure(lab, **modes):
    """Modes of rule 196609; what its mappings let in is not asked of the firewall, so that filtering alone decides."""
    settings = "; ".join(f"set gateway nat rule 196609 {leaf.replace('_', '-')} {mode}" for leaf, mode in
                         {**modes, "firewall-match": "bypass"}.items())
    lab.hairpin("-c", f"configure; {settings}; commit; exit")
    lab.hairpin("clear", "sessions")


def discover(lab, *question):
    return lab.at("workstation", "turnutils_natdiscovery", *question, SERVERS[0], timeout=90).stdout


def test_rfc5780_section4_3_a_client_names_the_mapping():
    discover_all("mapping", "-m", lambda mapping, filtering: MAPPINGS[mapping])


def test_rfc5780_section4_4_a_client_names_the_filtering():
    discover_all("filtering", "-f", lambda mapping, filtering: FILTERINGS[filtering])


def discover_all(name, question, answer):
    """All nine at once, as a client waits for what is filtered: each combination has a rule of its own, for a range of the client's ports."""
    combinations = {43000 + 10 * number: modes for number, modes in enumerate(itertools.product(MAPPINGS, FILTERINGS))}
    with Lab("hairpin", name) as lab:
        serve_stun(lab)
        config = lab.running_config()
        config["hairpin:gateway"]["nat"]["rule"][:0] = [
            {"id": 65537 + number, "action": "snat", "applied-on": "uplink", "protocol": "udp", "original-address": WORKSTATION,
             "original-port": f"{port}-{port + 9}", "translated-address": EXTERNAL, "translated-port": "1024-65535", "mapping": mapping,
             "filtering": filtering, "firewall-match": "bypass"} for number, (port, (mapping, filtering)) in enumerate(combinations.items())]
        lab.load(config)
        clients = {modes: lab.start("workstation", "turnutils_natdiscovery", question, "-L", WORKSTATION, "-l", port, SERVERS[0])
                   for port, modes in combinations.items()}
        wrong = []
        for modes, client in clients.items():
            found = client.communicate(timeout=60)[0]
            wrong += [f"of {modes[0]} mapping and {modes[1]} filtering:\n{found}"
                      for expected in (answer(*modes), NO_ALG) if expected not in found]
        expect(not wrong, "the client says " + "and ".join(wrong))


def test_a_client_is_reached_by_its_own_mapping_for_as_long_as_it_lives():
    """Hairpinning, and the lifetime of a mapping (RFC 5780 section 4.6): 300 s, most of which the clock skips while the client waits."""
    with Lab("hairpin", "discovery", up_options=["--test-hooks"]) as lab:
        lab.announced.append("event=test_hooks")
        serve_stun(lab)
        configure(lab, mapping="endpoint-independent", filtering="endpoint-independent")
        found = discover(lab, "-H")
        expect("maybe a successful hairpinning" in found and NO_ALG in found, f"of hairpinning the client says:\n{found}")

        for skipped, answers in ((290, 2), (305, 1)):
            lab.call("clear.sessions")
            client = lab.start("workstation", "turnutils_natdiscovery", "-t", "-T", "2", SERVERS[0])
            eventually(lambda: lab.call("show.sessions")["rows"], "the client has no session")
            lab.call("debug.clock-advance", seconds=skipped)
            found = client.communicate(timeout=60)[0]
            expect(found.count("UDP reflexive addr") == answers, f"of a mapping that was idle for {skipped} s the client says:\n{found}")


def test_a_classic_client_names_the_kind_of_nat():
    with Lab("hairpin", "classic") as lab:
        serve_stun(lab)
        configure(lab, mapping="endpoint-independent", filtering="endpoint-independent", port_allocation="preserve")
        found = classify(lab, 43000)
        expect("Independent Mapping, Independent Filter, preserves ports, will hairpin" in found, f"of an open NAT the client says:\n{found}")
        configure(lab, filtering="address-dependent", port_allocation="random")
        found = classify(lab, 43010)  # the mapping of the other port and of the next rest
        expect("Independent Mapping, Address Dependent Filter, random port" in found, f"of a strict NAT the client says:\n{found}")


def classify(lab, port):
    return lab.at("workstation", "stun", SERVERS[0], "-p", port, ok=None, timeout=60).stdout  # its status is the kind, in bits

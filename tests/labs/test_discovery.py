"""NAT behaviour discovery from inside (RFC 5780), with coturn's client and server: what the client finds out is what is configured."""
import itertools

from support import Lab, eventually, expect

SERVERS = ("198.51.100.10", "203.0.113.1")  # both are the host on the Internet's: RFC 5780 wants two
MAPPINGS = {"endpoint-independent": "NAT with Endpoint Independent Mapping!",
            "address-dependent": "NAT with Address Dependent Mapping!",
            "address-and-port-dependent": "NAT with Address and Port Dependent Mapping!"}
FILTERINGS = {"endpoint-independent": "NAT with Endpoint Independent Filtering!",
              "address-dependent": "NAT with Address Dependent Filtering!",
              "address-and-port-dependent": "NAT with Address and Port Dependent Filtering!"}


def serve_stun(lab):
    lab.start("internet", "turnserver", "-n", "--stun-only", "--no-tcp", "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout",
              "--pidfile", lab.folder / "turnserver.pid", "--userdb", lab.folder / "turndb",
              *itertools.chain.from_iterable(("--listening-ip", server) for server in SERVERS), cwd=lab.folder)
    eventually(lambda: len(lab.at("internet", "ss", "-Hlun", "sport = :3478").stdout.splitlines()) >= 2, "turnserver does not listen")


def configure(lab, **modes):
    """Modes of rule 196609; what its mappings let in is not asked of the firewall, so that filtering alone decides."""
    settings = "; ".join(f"set gateway nat rule 196609 {leaf} {mode}" for leaf, mode in {**modes, "firewall-match": "bypass"}.items())
    lab.hairpin("-c", f"configure; {settings}; commit; exit")
    lab.hairpin("clear", "sessions")


def discover(lab, question):
    return lab.at("workstation", "turnutils_natdiscovery", question, SERVERS[0], timeout=90).stdout


def test_rfc5780_section4_3_a_client_names_the_mapping():
    with Lab("hairpin", "mapping") as lab:
        serve_stun(lab)
        for mapping, name in MAPPINGS.items():
            configure(lab, mapping=mapping)
            found = discover(lab, "-m")
            expect(name in found, f"of {mapping} mapping the client says:\n{found}")


def test_rfc5780_section4_4_a_client_names_the_filtering():
    with Lab("hairpin", "filtering") as lab:
        serve_stun(lab)
        for filtering, name in FILTERINGS.items():
            configure(lab, mapping="endpoint-independent", filtering=filtering)
            found = discover(lab, "-f")
            expect(name in found, f"of {filtering} filtering the client says:\n{found}")


def test_a_client_is_reached_by_its_own_mapping():
    with Lab("hairpin", "discovery") as lab:
        serve_stun(lab)
        configure(lab, mapping="endpoint-independent", filtering="endpoint-independent")
        found = discover(lab, "-H")
        expect("maybe a successful hairpinning" in found, f"of hairpinning the client says:\n{found}")

"""`test connectivity` against the wire: the guide's lab is broken in many ways, and what it then says to type mends it."""
from support import EXTERNAL, WORKSTATION, Lab, expect

INTERNET = "198.51.100.10"
PAGE = ("curl", "-sS", "--max-time", "1", f"http://{EXTERNAL}/")
PAGE_OF_INTERNET = ("curl", "-sS", "--max-time", "1", f"http://{INTERNET}/")
PING_OF_INTERNET = ("ping", "-c", "1", "-W", "1", INTERNET)

# Each: what is broken, by which commit, what is asked then, and what a host really does.
HAIRPIN = (f"from workstation to {EXTERNAL} tcp 80", "workstation", PAGE)
OUTSIDE = (f"from {WORKSTATION} to {INTERNET} tcp 80", "workstation", PAGE_OF_INTERNET)
BROKEN = [
    ("a rule is removed", ["delete gateway firewall rule 3"], HAIRPIN),
    ("a rule is disabled", ["set gateway firewall rule 3 enabled false"], HAIRPIN),
    ("a rule before it drops", ["set gateway firewall rule 9 action drop", "insert gateway firewall rule 9 before 1"], HAIRPIN),
    ("a rule has the wrong port", ["set gateway firewall rule 3 service tcp port 81", "delete gateway firewall rule 3 service tcp port 80"],
     HAIRPIN),
    ("dnat is missing", ["set gateway nat hairpin off", "delete gateway nat rule 196613"], HAIRPIN),
    ("dnat has the wrong port", ["set gateway nat hairpin off", "set gateway nat rule 196613 original-port 8080"], HAIRPIN),
    ("dnat is exempted", ["set gateway nat hairpin off", "set gateway nat rule 65600 action no-dnat", "set gateway nat rule 65600 applied-on lan",
                          "insert gateway nat rule 65600 before 196609"], HAIRPIN),
    ("the hairpin's snat is missing", ["set gateway nat hairpin off", "delete gateway nat rule 196612"], HAIRPIN),
    ("both halves are missing", ["set gateway nat hairpin off", "delete gateway nat rule 196612", "delete gateway nat rule 196613"], HAIRPIN),
    ("firewall and NAT are off", ["set gateway firewall enabled false"], HAIRPIN),
    ("there is no default route", ["delete gateway route"], OUTSIDE),
    ("snat to the Internet is missing", ["delete gateway nat rule 196609"], OUTSIDE),
    ("nobody may ping out", ["delete gateway firewall rule 2"], (f"from workstation to {INTERNET} icmp", "workstation", PING_OF_INTERNET)),
    ("the Internet may not come in", ["delete gateway firewall rule 4"], (f"from {INTERNET} to {EXTERNAL} tcp 80", "internet", PAGE)),
]


def configure(lab, lines):
    return lab.hairpin("-c", "configure; " + "; ".join([*lines, "commit", "exit"]))


def suggested(answer):
    return [line.strip() for line in answer.splitlines() if line.startswith(("  set ", "  insert "))]


def test_what_it_says_to_type_mends_what_is_broken():
    with Lab("hairpin", "ask") as lab:
        # The Internet knows no way to private networks; this lab's does, to show that the firewall keeps it out.
        lab.at("internet", "ip", "route", "del", "192.168.255.0/24")
        whole = lab.running_config()
        for what, commands, (question, host, command) in BROKEN:
            lab.hairpin("test", "connectivity", *question.split())
            lab.at(host, *command)
            configure(lab, commands)
            failed = lab.at(host, *command, ok=None)
            expect(failed.returncode != 0, f"{what}: {' '.join(command)} works all the same:\n{failed.stdout}")

            answer = lab.hairpin("test", "connectivity", *question.split(), ok=(1,)).stdout
            lines = suggested(answer)
            expect(lines, f"{what}: nothing is suggested:\n{answer}")
            configure(lab, lines)
            done = lab.at(host, *command, ok=None)
            expect(done.returncode == 0, f"{what}: this does not help:\n{answer}\n{done.stderr}")
            lab.hairpin("test", "connectivity", *question.split())
            print(f"{what}: {answer.splitlines()[0]}\n    " + "\n    ".join(lines))
            lab.load(whole)

"""What the README of a topology says to type is typed, and what it says one will see is seen.

    hairpin lab exec dmz internet -- curl http://203.0.113.80/              a line that begins with `hairpin` is typed
        web server of the dmz lab; you are 198.51.100.10, port 51234        lines behind it, indented, appear in this order
        ... firewall ... reject                                             `...` is what is left out, of a line or of lines

More may appear than is shown, before, between and behind. Spaces count as one, a number of five digits is a port that somebody chose,
and times and MACs are what they are in this run. Where nothing is shown the command has to succeed. Bringing the lab up and taking it down is
the test's own affair, and so is `verify`, which test_topologies.py does.
"""
import os
import re
import subprocess

from support import BIN, TOPOLOGIES, Lab, expect, wants_machines

OWN_AFFAIR = re.compile(r"hairpin lab (up|down|verify|shell) ")
LIMIT_SECONDS = 30
VARYING = {  # what is shown, and what it stands for
    r"\d+ milliseconds": r"\d+ milliseconds",
    r"after \d+ ms": r"after \d+ ms",
    r"\b\d{5}\b": r"\d{4,5}",
    r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b": r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
    r"\s+": r"\s+",
    r"\.\.\.": ".*",
}


def sessions(page):
    """The commands of a page and what it shows behind each."""
    for block in re.findall(r"(?ms)^```\n(.*?)^```$", page):
        lines = block.splitlines()
        if not any(line.startswith("hairpin ") for line in lines):
            continue
        commands = []
        for line in lines:
            if line.startswith(" "):
                commands[-1][1].append(line.strip())
            elif line:
                expect(line.startswith("hairpin "), f"neither a command nor indented: {line}")
                commands.append((line, []))
        yield from commands


def pattern(shown):
    """A regular expression for a line that is shown."""
    def stands_for(piece):
        return next((instead for varying, instead in VARYING.items() if re.fullmatch(varying, piece)), re.escape(piece))

    return "".join(stands_for(piece) for piece in re.split(f"({'|'.join(VARYING)})", shown))


def missing(shown, lines):
    """The first line that is shown and does not appear behind those before it, or None."""
    rest = iter(lines)
    for line in shown:
        if line != "..." and not any(re.search(pattern(line), each) for each in rest):
            return line
    return None


def type_all(topology):
    def test():
        page = (TOPOLOGIES / topology / "README.md").read_text()
        with Lab(topology) as lab:
            environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "COLUMNS": "400"}
            typed = 0
            for command, shown in sessions(page):
                if OWN_AFFAIR.match(command):
                    continue
                here = re.sub(rf"^(hairpin (?:--lab|lab [^-]*?(?: -t)?) ){topology}(?= |$)", rf"\1{lab.name}", command)
                here = re.sub(r"^hairpin (?!--lab|lab )", f"hairpin --lab {lab.name} ", here)
                done = subprocess.run(["sh", "-c", here], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      text=True, timeout=LIMIT_SECONDS, env=environment)
                came = done.stdout.replace(lab.name, topology)
                lost = missing(shown, came.splitlines())
                expect(lost is None, f"{command}\nis said to show\n    {lost}\nand shows\n{came}")
                expect(shown or done.returncode == 0, f"{command}\nended with {done.returncode}, and says\n{came}")
                typed += 1
            expect(typed, "the page has nothing to type")
    test.alone = re.search(r" time=\d|rtt min", (TOPOLOGIES / topology / "README.md").read_text()) is not None  # others make a packet late
    return test


for _folder in sorted(path.parent.name for path in TOPOLOGIES.glob("*/README.md")):
    if wants_machines(_folder):
        continue
    globals()[f"test_type_{_folder}"] = type_all(_folder)

"""The examples of the manual that want real hosts; tests/shell types all others."""
import json
import os
import select
import signal
import subprocess

from support import BIN, EXTERNAL, HAIRPIN, ROOT, Lab, expect, run

PAGE = ("curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/")
PATIENCE = 10  # seconds until what goes on must have said something


def examples():
    """Those that want hosts, as lines to type."""
    for each in json.loads(run(BIN / "hairpin-manual", "--examples").stdout):
        if each["needs_hosts"]:
            yield each["lines"], each["goes_on"]


def says_something(lab, line):
    """Types a command that goes on, makes traffic until it prints a line, and interrupts it."""
    child = subprocess.Popen([HAIRPIN, "--lab", lab.name, *line.split()], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lab.children.append(child)
    for _ in range(PATIENCE):
        lab.at("workstation", *PAGE)
        if select.select([child.stdout], [], [], 1)[0]:
            break
    else:
        expect(False, f"{line} says nothing")
    expect(os.read(child.stdout.fileno(), 1), f"{line} ended by itself: {child.stderr.read()}")
    child.send_signal(signal.SIGINT)
    expect(child.wait(5) in (0, -signal.SIGINT), f"{line} ended with {child.returncode}")


def test_the_examples_of_the_manual_work():
    with Lab("hairpin", "manual") as lab:
        lab.at("workstation", *PAGE)
        typed = list(examples())
        for lines, goes_on in typed:
            lines = [line.replace("hp-hairpin-", f"hp-{lab.name}-") for line in lines]
            if goes_on:
                says_something(lab, lines[0])
            else:
                lab.hairpin("-c", "; ".join(lines), cwd=ROOT)
        print("\n".join(line for lines, _ in typed for line in lines))
        expect(typed, "no example wants hosts, so this test tests nothing")

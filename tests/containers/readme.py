"""Types what a topology's README says, at a lab of another name, and looks for what it shows."""
import os
import re
import subprocess

from engine import PATIENCE, ROOT
from support import BIN, TOPOLOGIES, expect
from test_lessons import missing


def commands(topology):
    """Each with the lines that it shows."""
    page = (TOPOLOGIES / topology / "README.md").read_text()
    found = [(command, wanted.splitlines()) for block in re.findall(r"(?ms)^```\n(.*?)^```$", page)
             for command, wanted in re.findall(r"(?m)^((?:docker|hairpin) .*)\n((?:    .*\n)*)", block)]
    expect(len(found) >= 8, f"only {len(found)} commands of the README were found")
    return found


def type_command(lab, command, wanted):
    line = command.replace(f"hairpin lab up {lab.topology}", f"hairpin lab up {lab.source}")
    line = re.sub(rf"^(hairpin (?:--lab|lab \w+) ){lab.topology}\b", rf"\1{lab.name}", line)
    line = re.sub(rf"(clab-|hairpin\.lab=){lab.topology}\b", rf"\1{lab.name}", line)
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=PATIENCE, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
    said = done.stdout.replace(lab.name, lab.topology)
    expect(done.returncode == 0, f"README: {command}\n  ended with {done.returncode}\n{said}")
    lost = missing([line.strip() for line in wanted], said.splitlines())
    expect(lost is None, f"README: {command}\n  did not say: {lost}\n  but:\n{said}")

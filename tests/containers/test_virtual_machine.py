"""topologies/vm-and-container with a real engine and QEMU: what its README says to type, all that the lab must show, and the daemon killed and
started again under a virtual machine, a container and a namespace."""
import json
import os
import shutil
import sys
from pathlib import Path

from engine import ROOT, inspect
from readme import commands, type_command
from support import HAIRPIN, Lab, eventually, expect, leftovers, run

sys.path.append(str(ROOT / "tests/vms"))
from machine import GUEST, daemon_away  # noqa: E402

NAME = "vm-and-container"
CONTAINER = "hairpin-web"
PAGE = ("timeout", "3", "wget", "-q", "-O", "-", "http://203.0.113.80/")


def at(lab, node, *words, ok=(0,)):
    return run(HAIRPIN, "lab", "exec", lab.name, node, "--", *words, ok=ok).stdout


def check_daemon_restart(lab):
    booted, began = at(lab, "workstation", "cat", "/proc/sys/kernel/random/boot_id"), inspect(CONTAINER)["State"]["StartedAt"]
    with daemon_away(lab):
        expect(at(lab, "workstation", *PAGE, ok=None) == "", "somebody answers for a gateway that is gone")
        expect("eth1" not in at(lab, "webserver", "cat", "/proc/net/dev"), "the container has an interface, and nobody is behind it")
    eventually(lambda: "you are 192.168.255.1," in at(lab, "workstation", *PAGE, ok=None), "the machine does not reach the container again", 60)
    expect("web server" in at(lab, "internet", "curl", "-sS", "--max-time", "10", "http://203.0.113.80/"), "the Internet does not reach the container again")
    expect(at(lab, "workstation", "cat", "/proc/sys/kernel/random/boot_id") == booted, "the machine has booted meanwhile")
    expect(inspect(CONTAINER)["State"]["StartedAt"] == began, "the container was started anew meanwhile")


def test_virtual_machine_and_container():
    os.environ["HAIRPIN_GUEST"] = str(GUEST)
    lab = Lab(NAME)
    try:
        for command, wanted in commands(NAME):
            if command.startswith("hairpin lab down"):
                check_daemon_restart(lab)  # behind what lab up does: it would take a daemon that it has not started for one that has ended
                lab.check_conservation()
                lab.check_logs()
            type_command(lab, command, wanted)
            if " show ports" in command:
                print(lab.verify().stdout, end="")
                nodes = {node["name"]: node for node in json.loads(run(HAIRPIN, "lab", "inspect", lab.name, "-f", "json").stdout)["nodes"]}
                expect((nodes["webserver"]["role"], nodes["webserver"]["namespace"]) == ("container", f"hc-{lab.name}-webserver"), f"lab inspect says {nodes}")
        expect(not leftovers() and not list(Path("/run/netns").glob("h*")), f"after lab down: {leftovers()}, {list(Path('/run/netns').iterdir())}")
        # A container that does not run is told, and nothing is begun.
        refused = run(HAIRPIN, "lab", "up", lab.source, ok=(1,))
        expect(f'node "webserver": there is no container "{CONTAINER}"' in refused.stderr, f"lab up says {refused.stderr}")
    finally:
        lab.stop_children()
        lab.down(ok=None)
        shutil.rmtree(lab.folder, ignore_errors=True)

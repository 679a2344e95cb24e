"""Virtual machines as nodes of a lab: topologies/vm from end to end, by each backend, and what is left of it."""
import json
import os
import re
import signal
import subprocess
import time

from machine import GUEST
from support import HAIRPIN, Lab, eventually, expect, lab_folders, leftovers, processes_in_namespaces, run
from test_lessons import type_all

os.environ["HAIRPIN_GUEST"] = str(GUEST)  # a copy of the topology lies elsewhere


def machines(lab):
    """{pid: command line} of the lab's QEMUs."""
    return {pid: line for pid, line in processes_in_namespaces(f"hp-{lab.name}-").items() if line.startswith("qemu-system")}


def test_the_lesson():
    with Lab("vm") as lab:
        done = lab.verify()
        print(done.stdout, end="")
        expect("PASS hairpin-http" in done.stdout, f"lab verify says {done.stdout}")
        said = json.loads(run(HAIRPIN, "lab", "inspect", lab.name, "-f", "json").stdout)
        node = next(node for node in said["nodes"] if node["name"] == "workstation")
        expect(node["role"] == "machine" and node["addresses"] == ["192.168.255.2/24"], f"lab inspect says {node}")
        expect("guest: ready" in open(node["console"]).read(), "the console's log does not say what the guest did")
        ended = run(HAIRPIN, "lab", "exec", lab.name, "workstation", "--", "sh", "-c", "echo \"it's $HAIRPIN_NODE\"; echo no >&2; exit 3", ok=(3,))
        expect((ended.stdout, ended.stderr) == ("it's workstation\n", "no\n"), f"lab exec says {ended}")
        shell = run(HAIRPIN, "lab", "shell", lab.name, "workstation", ok=(1,))
        expect("virtual machine" in shell.stderr, f"lab shell says {shell.stderr}")
        expect(len(machines(lab)) == 1, f"QEMUs: {machines(lab)}")
    expect(not leftovers(), f"after lab down: {leftovers()}")


def test_a_machine_answers_every_time():
    with Lab("vm", "vm-asked") as lab:
        for number in range(60):
            said = run(HAIRPIN, "lab", "exec", lab.name, "workstation", "--", "echo", str(number), timeout=20).stdout
            expect(said == f"{number}\n", f"question {number} was answered {said!r}")


def with_netdev(netdev):
    def test():
        lab = Lab("vm", f"vm-{netdev}")
        file = lab.source / f"{lab.name}.clab.yml"
        file.write_text(file.read_text().replace("hairpin.netdev: dgram", f"hairpin.netdev: {netdev}"))
        with lab:
            print(lab.verify().stdout, end="")
    return test


test_stream_in_a_lab, test_vde_in_a_lab, test_tap_in_a_lab = with_netdev("stream"), with_netdev("vde"), with_netdev("tap")


def at_machine(lab, *words, ok=(0,)):
    return run(HAIRPIN, "lab", "exec", lab.name, "workstation", "--", *words, ok=ok).stdout


def check_cable(lab):
    """Pulls the machine's cable and plugs it in again: the guest sees it, and nothing passes meanwhile."""
    def carrier():
        return at_machine(lab, "cat", "/sys/class/net/eth1/carrier").strip()

    run(HAIRPIN, "lab", "link", "down", lab.name, "workstation:eth1")
    eventually(lambda: carrier() == "0", "the guest has a carrier, and its cable is pulled", 30)
    expect("0 packets received" in at_machine(lab, "ping", "-c", "1", "-W", "1", "192.168.255.1", ok=None), "somebody answers over a cable that is pulled")
    run(HAIRPIN, "lab", "link", "up", lab.name, "lan:workstation")
    eventually(lambda: carrier() == "1", "the guest has no carrier, and its cable is plugged in", 30)
    eventually(lambda: "1 packets received" in at_machine(lab, "ping", "-c", "1", "-W", "1", "192.168.255.1", ok=None), "the gateway does not answer again", 30)


def test_vhost_user_in_a_lab():
    lab = Lab("vm", "vm-vhost-user")
    file = lab.source / f"{lab.name}.clab.yml"
    file.write_text(file.read_text().replace("hairpin.netdev: dgram", "hairpin.netdev: vhost-user"))
    with lab:
        print(lab.verify().stdout, end="")
        row = next(row for row in lab.rows("show", "ports") if row["name"] == "workstation")
        expect((row["kind"], row["state"]) == ("vhost-user", "up"), f"show ports says {row}")
        check_cable(lab)


def test_a_cable_that_is_pulled_is_seen_by_the_guest():
    lab = Lab("vm", "vm-cable")
    file = lab.source / f"{lab.name}.clab.yml"
    text, count = re.subn(r'("lan:workstation"\].*vars: \{)', r"\1state: down, ", file.read_text())
    expect(count == 1, "the workstation's link is not found")
    file.write_text(text)
    with lab:
        expect(at_machine(lab, "cat", "/sys/class/net/eth1/carrier").strip() == "0", "the cable is pulled in the file, and the guest has a carrier")
        run(HAIRPIN, "lab", "link", "up", lab.name, "workstation")
        check_cable(lab)
        row = next(row for row in json.loads(run(HAIRPIN, "lab", "inspect", "links", lab.name, "-f", "json").stdout)["links"] if row["port"] == "workstation")
        expect((row["node"], row["interface"]) == ("workstation", "eth1"), f"lab inspect links says {row}")


test_what_the_readme_says = type_all("vm")


def test_a_machine_that_does_not_boot_is_told_and_nothing_stays():
    lab = Lab("vm", "vm-bad")
    file = lab.source / f"{lab.name}.clab.yml"
    file.write_text(file.read_text().replace("/vmlinuz", "/nowhere"))
    done = run(HAIRPIN, "lab", "up", lab.source, ok=(1,))
    expect("nowhere: No such file" in done.stderr and "scripts/guest-image" in done.stderr, f"lab up says {done.stderr}")
    (lab.source / "noise").write_bytes(os.urandom(5000))
    file.write_text(file.read_text().replace("${HAIRPIN_GUEST:=../../build/guest}/nowhere", "noise"))
    done = run(HAIRPIN, "lab", "up", lab.source, ok=(1,))
    expect('"workstation" did not boot' in done.stderr, f"lab up says {done.stderr}")
    expect(not leftovers(), f"after an up that failed: {leftovers()}")


def test_killed_runs_leave_nothing_behind_a_down():
    lab = Lab("vm", "vm-killed")
    child = subprocess.Popen([HAIRPIN, "lab", "up", lab.source], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually(lambda: machines(lab), "no QEMU is started", 60)
    time.sleep(0.5)  # somewhere in the guest's boot; any moment will do
    child.send_signal(signal.SIGKILL)
    child.wait()
    expect(machines(lab), "a killed up has ended QEMU, so nothing is shown")
    lab.down()
    expect(not leftovers(), f"after an up that was killed, and a down: {leftovers()}")
    expect(lab.name not in lab_folders(), "its folder is there")


for test in (test_the_lesson, test_stream_in_a_lab, test_vde_in_a_lab, test_tap_in_a_lab, test_vhost_user_in_a_lab,
             test_a_cable_that_is_pulled_is_seen_by_the_guest, test_what_the_readme_says, test_a_machine_that_does_not_boot_is_told_and_nothing_stays,
             test_killed_runs_leave_nothing_behind_a_down):
    test.limit_seconds = 900

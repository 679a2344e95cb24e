"""Virtual machines as nodes of a lab: topologies/vm from end to end, by each backend, and what is left of it."""
import json
import os
import signal
import subprocess
import time

from machine import GUEST
from support import HAIRPIN, Lab, eventually, expect, lab_folders, leftovers, processes_in_namespaces, run

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


def with_netdev(netdev):
    def test():
        lab = Lab("vm", f"vm-{netdev}")
        file = lab.source / f"{lab.name}.clab.yml"
        file.write_text(file.read_text().replace("hairpin.netdev: dgram", f"hairpin.netdev: {netdev}"))
        with lab:
            print(lab.verify().stdout, end="")
    return test


test_stream_in_a_lab, test_vde_in_a_lab, test_tap_in_a_lab = with_netdev("stream"), with_netdev("vde"), with_netdev("tap")


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


for test in (test_the_lesson, test_stream_in_a_lab, test_vde_in_a_lab, test_tap_in_a_lab, test_a_machine_that_does_not_boot_is_told_and_nothing_stays,
             test_killed_runs_leave_nothing_behind_a_down):
    test.limit_seconds = 900

"""Labs come, go, stand side by side, and leave nothing behind."""
import signal
import subprocess
import time

from support import EXTERNAL, HAIRPIN, LABS, PREFIX, TOPOLOGIES, Lab, eventually, expect, leftovers, own_network, processes, run


def fetch(lab, node="workstation", url=f"http://{EXTERNAL}/"):
    return lab.at(node, "curl", "-sS", "--fail", "--max-time", "5", url).stdout


def expect_nothing_left(lab, when):
    left = leftovers() + [f"process {pid}: {line}" for pid, line in processes([f"/labs/{lab.name}/", str(lab.folder)]).items()]
    expect(not left, f"{when}, there is still:\n" + "\n".join(left))


def test_down_leaves_nothing():
    before = own_network()
    lab = Lab("hairpin")
    with lab:
        expect((LABS / lab.name).exists(), f"a running lab has no folder under {LABS}")
        fetch(lab)
        expect(own_network() == before, "a running lab changed the machine's own network")
    expect_nothing_left(lab, "after lab down")
    expect(own_network() == before, "the lab left something in the machine's own network")


# On a machine where nobody has made a namespace yet, with a /run of its own.
FRESH_RUN = """
set -e
mount -t tmpfs tmpfs /run
"$1" lab up --name "$2" "$3" >&2
ip netns add hp-test-another
ip netns del hp-test-another
"$1" lab down "$2" >&2
ls /run/netns
"""


def test_down_works_after_ip_netns_has_made_the_folder_its_own():
    """The first `ip netns add` of a machine binds the folder of namespaces onto itself, with all that is mounted there."""
    left = run("unshare", "--mount", "--propagation", "private", "sh", "-c", FRESH_RUN, "sh", HAIRPIN, f"{PREFIX}fresh",
               TOPOLOGIES / "hairpin").stdout
    expect(not left, f"after lab down there is still:\n{left}")


def test_up_is_fast():
    """Only told, not judged: the machine may be busy."""
    milliseconds = []
    for _ in range(3):
        lab = Lab("hairpin")
        started = time.monotonic()
        with lab:
            milliseconds.append((time.monotonic() - started) * 1000)
    print("lab up took " + ", ".join(f"{each:.0f}" for each in milliseconds) + " ms")


def test_up_twice_and_down_twice():
    with Lab("hairpin") as lab:
        again = lab.hairpin("lab", "up", lab.source, ok=None)
        fetch(lab)  # whatever the second `up` said, the lab still works
        print(f"a second up: exit {again.returncode}: {(again.stderr or again.stdout).strip().splitlines()[-1:]}")
    again = lab.down(ok=(0, 4))
    print(f"a second down: exit {again.returncode}: {(again.stderr or again.stdout).strip().splitlines()[-1:]}")


def test_killed_up_can_be_taken_down():
    lab = Lab("hairpin")
    started = time.monotonic()
    with lab:
        whole = time.monotonic() - started
    moments = [whole * step / 10 for step in range(1, 11)]
    for moment in moments:
        lab = Lab("hairpin")
        child = subprocess.Popen([HAIRPIN, "lab", "up", lab.source], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
        time.sleep(0.05)
        lab.down(ok=(0, 4))  # 4: killed before it had made anything
        expect_nothing_left(lab, f"after an up that was killed at {moment * 1000:.0f} ms, and a down")
    with Lab("hairpin") as lab:
        fetch(lab)
    print("killed at " + ", ".join(f"{moment * 1000:.0f}" for moment in moments) + " ms")


def test_daemon_killed_can_be_taken_down():
    lab = Lab("hairpin")
    with lab:
        pid = lab.call("version")["pid"]
        subprocess.run(["kill", "-9", str(pid)], check=True)
        time.sleep(0.1)
        lab.down()
        expect_nothing_left(lab, "after hairpind was killed, and a down")
        lab.up()
        fetch(lab)


def test_up_after_the_daemon_was_killed_goes_on_with_its_commits():
    with Lab("hairpin") as lab:
        lab.configure("set gateway firewall rule 3 name kept")
        subprocess.run(["kill", "-9", str(lab.call("version")["pid"])], check=True)
        eventually(lambda: lab.hairpin("show", "version", ok=None).returncode != 0, "hairpind still answers")
        expect("is up again" in lab.up().stdout, "an up after hairpind was killed does not say so")
        names = [row["name"] for row in lab.rows("show", "firewall")]
        expect("kept" in names, f"the commit is lost: {names}")
        fetch(lab)
    expect_nothing_left(lab, "after hairpind was killed, another up and a down")


def test_two_labs_do_not_disturb_each_other():
    with Lab("hairpin") as hairpin:
        with Lab("dmz") as dmz:
            hairpin.verify()
            dmz.verify()
        fetch(hairpin)
        hairpin.verify()
    with Lab("hairpin") as first, Lab("hairpin", "second") as second:  # the same addresses, too
        fetch(first)
        fetch(second)

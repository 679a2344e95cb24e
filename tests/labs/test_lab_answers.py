"""What `hairpin lab` says when something is typed or written wrongly, and to programs that read it."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from support import HAIRPIN, LABS, PREFIX, TOPOLOGIES, Lab, eventually, expect, namespaces, run


@contextmanager
def copy_of(topology):
    """A topology's folder of the test's own, and its file."""
    folder = Path(tempfile.mkdtemp(prefix="hairpin-answers-"))
    try:
        shutil.copytree(TOPOLOGIES / topology, folder / topology)
        yield folder / topology / f"{topology}.clab.yml"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lab(*words, ok=(0,), **options):
    return run(HAIRPIN, "lab", *words, ok=ok, **options)


# -- check, and up before it makes anything ---------------------------------------------------------------------------------

def test_check_knows_what_hairpind_would_refuse():
    with copy_of("hairpin") as file:
        text = file.read_text()
        name = f"{PREFIX}refused"
        for vars_, told in (("trunk: [5, 5]", r'port "workstation" vlan/trunk.*stands here twice'),
                            ("impair: {rate: 1mbit, limit: 1000000000}", r'port "workstation" impairment/in/limit: .*1 to 32768'),
                            ("state: {flap: {up: 0s, down: 0s}}", r'port "workstation" flap/up: 0 is less than 100ms')):
            wrong = text.replace("vars: {gateway: 192.168.255.1}", "vars: {gateway: 192.168.255.1, %s}" % vars_, 1)
            expect(wrong != text, "the topology has other words")
            file.write_text(wrong)
            line = next(number for number, each in enumerate(wrong.splitlines(), 1) if vars_ in each)
            for done in (lab("check", file, ok=(8,)), lab("up", "--name", name, file, ok=(1,)), lab("up", "--dry-run", "--name", name, file, ok=(8,))):
                expect(re.search(rf"hairpin\.clab\.yml:{line}:\d+: {told}", done.stderr), done.stderr)
            expect(namespaces(f"hp-{name}-") == [] and not (LABS / name).exists(), "up has made something all the same")


def test_a_lab_that_hairpind_would_refuse_is_not_taken_down_for_it():
    with Lab("hairpin", "kept") as kept:
        file = kept.source / f"{kept.name}.clab.yml"
        good = file.read_text()
        file.write_text(good.replace("vars: {gateway: 192.168.255.1}", "vars: {gateway: 192.168.255.1, trunk: [5, 5]}", 1))
        done = lab("up", "--reconfigure", file, ok=(1,))
        expect("stands here twice" in done.stderr, done.stderr)
        kept.at("workstation", "ping", "-c1", "-W2", "192.168.255.1")


def test_check_warns_and_wants_no_tests_file():
    with copy_of("hairpin") as file:
        (file.parent / "hairpin.tests.yml").unlink()
        expect("no tests: nothing is wrong" in lab("check", file).stdout, "a lab without tests")
        (file.parent / "hairpin.tests.yml").write_text("tests: {}\n")
        expect("hairpin.tests.yml:1:8: `tests` names no test" in lab("check", file, ok=(8,)).stderr, "a tests file without tests")
        (file.parent / "hairpin.tests.yml").unlink()
        file.write_text(file.read_text().replace("192.168.255.2/24", "192.168.255.10/24"))
        done = lab("check", file)
        expect("has the address 192.168.255.10, too, in the same segment" in done.stderr and "but for the warnings" in done.stdout, done.stdout + done.stderr)


def test_a_file_without_end_is_refused_at_once():
    folder = Path(tempfile.mkdtemp(prefix="hairpin-answers-"))
    try:
        ring, bomb = folder / "ring.clab.yml", folder / "bomb.clab.yml"
        ring.write_text("a: &a [*a]\nname: x\n")
        bomb.write_text("a0: &a0 x\n" + "".join(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 11)))
        for file, told in ((ring, "nested more than 64 deep"), (bomb, "more than 250000 values")):
            for words in (("check", file), ("import", "compose", file, folder / "made")):
                done = lab(*words, ok=(8,), timeout=20)
                expect(re.search(rf"{file.name}:\d+:\d+: ", done.stderr) and told in done.stderr, done.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# -- words that are typed wrongly -------------------------------------------------------------------------------------------

def test_a_wrong_value_is_told_with_those_that_there_are():
    for words, told in ((("list", "-f", "xml"), '--format: "xml" is none of table, json, csv, yaml (hairpin lab list --help)'),
                        (("generate", "--hosts", "-5"), '--hosts: "-5" is no number from 1 to 2000 (hairpin lab generate --help)'),
                        (("events", "-f", "csv"), '--format: "csv" is none of plain, json (hairpin lab events --help)'),
                        (("impair", "set", "x", "--direction", "up"), '--direction: "up" is none of in, out, both (hairpin lab impair set --help)'),
                        (("impair", "set", "x", "--rate", "0mbit"), '--rate: "0mbit" is out of range: a rate is from 1bit to 1tbit'),
                        (("graph", "--json", "--dot", "hairpin"), "excludes")):
        done = lab(*words, ok=(2,))
        expect(told in done.stderr and "FAILED" not in done.stderr, done.stderr)


def test_down_wants_a_name():
    with Lab("hairpin") as one:
        done = lab("down", ok=(2,), cwd="/")
        expect("which lab? `hairpin lab down NAME` (up: " in done.stderr and one.name in done.stderr, done.stderr)
        one.at("workstation", "ping", "-c1", "-W2", "192.168.255.1")


def test_one_word_is_the_lab_or_else_its_link():
    with Lab("hairpin") as one:
        expect("is perfect" in lab("netem", "show", one.name).stdout, "netem is impair")
        expect("which link?" in lab("link", "down", one.name, ok=(2,)).stderr, "a lab is no link")
        expect("is perfect" in lab("impair", "show", "workstation").stdout, "a link is no lab")


def test_verify_wants_to_write_its_results_before_it_runs():
    with Lab("hairpin") as one:
        began = time.monotonic()
        done = lab("verify", one.name, "--junit", "/nonexistent/results.xml", ok=(1,))
        expect("/nonexistent/results.xml" in done.stderr and done.stdout == "", done.stdout + done.stderr)
        expect(time.monotonic() - began < 10, "the tests ran first")


# -- what runs on hosts -----------------------------------------------------------------------------------------------------

def test_exec_ends_as_a_shell_does():
    with Lab("hairpin") as one:
        done = lab("exec", one.name, "workstation", "--", "no-such-program", ok=(127,))
        expect("cannot start no-such-program: No such file" in done.stderr, done.stderr)
        lab("exec", one.name, "workstation", "--", "/etc", ok=(126,))
        lab("exec", one.name, "workstation", "--", "sh", "-c", "exit 7", ok=(7,))


def test_exec_shows_the_hosts_own_interfaces_in_sys():
    with Lab("hairpin") as one:
        at_host = lambda *words, **options: lab("exec", one.name, "webserver", "--", *words, **options)  # noqa: E731
        expect(at_host("ls", "/sys/class/net").stdout.split() == ["eth1", "lo"], "others' interfaces")
        expect(at_host("cat", "/sys/class/net/eth1/carrier").stdout == "1\n", "no carrier")
        lab("link", "down", one.name, "webserver:eth1")
        eventually(lambda: at_host("cat", "/sys/class/net/eth1/carrier", ok=None).stdout == "0\n", "the cable is pulled, and the host has its carrier")
        lab("link", "up", one.name, "webserver:eth1")
        eventually(lambda: at_host("cat", "/sys/class/net/eth1/carrier", ok=None).stdout == "1\n", "the cable is in, and the host has no carrier")
        expect("Read-only" in at_host("sh", "-c", "echo 1400 > /sys/class/net/eth1/mtu", ok=(1, 2)).stderr, "it can be written")


# -- for programs -----------------------------------------------------------------------------------------------------------

def test_events_say_how_a_cable_is_and_name_its_interface():
    with Lab("hairpin") as one:
        watcher = subprocess.Popen([HAIRPIN, "lab", "events", one.name, "-f", "json", "--initial-state"], stdout=subprocess.PIPE, text=True)
        one.children.append(watcher)

        def until(action, **attributes):
            while True:
                line = watcher.stdout.readline()
                expect(line, "the events have ended")
                event = json.loads(line)
                if event["type"] == "interface" and event["action"] == action and attributes.items() <= event["attributes"].items():
                    return event
        first = until("snapshot", ifname="eth1", segment="lan")
        link = f"{first['actor_name']}:{first['attributes']['ifname']}"
        lab("link", "down", one.name, link)
        down = until("update", state="down")
        lab("link", "up", one.name, link)
        up = until("update", state="up")
        for event in (down, up):
            expect((event["actor_name"], event["attributes"]["ifname"]) == (first["actor_name"], "eth1"), f"{event} is of {first}")


def test_up_speaks_to_programs():
    one = Lab("hairpin", "spoken")
    try:
        planned = lab("up", "--dry-run", "-f", "csv", one.source).stdout.splitlines()
        expect(planned[0] == "change,what,name,detail" and "added,host,workstation,192.168.255.2/24" in planned, f"{planned}")
        expect('- change: "added"' in lab("up", "--dry-run", "-f", "yaml", one.source).stdout, "as YAML")
        made = json.loads(lab("up", "-f", "json", one.source).stdout)
        expect(made["outcome"] == "made" and {"edge", "workstation"} <= {node["name"] for node in made["nodes"]}, f"{made}")
        expect(json.loads(lab("up", "-f", "json", one.source).stdout)["outcome"] == "unchanged", "once more")
        expect("--format is for programs" in lab("up", "-f", "json", "--test", one.source, ok=(2,)).stderr, "both at once")
        links = json.loads(lab("graph", "--json", one.source).stdout)["links"]
        shown = json.loads(lab("inspect", "links", one.name, "-f", "json").stdout)["links"]
        expect({(row["node"], row["port"]) for row in links} == {(row["node"], row["port"]) for row in shown}, f"{links} {shown}")

        os.kill(json.loads((LABS / one.name / "state.json").read_text())["daemon"]["pid"], signal.SIGKILL)
        eventually(lambda: json.loads(lab("up", "--dry-run", "-f", "json", one.source).stdout)["again"], "hairpind was killed, and nobody says so")
        expect("its hairpind has ended. It would be up again, with its commits" in lab("up", "--dry-run", one.source).stdout, "the plan as text")
        expect(json.loads(lab("up", "-f", "json", one.source).stdout)["outcome"] == "up again", "it goes on")
    finally:
        one.down(ok=None)
        shutil.rmtree(one.folder, ignore_errors=True)


def test_pingall_says_how_much_it_has_to_do():
    folder = Path(tempfile.mkdtemp(prefix="hairpin-answers-"))
    name = f"{PREFIX}many"
    try:
        lab("generate", folder / "made", "--name", name, "--hosts", "5", "--lans", "2")
        lab("up", folder / "made")
        done = lab("pingall", name, ok=(0, 3))
        expect(done.stderr.startswith("6 hosts are 30 pairs: 64 pings at a time, and 500ms for each answer"), done.stderr)
        expect(done.stdout.splitlines()[-1].endswith("of 30 pairs"), done.stdout)
        before = done.stdout.splitlines()[-1]
        lab("impair", "set", name, "h1:eth1", "--delay", "400ms")
        late = lab("pingall", name, ok=(3,)).stdout.splitlines()[-1]
        expect(int(late.split()[0]) < int(before.split()[0]), f"{before}, and with a round trip of 800 ms {late}")
        expect(lab("pingall", name, "--wait", "5s", ok=(0, 3)).stdout.splitlines()[-1] == before, "it waits no longer")
        expect("--wait: " in lab("pingall", name, "--wait", "long", ok=(2,)).stderr, "any word will do")
    finally:
        lab("down", name, ok=None)
        shutil.rmtree(folder, ignore_errors=True)


INTERNAL = """
services:
  web: {ports: ["8080:80"], networks: [front, back]}
  db: {networks: [back], restart: always}
networks:
  front: {}
  back: {internal: true}
"""


def test_an_internal_network_of_a_compose_file_has_no_way_out():
    folder = Path(tempfile.mkdtemp(prefix="hairpin-answers-"))
    name = f"{PREFIX}internal"
    try:
        (folder / "compose.yml").write_text(INTERNAL)
        lab("import", "compose", folder / "compose.yml", folder / "lab", "--name", name, ok=(3,))
        lab("check", folder / "lab")
        said = lab("verify", folder / "lab", timeout=110).stdout
        expect("4 passed, 0 failed" in said and "db-inside" in said and "web-outside" in said, said)
    finally:
        lab("down", name, ok=None)
        shutil.rmtree(folder, ignore_errors=True)

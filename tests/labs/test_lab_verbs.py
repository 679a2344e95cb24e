"""What `hairpin lab` does besides up and down: changes what has changed, looks, draws, makes up, keeps."""
import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import xml.dom.minidom
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from pathlib import Path

from support import EXTERNAL, HAIRPIN, LABS, PREFIX, TOPOLOGIES, Lab, call, eventually, expect, namespaces, processes, run

PRINTER = '    - {endpoints: ["printer:eth1", "lan:printer"], ipv4: ["192.168.255.30/24"], vars: {gateway: 192.168.255.1}}\n'


@contextmanager
def scratch():
    folder = Path(tempfile.mkdtemp(prefix="hairpin-verbs-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def edit(lab, change):
    file = lab.source / f"{lab.name}.clab.yml"
    file.write_text(change(file.read_text()))


def capture_workstation(text):
    start = '"lan:workstation"], ipv4: ["192.168.255.2/24"], vars: {'
    return text.replace(start, start + "capture: true, ")


def add_printer(text):
    return text.replace("    workstation: {kind: linux}\n", "    workstation: {kind: linux}\n    printer: {kind: linux}\n") + PRINTER


def plan(lab, *words):
    return json.loads(run(HAIRPIN, "lab", "up", "--dry-run", "-f", "json", *words, lab.source).stdout)


def lines_of(changes):
    return [f"{change['what']} {change['name']} {change['change']}" for change in changes["changes"]]


# -- up of a lab that is up -------------------------------------------------------------------------------------------------

def test_up_of_unchanged_files_changes_nothing():
    with Lab("hairpin") as lab:
        generation = lab.call("version")["generation"]
        expect(plan(lab)["changes"] == [], f"a plan of nothing: {plan(lab)}")
        said = lab.up().stdout
        expect("nothing has changed" in said, said)
        expect(lab.call("version")["generation"] == generation, "the configuration was committed again")


def test_up_adds_a_host_while_sessions_go_on():
    with Lab("hairpin") as lab:
        lab.forward_bulk_port()
        server = lab.start("webserver", "sh", "-c", "exec nc -l -p 5201")
        lab.wait_for_listener("webserver", 5201)
        client = lab.start("workstation", "nc", EXTERNAL, "5201", stdin=subprocess.PIPE)
        client.stdin.write("before\n")
        client.stdin.flush()
        expect(server.stdout.readline() == "before\n", "the stream does not begin")

        edit(lab, add_printer)
        changes = plan(lab)
        expect(changes["up"] and lines_of(changes) == ["host printer added", "port printer added"], f"{changes}")
        expect("host  printer  added" in run(HAIRPIN, "lab", "up", "--dry-run", lab.source).stdout, "the plan as text has no printer")
        expect(f"hp-{lab.name}-printer" not in namespaces(), "a dry run made a namespace")
        said = lab.up().stdout
        expect("what its files say" in said and "printer" in said, said)
        lab.at("printer", "ping", "-c", "1", "-W", "2", "192.168.255.2")

        client.stdin.write("after\n")
        client.stdin.flush()
        expect(server.stdout.readline() == "after\n", "the stream has ended")
        # What was committed at the gateway meanwhile is not undone, since the gateway's file has not changed.
        rules = lab.running_config()["hairpin:gateway"]["firewall"]["rule"]
        expect(any(rule.get("name") == "Bulk" for rule in rules), "the gateway was set back")


def test_up_removes_a_host_and_changes_an_address():
    with Lab("hairpin") as lab:
        edit(lab, add_printer)
        lab.up()
        edit(lab, lambda text: text.replace(PRINTER, "").replace("    printer: {kind: linux}\n", "").replace("192.168.255.2/24", "192.168.255.3/24"))
        changes = plan(lab)
        expect(lines_of(changes) == ["host printer removed", "port workstation changed", "port printer removed"], f"{changes}")
        detail = [change["detail"] for change in changes["changes"] if change["name"] == "workstation"][0]
        expect("192.168.255.3/24" in detail and "instead of" in detail and "192.168.255.2/24" in detail, detail)
        lab.up()
        expect(f"hp-{lab.name}-printer" not in namespaces(), "the printer is still there")
        expect("192.168.255.3/24" in lab.at("workstation", "ip", "-br", "address").stdout, "the workstation has its old address")
        lab.at("workstation", "ping", "-c", "1", "-W", "2", "192.168.255.10")


def test_up_makes_a_host_anew_whose_commands_have_changed():
    with Lab("hairpin") as lab:
        edit(lab, lambda text: text.replace('- cp "$HAIRPIN_LAB_DIR/configs/webserver.conf" nginx.conf',
                                            "- sed 's/web server of the hairpin lab/another one/' \"$HAIRPIN_LAB_DIR/configs/webserver.conf\" > nginx.conf"))
        expect(lines_of(plan(lab)) == ["host webserver begins anew"], f"{plan(lab)}")
        lab.up()
        page = lab.at("workstation", "curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/").stdout
        expect("another one" in page, page)
        expect(plan(lab)["changes"] == [], f"once more: {plan(lab)}")


def test_up_changes_the_gateway_alone():
    with Lab("hairpin") as lab:
        file = lab.source / "configs" / "edge.json"
        config = json.loads(file.read_text())
        config["hairpin:gateway"]["firewall"]["rule"][0]["name"] = "Another name"
        file.write_text(json.dumps(config, indent=1))
        expect(lines_of(plan(lab)) == ["gateway edge changed"], f"{plan(lab)}")
        lab.up()
        expect("Another name" in lab.hairpin("show", "firewall").stdout, "the rule has its old name")


def test_a_mistake_in_the_file_is_refused_before_anything_is_touched():
    with Lab("hairpin") as lab:
        generation = lab.call("version")["generation"]
        edit(lab, lambda text: add_printer(text).replace('"printer:eth1"', '"priner:eth1"'))
        done = run(HAIRPIN, "lab", "up", lab.source, ok=(8,))
        expect(re.search(r"clab\.yml:\d+:\d+: endpoint \"priner:eth1\": there is no node \"priner\"", done.stderr), done.stderr)
        edit(lab, lambda text: text.replace('"priner:eth1"', '"printer:eth1"').replace("192.168.255.30/24", "192.168.255.30"))
        done = run(HAIRPIN, "lab", "up", lab.source, ok=(8,))
        expect("such as 192.0.2.1/24" in done.stderr, done.stderr)
        expect(lab.call("version")["generation"] == generation and f"hp-{lab.name}-printer" not in namespaces(), "something was touched")


def test_what_hairpind_refuses_is_refused_before_anything_is_touched():
    with Lab("hairpin") as lab:
        generation = lab.call("version")["generation"]
        file = lab.source / "configs" / "edge.json"
        config = json.loads(file.read_text())
        config["hairpin:gateway"]["nat"]["rule"][0]["action"] = "dream"
        file.write_text(json.dumps(config))
        edit(lab, add_printer)
        done = run(HAIRPIN, "lab", "up", lab.source, ok=(1,))
        expect("dream" in done.stderr, done.stderr)
        expect(lab.call("version")["generation"] == generation and f"hp-{lab.name}-printer" not in namespaces(), "something was touched")


def test_node_filter_leaves_the_others_out_until_they_are_wanted():
    lab = Lab("hairpin", "filtered", up_options=("--node-filter", "workstation,webserver"))
    with lab:
        expect([name.rsplit("-", 1)[1] for name in namespaces(f"hp-{lab.name}-")] == ["edge", "webserver", "workstation"], f"{namespaces()}")
        lab.at("workstation", "curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/")
        expect("host internet added" in lines_of(plan(lab)), f"{plan(lab)}")


# -- several ----------------------------------------------------------------------------------------------------------------

def test_two_labs_with_equal_addresses_at_the_same_time():
    with Lab("hairpin", "one") as one, Lab("hairpin", "two") as two:
        for lab, other in ((one, two), (two, one)):
            before = other.counter("received")
            page = lab.at("workstation", "curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/").stdout
            expect("web server" in page, page)
            expect(len(lab.rows("show", "sessions")) >= 1, f"{lab.name} has no session")
            expect(other.counter("received") - before < 5, f"packets of {lab.name} came to {other.name}")
        listed = json.loads(run(HAIRPIN, "lab", "list", "-f", "json").stdout)["labs"]
        expect({one.name, two.name} <= {row["lab"] for row in listed}, f"{listed}")


# -- looking ----------------------------------------------------------------------------------------------------------------

def test_inspect_in_every_form():
    with Lab("hairpin") as lab:
        lab.at("workstation", "ping", "-c", "1", "192.168.255.1")
        links = json.loads(run(HAIRPIN, "lab", "inspect", "links", lab.name, "-f", "json").stdout)
        expect(links["schema"] == "hairpin.lab-links/1" and links["lab"] == lab.name, f"{links}")
        row = [row for row in links["links"] if row["node"] == "workstation"][0]
        expect(row["interface"] == "eth1" and row["segment"] == "lan" and row["state"] == "up" and row["to_segment_packets"] >= 1, f"{row}")
        expect({row["node"] for row in links["links"]} == {"edge", "workstation", "webserver", "internet"}, f"{links}")
        table = list(csv.DictReader(io.StringIO(run(HAIRPIN, "lab", "inspect", "interfaces", lab.name, "-f", "csv").stdout)))
        expect([row["node"] for row in table if row["interface"] == "uplink"] == ["edge"], f"{table}")
        text = run(HAIRPIN, "lab", "inspect", "nodes", lab.name, "-f", "yaml").stdout
        expect('- name: "edge"' in text and 'role: "gateway"' in text, text)
        whole = json.loads(run(HAIRPIN, "lab", "inspect", lab.name, "-f", "json").stdout)
        expect(whole["schema"] == "hairpin.lab/1" and whole["state"] == "up" and len(whole["nodes"]) == 6, f"{whole}")
        for asked in (("lab", "inspect", lab.name, "-j"), ("--json", "lab", "inspect", lab.name)):
            expect(json.loads(run(HAIRPIN, *asked).stdout)["schema"] == "hairpin.lab/1", f"{asked}")
        run(HAIRPIN, "lab", "inspect", "wheels", lab.name, ok=(2,))


def test_a_shell_is_told_the_names_in_a_lab():
    with Lab("hairpin") as lab:
        def offered(*words):
            return run(HAIRPIN, "--complete", "lab", *words).stdout.split()
        expect(lab.name in offered("down", "") and lab.name in offered("inspect", lab.name[:-1]), offered("down", ""))
        expect(offered("exec", lab.name, "w") == ["webserver", "workstation"], offered("exec", lab.name, "w"))
        expect("edge" in offered("shell", lab.name, ""), offered("shell", lab.name, ""))
        expect(offered("impair", "set", lab.name, "work") == ["workstation"], offered("impair", "set", lab.name, "work"))
        expect(offered("verify", "-t", lab.name, "--node", "inter") == ["internet"], offered("verify", "-t", lab.name, "--node", "inter"))
        expect(offered("exec", lab.name, "workstation", "--", "") == [], "a command's words are nobody's to know")


def test_events_begin_with_what_there_is():
    with Lab("hairpin") as lab:
        watcher = subprocess.Popen([HAIRPIN, "lab", "events", lab.name, "-f", "json", "--initial-state", "--interface-stats"],
                                   stdout=subprocess.PIPE, text=True)
        lab.children.append(watcher)
        seen = []

        def until(found):
            while True:
                line = watcher.stdout.readline()
                expect(line, f"the events ended: {seen}")
                seen.append(json.loads(line))
                if found(seen[-1]):
                    return seen[-1]

        until(lambda event: event["type"] == "interface" and event["action"] == "snapshot" and event["actor_name"] == "internet")
        expect({event["actor_name"] for event in seen if event["type"] == "node"} == {"edge", "lan", "wan", "workstation", "webserver", "internet"}, f"{seen}")
        rate = until(lambda event: event["action"] == "stats" and "rx_bps" in event["attributes"])
        expect(rate["attributes"]["ifname"] and rate["timestamp"].endswith("Z"), f"{rate}")
        call(lab.state / "control.sock", "port.add", port={"name": "spare", "segment": "lan", "memory": {}})
        came = until(lambda event: event["action"] == "create")
        expect(came["actor_name"] == "spare" and came["attributes"]["lab"] == lab.name, f"{came}")
        call(lab.state / "control.sock", "port.remove", name="spare")


def test_pingall_says_who_reaches_whom():
    with Lab("two-lans") as lab:
        done = run(HAIRPIN, "lab", "pingall", lab.name, ok=(0, 3))
        rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[1:-1]}
        expect(rows["webserver"][0:3].count("yes") >= 1, done.stdout)
        reached, _, pairs = re.search(r"(\d+) (of) (\d+) pairs", done.stdout).groups()
        expect(pairs == "12" and done.returncode == (0 if reached == pairs else 3), done.stdout)
        expect(sum(row.count("yes") for row in rows.values()) == int(reached), done.stdout)


def test_tests_as_tap():
    with Lab("hairpin") as lab:
        lines = run(HAIRPIN, "lab", "verify", "--tap", lab.name, timeout=110).stdout.splitlines()
        expect(lines[0] == "TAP version 13" and lines[-1] == f"1..{len(lines) - 2}", "\n".join(lines))
        expect(all(re.match(rf"ok {number} - ", line) for number, line in enumerate(lines[1:-1], 1)), "\n".join(lines))


def test_some_tests_alone():
    with Lab("hairpin") as lab, scratch() as folder:
        def tests(*words, ok=(0,)):
            done = run(HAIRPIN, "lab", "test", *words, ok=ok, timeout=110)
            return [line.split()[1].rstrip(":") for line in done.stdout.splitlines() if line.startswith(("PASS", "WARN", "FAIL"))], done
        expect(tests(lab.name, "outbound-ping", "lan-ping")[0] == ["lan-ping", "outbound-ping"], "in the order of the file")
        expect(tests("hairpin-http", "balance")[0] == ["hairpin-http", "balance"], "without the lab's name, which is the only one")
        expect(tests("-t", lab.name, "lan-ping")[0] == ["lan-ping"], "with the lab as an option")
        said = tests(lab.name, "lan-pign", ok=(2,))[1].stderr
        expect('has no test "lan-pign", did you mean "lan-ping"?' in said, said)
        said = tests("no/such/lab", "lan-ping", ok=(4,))[1].stderr
        expect('"no/such/lab"' in said, said)
        at_internet = tests(lab.name, "--node", "internet")[0]
        expect("internet-http" in at_internet and "hairpin-http" not in at_internet and "log" not in at_internet, f"{at_internet}")
        expect('there is no node "interner" in the lab, did you mean "internet"?' in tests(lab.name, "--node", "interner", ok=(2,))[1].stderr, "a node that is none")
        listed = run(HAIRPIN, "lab", "test", "--list", lab.name, "lan-ping").stdout
        expect(re.findall(r"(?m)^\S+", listed) == ["test", "lan-ping"], listed)

        source = folder / "mine.yml"
        source.write_text("""tests:
  fine: {nodes: [workstation], exec: "true"}
  wrong: {nodes: [workstation, webserver], exec: "test $HAIRPIN_NODE = webserver", wait: 30}
  doubtful: {nodes: [internet], exec: "false", level: warning}
""")
        names, done = tests(lab.name, "--source", source, "-e", "--skip-wait", ok=(1,))
        expect(names == [] and done.stdout == "", done.stdout)
        expect([line.split(":")[0] for line in done.stderr.splitlines()] == ["FAIL wrong (workstation)", "WARN doubtful"], done.stderr)
        names, done = tests(lab.name, "--source", source, "--node", "webserver")
        expect(names == ["wrong"] and "PASS wrong (webserver)" in done.stdout, done.stdout)
        said = tests(lab.name, "--source", folder / "none.yml", ok=(4,))[1].stderr
        expect("no file of tests" in said, said)
        names, done = tests(lab.name, "fine", "--source", source, "--pingall", ok=(1,))
        expect(names == ["fine", "pingall"] and "internet does not reach webserver" in done.stdout, done.stdout)


def test_tests_that_do_something_to_the_lab():
    with Lab("hairpin") as lab:
        (lab.source / f"{lab.name}.tests.yml").write_text("""tests:
  matrix: {reach: {icmp: all, except: [[internet, all]]}, wait: 5}
  not-all: {reach: {icmp: [workstation, internet]}}
  carrier: {do: {link: "workstation:eth1", state: down}, within: 2s, expect: {carrier: {"workstation:eth1": down, "webserver:eth1": up}}}
  survives: {do: {link: "lan:workstation", state: down, for: 300ms}, during: {tcp-stream: [workstation, "webserver:7000"]}, expect: {resets: 0, gap: "<8s"}}
  at-once: {do: {link: "workstation:eth1", state: down, for: 300ms}, during: {tcp-stream: [workstation, webserver]}, expect: {gap: "<50ms"}}
  no-way: {do: {link: "workstation:eth1", state: down}, during: {tcp-stream: [internet, webserver]}, within: 1s, expect: {resets: 0}}
""")
        before = lab.running_config()
        done = lab.verify(ok=(1,))
        results = {line.split()[1].rstrip(":"): line for line in done.stdout.splitlines()[:-1]}
        expect([results[name].split()[0] for name in ("matrix", "carrier", "survives", "balance", "log")] == ["PASS"] * 5, done.stdout)
        expect("FAIL not-all: internet does not reach workstation" in results["not-all"], done.stdout)
        expect(re.match(r"FAIL at-once: a gap of less than 50 ms expected, came \d+ ms", results["at-once"]), done.stdout)
        expect("FAIL no-way: before anything was done: nobody answers at" in results["no-way"], done.stdout)
        expect(lab.running_config() == before, "what was done is not undone")


def test_hairpind_is_restarted_by_tests():
    """Three times, and each time hosts run on with what they had, what was committed is in force, and what is captured from the start is captured."""
    lab = Lab("hairpin", "restarted")
    edit(lab, capture_workstation)
    with lab:
        file = lab.source / f"{lab.name}.tests.yml"
        of_the_guide = file.read_text()
        file.write_text("""tests:
  survives: {do: {restart: hairpind}, during: {tcp-stream: [workstation, webserver]}, expect: {resets: 0, gap: "<9s", carrier: {"workstation:eth1": up}}}
  again: {do: {restart: hairpind}, expect: {carrier: {"internet:eth1": up}}}
  at-once: {do: {restart: hairpind}, during: {tcp-stream: [workstation, webserver]}, expect: {gap: "<1ms"}}
  hairpin: {nodes: [workstation, internet], exec: "curl -sS --fail --max-time 3 http://203.0.113.80/", wait: 10, expect: {stdout: web server}}
""")
        run(HAIRPIN, "lab", "impair", "set", lab.name, "internet", "--delay", "7ms")
        committed, first = lab.running_config(), lab.call("version")["pid"]
        servers = run("ip", "netns", "pids", f"hp-{lab.name}-webserver").stdout.split()
        expect(servers, "no web server")
        done = lab.verify(ok=(1,))
        expect(re.search(r"^FAIL at-once: a gap of less than 1 ms expected, came \d+ ms$", done.stdout, re.MULTILINE), done.stdout)
        expect(done.stdout.endswith("6 passed, 1 failed\n"), done.stdout)  # with balance and log
        file.write_text(of_the_guide)
        lab.verify()
        expect(lab.call("version")["pid"] != first, "hairpind was not restarted")
        expect(run("ip", "netns", "pids", f"hp-{lab.name}-webserver").stdout.split() == servers, "the web server was")
        expect(lab.running_config() == committed, "what was committed is not in force")
        expect("is already up" in lab.up().stdout, "the lab is not known to be up")
        expect(lab.rows("show", "captures"), "nothing is captured")


def test_exec_at_several_nodes():
    lab = Lab("hairpin", "several")
    edit(lab, lambda text: text.replace("workstation: {kind: linux}", "workstation: {kind: linux, labels: {team: a, floor: 1}}").replace(
        "  nodes:\n", "  kinds: {linux: {labels: {team: b}}}\n  nodes:\n", 1))
    with lab:
        def heads(*words, ok=(0,)):
            return re.findall(r"==> (\S+) <==\n(.*)\n", run(HAIRPIN, "lab", "exec", *words, ok=ok).stdout)
        echo = ("--cmd", 'echo "$HAIRPIN_NODE"')
        expect(heads(lab.name, *echo) == [(name, name) for name in ("edge", "workstation", "webserver", "internet")], f"{heads(lab.name, *echo)}")
        expect(heads(lab.name, "--label", "team=b", *echo) == [(name, name) for name in ("edge", "webserver", "internet")], "an inherited label")
        expect(heads(lab.name, "--label", "team=a", "--label", "floor=1", *echo) == [("workstation", "workstation")], "two labels")
        expect(heads("-t", lab.name, "--label", "clab-node-name=internet", *echo) == [("internet", "internet")], "containerlab's label")
        expect(heads(lab.name, "-n", "internet", "-n", "edge", *echo) == [("internet", "internet"), ("edge", "edge")], "nodes by name")
        said = run(HAIRPIN, "lab", "exec", lab.name, "--label", "team=c", *echo, ok=(4,)).stderr
        expect("has the label team=c" in said, said)
        run(HAIRPIN, "lab", "exec", lab.name, "--label", "team", *echo, ok=(2,))

        done = run(HAIRPIN, "lab", "exec", lab.name, "-n", "workstation", "-f", "json", "--cmd", "echo out; echo err >&2; exit 3", "--cmd", "true", ok=(1,))
        answer = json.loads(done.stdout)
        expect(answer["schema"] == "hairpin.lab-exec/1" and answer["lab"] == lab.name, f"{answer}")
        expect(answer["nodes"]["workstation"] == [
            {"cmd": ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], "return-code": 3, "stdout": "out\n", "stderr": "err\n"},
            {"cmd": ["/bin/sh", "-c", "true"], "return-code": 0, "stdout": "", "stderr": ""}], f"{answer}")
        expect("1 of 2 commands failed: workstation with 3" in done.stderr, done.stderr)
        # At the same time: four hosts wait for each other, which one after the other would do for ever.
        meeting = 'touch "$0.$HAIRPIN_NODE"; until [ $(ls "$0".* | wc -l) = 4 ]; do sleep 0.05; done'
        run(HAIRPIN, "lab", "exec", lab.name, "--", "timeout", "20", "sh", "-c", meeting, lab.folder / "here")
        # One node is what the command becomes, with its status.
        run(HAIRPIN, "lab", "exec", "workstation", "--", "sh", "-c", "exit 7", ok=(7,))
        # The commands go with the one that was told to run them.
        child = subprocess.Popen([HAIRPIN, "lab", "exec", lab.name, "--cmd", "exec sleep 8642"], stdout=subprocess.DEVNULL)
        eventually(lambda: len(processes(["sleep 8642"])) >= 4, "they do not begin")
        child.terminate()
        child.wait(10)
        eventually(lambda: not processes(["sleep 8642"]), "they go on")


def test_down_of_some_hosts():
    with Lab("hairpin") as lab:
        pid = lab.call("version")["pid"]
        said = run(HAIRPIN, "lab", "down", "--node-filter", "webserver", lab.name, "--keep-mgmt-net")
        expect("webserver is down; all else goes on" in said.stdout and "--keep-mgmt-net has no effect" in said.stderr, said.stdout + said.stderr)
        expect(f"hp-{lab.name}-webserver" not in namespaces() and not (lab.state / "files" / "webserver").exists(), "the web server is there")
        expect(lab.call("version")["pid"] == pid and [row["name"] for row in lab.rows("show", "ports")] == ["internet", "workstation"], "the rest")
        nodes = json.loads(run(HAIRPIN, "lab", "inspect", lab.name, "-f", "json").stdout)["nodes"]
        expect("webserver" not in [node["name"] for node in nodes] and len(nodes) == 5, f"{nodes}")
        lab.at("workstation", "ping", "-c1", "-W2", "192.168.255.1")
        for name, why in (("lan", "is a segment"), ("edge", "is a gateway"), ("workstaton", 'did you mean "workstation"?')):
            said = run(HAIRPIN, "lab", "down", "--node-filter", name, lab.name, ok=(1,)).stderr
            expect(why in said, said)
        expect(lines_of(plan(lab)) == ["host webserver added", "port webserver added"], f"{plan(lab)}")
        lab.up()
        eventually(lambda: lab.at("workstation", "curl", "-sS", "--fail", "--max-time", "3", f"http://{EXTERNAL}/", ok=None).returncode == 0,
                   "the web server is not back", 30)  # its MAC is another, which neighbours find out in their time


def test_up_from_standard_input():
    lab = Lab("hairpin", "typed")
    file = lab.source / f"{lab.name}.clab.yml"
    text = file.read_text()
    file.unlink()
    try:
        def up(*words):
            return run(HAIRPIN, "lab", "up", "-t", "-", *words, cwd=lab.source, stdin=None, input=text)
        expect("would be made" in up("--dry-run").stdout, "no plan")
        expect("is up" in up().stdout, "it is not up")
        expect("nothing has changed" in up().stdout, "it has changed")
        run(HAIRPIN, "lab", "test", lab.name, "hairpin-http")  # whose tests lie where it was typed
        expect("0 packets captured" in run(HAIRPIN, "lab", "capture", lab.name, "workstation:eth1", "-a", "1s", "-f", "host 198.51.100.99",
                                           "-w", lab.folder / "x.pcapng").stderr, "no capture by the names of its topology")
        done = run(HAIRPIN, "lab", "up", "-t", "-", "--rootless", cwd=lab.source, stdin=None, input=text, ok=(6,))
        expect("--rootless: you are root" in done.stderr, done.stderr)
        done = run(HAIRPIN, "lab", "up", "-t", "-", cwd=lab.source, stdin=None, input=text.replace("bridge", "brigde"), ok=(8,))
        expect(re.match(r"hairpin: error: standard input:\d+:\d+: kind \"brigde\"", done.stderr), done.stderr)
    finally:
        lab.down(ok=None)
        shutil.rmtree(lab.folder, ignore_errors=True)


def test_inspect_of_every_lab():
    with Lab("hairpin", "one") as one, Lab("two-lans", "two") as two:
        nodes = json.loads(run(HAIRPIN, "lab", "inspect", "-a", "-f", "json").stdout)
        expect(nodes["schema"] == "hairpin.labs-nodes/1" and {row["lab"] for row in nodes["nodes"]} == {one.name, two.name}, f"{nodes}")
        links = list(csv.DictReader(io.StringIO(run(HAIRPIN, "lab", "inspect", "links", "--all", "-f", "csv").stdout)))
        expect({(row["lab"], row["node"]) for row in links} >= {(one.name, "webserver"), (two.name, "backup")}, f"{links}")
        run(HAIRPIN, "lab", "inspect", "-a", one.name, ok=(2,))


# -- drawing, making up, keeping --------------------------------------------------------------------------------------------

def test_graph_and_check_need_no_lab():
    drawn = xml.dom.minidom.parseString(run(HAIRPIN, "lab", "graph", "--svg", "two-lans").stdout)
    texts = {node.firstChild.data for node in drawn.getElementsByTagName("text") if node.firstChild}
    expect({"edge", "office", "servers", "workstation", "192.168.2.10/24"} <= texts, f"{texts}")
    expect("graph LR" in run(HAIRPIN, "lab", "graph", "--mermaid", "hairpin").stdout, "no Mermaid")
    said = run(HAIRPIN, "lab", "check", "hairpin").stdout
    expect("nothing is wrong" in said, said)


def test_graph_for_diagrams_net_has_every_node_and_link():
    for topology in ("two-sites", "hairpin"):
        known = json.loads(run(HAIRPIN, "lab", "graph", "--json", topology).stdout)
        cells = {cell.get("id"): cell for cell in ElementTree.fromstring(run(HAIRPIN, "lab", "graph", "--drawio", topology).stdout).iter("mxCell")}
        for node in known["nodes"]:
            cell = cells[f"node-{node['name']}"]
            expect(cell.get("vertex") == "1" and cell.get("value").split("\n")[0] == node["name"], f"{cell.attrib}")
            expect(float(cell.find("mxGeometry").get("width")) > 0, f"{node} has no place")
        for link in known["links"]:
            cell = cells[f"link-{link['node']}:{link['interface']}"]
            expect((cell.get("source"), cell.get("target")) == (f"node-{link['node']}", f"node-{link['segment']}"), f"{cell.attrib}")
            expect(cell.get("value") == "\n".join(filter(None, (link["interface"], link["address"]))), f"{cell.attrib}")
        edges = [cell for cell in cells.values() if cell.get("edge") == "1" and not cell.get("id").startswith("link-tunnel-")]
        expect(len(edges) == len(known["links"]), f"{len(edges)} links of {len(known['links'])}")


@contextmanager
def served_graph(topology, *options):
    """`lab graph --srv` of a free port: what is at a path, by curl."""
    server = subprocess.Popen([HAIRPIN, "lab", "graph", "--srv", *options, topology], stdout=subprocess.PIPE, text=True)
    try:
        said = server.stdout.readline()
        address = re.match(r"(http://127\.0\.0\.1:(\d+)/) shows the lab ", said)
        expect(address, said)
        yield lambda path="": run("curl", "-sS", "--fail", "--max-time", "5", address[1] + path).stdout, address[2]
        server.send_signal(signal.SIGINT)
        expect(server.wait(5) in (0, -signal.SIGINT), f"SIGINT ended it with {server.returncode}")
    finally:
        server.kill()
        server.communicate()


def wires_and_texts(picture):
    drawn = xml.dom.minidom.parseString(picture)
    texts = [node.firstChild.data for node in drawn.getElementsByTagName("text") if node.firstChild]
    return [path.getAttribute("class") for path in drawn.getElementsByTagName("path")], texts


def test_graph_as_a_web_page_shows_what_links_do():
    with Lab("hairpin") as lab, served_graph(lab.source, "0") as (get, port):
        page = get()
        expect(f"<title>{lab.name}</title>" in page and "graph.svg" in page, page)
        wires, texts = wires_and_texts(get("graph.svg"))
        expect(wires == ["wire"] * 5 and any("is up" in text for text in texts), f"{wires} {texts}")

        lab.start("workstation", "ping", "-i", "0.2", "192.168.255.1")
        moving = re.compile(r"[\d.]+k in [\d.]+k out")  # five of 98 bytes a second are 3.9 kbit/s each way
        eventually(lambda: any(moving.fullmatch(text) for text in wires_and_texts(get("graph.svg"))[1]), "no rate in the picture")

        run(HAIRPIN, "lab", "link", "down", lab.name, "webserver:eth1")
        eventually(lambda: wires_and_texts(get("graph.svg"))[0].count("wire down") == 1, "no link is down in the picture")
        expect("down" in wires_and_texts(get("graph.svg"))[1], "no word says that it is down")
        run(HAIRPIN, "lab", "link", "up", lab.name, "webserver:eth1")
        eventually(lambda: wires_and_texts(get("graph.svg"))[0] == ["wire"] * 5, "the link is not up again in the picture")

        done = run(HAIRPIN, "lab", "graph", "--srv", f"127.0.0.1:{port}", lab.source, ok=(1,))
        expect(f"127.0.0.1:{port}: bind: Address already in use" in done.stderr, done.stderr)
        lab.down()
        eventually(lambda: any(text.endswith("is not up") for text in wires_and_texts(get("graph.svg"))[1]), "the lab is still up in the picture")
        lab.up()


def test_graph_as_a_web_page_is_for_this_machine_unless_told_otherwise():
    with served_graph("two-lans", ":0") as (get, port):
        _, texts = wires_and_texts(get("graph.svg"))
        expect("lab two-lans is not up" in texts and "workstation" in texts, f"{texts}")
        run("curl", "-sS", "--max-time", "5", f"http://127.0.0.2:{port}/", ok=(7,))
    for wrong in ("web", "70000", "localhost:80", "192.0.2.1:"):
        done = run(HAIRPIN, "lab", "graph", "--srv", wrong, "two-lans", ok=(2,))
        expect("is no [ADDRESS:]PORT" in done.stderr, done.stderr)
    done = run(HAIRPIN, "lab", "graph", "--srv", "192.0.2.1:8080", "two-lans", ok=(1,))
    expect("192.0.2.1:8080: bind: Cannot assign requested address" in done.stderr, done.stderr)


def test_a_generated_lab_shows_what_its_tests_say():
    with scratch() as folder:
        name = f"{PREFIX}made"
        run(HAIRPIN, "lab", "generate", folder / "made", "--name", name, "--hosts", "30", "--lans", "3", "--seed", "5")
        try:
            said = run(HAIRPIN, "lab", "verify", folder / "made", timeout=110).stdout
            expect(" 0 failed" in said, said)
        finally:
            run(HAIRPIN, "lab", "down", name, ok=None)
        done = run(HAIRPIN, "lab", "generate", folder / "made", "--name", name, ok=(1,))
        expect("not empty" in done.stderr, done.stderr)


COMPOSE = """
services:
  web:
    image: nginx:alpine
    command: nginx
    ports: ["8080:80"]
    networks: {front: {ipv4_address: 172.30.0.10}}
  client:
    image: debian
    networks: [front]
networks:
  front: {ipam: {config: [{subnet: 172.30.0.0/24}]}}
"""


def test_an_imported_compose_file_is_a_lab():
    with scratch() as folder:
        name = f"{PREFIX}composed"
        (folder / "docker-compose.yml").write_text(COMPOSE)
        done = run(HAIRPIN, "lab", "import", "compose", folder / "docker-compose.yml", folder / "lab", "--name", name, ok=(3,))
        expect("docker-compose.yml:4:5: `image`" in done.stderr and "docker-compose.yml:5:5: `command`" in done.stderr, done.stderr)
        try:
            run(HAIRPIN, "lab", "up", folder / "lab")
            run(HAIRPIN, "lab", "exec", name, "client", "--", "ping", "-c", "1", "-W", "2", "172.30.0.10")
            run(HAIRPIN, "lab", "exec", name, "web", "--", "sh", "-c", "nc -l -p 80 </dev/null >got 2>&1 & echo started")
            eventually(lambda: run(HAIRPIN, "lab", "exec", name, "internet", "--", "sh", "-c", f"echo hello | nc -N -w 1 {EXTERNAL} 8080", ok=None).returncode == 0,
                       "the published port leads nowhere")
            expect("hello" in (LABS / name / "files" / "web" / "got").read_text(), "the published port leads elsewhere")
        finally:
            run(HAIRPIN, "lab", "down", name, ok=None)


def test_save_and_restore():
    with Lab("hairpin") as lab, scratch() as folder:
        before = run(HAIRPIN, "lab", "save", lab.name, "-o", "-").stdout
        lab.configure('set gateway firewall rule 1 name "Renamed"')
        run(HAIRPIN, "lab", "save", lab.name, "--copy", folder)
        copy = folder / f"{lab.name}.edge.json"
        expect("Renamed" in copy.read_text(), "the copy is of what was before")
        run(HAIRPIN, "lab", "save", lab.name)
        expect("Renamed" in (lab.source / "configs" / "edge.json").read_text(), "the topology's file is as it was")
        expect(plan(lab)["changes"] == [], f"after save there is a difference: {plan(lab)}")
        # As people have written it: what says the same stays, and what changes keeps its order.
        file = lab.source / "configs" / "edge.json"
        keys = lambda: [line.split('"')[1] for line in file.read_text().replace("{", "{\n").replace(", ", ",\n").splitlines() if '": ' in line]
        written = file.read_text()
        expect("said the same before" in run(HAIRPIN, "lab", "save", lab.name).stdout and file.read_text() == written, "it was written anew")
        order = keys()
        lab.configure('set gateway firewall rule 1 name "Once more"')
        run(HAIRPIN, "lab", "save", lab.name)
        expect(keys() == order and "Once more" in file.read_text(), f"the order of keys: {keys()} instead of {order}")
        (folder / "before.json").write_text(before)
        run(HAIRPIN, "lab", "restore", lab.name, folder / "before.json")
        expect("Renamed" not in lab.hairpin("show", "firewall").stdout, "the rule has its new name")


# -- mistakes, limits of time, names ------------------------------------------------------------------------------------------

def test_a_mistyped_key_is_told_with_what_would_be_right():
    with scratch() as folder:
        shutil.copytree(TOPOLOGIES / "hairpin", folder / "hairpin")
        file = folder / "hairpin" / "hairpin.clab.yml"
        text = file.read_text()
        for right, wrong, told in (("workstation: {kind: linux}", "workstation: {kidn: linux}", 'unknown key "kidn", did you mean "kind"?'),
                                   ("lan: {kind: bridge}", "lan: {kind: brigde}", 'kind "brigde" is not supported, did you mean "bridge"?'),
                                   ('"webserver:eth1"', '"websrver:eth1"', 'there is no node "websrver", did you mean "webserver"?'),
                                   ("vars: {gateway", "vars: {gatway", 'unknown key "gatway", did you mean "gateway"?')):
            file.write_text(text.replace(right, wrong, 1))
            done = run(HAIRPIN, "lab", "check", file, ok=(8,))
            expect(re.search(r"clab\.yml:\d+:\d+: ", done.stderr) and told in done.stderr, done.stderr)
        file.write_text(text)
        run(HAIRPIN, "lab", "check", file)


def test_up_that_takes_too_long_is_given_up():
    lab = Lab("hairpin", "late")
    edit(lab, lambda text: text.replace("    workstation: {kind: linux}\n", '    workstation: {kind: linux, exec: ["sleep 25"]}\n'))
    done = run(HAIRPIN, "lab", "up", "--timeout", "3", lab.source, ok=(7,))
    expect("is not up after 3 s; nothing of it is left" in done.stderr, done.stderr)
    expect(namespaces(f"hp-{lab.name}-") == [] and not (LABS / lab.name).exists(), "something is left")
    shutil.rmtree(lab.folder)
    with Lab("hairpin", "in-time", up_options=("--timeout", "60", "--max-workers", "4")) as lab:
        lab.at("workstation", "curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/")


def test_up_restores_a_saved_configuration():
    with Lab("hairpin", "restored") as lab:
        file = lab.folder / "saved.json"
        lab.hairpin("-c", 'configure; set gateway firewall rule 2 name "As it was saved"; commit; exit')
        run(HAIRPIN, "lab", "save", lab.name, "-o", file)
        lab.down()
        run(HAIRPIN, "lab", "up", "--restore", file, lab.source)
        expect("As it was saved" in lab.hairpin("show", "firewall").stdout, "the configuration is the files'")


def test_nodes_may_have_a_dash_in_their_names():
    lab = Lab("hairpin", "dash")
    edit(lab, lambda text: add_printer(text).replace("printer: {", "lan-printer: {").replace('"printer:eth1"', '"lan-printer:eth1"'))
    with lab:
        expect(f"hp-{lab.name}-lan--printer" in namespaces(), f"{namespaces()}")
        lab.at("lan-printer", "ping", "-c1", "-W2", "192.168.255.1")
        run(HAIRPIN, "lab", "exec", lab.name, "-n", "lan-printer", "--cmd", "ping -c1 -W2 192.168.255.2 | grep -q ' 0% packet loss'")
        said = run(HAIRPIN, "lab", "exec", lab.name, "lan-prnter", "--", "true", ok=(4,)).stderr
        expect('did you mean "lan-printer"?' in said, said)
        (LABS / lab.name / "state.json").unlink()  # what is left is found by its name
    expect(namespaces(f"hp-{lab.name}-") == [], "a namespace is left")


def test_impair_show_takes_the_name_of_the_lab_alone():
    with Lab("hairpin") as lab:
        expect(run(HAIRPIN, "lab", "impair", "show", lab.name).stdout == f'Every link of the lab "{lab.name}" is perfect.\n', "its links")
        run(HAIRPIN, "lab", "impair", "set", lab.name, "workstation:eth1", "--delay", "1ms")
        expect("workstation" in run(HAIRPIN, "lab", "impair", "show", lab.name).stdout, "the link that is not")
        said = run(HAIRPIN, "lab", "impair", "reset", lab.name, ok=(2,)).stderr
        expect("which link?" in said, said)


# -- captures ---------------------------------------------------------------------------------------------------------------

def test_a_link_may_be_captured_from_the_start():
    lab = Lab("hairpin", "recorded")
    edit(lab, capture_workstation)
    with lab:
        lab.at("workstation", "ping", "-c1", "-W2", "192.168.255.1")
        file = lab.state / "capture.pcapng"
        eventually(lambda: "192.168.255.1" in run("tshark", "-r", file, "-T", "fields", "-e", "ip.dst", "icmp", ok=None).stdout, "nothing is in the file", 10)
        expect(run("tshark", "-r", file, "-T", "fields", "-e", "frame.interface_name", "icmp", ok=None).stdout.split()[0] == "workstation", "another link's")


def test_lab_capture_starts_wireshark():
    with Lab("hairpin") as lab:
        done = run(HAIRPIN, "lab", "capture", lab.name, "workstation", "--wireshark", ok=(1,), env=os.environ | {"PATH": "/nowhere"})
        expect("no program `wireshark`" in done.stderr and "--write FILE" in done.stderr, done.stderr)
        wireshark = lab.folder / "wireshark"
        wireshark.write_text(f'#!/bin/sh\necho "$@" > {lab.folder}/words\nexec cat > {lab.folder}/seen.pcapng\n')
        wireshark.chmod(0o755)
        capture = subprocess.Popen([HAIRPIN, "lab", "capture", lab.name, "workstation", "--wireshark", "--count", "2", "--filter", "icmp"],
                                   stdin=subprocess.DEVNULL, env=os.environ | {"PATH": f"{lab.folder}:{os.environ['PATH']}"})
        lab.children.append(capture)
        eventually(lambda: (lab.folder / "seen.pcapng").exists() and lab.rows("show", "captures"), "no capture runs", 10)
        lab.at("workstation", "ping", "-c1", "-W2", "192.168.255.1")
        expect(capture.wait(20) == 0, "the capture failed")
        expect((lab.folder / "words").read_text() == "-k -i -\n", "what Wireshark is told")
        eventually(lambda: len(run("tshark", "-r", lab.folder / "seen.pcapng", ok=None).stdout.splitlines()) == 2, "Wireshark has not got both packets", 10)


def test_a_capture_may_be_a_ring():
    with Lab("hairpin") as lab:
        file = lab.folder / "ring.pcapng"
        capture = subprocess.Popen([HAIRPIN, "lab", "capture", lab.name, "workstation:eth1", "--ring", "64kB", "-w", file], stdin=subprocess.DEVNULL)
        lab.children.append(capture)
        eventually(lambda: file.exists(), "no capture runs", 10)
        lab.at("workstation", "ping", "-c", "100", "-i", "0.01", "-s", "1000", "192.168.255.1", "-q")
        capture.terminate()
        expect(capture.wait(20) == 0, "the capture failed")
        sequence = []
        for part in (f"{file}.1", file):
            expect(os.stat(part).st_size <= 32_000 + 2000, f"{part} is too long")
            sequence += run("tshark", "-r", part, "-T", "fields", "-e", "icmp.seq", "icmp").stdout.split()
        expect(sequence[-1] == "100" and sequence == sorted(sequence, key=int) and 20 < len(sequence) < 70, f"what is kept: {sequence}")
        done = run(HAIRPIN, "lab", "capture", lab.name, "--ring", "64kB", "-w", "-", ok=(2,))
        expect("a ring is files" in done.stderr, done.stderr)

"""What goes wrong is said in one clear sentence, and changes nothing. hairpind runs in namespaces of the tests' own."""
import contextlib
import copy
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from support import HAIRPIN, HAIRPIND, Lab, call, eventually, expect, namespace, run

CONFIG = {
    "hairpin:switch": {"segment": [{"name": "lan"}], "port": [{"name": "host", "segment": "lan", "tap": {"device": "tap0"}}]},
    "hairpin:gateway": {"interface": [{"name": "lan", "role": "internal", "segment": "lan", "address": ["192.168.255.1/24"]}]},
}


@contextlib.contextmanager
def workplace():
    """A namespace and a folder that everybody may enter, with the daemon's configuration in it."""
    with namespace("errors") as name, tempfile.TemporaryDirectory(prefix="hairpin-errors-") as folder:
        os.chmod(folder, 0o755)
        yield name, Path(folder)


def write(folder, config, name="config.json"):
    file = folder / name
    file.write_text(config if isinstance(config, str) else json.dumps(config, indent=1))
    return file


def daemon(name, folder, config, before=(), program=HAIRPIND):
    """The command line of a hairpind inside a namespace."""
    file = config if isinstance(config, Path) else write(folder, config)
    return ["ip", "netns", "exec", name, *before, str(program), "--config", str(file), "--socket", str(folder / "control.sock")]


def expect_one_sentence(done, *words, program="hairpind"):
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    expect(done.returncode != 0, f"exit 0, though it could not work: {done.stderr}")
    expect(done.returncode > 0, f"died of signal {-done.returncode}: {done.stderr}")
    expect(len(lines) == 1, f"expected one sentence, got {len(lines)} lines:\n{done.stderr}")
    expect(lines[0].startswith(f"{program}: error: "), f"does not begin with who speaks: {lines[0]}")
    for word in words:
        expect(re.search(word, lines[0], re.I), f"does not say {word!r}: {lines[0]}")
    print(f"exit {done.returncode}: {lines[0]}")


def changed(change):
    config = copy.deepcopy(CONFIG)
    change(config)
    return config


def test_a_mistake_in_the_configuration():
    mistakes = [
        ("address", changed(lambda c: c["hairpin:gateway"]["interface"][0].update(address=["192.168.255.999/24"]))),
        ("colour", changed(lambda c: c["hairpin:gateway"]["interface"][0].update(colour="red"))),
        ("nowhere", changed(lambda c: c["hairpin:gateway"]["interface"][0].update(segment="nowhere"))),
        ("translated-address", changed(lambda c: c["hairpin:gateway"].update(nat={"rule": [
            {"id": 65537, "action": "snat", "applied-on": "lan", "original-address": "10.0.0.0/8", "translated-address": "10.0.0.300"}]}))),
        ("action", changed(lambda c: c["hairpin:gateway"].update(firewall={"rule": [{"id": 1, "name": "x", "action": "allow"}]}))),
        ("config.json", '{"hairpin:switch": {'),
    ]
    with workplace() as (name, folder):
        for word, config in mistakes:
            expect_one_sentence(run(*daemon(name, folder, config), ok=None, timeout=10), word)
        expect_one_sentence(run(*daemon(name, folder, folder / "missing.json"), ok=None, timeout=10), "missing.json", "no such file")


def test_a_mistake_in_a_rule_file_changes_nothing():
    with Lab("hairpin") as lab:
        good = lab.running_config()
        before = lab.call("version")["generation"]
        bad = copy.deepcopy(good)
        bad["hairpin:gateway"]["nat"]["rule"][0]["translated-address"] = "203.0.113.800"
        done = lab.load(bad, ok=None)
        expect(done.returncode == 8, f"exit {done.returncode} instead of 8")
        expect_one_sentence(done, "nat", "translated-address", program="hairpin")
        expect(lab.call("version")["generation"] == before, "the refused file made a new generation")
        expect(lab.running_config() == good, "the refused file changed the running configuration")
        lab.at("workstation", "curl", "-sS", "--fail", "--max-time", "5", "http://203.0.113.80/")


def test_a_tap_name_that_exists():
    with workplace() as (name, folder):
        run("ip", "-n", name, "link", "add", "tap0", "type", "veth", "peer", "name", "tap1")
        expect_one_sentence(run(*daemon(name, folder, CONFIG), ok=None, timeout=10), "tap0", "exist|in use|busy|invalid")
        run("ip", "-n", name, "link", "del", "tap0")
        run("ip", "-n", name, "tuntap", "add", "tap0", "mode", "tap")
        expect_one_sentence(run(*daemon(name, folder, CONFIG), ok=None, timeout=10), "tap0", "exist|in use|busy|invalid")
        expect("tap0" in run("ip", "-n", name, "-o", "link").stdout, "hairpind removed a TAP that was not its own")


def test_a_namespace_that_does_not_exist():
    with workplace() as (name, folder):
        config = changed(lambda c: c["hairpin:switch"]["port"][0]["tap"].update(namespace="hp-test-nowhere"))
        expect_one_sentence(run(*daemon(name, folder, config), ok=None, timeout=10), "hp-test-nowhere")


def test_a_missing_privilege():
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    no_network_admin = ("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin")
    with workplace() as (name, folder):
        for program in (HAIRPIND, HAIRPIN):
            shutil.copy(program, folder)  # the build may lie where nobody may enter
        os.chmod(write(folder, CONFIG), 0o644)
        os.chmod(folder, 0o777)  # so that only the privilege is missing
        expect_one_sentence(run(*daemon(name, folder, CONFIG, nobody, folder / "hairpind"), ok=None, timeout=10),
                            "permi|privilege", "CAP_NET_ADMIN|root")
        expect_one_sentence(run(*daemon(name, folder, CONFIG, no_network_admin, folder / "hairpind"), ok=None, timeout=10),
                            "permi|privilege", "CAP_NET_ADMIN|root")
        lab = Lab("hairpin", "nobody")
        shutil.copytree(lab.source, folder / "lab")
        shutil.rmtree(lab.folder)
        done = run(*nobody, folder / "hairpin", "lab", "up", folder / "lab", ok=None, timeout=10)
        expect_one_sentence(done, "root|privilege|permi", program="hairpin")


def test_a_socket_in_use():
    with workplace() as (name, folder):
        first = subprocess.Popen(daemon(name, folder, CONFIG), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        eventually((folder / "control.sock").exists, "hairpind does not come up")
        second = changed(lambda c: c["hairpin:switch"]["port"][0]["tap"].update(device="tap9"))
        done = run(*daemon(name, folder, write(folder, second, "second.json")), ok=None, timeout=10)
        expect_one_sentence(done, "control.sock", "in use|another hairpind")
        call(folder / "control.sock", "version")  # the first is still there
        expect("tap9" not in run("ip", "-n", name, "-o", "link").stdout, "the refused daemon left its TAP")
        # A socket that nobody listens on any more is no obstacle.
        first.kill()
        first.communicate()
        expect((folder / "control.sock").exists(), "the killed daemon's socket is gone, so this test shows nothing")
        again = subprocess.Popen(daemon(name, folder, CONFIG), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
        expect(again.poll() is None, "hairpind does not start over the socket of a dead one")
        call(folder / "control.sock", "version")
        again.terminate()
        again.communicate(timeout=5)


def test_no_daemon_to_speak_to():
    with workplace() as (_, folder):
        done = run(HAIRPIN, "--socket", folder / "nobody.sock", "show", "ports", ok=None)
        expect(done.returncode == 5, f"exit {done.returncode} instead of 5")
        expect_one_sentence(done, "nobody.sock", program="hairpin")


def test_clean_stop():
    with workplace() as (name, folder):
        for ending in (signal.SIGTERM, signal.SIGINT, "stop"):
            started = time.monotonic()
            child = subprocess.Popen(daemon(name, folder, CONFIG), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            control = folder / "control.sock"
            eventually(lambda: control.exists() or child.poll() is not None, "hairpind does not come up")
            ready = time.monotonic() - started
            call(control, "version")
            mode = stat.S_IMODE(control.stat().st_mode)
            expect(mode == 0o660, f"the control socket has mode {mode:o} instead of 660")
            expect("tap0" in run("ip", "-n", name, "-o", "link").stdout, "ready, but there is no TAP")
            if ending == "stop":
                call(control, "stop")
            else:
                child.send_signal(ending)
            _, log = child.communicate(timeout=5)
            expect(child.returncode == 0, f"{ending}: exit {child.returncode}\n{log}")
            expect(not control.exists(), f"{ending}: the socket file is still there")
            expect("tap0" not in run("ip", "-n", name, "-o", "link").stdout, f"{ending}: the TAP is still there")
            print(f"{ending!r}: ready after {ready * 1000:.0f} ms, ended with 0")

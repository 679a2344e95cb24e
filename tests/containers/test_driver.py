"""containers/any-image with a real engine and hairpin-docker: what people type, a hundred times up and down, and whoever is killed."""
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import engine
from engine import PATIENCE, ROOT
from support import BIN, HAIRPIN, HAIRPIND, Failure, eventually, expect, run

ANY = ROOT / "containers/any-image"
PROJECT = "anyimage"
ROUNDS = int(os.environ.get("HAIRPIN_COMPOSE_ROUNDS", "20"))
CROWD = 20  # containers that an engine starts again by itself
WEB = "http://203.0.113.80/"


class Router:
    """hairpind and hairpin-docker as a machine would run them, with the paths that they have by default."""

    def __init__(self):
        self.folder = engine.CURRENT.folder / "router"
        self.folder.mkdir()
        self.children = {}

    def __enter__(self):
        self.start("hairpind")
        self.start("hairpin-docker")
        return self

    def __exit__(self, problem, *_):
        if problem:
            for log in (self.folder / "hairpind.log", self.folder / "hairpin-docker.log", engine.CURRENT.log):
                print("".join(f"    {log.name}: {line}\n" for line in log.read_text().splitlines()[-25:]), end="")
            # While there is a driver to be asked: for what comes next.
            for name in ("hairpind", "hairpin-docker"):
                self.again(name)
            compose("down", "-t", "1", "--remove-orphans", ok=None)
        for child in self.children.values():
            child.kill()
            child.wait()
        engine.run("rm", "-rf", self.folder)

    def start(self, name):
        words = {"hairpind": [HAIRPIND, "--core", "any", "--config", ANY / "router.json", "--state", self.folder / "state",
                              "--port-socket", "/run/hairpin/ports/ports.sock"],
                 "hairpin-docker": [BIN / "hairpin-docker", "--state", self.folder / "docker.json"]}[name]
        socket_path = {"hairpind": "/run/hairpin/control.sock", "hairpin-docker": "/run/docker/plugins/hairpin.sock"}[name]
        (self.folder / "state").mkdir(exist_ok=True)
        with open(self.folder / f"{name}.log", "a") as log:
            self.children[name] = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

        def answers():
            expect(self.children[name].poll() is None, f"{name} has ended: {(self.folder / f'{name}.log').read_text()}")
            with socket.socket(socket.AF_UNIX) as probe:
                return probe.connect_ex(socket_path) == 0
        eventually(answers, f"{name} does not answer", 30)

    def kill(self, name):
        self.children[name].kill()
        self.children[name].wait()

    def again(self, name):
        self.kill(name)
        self.start(name)


def rows(*words):
    return json.loads(run(HAIRPIN, "--json", *words).stdout)["rows"]


def configured():
    whole = json.loads(run(HAIRPIN, "--json", "show", "configuration").stdout)
    whole = whole.get("config", whole)
    return {name: part for name, part in whole.items() if name.startswith("hairpin:") and part}


def compose(*words, **options):
    return run("docker-compose", "-p", PROJECT, *words, cwd=options.pop("cwd", ANY), timeout=PATIENCE, **options)


def try_at(service, *words):
    return run("docker", "exec", f"{PROJECT}_{service}_1", *words, ok=None)


def answers(service, address=WEB):
    done = try_at(service, "curl", "-sS", "--max-time", "1", "-o", "/dev/null", "-w", "%{http_code}", address)
    return done.stdout.strip() == "200"


def works(why=""):
    for service in ("workstation", "internet"):
        eventually(lambda: answers(service), f"{service} does not reach {WEB} {why}", 60)


def devices():
    return [line for line in run("ip", "-o", "link").stdout.splitlines() if re.search(r": hp[0-9a-f]{12}", line)]


def nothing_is_left():
    expect(configured() == {}, f"the router has something left: {configured()}")
    expect(not devices(), f"devices are left: {devices()}")


# -- what it is for ----------------------------------------------------------------------------------------------------------------

def test_driver_takes_any_image():
    with Router():
        compose("up", "-d")
        works()
        routes = Path(f"/proc/{engine.inspect(f'{PROJECT}_workstation_1')['State']['Pid']}/net/route").read_text()
        expect("0101A8C0" in routes, f"the workstation has no default route by the gateway: {routes}")
        expect(answers("workstation", "http://203.0.113.10/"), "no way out")
        expect(not answers("internet", "http://192.168.1.20/"), "the inside is open to the outside")
        counters = Path(f"/proc/{engine.inspect(f'{PROJECT}_webserver_1')['State']['Pid']}/net/dev").read_text()
        interfaces = re.findall(r"(eth\d+):", counters)
        expect(interfaces == ["eth0"], f"the web server has {interfaces}")
        names = {row["name"]: row["state"] for row in rows("show", "ports")}
        expect(names == {"lan-192.168.1.10": "up", "lan-192.168.1.20": "up", "wan-203.0.113.10": "up"}, f"the ports are {names}")
        expect(any(rule["id"] == 1_000_000 and rule["hits"] >= 1 for rule in rows("show", "nat", "rules")), "the published port's rule has no hit")
        compose("down", "-t", "1")
        nothing_is_left()


def test_driver_up_and_down():
    with Router():
        times = []
        for number in range(ROUNDS):
            began = time.monotonic()
            compose("up", "-d")
            works(f"in round {number}")
            compose("down", "-t", "1")
            times.append(time.monotonic() - began)
            nothing_is_left()
        print(f"    {ROUNDS} times up and down, {min(times):.1f} to {max(times):.1f} s each")


def test_driver_is_killed_between_what_people_type():
    with Router() as router:
        steps = (("up", "--no-start"), ("up", "-d"), ("restart", "-t", "1", "webserver"), ("stop", "-t", "1"), ("up", "-d"))
        for who in (("hairpin-docker",), ("hairpind",), ("hairpind", "hairpin-docker")):
            for step in steps:
                compose(*step)
                for name in who:
                    router.kill(name)
                for name in who:
                    router.start(name)
                if step == ("up", "-d"):
                    works(f"after {' and '.join(who)} were killed")
            compose("down", "-t", "1")
            nothing_is_left()


def test_driver_and_an_engine_that_begins_again():
    with Router() as router:
        run("docker", "network", "create", "-d", "hairpin", "-o", "hairpin.segment=crowd", "--subnet", "192.168.7.0/24", "crowd")
        names = [f"crowd-{number}" for number in range(CROWD)]
        for number, name in enumerate(names):
            run("docker", "run", "-d", "--restart", "always", "--name", name, "--network", "crowd", "--ip", f"192.168.7.{number + 10}",
                "--stop-timeout", "1", "nginx:stable", timeout=PATIENCE)

        def everybody_is_up():
            return {row["name"]: row["state"] for row in rows("show", "ports")} == {f"crowd-192.168.7.{number + 10}": "up" for number in range(CROWD)}

        eventually(everybody_is_up, "not every container has its port", 60)
        try:
            for how in (signal.SIGTERM, signal.SIGKILL):
                engine.CURRENT.stop(how)
                if how == signal.SIGKILL:  # and the driver with it, as when a machine crashes
                    router.again("hairpin-docker")
                engine.CURRENT.start()
                eventually(everybody_is_up, f"after {how.name} not every container has its port again: "
                                            f"{run('docker', 'ps', '-a', '--format', '{{.Names}} {{.Status}}').stdout}", 180)
                done = run("docker", "exec", names[0], "curl", "-sS", "--max-time", "5", "-o", "/dev/null", f"http://192.168.7.{CROWD + 9}/", ok=None)
                expect(done.returncode == 0, f"after {how.name} the first does not reach the last: {done.stderr}")
                expect("crowd" in run("docker", "network", "ls", "--format", "{{.Name}}").stdout.split(), "the network has gone")
        finally:
            run("docker", "rm", "-f", *names, ok=None, timeout=PATIENCE)
            run("docker", "network", "rm", "crowd", ok=None)
        nothing_is_left()


def test_driver_readme():
    """Types what the README says, as far as it is docker-compose and hairpin; what is indented below a line must appear in what it says."""
    text = (ANY / "README.md").read_text()
    typed = 0
    with Router():
        for block in re.findall(r"```\n(.*?)```", text, re.S):
            for command, wanted in re.findall(r"^((?:docker-compose|hairpin) .*)\n((?:    .*\n)*)", block, re.M):
                typed += 1
                line = command.replace("docker-compose ", f"docker-compose -p {PROJECT} ").replace(" exec ", " exec -T ")
                done = subprocess.run(["bash", "-c", line], cwd=ANY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      text=True, timeout=PATIENCE, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
                if done.returncode:
                    raise Failure(f"README: {command}\n  ended with {done.returncode}\n{done.stdout}")
                for row in wanted.splitlines():
                    pattern = re.escape(" ".join(row.split())).replace(r"\.\.\.", ".*")
                    expect(re.search(pattern, re.sub(" +", " ", done.stdout)), f"README: {command}\n  did not say: {row.strip()}\n  but:\n{done.stdout}")
                if " up -d" in command:
                    works()
        expect(typed >= 6, f"only {typed} commands of the README were found")
        nothing_is_left()

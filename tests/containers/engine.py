"""A Docker engine of a run's own, and docker-compose with the lab of containers/hairpin.

Everything here runs inside the namespaces that `run` has made: what the engine writes lies in memory, /run and /etc are ours to change, and
there is no network but what containers have among themselves.
"""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from support import Failure, expect, run

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "containers/hairpin"
PROGRAMS = "hairpin/programs:built"
PATIENCE = 300  # of a command of Docker's, in seconds: a busy machine needs many


CURRENT = None  # the run's


class Engine:
    def __init__(self, folder, prefix):
        self.folder = folder / "engine"
        self.group = folder.name
        self.log = folder / "dockerd.log"
        self.process = None
        expect(folder.name.startswith(prefix), f"{folder} is no folder of a run")

    def __enter__(self):
        self.own_mounts()
        socket = self.folder / "docker.sock"
        os.environ.update(DOCKER_HOST=f"unix://{socket}", DOCKER_CONFIG=str(self.folder / "client"), PATH=f"/usr/sbin:/usr/bin:{os.environ['PATH']}",
                          COMPOSE_PROJECT_NAME="hairpin", DOCKER_BUILDKIT="1", COMPOSE_DOCKER_CLI_BUILD="1", HAIRPIN_BUILD_NETWORK="none",
                          COMPOSE_ANSI="never", COMPOSE_HTTP_TIMEOUT=str(PATIENCE))
        self.socket = socket
        try:
            self.start()
        except Failure as failure:
            raise SystemExit(str(failure)) from None
        global CURRENT
        CURRENT = self
        return self

    def start(self, tries=3):
        """A busy machine may need longer than the 15 seconds that dockerd gives its containerd: then once more."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                ["dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec", "--pidfile", self.folder / "pid",
                 "-H", f"unix://{self.socket}", "--cgroup-parent", f"/{self.group}", "--exec-opt", "native.cgroupdriver=cgroupfs",
                 "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false", "--bridge=none", "--userland-proxy=false"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 120
        while subprocess.run(["docker", "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            said = self.log.read_text().splitlines()
            if self.process.poll() is not None and tries > 1 and "timeout waiting for containerd" in said[-1]:
                return self.start(tries - 1)
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failure("dockerd did not begin:\n" + "\n".join(said[-20:]))
            time.sleep(0.1)

    def __exit__(self, *_):
        self.stop()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.bury_containerd()

    @staticmethod
    def bury_containerd():
        """A killed dockerd takes its containerd along, and leaves it to us, who are the first process here: until somebody has waited for it,
        the next dockerd takes it for a living one."""
        for file in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, rest = file.read_text().split(") ", 1)
            except OSError:
                continue  # it has gone since
            if name.endswith("(containerd") and int(rest.split()[1]) == os.getpid():
                os.waitpid(int(file.parent.name), 0)

    def own_mounts(self):
        self.folder.mkdir()
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.folder)
        for name in ("etc", "work", "client"):
            (self.folder / name).mkdir()
        run("mount", "-t", "overlay", "-o", f"lowerdir=/etc,upperdir={self.folder}/etc,workdir={self.folder}/work", "overlay", "/etc")
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        run("ip", "link", "set", "lo", "up")

    def run(self, *words, **options):
        return run("docker", *words, timeout=options.pop("timeout", PATIENCE), **options)

    def import_images(self, folder, from_source=False):
        """What a registry would give, and the programs; then docker-compose builds the lab's images."""
        self.run("import", folder / "base.tar", "debian:bookworm-slim")
        self.run("build", "-q", "--network", "none", "-t", "nginx:stable", ROOT / "tests/containers/nginx")
        if not from_source:
            run("sh", "-c", f'tar -C "$1" -c . | docker import - {PROGRAMS}', "sh", folder / "programs")
            os.environ["HAIRPIN_PROGRAMS"] = PROGRAMS
        run("docker-compose", "build", cwd=LAB, timeout=3600)

    def clear(self):
        """Takes down what a test has left of the lab."""
        if self.process.poll() is not None:
            self.start()
        run("docker-compose", "down", "-v", "--remove-orphans", "-t", "2", cwd=LAB, ok=None, timeout=PATIENCE)
        others = self.run("ps", "-aq").stdout.split()
        if others:
            self.run("rm", "-f", *others)

    def tell(self):
        """What there is to see, after a failure."""
        shown = [("docker-compose", "exec", "-T", "gateway", "hairpin", "show", *what) for what in (("counters",), ("arp",), ("sessions",), ("ports",), ("ports", "drops"))]
        for words in (("docker-compose", "ps"), *shown, ("docker-compose", "logs", "--no-color", "--tail=20")):
            print("".join(f"    {line}\n" for line in run(*words, cwd=LAB, ok=None).stdout.splitlines()), end="")


def compose(*words, **options):
    return run("docker-compose", *words, cwd=LAB, timeout=options.pop("timeout", PATIENCE), **options)


def container(service, number=1):
    return f"hairpin_{service}_{number}"


def try_at(service, *words):
    """Runs a command in a service's container; it may fail."""
    return run("docker", "exec", container(service), *words, ok=None)


def at(service, *words):
    """Runs a command in a service's container, and returns what it says."""
    return run("docker", "exec", container(service), *words).stdout


def inspect(name):
    return json.loads(run("docker", "inspect", name).stdout)[0]


def health(name):
    return inspect(name)["State"]["Health"]["Status"]


def rows(*words):
    """What a show command of the router says, as JSON."""
    return json.loads(at("gateway", "hairpin", "--json", *words))["rows"]


def row(name, *words):
    found = [each for each in rows(*words) if name in (each.get("name"), each.get("id"))]
    if not found:
        raise Failure(f"{' '.join(words)} has no {name}")
    return found[0]

"""A virtual machine in a namespace of its own, as somebody starts it by hand: with the words of `hairpin port qemu-args`."""
import base64
import contextlib
import json
import os
import shlex
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from support import HAIRPIN, HAIRPIND, Failure, ended, eventually, expect, run

GUEST = Path(os.environ["HAIRPIN_BUILD"]) / "guest"  # scripts/guest-image has made it
PATIENCE = 240  # seconds, until an emulated machine has booted on a machine that has other things to do
USABLE_KVM = os.access("/dev/kvm", os.R_OK | os.W_OK)


class Machine:
    """Booted inside, ended behind; by its process, whose id is known."""

    def __init__(self, namespace, arguments, mac, address, router, name="guest"):
        self.namespace, self.arguments, self.name = namespace, arguments, name
        self.folder = Path(tempfile.mkdtemp(prefix="hairpin-vm-"))
        self.append = f"console=ttyS0 panic=-1 quiet hairpin.name={name} hairpin.if=eth1,{mac},{address},{router}"
        self.process = None

    def __enter__(self):
        try:
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end()
        for file in self.folder.iterdir():
            file.unlink()
        self.folder.rmdir()

    def boot(self):
        console, agent = self.folder / "console", self.folder / "agent"
        console.write_text("")
        agent.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
             "-machine", "accel=kvm:tcg", "-m", "192", "-kernel", str(GUEST / "vmlinuz"), "-initrd", str(GUEST / "initrd"), "-append", self.append,
             "-chardev", f"file,id=console,path={console}", "-serial", "chardev:console",
             "-chardev", f"socket,id=agent,path={agent},server=on,wait=off", "-serial", "chardev:agent",
             *self.arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started = time.monotonic()
        try:
            with socket.socket(socket.AF_UNIX) as listener:  # what is said while nobody listens is lost
                eventually(lambda: self.process.poll() is not None or listener.connect_ex(str(agent)) == 0, "QEMU does not begin", 60)
                listener.settimeout(PATIENCE)
                said = b""
                while b"ready" not in said.split():
                    part = listener.recv(4096)
                    expect(part, "the machine has ended while it booted")
                    said += part
        except OSError as problem:
            self.end()
            raise Failure(f"the machine does not boot: {problem}; its console: {console.read_text(errors='replace')}")
        print(f"booted in {time.monotonic() - started:.1f} s")

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.communicate()
        self.process = None

    def run(self, script, ok=(0,), limit=60):
        """Runs a shell script in the machine. Returns what it said on its output."""
        with socket.socket(socket.AF_UNIX) as agent:
            agent.settimeout(PATIENCE)
            agent.connect(str(self.folder / "agent"))
            identity = f"{os.getpid()}.{time.monotonic_ns()}"
            agent.sendall(f"\n{identity} {limit} ".encode() + base64.b64encode(script.encode()) + b"\n")
            said = b""
            while True:
                lines = said.split(b"\n")
                for line in lines[:-1]:
                    words = line.split()
                    if len(words) == 4 and words[0].decode() == identity:
                        status, output, errors = int(words[1]), *(base64.b64decode(word[1:]).decode() for word in words[2:])
                        if ok is not None and status not in ok:
                            raise Failure(f"in the machine: {script}\n  ended with {status}\n{output}{errors}")
                        return output
                part = agent.recv(65536)
                expect(part, "the machine ended instead of answering")
                said += part

    def reaches(self, address, seconds=10):
        """Waits until it gets an answer from there: whoever has just come back is looked for by ARP again."""
        deadline = time.monotonic() + seconds
        while "1 packets received" not in self.run(f"ping -c 1 -W 1 {address}", ok=None):
            if time.monotonic() > deadline:
                raise Failure(f"the machine gets no answer from {address} within {seconds} s")


def qemu_args(lab, port):
    """What `hairpin port qemu-args` says, both ways."""
    answer = json.loads(lab.hairpin("port", "qemu-args", port, "--json").stdout)
    said = lab.hairpin("port", "qemu-args", port).stdout
    expect(shlex.split(said.splitlines()[0]) == answer["arguments"], f"text and JSON differ: {said} {answer}")
    return answer


def add_port(lab, entry):
    file = lab.folder / "port.json"
    file.write_text(json.dumps(entry))
    lab.hairpin("port", "load", file)


def port_row(lab, name):
    return next(row for row in lab.rows("show", "ports") if row["name"] == name)


@contextlib.contextmanager
def daemon_away(lab):
    """Inside, hairpind has been killed; behind, it runs again with the same words, by the commits that it left."""
    version = lab.call("version")
    words = Path(f"/proc/{version['pid']}/cmdline").read_bytes().split(b"\0")[:-1]
    at = words.index(b"--ready-fd")
    del words[at:at + 2]
    os.kill(version["pid"], 9)
    eventually(lambda: ended(version["pid"]), "hairpind does not end")
    yield
    log = open(lab.state / "log/hairpind.log", "a")
    lab.start("edge", HAIRPIND, *(word.decode() for word in words[1:]), stdout=log, stderr=log, cwd=lab.state)
    eventually(lambda: run(HAIRPIN, "--lab", lab.name, "show", "version", ok=None).returncode == 0, "hairpind does not come back", 20)

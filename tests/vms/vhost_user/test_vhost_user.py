"""Two virtual machines at ports of kind vhost-user: QEMU without KVM, Debian's cloud kernel, busybox. Needs no root; no packet leaves the sockets.

    /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/vms/vhost_user

The kernel comes from HAIRPIN_VM_KERNEL, a folder into which the package linux-image-...-cloud-amd64 was unpacked, or is downloaded by apt-get
into a temporary folder. Without QEMU, busybox-static or the kernel the tests are skipped.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HAIRPIND = Path(os.environ.get("HAIRPIN_BUILD", ROOT / "build")).resolve() / "bin/hairpind"
QEMU, BUSYBOX = shutil.which("qemu-system-x86_64"), Path("/bin/busybox")
PATIENCE = 120  # seconds: without KVM on a busy machine a guest is slow
KERNEL_PACKAGE = "linux-image-cloud-amd64"
# In the order in which one needs the other.
MODULES = ["virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "failover", "net_failover", "virtio_net"]
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for module in MODULES; do insmod /lib/$module.ko; done
ip link set lo up; ip link set eth0 up
for word in $(cat /proc/cmdline); do case $word in address=*) ip addr add ${word#address=} dev eth0;; esac; done
mkdir -p /www; echo hello > /www/index.html; httpd -h /www
stty -echo -F /dev/ttyS0
echo guest-is-ready
exec sh </dev/ttyS0 >/dev/ttyS0 2>&1
"""


def await_that(condition, what, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} (waited {seconds} s)"
        time.sleep(0.05)  # what is asked is another process
    return found


@pytest.fixture(scope="session")
def kernel(tmp_path_factory):
    """Folder with boot/vmlinuz-* and lib/modules, as the package has it."""
    if not QEMU or not BUSYBOX.exists() or not HAIRPIND.exists():
        pytest.skip("needs qemu-system-x86, busybox-static, and hairpind built")
    if folder := os.environ.get("HAIRPIN_VM_KERNEL"):
        return Path(folder)
    folder = tmp_path_factory.mktemp("kernel")
    depends = subprocess.run(["apt-cache", "depends", KERNEL_PACKAGE], stdout=subprocess.PIPE, text=True).stdout
    package = re.search(r"Depends: (linux-image-\S+)", depends)
    if not package or subprocess.run(["apt-get", "download", package.group(1)], cwd=folder, stdout=subprocess.DEVNULL).returncode != 0:
        pytest.skip("the kernel cannot be downloaded")
    subprocess.run(["dpkg-deb", "-x", *folder.glob("*.deb"), folder], check=True)
    return folder


@pytest.fixture(scope="session")
def initrd(kernel, tmp_path_factory):
    root = tmp_path_factory.mktemp("initrd")
    for name in ("bin", "lib", "proc", "sys", "dev"):
        (root / name).mkdir()
    shutil.copy(BUSYBOX, root / "bin/busybox")
    for module in MODULES:
        shutil.copy(next((kernel / "lib/modules").rglob(f"{module}.ko")), root / "lib")
    (root / "init").write_text(INIT.replace("MODULES", " ".join(MODULES)))
    (root / "init").chmod(0o755)
    archive = root.parent / "initrd.cpio"
    names = "\n".join(str(path.relative_to(root)) for path in root.rglob("*"))
    with open(archive, "wb") as file:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names.encode(), stdout=file, check=True)
    return archive


class Daemon:
    def __init__(self, folder, ports):
        self.folder, self.process = folder, None
        document = {"hairpin:switch": {"segment": [{"name": "lan"}], "port": [
            {"name": name, "segment": "lan", "vhost-user": {"socket": str(folder / f"{name}.vhost")} | more} for name, more in ports.items()]}}
        (folder / "config.json").write_text(json.dumps(document))

    def start(self):
        ready, told = os.pipe()
        with open(self.folder / "daemon.log", "a") as log:
            self.process = subprocess.Popen(
                [HAIRPIND, "--config", self.folder / "config.json", "--socket", self.folder / "control", "--ready-fd", str(told), "--core", "any"],
                pass_fds=[told], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(told)
        with os.fdopen(ready) as pipe:
            assert pipe.read(1) == "1", self.log()

    def end(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)

    def ask(self, method):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(PATIENCE)
            control.connect(str(self.folder / "control"))
            control.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method}).encode() + b"\n")
            return json.loads(control.makefile().readline())["result"]

    def port(self, name):
        return next(row for row in self.ask("show.ports")["rows"] if row["name"] == name)

    def await_state(self, name, state):
        await_that(lambda: self.port(name)["state"] == state, f"{name} is not {state}: {self.port(name)}")

    def log(self):
        return (self.folder / "daemon.log").read_text()


class Guest:
    """A virtual machine whose shell is at its serial port."""
    def __init__(self, folder, kernel, initrd, name, number, server=False):
        self.folder, self.name, self.marks, self.address = folder, name, 0, f"10.0.0.{number}"
        chardev = f"socket,id=c,path={folder / name}.vhost," + ("server=on,wait=off" if server else "reconnect=1")
        self.console = folder / f"{name}.console"
        self.console.write_bytes(b"")
        self.errors = folder / f"{name}.errors"
        self.monitor = folder / f"{name}.monitor"
        with open(self.console, "wb") as console, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [QEMU, "-nodefaults", "-no-user-config", "-nographic", "-object", "memory-backend-memfd,id=m,size=192M,share=on",
                 "-machine", "q35,memory-backend=m", "-m", "192M", "-kernel", next((kernel / "boot").glob("vmlinuz-*")), "-initrd", initrd,
                 "-append", f"console=ttyS0 quiet no_timer_check panic=-1 address={self.address}/24", "-serial", "stdio",
                 "-monitor", f"unix:{self.monitor},server=on,wait=off", "-chardev", chardev, "-netdev", "vhost-user,id=n,chardev=c",
                 # Without KVM, QEMU 7.2 ends by itself where a vhost device has MSI-X: vectors=0.
                 "-device", f"virtio-net-pci,netdev=n,mac=52:54:00:00:00:{number:02x},rx_queue_size=1024,vectors=0"],
                stdin=subprocess.PIPE, stdout=console, stderr=errors)

    def said(self):
        return self.console.read_text(errors="replace")

    def await_ready(self, times=1):
        await_that(lambda: self.said().count("guest-is-ready") >= times, f"{self.name} does not boot: {self.said()[-2000:]}")

    def run(self, command):
        """Runs a command in the guest: its output. It must end well."""
        self.marks += 1
        begin = len(self.said())
        self.process.stdin.write(f"{command}; echo mark-{self.marks}-$?-\n".encode())
        self.process.stdin.flush()
        done = await_that(lambda: re.search(rf"mark-{self.marks}-(\d+)-", self.said()[begin:]), f"{command} does not end in {self.name}")
        output = self.said()[begin:][:done.start()]
        assert done.group(1) == "0", f"{command}\n{output}"
        return output

    def await_ping(self, other):
        await_that(lambda: "1 packets received" in self.run(f"ping -c 1 -W 2 {other.address} || true"), f"{other.name} does not answer")

    def reset(self):
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self.monitor))
            monitor.sendall(b"system_reset\n")
            monitor.settimeout(PATIENCE)
            while b"system_reset" not in monitor.recv(4096):
                pass

    def end(self):
        self.process.kill()
        self.process.wait(30)


@pytest.fixture
def world(tmp_path, kernel, initrd):
    """A daemon and what makes guests of it; all of it ends with the test."""
    class World:
        guests = []
        daemon = Daemon(tmp_path, {"first": {}, "second": {}})

        def guest(self, name, number, **more):
            self.guests.append(Guest(tmp_path, kernel, initrd, name, number, **more))
            return self.guests[-1]

        def pair(self):
            self.daemon.start()
            both = self.guest("first", 1), self.guest("second", 2)
            for each in both:
                each.await_ready()
            return both

    made = World()
    made.guests = []
    yield made
    for guest in made.guests:
        guest.end()
    made.daemon.end()


def test_guests_reach_each_other_and_super_packets_pass_whole(world):
    first, second = world.pair()
    for name in ("first", "second"):
        world.daemon.await_state(name, "up")
    first.await_ping(second)
    assert "hello" in first.run(f"wget -q -O - http://{second.address}/")

    checksum = second.run("dd if=/dev/urandom of=/www/big bs=1M count=16 2>/dev/null; md5sum < /www/big").split()[0]
    before = world.daemon.port("first")
    assert first.run(f"wget -q -O - http://{second.address}/big | md5sum").split()[0] == checksum
    after = world.daemon.port("first")
    packets, size = (after[key] - before[key] for key in ("out_packets", "out_bytes"))
    assert size > 16 << 20
    assert size / packets > 4 * 1514, f"{size} bytes in {packets} packets: cut on the way"
    balance = next(row for row in world.daemon.ask("show.counters")["rows"] if row["name"] == "balance")
    assert balance["value"] == 0


def test_a_daemon_that_was_killed_comes_back_under_running_guests(world):
    first, second = world.pair()
    first.await_ping(second)
    world.daemon.end(signal.SIGKILL)
    world.daemon.start()
    for name in ("first", "second"):
        world.daemon.await_state(name, "up")
    first.await_ping(second)
    assert "hello" in second.run(f"wget -q -O - http://{first.address}/")


def test_a_guest_that_is_reset_or_killed_comes_back(world):
    first, second = world.pair()
    first.await_ping(second)
    second.reset()
    second.await_ready(times=2)
    first.await_ping(second)

    second.end()
    world.daemon.await_state("second", "detached")
    assert "closed its connection" in world.daemon.port("second")["why_detached"]
    assert "event=port_detached port=second" in world.daemon.log()
    again = world.guest("second", 2)
    again.await_ready()
    world.daemon.await_state("second", "up")
    first.await_ping(again)


def test_a_front_end_may_be_the_one_that_listens(tmp_path, world):
    world.daemon = Daemon(tmp_path, {"first": {}, "second": {"mode": "client"}})
    world.daemon.start()
    first, second = world.guest("first", 1), world.guest("second", 2, server=True)
    for each in (first, second):
        each.await_ready()
    first.await_ping(second)

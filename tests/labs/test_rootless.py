"""Labs of somebody who is not root: all of it in a user namespace, and nothing of it left."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support import BIN, HAIRPIN, TOPOLOGIES, eventually, expect, own_network, run

USER = 61234  # nobody's on any machine; a user of whom /etc/passwd knows nothing is the harder case

# The user's view of /dev/net/tun is a mount of this command's own: the machine's node stays as it is.
BECOME = """
set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
mknod -m "$2" "$1/tun" c 10 200
mount --bind "$1/tun" /dev/net/tun
shift 2
exec setpriv --reuid {user} --regid {user} --clear-groups --inh-caps=-all --bounding-set=-all -- "$@"
""".format(user=USER)


class User:
    """An ordinary user with a home and a runtime folder, and a copy of a topology. At the end nothing of theirs runs, and nothing lies there."""

    def __init__(self, *topologies, tun_mode="666"):
        self.folder = Path(tempfile.mkdtemp(prefix="hairpin-user-"))
        self.runtime = self.folder / "run"
        self.devices = self.folder / "devices"
        self.tun_mode = tun_mode
        for name in ("run", "home", "devices"):
            (self.folder / name).mkdir(mode=0o700)
        for topology in topologies:
            shutil.copytree(TOPOLOGIES / topology, self.folder / "home" / topology)
        for path in [self.folder, *self.folder.rglob("*")]:
            os.chown(path, USER, USER)

    def __enter__(self):
        self.before = own_network()
        return self

    def __exit__(self, kind, *_):
        try:
            left = self.processes()
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if kind is None:
                expect(not left, f"processes of the user are left: {left}")
                files = [str(path) for path in self.runtime.rglob("*")]
                expect(not files, f"files are left: {files}")
                expect(own_network() == self.before, "the machine's own network has changed")
                expect(not Path("/run/hairpin/labs/hairpin").exists() and not Path("/run/netns/hp-hairpin-edge").exists(),
                       "something of the lab was put where root's labs are")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self):
        found = {}
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if folder.name.isdigit() and folder.stat().st_uid == USER:
                    status = (folder / "status").read_text()
                    if "State:\tZ" not in status:
                        found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return found

    def words(self, *words):
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", BECOME, "become", str(self.devices), self.tun_mode,
                *[str(word) for word in words]]

    @property
    def environment(self):
        return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder / "home"), "XDG_RUNTIME_DIR": str(self.runtime),
                "LANG": "C.UTF-8", "HAIRPIN_TOPOLOGIES": str(self.folder / "home")}

    def run(self, *words, **options):
        options.setdefault("cwd", self.folder / "home")
        return run(*self.words(*words), env=self.environment, **options)

    def hairpin(self, *words, **options):
        return self.run(HAIRPIN, *words, **options)

    def state(self, lab):
        return json.loads((self.runtime / "hairpin" / "labs" / lab / "state.json").read_text())


def test_an_ordinary_user_has_a_whole_lab():
    with User("hairpin") as user:
        said = user.hairpin("lab", "up", "hairpin").stdout
        expect('The lab "hairpin" is up' in said, said)
        page = user.hairpin("lab", "exec", "hairpin", "workstation", "--", "curl", "-s", "http://203.0.113.80/").stdout
        expect("you are 192.168.255.1" in page, page)
        # From outside of the enclave, by the socket alone, as any program might.
        shown = user.hairpin("--lab", "hairpin", "show", "sessions").stdout
        expect("203.0.113.80" in shown, shown)
        expect("hairpin" in user.hairpin("lab", "list").stdout, "list does not know the lab")
        where = user.hairpin("lab", "exec", "hairpin", "workstation", "--", "pwd").stdout.strip()
        expect(where == "/run/hairpin/labs/hairpin/files/workstation", where)
        said = user.hairpin("lab", "verify", "hairpin", timeout=110).stdout
        expect(" 0 failed" in said, said)
        expect("is down" in user.hairpin("lab", "down", "hairpin").stdout, "down says nothing")


def test_an_ordinary_user_impairs_and_captures_links():
    with User("hairpin") as user:
        user.hairpin("lab", "up", "hairpin")
        said = user.hairpin("lab", "impair", "show", "hairpin").stdout
        expect(said == 'Every link of the lab "hairpin" is perfect.\n', said)
        user.hairpin("lab", "impair", "set", "hairpin", "webserver:eth1", "--delay", "1ms")
        expect("delay 1ms" in user.hairpin("lab", "impair", "show", "webserver").stdout, "the link is not late")
        said = user.hairpin("lab", "link", "down", "webserver:eth1").stdout
        expect("is down" in said, said)
        user.hairpin("lab", "link", "up", "hairpin", "webserver:eth1")
        user.hairpin("lab", "exec", "hairpin", "workstation", "--", "cat", "/sys/class/net/lo/operstate")
        done = user.hairpin("lab", "capture", "hairpin", "workstation", "-w", "seen.pcapng", "--duration", "1s")
        expect((user.folder / "home" / "seen.pcapng").stat().st_uid == USER, f"no capture: {done.stderr}")
        done = user.hairpin("lab", "capture", "nowhere", "-w", "-", ok=(4,))
        expect('no end of a link "nowhere"' in done.stderr, done.stderr)
        offered = user.run(BIN / "hairpindump", "--extcap-interfaces").stdout
        expect("{value=hairpin:hairpin:port:workstation}" in offered, offered)
        user.hairpin("lab", "down", "hairpin")


WITH_TUN = """
set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
mknod -m 666 "$1/tun" c 10 200
mount --bind "$1/tun" /dev/net/tun
shift
exec "$@"
"""
NO_NETWORK_NAMESPACES = """
echo 0 > /proc/sys/user/max_net_namespaces
exec setpriv --reuid {0} --regid {0} --clear-groups -- "$@"
""".format(USER)


@contextlib.contextmanager
def user_namespace():
    """One of our own, in which everybody is who he is outside, for limits that are a user namespace's: the words that run a script in it, as root."""
    holder = subprocess.Popen(["unshare", "--user", "cat"], stdin=subprocess.PIPE)
    try:
        ours = os.readlink("/proc/self/ns/user")
        eventually(lambda: os.readlink(f"/proc/{holder.pid}/ns/user") != ours, "unshare makes no user namespace")
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{holder.pid}/{kind}").write_text("0 0 65536")
        yield "nsenter", "--user", "--target", str(holder.pid), "--setuid", "0", "--setgid", "0", "sh", "-c"
    finally:
        holder.communicate()


def test_who_may_have_no_network_namespace_is_told():
    with User("hairpin") as user, user_namespace() as within:
        inside = run("unshare", "--mount", "--propagation", "private", "sh", "-c", WITH_TUN, "tun", user.devices, *within, NO_NETWORK_NAMESPACES,
                     "limited", HAIRPIN, "lab", "up", "hairpin", env=user.environment, cwd=user.folder / "home", ok=None)
        expect(inside.returncode == 1 and "sysctl user.max_net_namespaces=10000" in inside.stderr, f"ended with {inside.returncode}: {inside.stderr}")


def test_an_ordinary_users_lab_outlives_its_daemon():
    with User("hairpin") as user:
        user.hairpin("lab", "up", "hairpin")
        os.kill(user.state("hairpin")["daemon"]["pid"], signal.SIGKILL)
        said = user.hairpin("lab", "up", "hairpin").stdout
        expect("is up again" in said, said)
        page = user.hairpin("lab", "exec", "hairpin", "workstation", "--", "curl", "-s", "http://203.0.113.80/").stdout
        expect("web server" in page, page)
        user.hairpin("lab", "down", "hairpin")


def test_an_ordinary_users_lab_outlives_the_holder_of_its_namespaces():
    with User("hairpin") as user:
        user.hairpin("lab", "up", "hairpin")
        holder = json.loads((user.runtime / "hairpin" / "enclave.json").read_text())["pid"]
        expect(Path(f"/proc/{holder}/comm").read_text().strip() == "hairpin-enclave", "the holder is another process")
        os.kill(holder, signal.SIGKILL)
        eventually(lambda: holder not in user.processes(), "the holder lives on")
        page = user.hairpin("lab", "exec", "hairpin", "workstation", "--", "curl", "-s", "http://203.0.113.80/").stdout
        expect("web server" in page, page)
        user.hairpin("lab", "down", "--all")


def test_an_ordinary_user_has_two_labs_in_one_enclave():
    with User("hairpin", "port-forward") as user:
        user.hairpin("lab", "up", "hairpin")
        user.hairpin("lab", "up", "--name", "other", "hairpin")
        for lab in ("hairpin", "other"):
            page = user.hairpin("lab", "exec", lab, "workstation", "--", "curl", "-s", "http://203.0.113.80/").stdout
            expect("web server" in page, page)
        user.hairpin("lab", "down", "hairpin")
        expect("web server" in user.hairpin("lab", "exec", "other", "workstation", "--", "curl", "-s", "http://203.0.113.80/").stdout,
               "the other lab went with the first")
        user.hairpin("lab", "down", "other")


def test_verify_of_an_ordinary_user_leaves_nothing():
    with User("hairpin") as user:
        said = user.hairpin("lab", "verify", "hairpin", timeout=110).stdout
        expect(" 0 failed" in said, said)


def test_an_ordinary_user_without_a_tun_device_is_told():
    with User("hairpin", tun_mode="600") as user:
        done = user.hairpin("lab", "up", "hairpin", ok=(1,))
        expect("/dev/net/tun" in done.stderr and "Permission denied" in done.stderr and "chmod 666" in done.stderr, done.stderr)


LIMITED = """
echo 0 > /proc/sys/user/max_user_namespaces
exec setpriv --reuid {0} --regid {0} --clear-groups -- "$@"
""".format(USER)


def test_an_ordinary_user_without_user_namespaces_is_told():
    with User("hairpin") as user, user_namespace() as within:
        inside = run(*within, LIMITED, "limited", HAIRPIN, "lab", "up", "hairpin", env=user.environment, cwd=user.folder / "home", ok=None)
        said = inside.stderr
        expect(inside.returncode == 6, f"ended with {inside.returncode}: {said}")
        expect("user.max_user_namespaces is 0 here" in said and "sysctl user.max_user_namespaces=" in said, said)


def test_an_ordinary_user_is_told_that_a_lab_is_roots():
    with User("hairpin") as user:
        folder = Path("/run/hairpin/labs/test-of-root")
        folder.mkdir(parents=True)
        try:
            done = user.hairpin("lab", "exec", "test-of-root", "workstation", "--", "true", ok=(6,))
            expect("root's" in done.stderr and "sudo" in done.stderr, done.stderr)
        finally:
            folder.rmdir()

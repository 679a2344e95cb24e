"""`hairpin port attach`: containers that run are wired to a segment, by a process, by a namespace, and by the name that an engine knows."""
import json
import os
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from support import HAIRPIN, Lab, eventually, expect, run


class PlayedEngine:
    """Answers GET /containers/NAME/json as a Docker engine does, of the containers that it is told."""

    def __init__(self, containers):
        self.containers = containers
        self.folder = tempfile.TemporaryDirectory(prefix="hairpin-lab-")
        self.path = f"{self.folder.name}/docker.sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                name = client.recv(4096).split()[1].decode().split("/")[2]
                found = name in self.containers
                body = json.dumps({"State": {"Pid": self.containers[name]}} if found else {"message": f"No such container: {name}"})
                client.sendall(f"HTTP/1.0 {'200 OK' if found else '404 Not Found'}\r\nContent-Type: application/json\r\n\r\n{body}".encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        self.folder.cleanup()


def inside(process, *words, **options):
    return run("nsenter", "-t", process.pid, "-n", *words, **options)


def test_port_attach_wires_a_container_that_runs():
    with Lab("hairpin", "attach") as lab:
        container = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL)
        lab.children.append(container)
        ours = os.stat("/proc/self/ns/net").st_ino
        eventually(lambda: os.stat(f"/proc/{container.pid}/ns/net").st_ino != ours, "the container has no namespace of its own")
        with PlayedEngine({"web": container.pid, "stopped": 0}) as engine:
            os.environ["DOCKER_HOST"] = f"unix://{engine.path}"
            try:
                for name in (str(container.pid), "web"):
                    lab.hairpin("port", "attach", name, "eth1", "lan", "ip", "192.168.255.60/24", "gw", "192.168.255.1")
                    inside(container, "ping", "-c", "1", "-W", "2", "192.168.255.1")
                    expect("default via 192.168.255.1" in inside(container, "ip", "route").stdout, "there is no default route")
                    expect(Path(f"/run/netns/ns-{name}").exists(), "the namespace has no name")
                    lab.hairpin("port", "attach", name, "eth2", "lan")
                    lab.hairpin("port", "detach", name, "eth1")
                    expect(Path(f"/run/netns/ns-{name}").exists(), "the namespace has no name, and eth2 is in there")
                    lab.hairpin("port", "detach", name, "eth2")
                    expect(not Path(f"/run/netns/ns-{name}").exists(), "the namespace still has a name")
                    expect("eth" not in inside(container, "ip", "-br", "link").stdout, "an interface is left")
                # What must not happen
                for words, told in ((("nobody", "eth1", "lan"), "no container \"nobody\""), (("stopped", "eth1", "lan"), "does not run"),
                                    ((str(os.getpid()), "eth1", "lan"), "the network of the machine itself"), (("web", "eth1", "nowhere"), "nowhere"),
                                    (("../x", "eth1", "lan"), "no container's name")):
                    refused = run(HAIRPIN, "--lab", lab.name, "port", "attach", *words, ok=None)
                    expect(refused.returncode != 0 and told in refused.stderr, f"{words} is told {refused.returncode} {refused.stderr}")
                expect(not Path("/run/netns/ns-web").exists(), "what was refused has left a name")
            finally:
                del os.environ["DOCKER_HOST"]

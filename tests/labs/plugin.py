"""The network driver of a Docker engine, and what an engine does with it, without an engine: the same calls, the same moves of devices."""
import hashlib
import http.client
import json
import socket
import subprocess

from support import BIN, Failure, eventually, expect, run

PLUGIN = BIN / "hairpin-docker"
ACCEPT = "application/vnd.docker.plugins.v1.2+json"


def identity(name):
    """What an engine would call it: 64 hexadecimal digits."""
    return hashlib.sha256(name.encode()).hexdigest()


class Plugin:
    """hairpin-docker in the engine's network namespace."""

    def __init__(self, place, router, start=True):
        self.place, self.router = place, router
        self.socket = router.folder / "plugins/hairpin.sock"
        self.records = router.folder / "docker.json"
        self.log = open(router.folder / "plugin.log", "a+")
        self.process = None
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.log.close()

    def start(self, *before, **how):
        self.process = subprocess.Popen(["ip", "netns", "exec", self.place, *before, PLUGIN, "--socket", self.socket, "--control", self.router.control,
                                         "--port-socket", self.router.ports, "--state", self.records],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **how)
        eventually(self.answers, "the plugin does not answer", 60)

    def answers(self):
        expect(self.process.poll() is None, f"the plugin has ended: {self.said()}")
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def post(self, path, body=b""):
        """The status and what was answered."""
        connection = http.client.HTTPConnection("plugin", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(60)
        connection.sock.connect(str(self.socket))
        connection.request("POST", path, body if isinstance(body, bytes) else json.dumps(body).encode(), {"Accept": ACCEPT})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)

    def ask(self, call, **request):
        status, answer = self.post(f"/NetworkDriver.{call}", request)
        if status != 200 or "Err" in answer:
            raise Failure(f"{call} was answered {status} {answer}\n{self.said()}")
        return answer

    def refusal(self, call, **request):
        status, answer = self.post(f"/NetworkDriver.{call}", request)
        expect(status == 200 and answer.get("Err"), f"{call} was not refused, but answered {status} {answer}")
        return answer["Err"]

    # What an engine asks, in its words.

    def create_network(self, name, subnet=None, gateway=None, **options):
        pools = [{"AddressSpace": "LocalDefault", "Pool": subnet, "Gateway": gateway, "AuxAddresses": {}}] if subnet else []
        return self.ask("CreateNetwork", NetworkID=identity(name), IPv4Data=pools, IPv6Data=[],
                        Options={"com.docker.network.generic": {key.replace("_", ".", 1): value for key, value in options.items()},
                                 "com.docker.network.enable_ipv6": False})

    def create_endpoint(self, network, name, address, mac=""):
        return self.ask("CreateEndpoint", NetworkID=identity(network), EndpointID=identity(name),
                        Interface={"Address": address, "AddressIPv6": "", "MacAddress": mac}, Options={})

    def join(self, network, name, container):
        return self.ask("Join", NetworkID=identity(network), EndpointID=identity(name), SandboxKey=f"/run/netns/{container}", Options={})

    def publish(self, network, name, *ports):
        return self.ask("ProgramExternalConnectivity", NetworkID=identity(network), EndpointID=identity(name), Options=port_map(*ports))

    def call(self, what, network, name=None):
        return self.ask(what, NetworkID=identity(network), **({"EndpointID": identity(name)} if name else {}))


def port_map(*ports):
    """(container's port, host's port) each."""
    return {"com.docker.network.portmap": [{"Proto": 6, "IP": "", "Port": port, "HostIP": "", "HostPort": host, "HostPortEnd": host}
                                           for port, host in ports]}


class Container:
    """A namespace that an engine has made, and what it does there after Join and Leave."""

    def __init__(self, plugin, place, network, name, address, mac=""):
        self.plugin, self.place, self.network, self.name, self.address, self.mac = plugin, place, network, name, address, mac

    def create(self):
        given = self.plugin.create_endpoint(self.network, self.name, self.address, self.mac)["Interface"]
        expect(("MacAddress" in given) != bool(self.mac), f"with the MAC {self.mac!r} the interface that is answered is {given}")
        self.mac = self.mac or given["MacAddress"]

    def join(self):
        answer = self.plugin.join(self.network, self.name, self.place)
        self.device = answer["InterfaceName"]["SrcName"]
        for words in (["link", "set", self.device, "down"], ["link", "set", self.device, "netns", self.place, "name", "eth0"]):
            run("ip", "-n", self.plugin.place, *words)
        run("ip", "-n", self.place, "link", "set", "eth0", "address", self.mac)
        run("ip", "-n", self.place, "address", "add", self.address, "dev", "eth0")
        run("ip", "-n", self.place, "link", "set", "eth0", "up")
        if answer.get("Gateway"):
            run("ip", "-n", self.place, "route", "add", "default", "via", answer["Gateway"])
        return answer

    def leave(self):
        self.plugin.call("Leave", self.network, self.name)
        run("ip", "-n", self.place, "link", "set", "eth0", "down", ok=None)
        run("ip", "-n", self.place, "link", "set", "eth0", "netns", self.plugin.place, "name", self.device, ok=None)

    def delete(self):
        self.plugin.call("DeleteEndpoint", self.network, self.name)

"""hairpin-docker without an engine: each row of the contract, what it makes of the router, and what is left when anybody is killed between two
calls. With an engine it is in tests/containers.
"""
import contextlib
import json
import os
import signal
import socket
import subprocess
import threading

from plugin import Container, Plugin, identity, port_map
from support import HAIRPIN, eventually, expect, namespace, run
from test_hairpin_port import Gateway, listens_tcp, reaches, within

APPS = {"subnet": "192.168.1.0/24", "gateway": "192.168.1.1/24", "hairpin_segment": "apps"}


@contextlib.contextmanager
def lab():
    """A router with the guide's configuration, and a plugin in a namespace that stands for the engine's machine."""
    with namespace("gateway") as gateway, namespace("engine") as engine, Gateway() as router:
        router.place = gateway
        start_router(router)
        with Plugin(engine, router) as plugin:
            yield router, plugin


def start_router(router):
    router.start(router.place)
    eventually(lambda: run(HAIRPIN, "--socket", router.control, "show", "version", ok=None).returncode == 0, "hairpind does not answer", 20)


def configuration(router):
    return json.loads(run(HAIRPIN, "--json", "--socket", router.control, "show", "configuration").stdout)


def parts(router):
    """Segments, ports, interfaces and NAT rules that the router has, by name or number."""
    whole = configuration(router)
    whole = whole.get("config", whole)
    switch, gateway = whole["hairpin:switch"], whole["hairpin:gateway"]
    return {"segments": {each["name"] for each in switch["segment"]}, "ports": {each["name"]: each for each in switch["port"]},
            "interfaces": {each["name"]: each for each in gateway["interface"]},
            "nat": {each["id"]: each for each in gateway["nat"]["rule"]}, "firewall": {each["id"]: each for each in gateway["firewall"]["rule"]}}


def devices(place):
    return [line.split(":")[1].strip() for line in run("ip", "-n", place, "-o", "link").stdout.splitlines() if ": hp" in line]


def state(router, port):
    answer = json.loads(run(HAIRPIN, "--json", "--socket", router.control, "show", "ports").stdout)
    return next((row["state"] for row in answer["rows"] if row["name"] == port), "no port")


def test_docker_driver_answers_each_row_of_the_contract():
    with namespace("box") as box, lab() as (router, plugin):
        before = parts(router)
        network, endpoint = {"NetworkID": identity("apps")}, {"NetworkID": identity("apps"), "EndpointID": identity("web")}
        expect(plugin.post("/Plugin.Activate") == (200, {"Implements": ["NetworkDriver"]}), "Plugin.Activate")
        capabilities = plugin.ask("GetCapabilities")
        expect((capabilities["Scope"], capabilities["ConnectivityScope"]) == ("local", "local"), f"GetCapabilities: {capabilities}")
        expect(plugin.ask("GwAllocCheck", Options={}) == {"SkipIPv4": False, "SkipIPv6": True}, "GwAllocCheck with a gateway")
        bare = {"com.docker.network.generic": {"hairpin.gateway": "false"}}
        expect(plugin.ask("GwAllocCheck", Options=bare)["SkipIPv4"] is True, "GwAllocCheck without a gateway")
        expect(plugin.ask("AllocateNetwork", **network) == {"Options": {}} and plugin.ask("FreeNetwork", **network) == {}, "Swarm's two")
        expect(plugin.ask("DiscoverNew", DiscoveryType=1, DiscoveryData={}) == plugin.ask("DiscoverDelete", DiscoveryType=1) == {}, "Discover")

        expect(plugin.create_network("apps", **APPS) == {}, "CreateNetwork")
        made = parts(router)
        expect(made["segments"] - before["segments"] == {"apps"}, f"the segments are {made['segments']}")
        expect(made["interfaces"]["apps"]["address"] == ["192.168.1.1/24"], f"the interface is {made['interfaces'].get('apps')}")
        expect(plugin.create_network("apps", **APPS) == {} and parts(router) == made, "CreateNetwork again changes something")

        given = plugin.create_endpoint("apps", "web", "192.168.1.10/24")["Interface"]
        expect(list(given) == ["MacAddress"], f"CreateEndpoint without a MAC answers {given}")
        expect(plugin.create_endpoint("apps", "web", "192.168.1.10/24", "02:42:c0:a8:01:0a") == {"Interface": {}}, "CreateEndpoint with a MAC")
        expect(parts(router)["ports"]["apps-192.168.1.10"]["tap"] == {"origin": "passed", "mac": "02:42:c0:a8:01:0a"}, "the port is another")
        expect(plugin.ask("EndpointOperInfo", **endpoint) == {"Value": {"hairpin.port": "apps-192.168.1.10", "hairpin.segment": "apps"}}, "EndpointOperInfo")

        joined = plugin.join("apps", "web", box)
        expect(joined["Gateway"] == "192.168.1.1" and joined["InterfaceName"]["DstPrefix"] == "eth", f"Join: {joined}")
        expect(devices(plugin.place) == [joined["InterfaceName"]["SrcName"]], f"the devices are {devices(plugin.place)}")
        expect(plugin.join("apps", "web", box) == joined, "Join again answers something else")
        eventually(lambda: state(router, "apps-192.168.1.10") == "up", "the port has no device")

        expect(plugin.publish("apps", "web", (80, 8088), (443, 0)) == {}, "ProgramExternalConnectivity")
        rules = {number: rule for number, rule in parts(router)["nat"].items() if 1_000_000 <= number < 1_070_000}
        expect([(rule["original-port"], rule["translated-port"]) for rule in rules.values()] == [("8088", "80"), ("49152", "443")], f"{rules}")
        expect(rules[1_000_000]["original-address"] == "203.0.113.80" and rules[1_000_000]["applied-on"] == "uplink", f"{rules}")
        expect(plugin.publish("apps", "web", (80, 8088), (443, 0)) == {}, "ProgramExternalConnectivity again")
        plugin.create_endpoint("apps", "other", "192.168.1.11/24")
        taken = plugin.refusal("ProgramExternalConnectivity", NetworkID=identity("apps"), EndpointID=identity("other"), Options=port_map((80, 8088)))
        expect("8088/tcp is published by apps-192.168.1.10 already" in taken, taken)
        expect(plugin.ask("RevokeExternalConnectivity", **endpoint) == {} and 1_000_000 not in parts(router)["nat"], "RevokeExternalConnectivity")

        for _ in range(2):  # and once more, of what is not known any longer
            expect(plugin.ask("Leave", **endpoint) == plugin.ask("DeleteEndpoint", **endpoint) == {}, "Leave, DeleteEndpoint")
            expect(devices(plugin.place) == [], f"the devices are {devices(plugin.place)}")
            plugin.call("DeleteEndpoint", "apps", "other")
            expect(plugin.ask("DeleteNetwork", **network) == {}, "DeleteNetwork")
        expect(parts(router) == before, f"the router has something left: {parts(router)}")


def test_docker_driver_refuses_what_is_wrong():
    with lab() as (router, plugin):
        before = parts(router)
        for path, body, status, words in (("/NetworkDriver.Dance", b"{}", 404, "there is no"), ("/NetworkDriver.Join", b"{", 400, "no JSON object"),
                                          ("/NetworkDriver.Join", b"[]", 400, "no JSON object"), ("/NetworkDriver.Join", b"", 200, "no EndpointID"),
                                          ("/NetworkDriver.CreateNetwork", b'{"NetworkID":"a","IPv4Data":[{"Pool":"here"}]}', 200, "no IPv4 subnet")):
            answered = plugin.post(path, body)
            expect(answered[0] == status and words in answered[1]["Err"], f"{path} {body} is answered {answered}")
        for options, words in (({"hairpin.segmant": "x"}, "there are hairpin.segment, hairpin.gateway"), ({"hairpin.gateway": "maybe"}, "neither true nor false"),
                               ({"hairpin.role": "boss"}, "none of internal, uplink"), ({"hairpin.segment": "a b"}, "is no name"),
                               ({"hairpin.interface": "uplink"}, "the gateway has an interface \"uplink\" already")):
            told = plugin.refusal("CreateNetwork", NetworkID=identity("wrong"), IPv4Data=[{"Pool": "192.168.9.0/24", "Gateway": "192.168.9.1/24"}],
                                  Options={"com.docker.network.generic": options})
            expect(words in told, f"{options}: {told}")
        overlapping = plugin.refusal("CreateNetwork", NetworkID=identity("wrong"), IPv4Data=[{"Pool": "192.168.255.0/25", "Gateway": "192.168.255.126/25"}])
        expect("192.168.255" in overlapping, overlapping)
        expect("is not known here" in plugin.refusal("CreateEndpoint", NetworkID=identity("none"), EndpointID=identity("e")), "an unknown network")
        expect("is not known here" in plugin.refusal("Join", EndpointID=identity("none")), "an unknown endpoint")
        expect(parts(router) == before, "what was refused has left something")


def test_docker_driver_makes_hosts_of_containers():
    with namespace("web") as web, namespace("ws") as workstation, namespace("net") as internet, lab() as (router, plugin):
        router.port(internet, "--port", "internet", "--address", "203.0.113.1/24")
        plugin.create_network("apps", **APPS)
        # The guide's LAN: segment and gateway are there, and stay somebody else's.
        plugin.create_network("lan", "192.168.255.0/24", "192.168.255.1/24", hairpin_segment="lan")
        server, client = Container(plugin, web, "apps", "web", "192.168.1.10/24"), Container(plugin, workstation, "lan", "ws", "192.168.255.77/24")
        for each in (server, client):
            each.create()
            each.join()
        plugin.publish("apps", "web", (80, 8088))
        eventually(lambda: reaches(web, "192.168.1.1") and reaches(workstation, "192.168.255.1"), "a container does not reach the gateway")
        eventually(lambda: reaches(web, "203.0.113.1"), "a container does not reach the outside")
        children = [subprocess.Popen(["ip", "netns", "exec", web, "python3", "-m", "http.server", "80", "--directory", str(router.folder / "ports")],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
        try:
            eventually(lambda: listens_tcp(web, 80), "the server does not listen", 60)
            for place in (internet, workstation, web):
                answered = within(place, "curl", "-sS", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}", "http://203.0.113.80:8088/", ok=None)
                expect(answered.stdout == "200", f"{place} does not reach the published port: {answered.stdout}{answered.stderr}")
            plugin.call("RevokeExternalConnectivity", "apps", "web")
            refused = within(internet, "curl", "-sS", "--max-time", "0.5", "http://203.0.113.80:8088/", ok=None)
            expect(refused.returncode == 28, f"what is published no longer is reached: {refused.returncode} {refused.stderr}")
        finally:
            for child in children:
                child.kill()
                child.wait()
        for each in (server, client):
            each.leave()
            each.delete()
        for name in ("apps", "lan"):
            plugin.call("DeleteNetwork", name)
        left = parts(router)
        expect("lan" in left["interfaces"] and "lan" in left["segments"] and "apps" not in left["segments"], f"left: {left['segments']} {list(left['interfaces'])}")
        expect(devices(plugin.place) == [], "devices are left")


def test_docker_driver_is_killed_between_calls():
    """The plugin, the daemon, and both at once, before each call and while a container runs."""
    with namespace("box") as box, lab() as (router, plugin):
        before = parts(router)

        def kill_plugin():
            plugin.kill()
            plugin.start()

        def kill_router():
            router.stop(signal.SIGKILL)
            start_router(router)

        def kill_both():
            router.stop(signal.SIGKILL)
            plugin.kill()
            plugin.start()
            start_router(router)

        for disturb in (kill_plugin, kill_router, kill_both):
            container = Container(plugin, box, "apps", "web", "192.168.1.10/24")
            for step in (lambda: plugin.create_network("apps", **APPS), container.create, container.join, lambda: plugin.publish("apps", "web", (80, 8088)),
                         lambda: eventually(lambda: reaches(box, "192.168.1.1"), f"after {disturb.__name__} the container does not reach the gateway", 20)):
                step()
                disturb()
            eventually(lambda: reaches(box, "192.168.1.1"), f"after {disturb.__name__} the container does not reach the gateway", 20)
            expect(1_000_000 in parts(router)["nat"], f"after {disturb.__name__} the port is not published")
            for step in (lambda: plugin.call("RevokeExternalConnectivity", "apps", "web"), container.leave, container.delete,
                         lambda: plugin.call("DeleteNetwork", "apps")):
                step()
                disturb()
            eventually(lambda: parts(router) == before, f"after {disturb.__name__} something is left: {parts(router)}")
            eventually(lambda: devices(plugin.place) == [], f"after {disturb.__name__} devices are left")


def test_docker_driver_waits_for_a_daemon_that_has_not_begun():
    with namespace("box") as box, lab() as (router, plugin):
        router.stop(signal.SIGKILL)
        container = Container(plugin, box, "apps", "web", "192.168.1.10/24")
        plugin.create_network("apps", **APPS)
        container.create()
        container.join()
        plugin.publish("apps", "web", (80, 8088))
        start_router(router)
        eventually(lambda: reaches(box, "192.168.1.1"), "the container does not reach the gateway that has begun after it", 20)
        expect(1_000_000 in parts(router)["nat"], "the port is not published")


def test_docker_driver_takes_the_socket_that_systemd_has_opened():
    with namespace("engine") as engine, Gateway() as router, socket.socket(socket.AF_UNIX) as listener:
        plugin = Plugin(engine, router, start=False)
        plugin.socket.parent.mkdir()
        listener.bind(str(plugin.socket))
        listener.listen()
        with plugin, socket.socket(socket.AF_UNIX) as early:
            early.settimeout(20)
            early.connect(str(plugin.socket))
            early.sendall(b"POST /Plugin.Activate HTTP/1.1\r\nHost: plugin\r\nContent-Length: 0\r\n\r\n")
            plugin.start("sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh", preexec_fn=lambda: os.dup2(listener.fileno(), 3), pass_fds=(3,))
            answer = b""
            while b"NetworkDriver" not in answer:  # its head and its body may come one after the other
                part = early.recv(4096)
                expect(part, f"who asked before the plugin began is not answered but by {answer}")
                answer += part
            expect(plugin.post("/Plugin.Activate")[0] == 200, "the plugin does not answer")


def test_docker_driver_and_somebody_who_commits():
    with lab() as (router, plugin):
        plugin.create_network("apps", **APPS)
        done, attempted, committed = threading.Event(), threading.Event(), []

        def somebody():
            number = 0
            while not done.is_set():
                number += 1
                attempted.set()
                commit = f"configure; set gateway firewall rule 5 name No.{number}; commit; exit"
                if run(HAIRPIN, "--socket", router.control, "-c", commit, ok=None).returncode == 0:  # and not the second of two
                    committed.append(number)

        other = threading.Thread(target=somebody)
        other.start()
        try:
            made = range(10, 10)
            while len(made) < 20 or (len(committed) < 2 and len(made) < 200):
                made = range(10, made.stop + 1)
                if len(made) > 20:  # on a busy machine one attempt would see many of ours, and always be the second of two
                    attempted.clear()
                    attempted.wait(10)
                plugin.create_endpoint("apps", f"e{made[-1]}", f"192.168.1.{made[-1]}/24")
        finally:
            done.set()
            other.join()
        ports = parts(router)["ports"]
        expect(all(f"apps-192.168.1.{number}" in ports for number in made), f"ports are missing: {sorted(ports)}")
        expect(committed, "somebody else never came to his commit")
        expect(parts(router)["firewall"][5]["name"] == f"No.{committed[-1]}", "somebody's commit was undone")
        history = json.loads(run(HAIRPIN, "--json", "--socket", router.control, "show", "system", "commit").stdout)["rows"]
        expect(any(row["comment"] == f"docker: port apps-192.168.1.{made[-1]}" for row in history), "the history does not say who it was")

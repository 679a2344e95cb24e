"""The guide's lab in containers: what it does, what its containers may, and what becomes of them when they end and begin again."""
import json
import re
import subprocess
from pathlib import Path

import pexpect

from engine import LAB, ROOT, at, compose, container, health, inspect, row, rows, try_at
from support import Failure, eventually, expect, run

CONTAINERS = ["gateway", "workstation-port", "workstation", "webserver-port", "webserver", "internet-port", "internet"]
PORTS = {"workstation": "02:00:00:00:00:02", "webserver": "02:00:00:00:00:10", "internet": "02:00:00:00:01:01"}
NO_CAPABILITY = "0000000000000000"


def curl(service, address, *options):
    return at(service, "curl", "-sS", "--max-time", "10", *options, address)


def works(seconds=60.0):
    """Waits until the hairpin works: containers need a moment to begin."""
    def reached():
        return "you are 192.168.255.1," in try_at("workstation", "curl", "-sS", "--max-time", "1", "http://203.0.113.80/").stdout
    eventually(reached, "the workstation does not reach the web server by the external address", seconds)


def up(*words):
    compose("up", "-d", *words)
    works()


def balanced():
    counters = {each["name"]: each["value"] for each in rows("show", "counters")}
    expect(counters["balance"] == 0, f"packets in are not packets out + drops: {counters}")


def quiet():
    said = compose("logs", "--no-color", "gateway").stdout
    loud = [line for line in said.splitlines() if re.search(r"Z (warn|warning|error|critical)\b", line)]
    expect(not loud, f"the gateway's log says: {loud}")


def mac_in(service):
    return at(service, "cat", "/sys/class/net/eth1/address").strip()


def capabilities(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return {word: re.search(rf"{word}:\s*(\w+)", status).group(1) for word in ("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb", "NoNewPrivs")}


def processes_of(name):
    return [line.split()[1] for line in run("docker", "top", name).stdout.splitlines()[1:]]


# -- images --------------------------------------------------------------------------------------------------------------------------

def test_images_are_small_and_labelled():
    limits = {"gateway": 80, "port": 4}
    for name in ("gateway", "port", "toolbox", "backend"):
        image = inspect(f"hairpin/{name}:dev")
        labels = image["Config"]["Labels"] or {}
        for label in ("title", "description", "licenses", "version"):
            expect(labels.get(f"org.opencontainers.image.{label}"), f"hairpin/{name} has no label {label}: {labels}")
        if name in limits:
            expect(image["Size"] < limits[name] * 1_000_000, f"hairpin/{name} has {image['Size']} bytes")
            shell = run("docker", "run", "--rm", "--network", "none", "--entrypoint", "/bin/sh", f"hairpin/{name}:dev", "-c", "true", ok=None)
            expect(shell.returncode == 127, f"hairpin/{name} has a shell")
    files = run("sh", "-c", 'id=$(docker create hairpin/port:dev) && docker export "$id" | tar -t; docker rm "$id" >/dev/null').stdout.split()
    ours = [file for file in files if not re.match(r"(dev|proc|sys|etc)/|\.dockerenv$", file)]
    expect(ours == ["hairpin-port"], f"hairpin/port holds {ours}")


# -- what it does --------------------------------------------------------------------------------------------------------------------

def test_the_guides_lab():
    up()
    expect("you are 192.168.255.1, asking for https://203.0.113.80/" in curl("workstation", "https://203.0.113.80/", "-k"), "no hairpin for 443")
    expect("you are 198.51.100.10," in curl("internet", "http://203.0.113.80/"), "the Internet's address did not stay")
    expect("you are 198.51.100.10," in curl("internet", "https://203.0.113.80/", "-k"), "no way in for 443")
    for service in ("workstation", "webserver"):
        expect("internet host of the hairpin lab; you are 203.0.113.80" in curl(service, "http://198.51.100.10/"), f"no way out for {service}")
    at("workstation", "ping", "-c", "2", "-i", "0.2", "-W", "1", "198.51.100.10")
    at("workstation", "ping", "-c", "1", "-W", "1", "192.168.255.10")
    eventually(lambda: "192.168.255.1 - - " in compose("logs", "--no-color", "webserver").stdout, "the web server's log does not name the gateway", 60)

    # What must not happen
    for service, address in (("workstation", "203.0.113.80:81"), ("internet", "203.0.113.80:81"), ("internet", "192.168.255.10")):
        done = try_at(service, "curl", "-sS", "--max-time", "0.5", f"http://{address}/")
        expect(done.returncode == 28, f"{service} to {address} ended with {done.returncode}: {done.stdout}")
    balanced()
    quiet()


def test_the_rules_are_the_guides():
    ours, guides = (json.loads(file.read_text())["hairpin:gateway"] for file in (LAB / "edge.json", ROOT / "topologies/hairpin/configs/edge.json"))
    expect(ours["interface"] == guides["interface"] and ours["route"] == guides["route"], "interfaces or routes are others than the guide's")
    for name in ("firewall", "nat"):
        missing = [rule for rule in guides[name]["rule"] if rule not in ours[name]["rule"]]
        expect(not missing, f"{name} rules of the guide that are not in containers/hairpin/edge.json: {missing}")


def test_containers_begin_in_any_order():
    up()
    for order in (CONTAINERS, [*CONTAINERS[1:], "gateway"], ["internet-port", "webserver-port", "gateway", "workstation-port", "webserver", "workstation", "internet"]):
        run("docker", "stop", "-t", "2", *map(container, CONTAINERS))
        for service in order:
            run("docker", "start", container(service))
        works()


def test_the_routers_shell():
    up()
    shell = pexpect.spawn("docker-compose", ["exec", "gateway", "hairpin"], cwd=str(LAB), encoding="utf-8", timeout=15, dimensions=(40, 160))
    try:
        shell.expect(r"[>#] $")
        shell.sendline("show ports")
        shell.expect(r"workstation\s+tap\s+lan")
        shell.expect(r"[>#] $")
        shell.sendline("configure")
        shell.expect(r"[#\]] $")
        shell.sendline("exit")
        shell.expect(r"[>#] $")
        shell.sendline("exit")
        shell.expect(pexpect.EOF)
    except (pexpect.TIMEOUT, pexpect.EOF) as problem:
        raise Failure(f"the router shell did not answer: {problem}") from problem
    finally:
        shell.close(force=True)
    said = at("gateway", "hairpin", "-c", "configure; set gateway firewall rule 5 name Backends; commit; exit")
    expect("ommit" in said, f"a commit says {said}")


def test_super_packets():
    up()
    server = f"container:{inspect(container('webserver-port'))['Id']}"
    run("docker", "run", "-d", "--cap-drop", "ALL", "--network", server, "hairpin/toolbox:dev", "iperf3", "-s")
    eventually(lambda: ":1451 " in at("webserver", "cat", "/proc/net/tcp", "/proc/net/tcp6"), "iperf3 does not listen", 60)
    before = row("workstation", "show", "ports")
    answer = json.loads(at("workstation", "iperf3", "-J", "-t", "2", "-c", "192.168.255.10"))
    after = row("workstation", "show", "ports")
    expect("error" not in answer, f"iperf3: {answer.get('error')}")
    size = (after["in_bytes"] - before["in_bytes"]) / (after["in_packets"] - before["in_packets"])
    expect(size > 3000, f"a packet from the workstation had {size:.0f} bytes on average, with an MTU of 1500")
    balanced()


# -- what containers may --------------------------------------------------------------------------------------------------------------

def test_nobody_has_a_privilege_that_is_not_needed():
    up("--scale", "backend=3")
    allowed = {"gateway": set(), "workstation": set(), "webserver": set(), "internet": set(), "backend": {"NET_ADMIN", "SETUID", "SETGID"}}
    for name in run("docker", "ps", "--format", "{{.Names}}").stdout.split():
        service = name.split("_")[1]
        found = inspect(name)
        host = found["HostConfig"]
        expect(not host["Privileged"] and host["CapDrop"] == ["ALL"], f"{name} is privileged, or keeps capabilities")
        expect(set(host["CapAdd"] or ()) == allowed.get(service, {"NET_ADMIN"}), f"{name} adds {host['CapAdd']}")
        expect(re.match(r"none$|container:", host["NetworkMode"]), f"{name} is in network {host['NetworkMode']}")
        for mode in ("PidMode", "UTSMode", "UsernsMode"):
            expect(host[mode] == "", f"{name} has {mode} {host[mode]}")
        expect(host["IpcMode"] == "private" and "no-new-privileges:true" in host["SecurityOpt"], f"{name}: {host['IpcMode']} {host['SecurityOpt']}")
        bound = [mount["Source"] for mount in found["Mounts"]]
        expect(not any("docker.sock" in source or "/proc" in source for source in bound), f"{name} is given {bound}")
        devices = [device["PathOnHost"] for device in host["Devices"] or ()]
        expect(devices == (["/dev/net/tun"] if allowed.get(service, {"NET_ADMIN"}) else []), f"{name} is given {devices}")

    none = {word: NO_CAPABILITY for word in ("CapPrm", "CapEff", "CapInh", "CapAmb")}
    for service in ("gateway", "workstation", "webserver", "internet"):
        for pid in processes_of(container(service)):
            has = capabilities(pid)
            expect(has == {**none, "CapBnd": NO_CAPABILITY, "NoNewPrivs": "1"}, f"a process of {service} has {has}")
    backends = [capabilities(pid) for pid in processes_of(container("backend"))]
    expect(len(backends) > 1 and all({word: has[word] for word in none} == none and has["NoNewPrivs"] == "1" for has in backends[1:]),
           f"what runs beside hairpin-port has {backends[1:]}")


# -- what lasts ----------------------------------------------------------------------------------------------------------------------

def hits(rule):
    return row(rule, "show", "nat", "rules")["hits"]


def test_a_new_gateway_gets_the_ports_again():
    up()
    before, counted = hits(196613), row("workstation", "show", "ports")["in_packets"]
    expect(before >= 1 and counted >= 1, "the hairpin's rule has no hit, or the workstation's port has counted nothing")
    macs = {service: mac_in(service) for service in PORTS}
    expect(macs == PORTS, f"the hosts' MACs are {macs}")
    for how in (("restart", "-t", "5"), ("kill", "-s", "KILL")):
        if how[0] == "restart":
            compose(*how, "gateway")
        else:
            compose(*how, "gateway")
            eventually(lambda: at("workstation", "cat", "/sys/class/net/eth1/carrier").strip() == "0", "the cable is in, and no gateway is there", 60)
            compose("up", "-d")
        works()
        now = {service: (row(service, "show", "ports")["state"], mac_in(service)) for service in PORTS}
        expect(now == {service: ("up", mac) for service, mac in PORTS.items()}, f"after {how} the ports are {now}")
        if how[0] == "restart":  # one that is killed has told nobody what it counted last
            expect(hits(196613) > before, f"after {how} the hairpin's rule has {hits(196613)} hits, and had {before}")
            expect(row("workstation", "show", "ports")["in_packets"] > counted, "the workstation's port has begun to count anew")
    quiet()


def test_an_application_begins_again():
    up()
    before = row("webserver", "show", "ports")
    compose("restart", "-t", "2", "webserver")
    works()
    after = row("webserver", "show", "ports")
    expect(mac_in("webserver") == PORTS["webserver"] and after["state"] == "up", f"the port is {after}")
    expect(after["in_packets"] > before["in_packets"], f"the port counted {before['in_packets']} and then {after['in_packets']} packets")
    detached = [line for line in compose("logs", "--no-color", "gateway").stdout.splitlines() if "event=port_detached port=webserver" in line]
    expect(not detached, f"restarting the application took its port away: {detached}")


def test_a_port_begins_again_with_its_application():
    up()
    before = row("webserver", "show", "ports")
    compose("restart", "-t", "2", "webserver-port")
    compose("restart", "-t", "2", "webserver")
    works()
    after = row("webserver", "show", "ports")
    expect(mac_in("webserver") == PORTS["webserver"], f"its MAC is {mac_in('webserver')}")
    expect(after["in_packets"] > before["in_packets"], f"the port counted {before['in_packets']} and then {after['in_packets']} packets")

    # Without its application the namespace is another, which the application's health tells.
    compose("restart", "-t", "2", "workstation-port")
    eventually(lambda: health(container("workstation")) == "unhealthy", "the workstation has lost its network and is healthy", 120)
    compose("restart", "-t", "2", "workstation")
    works()


def test_everything_is_made_anew():
    up()
    compose("up", "-d", "--force-recreate", "-t", "2")
    works()
    expect({service: mac_in(service) for service in PORTS} == PORTS, "the hosts have other MACs")


def test_health():
    up()
    everybody = [container(service) for service in CONTAINERS]
    eventually(lambda: all(health(name) == "healthy" for name in everybody), f"not all are healthy: {[(name, health(name)) for name in everybody]}", 120)
    compose("stop", "-t", "2", "gateway")
    eventually(lambda: health(container("webserver-port")) == "unhealthy" and health(container("webserver")) == "unhealthy",
               "without a gateway a port and its application are healthy", 120)
    compose("start", "gateway")
    eventually(lambda: all(health(name) == "healthy" for name in everybody), f"not all are healthy again: {[(name, health(name)) for name in everybody]}", 120)


# -- replicas ------------------------------------------------------------------------------------------------------------------------

def who_answers(service, times):
    text = "".join(curl(service, "http://203.0.113.80:8080/") for _ in range(times))
    return set(re.findall(r"backend (\S+) of", text))


def test_scale():
    up("--scale", "backend=3")
    names = [f"backend-{number}" for number in (1, 2, 3)]
    eventually(lambda: all(row(name, "show", "ports")["state"] == "up" for name in names), "not all replicas have a port", 60)
    everybody = {f"192.168.255.2{number}" for number in (1, 2, 3)}
    eventually(lambda: who_answers("internet", 12) == everybody, "not every replica answers the Internet", 60)
    expect(who_answers("workstation", 24) == everybody, "not every replica answers the workstation: the hairpin")

    # One ends and comes again: it takes the place that is free.
    victim = container("backend", 2)
    run("docker", "kill", victim)
    eventually(lambda: [row(name, "show", "ports")["state"] for name in names].count("detached") == 1, "the port of a replica that has ended is up", 60)
    run("docker", "start", victim)
    eventually(lambda: all(row(name, "show", "ports")["state"] == "up" for name in names), "the replica has not got the free port", 60)
    eventually(lambda: who_answers("internet", 12) == everybody, "the replica does not answer again", 60)

    compose("up", "-d", "--scale", "backend=4")
    eventually(lambda: "all 3 ports are taken by others" in compose("logs", "--no-color", "backend").stdout, "a fourth replica is not told why not", 60)
    compose("up", "-d", "--scale", "backend=1")
    eventually(lambda: [row(name, "show", "ports")["state"] for name in names].count("up") == 1, "one replica has not one port", 60)
    balanced()


# -- the page ------------------------------------------------------------------------------------------------------------------------

def test_what_the_readme_says():
    """Types each line that begins with docker-compose in a block of the README; what is indented below it must appear in what it says."""
    text = (LAB / "README.md").read_text()
    typed = 0
    for block in re.findall(r"```\n(.*?)```", text, re.S):
        for command, wanted in re.findall(r"^(docker-compose .*)\n((?:    .*\n)*)", block, re.M):
            typed += 1
            interactive = command.endswith("exec gateway hairpin")
            line = command.replace(" exec ", " exec -T ") + (" -c exit" if interactive else "")
            done = subprocess.run(["bash", "-c", line], cwd=LAB, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
            expect(done.returncode == 0, f"README: {command}\n  ended with {done.returncode}\n{done.stdout}")
            for row_wanted in wanted.splitlines():
                pattern = re.escape(" ".join(row_wanted.split())).replace(r"\.\.\.", ".*")
                expect(re.search(pattern, re.sub(" +", " ", done.stdout)), f"README: {command}\n  did not say: {row_wanted.strip()}\n  but:\n{done.stdout}")
            if " up -d" in command or " restart" in command:
                works()
    expect(typed >= 10, f"only {typed} commands of the README were found")

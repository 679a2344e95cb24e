"""Ours: hairpind in a namespace of its own, with TAP ports in the namespaces of the hosts.

`gateway` is the hairpin lab (the guide's firewall table and NAT rules, plus the port that the traffic uses); `switch` is a segment
with two ports and nothing else; `tunnel` is a segment whose one half is behind a VXLAN tunnel, at a site that the kernel makes.
"""
import json
import socket

from harness.traffic import Side
from sides import sites
from sides.addresses import EXTERNAL, GATEWAY, LAN, PORT, PROVIDER, WEB_SERVER, WORKSTATION

SERVED = {"tcp": (80, 443, PORT), "udp": (PORT,)}


def gateway(stage, options):
    return _side(stage, options, EXTERNAL, segments=("lan", "wan"), extra={"hairpin:gateway": _edge()},
                 route=[{"prefix": "0.0.0.0/0", "via": GATEWAY}])


def switch(stage, options):
    return _side(stage, options, WEB_SERVER, segments=("lan",))


def tunnel(stage, options):
    edge, workstation = stage.namespace("ours", "edge"), stage.namespace("ours", "workstation")
    far = sites.far_site(stage, "ours", edge)
    near = {"name": "far", "segment": "lan", "vxlan": {"vni": sites.VNI, "local": sites.NEAR, "mtu": sites.INNER_MTU,
                                                       "remote": [{"address": sites.FAR}]}}
    host = _port("workstation", workstation, WORKSTATION, None)
    host["tap"]["mtu"] = sites.INNER_MTU
    document = {"hairpin:switch": {"segment": [{"name": "lan"}], "port": [host, near]}}
    return Side("Hairpin", workstation, far, WEB_SERVER, _daemon(stage, options, edge, document))


def _side(stage, options, target, segments, extra=None, route=None):
    edge = stage.namespace("ours", "edge")
    workstation, web_server = stage.namespace("ours", "workstation"), stage.namespace("ours", "webserver")
    ports = [_port("workstation", workstation, WORKSTATION, route), _port("webserver", web_server, WEB_SERVER, route)]
    document = {"hairpin:switch": {"segment": [{"name": name} for name in segments], "port": ports}, **(extra or {})}
    return Side("Hairpin", workstation, web_server, target, _daemon(stage, options, edge, document))


def _daemon(stage, options, edge, document):
    directory = stage.directory("ours")
    configuration, control = directory / "config.json", directory / "control.sock"
    configuration.write_text(json.dumps(document, indent=2))
    daemon = stage.start("hairpind", edge, options.hairpind.resolve(), "--config", configuration, "--socket", control)
    daemon.wait_until(lambda: _answers(control), "its control socket")
    return daemon


def _port(name, host, address, route):
    tap = {"device": "eth1", "namespace": host.name, "address": [f"{address}/24"]}
    if route:
        tap["route"] = route
    return {"name": name, "segment": "lan", "tap": tap}


def _answers(path):
    """hairpind listens when all its ports are up, so a connection that succeeds means that it is ready."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def _edge():
    services = [{"protocol": protocol, "port": [str(port) for port in ports]} for protocol, ports in SERVED.items()]
    return {
        "interface": [
            {"name": "uplink", "role": "uplink", "segment": "wan", "address": [f"{EXTERNAL}/24"]},
            {"name": "lan", "role": "internal", "segment": "lan", "address": [f"{GATEWAY}/24"]},
        ],
        "route": [{"prefix": "0.0.0.0/0", "next-hop": PROVIDER}],
        "firewall": {"enabled": True, "default-action": "drop", "rule": [
            {"id": 2, "name": "LAN to Internet", "source": {"interface": ["internal"]},
             "destination": {"interface": ["external"]}, "action": "accept"},
            {"id": 3, "name": "Workstation to Web Server", "source": {"address": [WORKSTATION]},
             "destination": {"address": [EXTERNAL]}, "service": services, "action": "accept"},
            {"id": 4, "name": "Internet to Web Server", "source": {"interface": ["external"]},
             "destination": {"address": [EXTERNAL]}, "service": services, "action": "accept"},
        ]},
        "nat": {"rule": [
            *_nat("uplink", EXTERNAL, first_id=196609),
            *_nat("lan", GATEWAY, first_id=196709),
        ]},
    }


def _nat(interface, outgoing, first_id):
    """The guide's three rules of one interface: SNAT of the LAN, DNAT of each port that the web server offers."""
    yield {"id": first_id, "action": "snat", "applied-on": interface, "original-address": LAN,
           "translated-address": outgoing, "protocol": "any"}
    served = [(protocol, port) for protocol, ports in SERVED.items() for port in ports]
    for number, (protocol, port) in enumerate(served, start=1):
        yield {"id": first_id + number, "action": "dnat", "applied-on": interface, "protocol": protocol,
               "original-address": EXTERNAL, "original-port": str(port),
               "translated-address": WEB_SERVER, "translated-port": str(port)}

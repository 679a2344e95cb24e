"""Labs of other programs are imported and come up: what their hosts reached there, they reach here."""
import contextlib
import json
import shutil
import tempfile
from pathlib import Path

from support import HAIRPIN, PREFIX, expect, run


@contextlib.contextmanager
def imported(form, name, files, source, *options):
    """The lab that is made of these files, up; its folder."""
    folder = Path(tempfile.mkdtemp(prefix="hairpin-import-"))
    lab = f"{PREFIX}{name}"
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        run(HAIRPIN, "lab", "import", form, folder / source, folder / lab, "--name", lab, *options, ok=(0, 3))
        run(HAIRPIN, "lab", "up", folder / lab)
        yield lab, folder / lab
    finally:
        run(HAIRPIN, "lab", "down", lab, ok=None)
        shutil.rmtree(folder, ignore_errors=True)


def at(lab, node, *words):
    return run(HAIRPIN, "lab", "exec", lab, node, "--", *words).stdout


KATHARA = {
    "lab.conf": 'LAB_NAME="two nets"\npc1[0]="A/02:00:00:00:00:11"\npc2[0]="A"\npc2[image]="kathara/base"\nr1[0]="A"\nr1[1]="B"\nsrv[0]="B"\n',
    "pc1.startup": "ip address add 10.0.0.1/24 dev eth0\nip route add default via 10.0.0.254\necho hello > greeting\nsysctl -w net.ipv4.ip_default_ttl=33\n",
    "pc2.startup": "ifconfig eth0 10.0.0.2/24 up\nroute add default gw 10.0.0.254\nfor i in 1 2; do\n  echo ${i} >> numbers\ndone\n",
    "r1.startup": "ip addr add 10.0.0.254/24 dev eth0\nip addr add 192.0.2.1/24 dev eth1\niptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE\n",
    "srv.startup": "ip address add 192.0.2.10/24 dev eth0\n",
}


def test_a_kathara_lab_comes_up():
    with imported("kathara", "kathara", KATHARA, "lab.conf") as (lab, folder):
        expect((folder / "configs" / "r1.json").exists(), "the device between the domains is not the gateway")
        at(lab, "pc1", "ping", "-c", "1", "-W", "2", "10.0.0.2")
        # srv has no route back to 10.0.0.0/24: it answers because r1 masquerades.
        at(lab, "pc2", "ping", "-c", "1", "-W", "2", "192.0.2.10")
        expect("02:00:00:00:00:11" in at(lab, "pc1", "ip", "link", "show", "eth0"), "pc1 has not its MAC")
        expect(at(lab, "pc1", "cat", "/proc/sys/net/ipv4/ip_default_ttl") == "33\n", "what pc1's script does to its network was not done")
        expect("greeting" not in at(lab, "pc1", "ls") and "numbers" not in at(lab, "pc2", "ls"), "what scripts do to files was done to this machine's")
        run(HAIRPIN, "lab", "verify", lab, timeout=60)


def node(name, kind, **properties):
    return {"node_id": f"{name}-id", "name": name, "node_type": kind, "properties": properties}


def link(*ends, filters=None):
    return {"nodes": [{"node_id": f"{name}-id", "adapter_number": adapter, "port_number": port} for name, adapter, port in ends],
            "filters": filters or {}, "suspend": False}


def port(number, kind, vlan):
    return {"name": f"Ethernet{number}", "port_number": number, "type": kind, "vlan": vlan}


GNS3 = {
    "sample.gns3": json.dumps({"name": "sample", "type": "topology", "topology": {
        "nodes": [node("PC1", "vpcs"), node("PC2", "vpcs"), node("R1", "dynamips"), node("NAT1", "nat"),
                  node("S1", "ethernet_switch", ports_mapping=[port(0, "access", 10), port(1, "access", 20), port(2, "dot1q", 1)])],
        "links": [link(("PC1", 0, 0), ("S1", 0, 0), filters={"delay": [15, 0]}), link(("PC2", 0, 0), ("S1", 0, 1)),
                  link(("R1", 0, 0), ("S1", 0, 2)), link(("R1", 1, 0), ("NAT1", 0, 0))]}}, indent=4),
    "project-files/vpcs/PC1-id/startup.vpc": "set pcname PC1\nip 10.0.10.1/24 10.0.10.254\n",
    "project-files/vpcs/PC2-id/startup.vpc": "set pcname PC2\nip 10.0.20.1 255.255.255.0 10.0.20.254\n",
}


def test_a_gns3_project_comes_up():
    with imported("gns3", "gns3", GNS3, "sample.gns3") as (lab, _):
        at(lab, "PC2", "ping", "-c", "1", "-W", "2", "203.0.113.1")
        # From one VLAN to the other, by the gateway's interfaces in both, and late by the link's filter, there and back.
        answer = at(lab, "PC1", "ping", "-c", "1", "-W", "2", "10.0.20.1")
        took = float(answer.split("time=")[1].split()[0])
        expect(took >= 30, f"the link's delay of 15 ms each way is not there: {answer}")
        run(HAIRPIN, "lab", "verify", lab, timeout=60)

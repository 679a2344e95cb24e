"""What the fuzzers begin with: a few small inputs for each harness, made from the topologies, the guide's configuration and packets that
this file builds; and words from the schema, the command table and the protocol, of which libFuzzer makes others."""
import json
import re
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOPOLOGIES = sorted(path for path in (ROOT / "topologies").iterdir() if path.is_dir())


def read(*parts):
    return (ROOT.joinpath(*parts)).read_text()


# ---- Configurations -------------------------------------------------------------------------------------------------------------

SWITCH = {"segment": [{"name": "lan"}, {"name": "wan"}],
          "port": [{"name": "pc", "segment": "lan", "memory": {"mtu": 1400}, "access-vlan": 7},
                   {"name": "web", "segment": "lan", "tap": {"device": "eth1", "address": ["192.0.2.2/24"]}}]}
SET_LINES = """\
set gateway interface lan segment lan
set gateway interface lan address [ 192.168.255.1/24 10.0.0.1/8 ]
annotate gateway interface lan "the office"
set gateway firewall rule 3 name "Web server" # why
set gateway firewall rule 3 service tcp port 80
set gateway nat rule 196610 action dnat
set switch port web memory mtu 1400
"""
CURLY_TEXT = """\
gateway {
    /* the office */
    interface lan { segment lan; address [ 192.168.255.1/24 10.0.0.1/8 ]; }
    firewall {
        default-action drop;
        rule 3 { name "Web server"; source { address 192.168.255.2; } action accept; }
    }
}
"""


def guides():
    return [(folder / "configs" / "edge.json").read_text() for folder in TOPOLOGIES]


def guide():
    return json.loads(read("topologies", "hairpin", "configs", "edge.json"))


def configuration_document():
    yield from guides()
    yield json.dumps(guide() | {"hairpin:switch": SWITCH})


def configuration_text():
    for merged in "\0", "\1":
        yield from (merged + text for text in (SET_LINES, CURLY_TEXT, json.dumps(guide())))


def configuration_edits():
    yield SET_LINES
    yield ("guide\nfork\nset gateway firewall rule 3 action drop\nturn\nrename gateway firewall rule 3 to 30\nturn\nmerge\n"
           "insert gateway firewall rule 2 after 3\ncopy gateway nat rule 196610 to 196620\nremove gateway route\n")
    yield ("guide\nannotate gateway firewall \"a note\"\nexpect gateway nat rule 196610\nremove gateway interface lan address\n"
           "expect switch port new\nset switch port new tap device [ eth1\n")


# ---- What people type, and topology files -----------------------------------------------------------------------------------------

def command_line():
    yield "trace tcp 192.168.255.2:40000 203.0.113.80:80 in lan ttl 1 flags syn,ack"
    yield "show sessions source 192.0.2.1 protocol tcp top 5 | match a[bc] | except \"x y\" | count"
    yield "port add web segment lan device eth1 address 192.0.2.2/24 # why"
    yield "monitor sessions drops | no-more"
    yield "sh nat ru | json"


def topology_files():
    for folder in TOPOLOGIES:
        name = folder.name
        yield (folder / f"{name}.clab.yml").read_text() + "\n%%\n" + (folder / f"{name}.tests.yml").read_text()
    yield ("name: ${SET:=x}\ntopology:\n  defaults: {kind: linux}\n  kinds: {linux: {env: {A: b}}}\n  groups: {g: {exec: [a]}}\n"
           "  nodes:\n    e: &e {labels: {hairpin.role: gateway}}\n    h: {group: g, exec: \"echo __clabNodeName__\"}\n    s: {kind: bridge}\n"
           "  links:\n  - {endpoints: [\"e:a\", \"s:a\"], vars: {vlan: 7}}\n  - {endpoints: [\"h:b\", \"s:b\"], mtu: 1400}\n")


def files(named):
    return "".join(f"%% {name}\n{text.rstrip()}\n" for name, text in named.items())


def gns3_node(kind, name, **properties):
    return {"node_id": name, "name": name, "node_type": kind, "properties": properties}


def gns3_link(*ends, **more):
    return {"nodes": [{"node_id": node, "adapter_number": adapter, "port_number": port} for node, adapter, port in ends]} | more


def imports():
    yield files({"lab.conf": 'LAB_NAME="k"\nr[0]=a\nr[1]=b\npc[0]="a/02:00:00:00:00:01"\npc[image]="x"\npc[env]="A=b"\nweb[0]=b\nweb[sysctl]="net.a=1"\n',
                 "r.startup": "ip address add 10.0.0.1/24 dev eth0\nifconfig eth1 10.1.0.1 netmask 255.255.0.0 up\nip route add default via 10.1.0.9\n"
                              "iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE\n",
                 "pc.startup": "ip addr add 10.0.0.2/24 dev eth0\nroute add default gw 10.0.0.1\nip link set dev eth0 address 02:00:00:00:00:07\n",
                 "shared.startup": "ip link set dev eth0 up\n"})
    switch = {"ports_mapping": [{"port_number": 0, "type": "access", "vlan": 1}, {"port_number": 1, "type": "access", "vlan": 7},
                                {"port_number": 2, "type": "dot1q", "vlan": 1}]}
    nodes = [gns3_node("qemu", "r"), gns3_node("ethernet_switch", "SW1", **switch), gns3_node("vpcs", "pc"), gns3_node("ethernet_hub", "null"),
             gns3_node("docker", "web", image="nginx", environment="A=b", start_command="x"), gns3_node("nat", "Internet")]
    links = [gns3_link(("r", 0, 0), ("SW1", 0, 2)), gns3_link(("pc", 0, 0), ("SW1", 0, 0), filters={"delay": [10, 2], "packet_loss": [5]}),
             gns3_link(("r", 1, 0), ("Internet", 0, 0)), gns3_link(("r", 2, 0), ("null", 0, 0)), gns3_link(("web", 0, 0), ("null", 0, 1), suspend=True)]
    project = {"name": "a project", "topology": {"nodes": nodes, "links": links, "drawings": []}}
    yield files({"project.gns3": json.dumps(project, indent=0),
                 "project-files/vpcs/pc/startup.vpc": "set pcname PC1\nip 10.0.0.2/24 10.0.0.1\n",
                 "project-files/docker/web/etc/network/interfaces": "auto eth0\niface eth0 inet static\n address 10.2.0.2\n netmask 255.255.255.0\n"
                                                                   " gateway 10.2.0.1\n up ip link set eth0 mtu 1400\n"})
    yield files({"docker-compose.yml": "networks:\n  lan: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1}]}}\n  back: {internal: true}\n  more: {}\n"
                                       "services:\n  web:\n    image: nginx\n    ports: [\"8080:80\", \"53:53/udp\", {target: 81, published: 8081}]\n"
                                       "    networks: {lan: {ipv4_address: 10.0.0.80}, back: }\n  pc:\n    networks: [lan, more]\n    environment: {A: b}\n"})


# ---- The control socket -----------------------------------------------------------------------------------------------------------

def request(method, **parameters):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}) + "\n"


def methods():
    return re.findall(r'char k\w+\[\] = "([a-z][a-z.-]*)"', read("control", "protocol.h"))


def control_protocol():
    whole = "\xff"
    yield whole + "".join(request(method) for method in methods() if not method.startswith("config."))
    trace = {"protocol": "tcp", "source": "192.168.255.2:40000", "destination": "203.0.113.80:80", "interface": "lan", "ttl": 64,
             "flags": "syn,ack", "df": False, "size": 100}
    yield whole + request("trace", **trace) + request("trace", config=guide(), **trace)
    yield whole + request("show.sessions", protocol="tcp", source="192.0.2.1:80", state="established", interface="lan", rule=3,
                          translated="true", id=7, top=5) + request("clear.sessions", destination="203.0.113.80")
    yield whole + (request("monitor", topics=["ports", "configuration"])
                   + request("port.add", port={"name": "x", "segment": "lan", "memory": {}}) + request("port.remove", name="x"))
    yield whole + (request("config.commit", config=guide(), base=1, comment="why", confirm_seconds=60) + request("config.confirm")
                   + request("config.history") + request("config.rollback", number=1) + request("config.get"))
    yield "\x07" + json.dumps([json.loads(request("version")), json.loads(request("show.arp")), {"jsonrpc": "2.0", "method": "x"}])


def command_areas():
    """The sources of the command table, each with the commands in it, and the keys that it reads in what the daemon answers."""
    for file in sorted((ROOT / "cli" / "commands").glob("*.cc")):
        text = file.read_text()
        yield re.findall(r'\.words = "([a-z -]+)"', text), sorted(set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', text)))


def daemon_answers():
    for commands, keys in command_areas():
        numbers, texts = ({key: value for key in keys} for value in (7, "192.0.2.1:80"))
        event = json.dumps({"jsonrpc": "2.0", "method": "event", "params": texts})
        for command in commands:
            yield f"{command}\n" + json.dumps({"rows": [numbers]}) + f"\n!{event}\n"
            yield f"{command}\n" + json.dumps(texts | {"row": numbers, "stages": [texts]}) + "\n"
            yield f"{command} | json\n" + json.dumps({"rows": []})
    configuration = json.dumps({"config": guide(), "generation": 3})
    change = json.dumps({"generation": 4, "summary": ["1 rule"], "warnings": ["w"], "consequences": [{"kind": "k", "text": "t"}]})
    yield "configure\n" + "\n".join([configuration, change, change, change, change, configuration, configuration, configuration])
    refusal = {"code": -32013, "message": "m", "data": {"generation": 4, "user": "u", "path": "/p", "hint": "h"}}
    yield "configure\n" + configuration + "\n!" + json.dumps({"jsonrpc": "2.0", "id": None, "error": refusal}) + "\n"


def commit_history():
    commit = json.dumps({"time": "2026-01-31T12:00:00Z", "user": "root", "via": "commit", "comment": "", "confirmed": True,
                         "config": guide()})
    yield f"commit-00000001.json\n{commit}\0commit-00000002.json\n{commit.replace('true', 'false')}"
    yield f"commit-00000007.json\n{commit[:200]}\0commit-00000006.json\n{commit}\0commit-00000008.json.new\n{{"


# ---- Packets ----------------------------------------------------------------------------------------------------------------------
# Checksums are left to the harnesses, which make them right.

def address(text):
    return bytes(map(int, text.split(".")))


WORKSTATION, EXTERNAL, FAR, SERVER = map(address, ("192.168.255.2", "203.0.113.80", "198.51.100.10", "192.168.255.10"))


def ipv4(protocol, source, destination, payload, fragment=0, ttl=64, options=b""):
    header = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), 7, fragment, ttl, protocol, 0)
    return header + source + destination + options + payload


def tcp(source, destination, flags, payload=b"", sequence=1):
    return struct.pack("!HHIIBBHHH", source, destination, sequence, 1, 0x50, flags, 65535, 0, 0) + payload


def udp(source, destination, payload=b""):
    return struct.pack("!HHHH", source, destination, 8 + len(payload), 0xffff) + payload


def icmp(kind, code, rest, payload=b""):
    return struct.pack("!BBHI", kind, code, 0, rest) + payload


def arp(operation, sender, target):
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + b"\2\0\0\0\xbb\0" + sender + bytes(6) + target


def sized(frame):
    return struct.pack("!H", len(frame)) + frame


def to_gateway(port, l3):
    return bytes([port]) + sized(l3)


def ethernet(l3, tag=b"", kind=0x0800):
    return b"\2\0\0\0\xaa\1" + b"\2\0\0\0\xbb\0" + tag + struct.pack("!H", kind) + l3


def frames():
    syn = ipv4(6, WORKSTATION, EXTERNAL, tcp(40000, 80, 2))
    outbound = ipv4(17, WORKSTATION, FAR, udp(5000, 53, b"question"))
    yield to_gateway(0, syn) + to_gateway(0, ipv4(6, WORKSTATION, EXTERNAL, tcp(40000, 80, 16))) + to_gateway(0, outbound)
    yield to_gateway(0, arp(1, WORKSTATION, address("192.168.255.1"))) + to_gateway(2, ipv4(1, FAR, EXTERNAL, icmp(8, 0, 1, b"ping")))
    whole = udp(5000, 53, bytes(64))
    yield (to_gateway(0, ipv4(17, WORKSTATION, FAR, whole[32:], fragment=4)) + to_gateway(0, ipv4(17, WORKSTATION, FAR, whole[:32], fragment=0x2000))
           + bytes([12 + 1, 3]))
    yield to_gateway(0, outbound) + to_gateway(2, ipv4(1, FAR, EXTERNAL, icmp(3, 4, 576, ipv4(17, EXTERNAL, FAR, udp(5000, 53)))))
    yield to_gateway(0, ipv4(17, WORKSTATION, FAR, udp(1, 2), ttl=1)) + bytes([12, 63]) + to_gateway(0, ipv4(47, WORKSTATION, FAR, bytes(900), options=bytes(4)))
    yield bytes([4 + 3]) + sized(ethernet(syn, tag=b"\x81\0\0\7")) + bytes([4]) + sized(ethernet(bytes(40), kind=0x86dd))
    yield bytes([8]) + offload_record(ipv4(6, WORKSTATION, EXTERNAL, tcp(40000, 80, 16, bytes(1800))), segment=600)


def vnet_header(needs_checksum, segmentation=0, header=0, segment=0, start=0, offset=0):
    return struct.pack("<BBHHHH", needs_checksum, segmentation, header, segment, start, offset)


def offload_record(l3, segment=0):
    """TCP without options, its checksum partial."""
    return vnet_header(1, 1 if segment else 0, 54, segment, 34, 16) + sized(ethernet(l3))


def offload():
    segment = ipv4(6, WORKSTATION, SERVER, tcp(40000, 80, 16, bytes(range(100))))
    again = vnet_header(1, 0, 0, 0, 34, 16) + sized(b"")
    yield offload_record(segment) + 3 * again
    yield offload_record(ipv4(6, WORKSTATION, SERVER, tcp(40000, 80, 0x98, bytes(2000))), segment=500)
    datagram = ethernet(ipv4(17, WORKSTATION, SERVER, udp(5000, 53, bytes(300))))
    yield vnet_header(1, 5, 42, 100, 34, 6) + sized(datagram) + vnet_header(1, 0, 0, 0, 34, 6) + sized(datagram) * 2
    ipv6 = struct.pack("!IHBB", 0x60000000, 120, 6, 64) + bytes(15) + b"\1" + bytes(15) + b"\2"
    yield vnet_header(1, 4, 74, 50, 54, 16) + sized(ethernet(ipv6 + tcp(1, 2, 16, bytes(100)), kind=0x86dd))


def vhost():
    """A ring of eight with frames in it, from the guest and for it, plain and by an indirect table; and a message."""
    frame = vnet_header(0, 0, 0, 0, 0, 0) + ethernet(ipv4(17, WORKSTATION, SERVER, udp(5000, 53, bytes(30))))
    for features, flags in (0, 0), (4, 0), (5, 2), (13, 2):
        chain = struct.pack("<QIHHQIHH", 1024, 100, flags | 1, 1, 1124, 2000, flags, 0)
        indirect = struct.pack("<QIHH", 4080, 32, 4, 0)
        rings = (chain + indirect).ljust(128, b"\0") + struct.pack("<HHHH", 0, 0, 0, 2)
        memory = rings.ljust(1024, b"\0") + frame
        yield struct.pack("!BHHH", features, 0, 2, 200) + memory.ljust(4080, b"\0") + chain
    yield struct.pack("=III", 5, 9, 40) + struct.pack("=IIQQQQ", 1, 0, 0, 4096, 0, 0)


def vxlan(vni, frame, flags=8):
    return struct.pack("!BxxxI", flags, vni << 8) + frame


def tunnel():
    segment = ethernet(ipv4(6, WORKSTATION, SERVER, tcp(40000, 80, 16, bytes(range(100)))))
    one = vxlan(100, segment)
    yield struct.pack("!HH", 0, 1450) + one
    yield struct.pack("!HH", len(one), 1450) + 3 * one + vxlan(100, segment[:60])
    yield struct.pack("!HH", 0, 576) + vxlan(7, ethernet(ipv4(6, WORKSTATION, SERVER, tcp(40000, 80, 0x98, bytes(2000)))), flags=0xff)
    yield struct.pack("!HH", 200, 1450) + vxlan(7, ethernet(ipv4(17, WORKSTATION, SERVER, udp(5000, 53, bytes(900))), tag=b"\x81\0\0\7"))
    yield struct.pack("!HH", 0, 1450) + vxlan(0xffffff, ethernet(arp(1, WORKSTATION, SERVER), kind=0x0806)) + bytes(18)


def machine_sockets():
    frame = ethernet(ipv4(17, WORKSTATION, SERVER, udp(5000, 53, bytes(20))))
    stream = struct.pack("!I", len(frame)) + frame
    yield struct.pack("!H", 7) + 3 * stream + stream[:9]
    yield struct.pack("!H", 1000) + stream + struct.pack("!I", 0) + struct.pack("!I", 0xffffffff) + stream
    yield struct.pack("!H", 300) + struct.pack("=IIIH108s", 0xfeedface, 3, 1 << 8, 1, b"/run/hairpin/vde/.00042-00000") + b"qemu"


def traffic():
    def record(what, host, *rest):
        return bytes([what * 3 + host, *rest, *bytes(7 - len(rest))])
    workstation, server, internet = range(3)
    syn = record(0, workstation, 0, 0, 3, 2, 0, 2)
    handshake = syn + record(6, server) + record(6, workstation)
    yield handshake + record(0, workstation, 0, 0, 3, 2, 0, 17) + record(6, server, 17) + record(11, 0, 5)
    yield record(2, workstation, 1, 0, 0, 5, 2, 4) + record(6, internet) + record(5, internet, 0, 0, 3)
    yield record(4, workstation, 0, 0, 0, 5, 2, 4, 0xf8) + record(4, workstation, 0, 0, 0, 5, 2, 4, 0xff) + record(11, 0, 3)
    yield syn + record(8, 0, 2, 3) + syn + record(9, 0, 0, 0, 0, 3, 2) + record(3, internet, 0, 5, 3) + record(6, workstation)
    yield record(10, internet) + record(11, 0, 4) + record(0, workstation, 4, 0, 5, 2, 0, 16) + record(11, 0, 2)


# ---- Application layer gateways -----------------------------------------------------------------------------------------------------

FTP_WORDS = ("220 hello", "PASV", "227 x (10,0,0,1,4,0)", "EPSV", "229 x (|||1024|)", "PORT 10,0,0,1,4,0", "EPRT |1|10.0.0.1|1024|", "QUIT")

SIP_INVITE = (
    "INVITE sip:b@203.0.113.81 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.255.2:5070;rport;branch=z9hG4bK1\r\nv: SIP/2.0/UDP h.example;"
    "received=192.168.255.2;rport=5070\r\nFrom: \"a\" <sip:a@192.168.255.2>;tag=1\r\nt: sip:b@203.0.113.81\r\ni: 1\r\nCSeq: 1 INVITE\r\n"
    "m: <sip:a@192.168.255.2:5070>,\r\n <sip:203.0.113.81;lr>\r\nc: application/sdp\r\nl: 5\r\n\r\nv=0\r\n")
SDP_OFFER = (
    "v=0\r\no=a 1 1 IN IP4 192.168.255.2\r\ns=-\r\nc=IN IP4 192.168.255.2\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\na=rtcp:6005 IN IP4 192.168.255.2\r\n"
    "m=video 6002 RTP/SAVPF 96\r\nm=image 0 udptl t38\r\n")
SIP_WORDS = ("SIP/2.0 200 OK\\x0d\\x0a", " SIP/2.0\\x0d\\x0a", "Via: SIP/2.0/UDP ", "Contact: <sip:", "Record-Route: <sip:", "192.168.255.2:5070", "203.0.113.81",
             ";received=192.168.255.2", ";rport=5070", "\\x0d\\x0a\\x0d\\x0a", "m=audio 6000 RTP/AVP 0\\x0d\\x0a", "a=rtcp:", "c=IN IP4 192.168.255.2\\x0d\\x0a")


def alg():
    yield from (SIP_INVITE, SIP_INVITE.replace("INVITE sip:b@203.0.113.81 SIP/2.0", "SIP/2.0 200 OK", 1), SDP_OFFER)
    yield from ("PORT 10,0,0,1,4,0", "EPRT |1|10.0.0.1|1024|", "227 x (10,0,0,1,4,0)", "229 x (|||1024|)", "\0\1file\0octet\0tsize\0000\0")
    lines = [(1 if word[0] == "2" else 0, word + "\r\n") for word in FTP_WORDS]
    yield "\xff\xff\xff\xf0" + "".join(chr(side) + chr(len(line)) + line for side, line in lines)


# ---- For everybody ----------------------------------------------------------------------------------------------------------------

def of(harness):
    """The seeds of a harness, as bytes; one without any begins with nothing."""
    make = globals().get(harness, lambda: [])
    return [seed if isinstance(seed, bytes) else seed.encode("latin-1", "replace") for seed in make()]


def schema_words():
    text = read("config", "hairpin.yang")
    return re.findall(r'^\s*(?:container|list|leaf|leaf-list|enum)\s+"?([\w-]+)', text, re.M) + ["hairpin:gateway", "hairpin:switch"]


def command_words():
    text = "".join(file.read_text() for file in sorted((ROOT / "cli").rglob("*.cc")))
    return re.findall(r'\{"([a-z][a-z-]+)",', text)


def topology_words():
    text = "".join(file.read_text() for file in sorted((ROOT / "lab").glob("*.cc")))
    return re.findall(r'"([a-z][a-z-]+)"', text)


def import_words():
    text = "".join(file.read_text() for file in sorted((ROOT / "lab" / "imports").glob("*.cc")))
    return sorted(set(re.findall(r'"([a-z][a-z_-]+)"', text))) + ["%% ", "127.0.0.1/8", "224.0.0.1", "203.0.113.80/24", "10.0.0.0/8", "internet", "null", "_"]


def answer_words():
    return [key for _, keys in command_areas() for key in keys]


WORDS = {"alg": lambda: FTP_WORDS + SIP_WORDS, "command_line": command_words, "topology_files": topology_words, "imports": import_words, "daemon_answers": answer_words,
         "configuration_document": schema_words, "configuration_text": schema_words, "configuration_edits": schema_words,
         "control_protocol": lambda: methods() + schema_words() + answer_words()}


def dictionary(harness):
    """Words for libFuzzer's -dict, or nothing."""
    words = sorted(set(WORDS.get(harness, lambda: [])()))
    return "".join(f'"{word}"\n' for word in words)

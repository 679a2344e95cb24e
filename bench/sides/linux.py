"""The kernel, with all the offloads that it has by default: as a hairpin gateway (bridge, veth, nftables DNAT and SNAT), and as a switch
with a tunnel (bridge, veth, vxlan).

The gateway has only what the packet's way needs: NAT without a filter table, and bridge-nf-call-iptables off. It is the kernel at its best.
"""
from harness.traffic import Side
from sides import sites
from sides.addresses import EXTERNAL, GATEWAY, LAN, PORT, WEB_SERVER, WORKSTATION

NAT = f"""
table ip nat {{
    chain prerouting {{
        type nat hook prerouting priority dstnat;
        ip daddr {EXTERNAL} tcp dport {{ 80, 443, {PORT} }} dnat to {WEB_SERVER}
        ip daddr {EXTERNAL} udp dport {PORT} dnat to {WEB_SERVER}
    }}
    chain postrouting {{
        type nat hook postrouting priority srcnat;
        oifname "lan" ip saddr {LAN} snat to {GATEWAY}
    }}
}}
"""


def gateway(stage, _options):
    edge = stage.namespace("linux", "edge")
    edge.ip("link add lan type bridge")
    edge.ip("link add uplink type bridge")
    edge.ip(f"address add {GATEWAY}/24 dev lan")
    edge.ip(f"address add {EXTERNAL}/24 dev uplink")
    edge.set_sysctl("net.ipv4.ip_forward", 1)
    edge.set_sysctl("net.ipv4.conf.all.send_redirects", 0)
    edge.set_sysctl("net.ipv4.conf.lan.send_redirects", 0)
    edge.set_sysctl("net.bridge.bridge-nf-call-iptables", 0)
    hosts = [_host(stage, edge, "workstation", WORKSTATION), _host(stage, edge, "webserver", WEB_SERVER)]
    for host in hosts:
        host.ip(f"route add default via {GATEWAY}")
    edge.ip("link set lan up")
    edge.ip("link set uplink up")
    rules = stage.directory("linux") / "nat.nft"
    rules.write_text(NAT)
    edge.run("nft", "-f", str(rules))
    return Side("Linux bridge + nftables", *hosts, EXTERNAL)


def tunnel(stage, _options):
    edge = stage.namespace("linux", "edge")
    far = sites.far_site(stage, "linux", edge)
    edge.ip("link add lan type bridge")
    edge.set_sysctl("net.bridge.bridge-nf-call-iptables", 0)
    sites.add_tunnel(edge, sites.NEAR, sites.FAR)
    edge.ip("link set tunnel master lan up")
    workstation = _host(stage, edge, "workstation", WORKSTATION)
    workstation.ip(f"link set eth1 mtu {sites.INNER_MTU}")
    edge.ip("link set lan up")
    return Side("Linux bridge + vxlan", workstation, far, WEB_SERVER)


def _host(stage, edge, name, address):
    host = stage.namespace("linux", name)
    edge.ip(f"link add {name} type veth peer name eth1 netns {host.name}")
    edge.ip(f"link set {name} master lan up")
    host.ip(f"address add {address}/24 dev eth1")
    host.ip("link set eth1 up")
    return host

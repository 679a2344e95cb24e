"""The guide's lab with two more routers outside and a server behind them, by whose narrow link paths are found out:

    workstation ── edge ── internet ──[ MTU 1300 ]── narrow ── server
    192.168.255.2          203.0.113.1               10.0.0.2  192.0.2.10

    hop            1          2                        3         4

Each host's own link has an MTU of 1500, so nobody knows of the narrow one who was not told.
"""
from support import Lab

SERVER, NARROW_MTU = "192.0.2.10", 1300
GATEWAY_HOP, INTERNET_HOP, NARROW_HOP = "192.168.255.1", "203.0.113.1", "10.0.0.2"
# Routers name the address by which they were reached, and no probe goes unanswered because there were many.
FORWARDING = "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratemask=0 net.ipv4.icmp_errors_use_inbound_ifaddr=1"


def distant_lab(name):
    lab = Lab("hairpin", name)
    file = lab.source / f"{lab.name}.clab.yml"
    text = file.read_text().replace("    workstation: {kind: linux}\n", f"""    workstation: {{kind: linux}}
    transit: {{kind: bridge}}
    beyond: {{kind: bridge}}
    narrow:
      kind: linux
      exec:
        - {FORWARDING}
        - ip link set eth1 mtu {NARROW_MTU}
        - ip route replace default via 10.0.0.1
    server:
      kind: linux
      exec: ["sysctl -qw net.ipv4.icmp_ratemask=0"]
""").replace("        - cp \"$HAIRPIN_LAB_DIR/configs/internet.conf\" nginx.conf\n", f"""        - {FORWARDING}
        - ip link set eth2 mtu {NARROW_MTU}
        - ip route replace 192.0.2.0/24 via {NARROW_HOP}
        - cp "$HAIRPIN_LAB_DIR/configs/internet.conf" nginx.conf
""")
    text += """    - {endpoints: ["internet:eth2", "transit:internet-far"], ipv4: ["10.0.0.1/24"]}
    - {endpoints: ["narrow:eth1", "transit:narrow"], ipv4: ["10.0.0.2/24"]}
    - {endpoints: ["narrow:eth2", "beyond:narrow-far"], ipv4: ["192.0.2.1/24"]}
    - {endpoints: ["server:eth1", "beyond:server"], ipv4: ["192.0.2.10/24"], vars: {gateway: 192.0.2.1}}
"""
    file.write_text(text)
    return lab

"""Two sites that VXLAN joins. The far one is the kernel's on every side, so that what differs is the near end of the tunnel."""
from sides.addresses import WEB_SERVER

NEAR, FAR = "192.0.2.1", "192.0.2.2"  # in the network underneath, which is a cable between the two
VNI = 100
INNER_MTU = 1450


def far_site(stage, side, near):
    """Lays the cable and builds the web server behind it, whose interface is a vxlan device that knows the near site."""
    far = stage.namespace(side, "webserver")
    near.ip(f"link add under type veth peer name under netns {far.name}")
    for site, address in ((near, NEAR), (far, FAR)):
        site.ip(f"address add {address}/24 dev under")
        site.ip("link set under up")
    add_tunnel(far, FAR, NEAR)
    far.ip(f"address add {WEB_SERVER}/24 dev tunnel")
    far.ip("link set tunnel up")
    return far


def add_tunnel(site, local, remote):
    """The kernel's end of a tunnel, with an outer checksum, as ours has by default."""
    site.ip(f"link add tunnel mtu {INNER_MTU} type vxlan id {VNI} local {local} remote {remote} dstport 4789 udpcsum")

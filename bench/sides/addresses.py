"""The hairpin lab's addresses, the same on every side."""
from harness.traffic import PORT  # noqa: F401  the port that the traffic uses and that every gateway must translate

LAN = "192.168.255.0/24"
GATEWAY = "192.168.255.1"
WORKSTATION = "192.168.255.2"
WEB_SERVER = "192.168.255.10"
EXTERNAL = "203.0.113.80"
PROVIDER = "203.0.113.1"

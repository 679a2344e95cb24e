#include "config/known_services.h"

#include <algorithm>

namespace hairpin::config {

std::span<const KnownService> known_services() {
    static const std::vector<KnownService> kServices{
        {"bgp", {{IpProtocol::tcp, 179, 179}}},
        {"bootps", {{IpProtocol::udp, 67, 67}}},
        {"cifs", {{IpProtocol::tcp, 445, 445}}},
        {"dns", {{IpProtocol::tcp, 53, 53}, {IpProtocol::udp, 53, 53}}},
        {"dns-over-tls", {{IpProtocol::tcp, 853, 853}}},
        {"ftp", {{IpProtocol::tcp, 21, 21}}},
        {"git", {{IpProtocol::tcp, 9418, 9418}}},
        {"http", {{IpProtocol::tcp, 80, 80}}},
        {"http-alt", {{IpProtocol::tcp, 8080, 8080}}},
        {"https", {{IpProtocol::tcp, 443, 443}}},
        {"imap", {{IpProtocol::tcp, 143, 143}}},
        {"imaps", {{IpProtocol::tcp, 993, 993}}},
        {"ipsec-ike", {{IpProtocol::udp, 500, 500}}},
        {"ipsec-nat-t", {{IpProtocol::udp, 4500, 4500}}},
        {"kerberos", {{IpProtocol::tcp, 88, 88}, {IpProtocol::udp, 88, 88}}},
        {"l2tp", {{IpProtocol::udp, 1701, 1701}}},
        {"ldap", {{IpProtocol::tcp, 389, 389}, {IpProtocol::udp, 389, 389}}},
        {"ldaps", {{IpProtocol::tcp, 636, 636}}},
        {"mqtt", {{IpProtocol::tcp, 1883, 1883}}},
        {"mqtts", {{IpProtocol::tcp, 8883, 8883}}},
        {"mssql", {{IpProtocol::tcp, 1433, 1433}}},
        {"mysql", {{IpProtocol::tcp, 3306, 3306}}},
        {"netbios", {{IpProtocol::tcp, 139, 139}, {IpProtocol::udp, 137, 138}}},
        {"nfs", {{IpProtocol::tcp, 2049, 2049}, {IpProtocol::udp, 2049, 2049}}},
        {"nntp", {{IpProtocol::tcp, 119, 119}}},
        {"ntp", {{IpProtocol::udp, 123, 123}}},
        {"openvpn", {{IpProtocol::udp, 1194, 1194}, {IpProtocol::tcp, 1194, 1194}}},
        {"ospf", {{static_cast<IpProtocol>(89)}}},
        {"ping", {{IpProtocol::icmp, 0, 0, 8}}},
        {"pop3", {{IpProtocol::tcp, 110, 110}}},
        {"pop3s", {{IpProtocol::tcp, 995, 995}}},
        {"postgresql", {{IpProtocol::tcp, 5432, 5432}}},
        {"pptp", {{IpProtocol::tcp, 1723, 1723}}},
        {"quic", {{IpProtocol::udp, 443, 443}}},
        {"radius", {{IpProtocol::udp, 1812, 1813}}},
        {"rdp", {{IpProtocol::tcp, 3389, 3389}, {IpProtocol::udp, 3389, 3389}}},
        {"rtsp", {{IpProtocol::tcp, 554, 554}}},
        {"sip", {{IpProtocol::tcp, 5060, 5060}, {IpProtocol::udp, 5060, 5060}}},
        {"sips", {{IpProtocol::tcp, 5061, 5061}}},
        {"smtp", {{IpProtocol::tcp, 25, 25}}},
        {"snmp", {{IpProtocol::udp, 161, 161}}},
        {"snmp-trap", {{IpProtocol::udp, 162, 162}}},
        {"ssh", {{IpProtocol::tcp, 22, 22}}},
        {"submission", {{IpProtocol::tcp, 587, 587}}},
        {"submissions", {{IpProtocol::tcp, 465, 465}}},
        {"syslog", {{IpProtocol::udp, 514, 514}}},
        {"syslog-tls", {{IpProtocol::tcp, 6514, 6514}}},
        {"tacacs", {{IpProtocol::tcp, 49, 49}}},
        {"telnet", {{IpProtocol::tcp, 23, 23}}},
        {"tftp", {{IpProtocol::udp, 69, 69}}},
        {"vnc", {{IpProtocol::tcp, 5900, 5900}}},
        {"vxlan", {{IpProtocol::udp, 4789, 4789}}},
        {"whois", {{IpProtocol::tcp, 43, 43}}},
        {"wireguard", {{IpProtocol::udp, 51820, 51820}}},
    };
    return kServices;
}

const KnownService* find_known_service(std::string_view name) {
    const auto services = known_services();
    const auto found =
        std::lower_bound(services.begin(), services.end(), name,
                         [](const KnownService& service, std::string_view wanted) { return service.name < wanted; });
    return found != services.end() && found->name == name ? &*found : nullptr;
}

std::vector<gateway::Service> services_of(const KnownService& service) {
    std::vector<gateway::Service> services;
    for (const KnownService::Part& part : service.parts) {
        gateway::Service& made = services.emplace_back(gateway::Service{part.protocol, {}, {}, part.icmp_type});
        if (part.first_port != 0) made.destination_ports.push_back({L4Port{part.first_port}, L4Port{part.last_port}});
    }
    return services;
}

}  // namespace hairpin::config

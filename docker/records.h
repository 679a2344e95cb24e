#pragma once
// What the driver remembers of the engine's networks and endpoints, in the words of both: an engine's network is a segment of the switch and,
// unless it is told otherwise, an interface of the gateway; an endpoint is a port.
//
// It is what the driver wants to be so. What the router's configuration has of it is made to agree (agreement.h), now or when the daemon is
// there. The engine tells of a network once, and not again when it or we begin anew, so all of it is kept in a file (record_file.h).

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace hairpin::docker {

// How one port of a container is published: `ports: ["8080:80"]`.
struct Publication {
    std::uint32_t rule = 0;    // of NAT, in our block
    std::string protocol;      // tcp, udp, sctp
    std::string host_address;  // empty: the uplink's first
    std::uint16_t host_port = 0;
    std::uint16_t port = 0;  // the container's
};

// What `driver_opts` say, and what the engine adds (network_options.h).
struct Network {
    std::string segment;
    bool gateway = true;    // whether our gateway is on it
    std::string interface;  // its name there; empty without a gateway
    std::string role = "internal";
    std::string subnet;   // 192.168.1.0/24; empty where the engine gives no addresses
    std::string address;  // the gateway's, 192.168.1.1/24; empty likewise
    std::string uplink;   // where ports are published; empty: the first interface of that role
    std::string hairpin = "auto";
    std::string firewall = "bypass";
    bool masquerade = true;
    unsigned mtu = 0;          // 0: the switch's own
    std::uint32_t number = 0;  // tells networks apart in our blocks of rules
};

struct Endpoint {
    std::string network;
    std::string address;  // 192.168.1.10/24, or empty
    std::string mac;
    std::string port;     // of the switch
    std::string device;   // what the engine calls it before it moves it; empty until it has joined
    std::string sandbox;  // the file that is its network namespace
    std::vector<Publication> published;
};

struct Records {
    std::map<std::string, Network> networks;    // by the engine's ids
    std::map<std::string, Endpoint> endpoints;  // likewise
    // What stands in the router's configuration because we have put it there, so that nothing of anybody else's is ever taken away.
    // Written before the commit that makes it: after a crash a name too many may stand here, never one too few.
    std::set<std::string> segments, interfaces, ports;
    // Devices whose endpoint has gone and that may still be there.
    std::set<std::string> leftover_devices;
};

// Numbers that programs may assign (config/hairpin.yang), and that nobody but this driver uses.
inline constexpr std::uint32_t kFirstDnatRule = 1'000'000, kLastDnatRule = 1'065'535;
inline constexpr std::uint32_t kFirstSnatRule = 1'070'000, kLastSnatRule = 1'074'095;      // kFirstSnatRule + Network::number
inline constexpr std::uint32_t kFirstFirewallRule = 190'000, kLastFirewallRule = 194'095;  // likewise
inline constexpr std::uint32_t kMostNetworks = 4096;                                       // as many as there are segments

}  // namespace hairpin::docker

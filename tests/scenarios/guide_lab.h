#pragma once
// topologies/hairpin in memory: the switch, the gateway with the guide's rules, and three hosts that answer ARP.
//
//   lan: workstation 192.168.255.2, web_server 192.168.255.10      wan: internet 203.0.113.1 (198.51.100.10 behind it)
//
// Packets are carried as the daemon's Worker carries them; time stands still until advance(). Each packet that a host receives has
// its checksums verified from scratch, and when the lab ends every packet must be accounted for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "gateway/edge_gateway.h"
#include "net/frame_view.h"
#include "switch/bridge.h"
#include "switch/ports/memory_port.h"
#include "tests/support/packet_builder.h"

namespace hairpin::testing {

inline constexpr Ipv4Address kWorkstation{192, 168, 255, 2};
inline constexpr Ipv4Address kWebServer{192, 168, 255, 10};
inline constexpr Ipv4Address kGatewayLan{192, 168, 255, 1};
inline constexpr Ipv4Address kExternal{203, 0, 113, 80};
inline constexpr Ipv4Address kRouter{203, 0, 113, 1};
inline constexpr Ipv4Address kInternet{198, 51, 100, 10};

// The guide's configuration; `replaced` in it becomes `replacement`, for variations of one rule.
std::string guide_configuration(const std::string& replaced = "", const std::string& replacement = "");

class GuideLab;

// A host on a port. It answers ARP for its address by itself; everything else a story does.
class Host {
public:
    Host(GuideLab& lab, l2::MemoryPort& port, MacAddress mac, Ipv4Address address, MacAddress gateway_mac)
        : lab_(lab), port_(port), mac_(mac), address_(address), gateway_mac_(gateway_mac) {}

    // Sends to the gateway, and lets what follows happen.
    void send(PacketBuilder packet);
    // What came since the last call, ARP apart.
    Batch received();
    // Exactly one packet must have come.
    PacketPtr only_packet();
    void stay_silent() { silent_ = true; }
    MacAddress mac() const { return mac_; }

private:
    friend class GuideLab;
    bool answer_arp();

    GuideLab& lab_;
    l2::MemoryPort& port_;
    MacAddress mac_;
    Ipv4Address address_;
    MacAddress gateway_mac_;
    Batch received_;
    bool silent_ = false;
};

class GuideLab {
public:
    explicit GuideLab(const std::string& configuration = guide_configuration(), std::size_t session_capacity = 1024);
    ~GuideLab();

    void adopt(const std::string& configuration);
    void advance(Duration time);
    void settle();  // until nobody has anything to say

    const gateway::Session* session(IpProtocol protocol) const;  // the youngest of it
    std::size_t sessions() const { return gateway->sessions().size(); }
    std::uint64_t drops(DropReason reason) const { return ledger.dropped_for(reason); }

    PacketPool pool{{4096, 256}};
    Ledger ledger;
    Timestamp now{std::chrono::seconds{1000}};
    std::unique_ptr<l2::Bridge> bridge;
    std::unique_ptr<gateway::EdgeGateway> gateway;
    std::unique_ptr<Host> workstation, web_server, internet;

private:
    bool carry();

    std::vector<std::unique_ptr<l2::MemoryPort>> ports_;
    std::vector<PortId> interface_ports_;
    Outbox<PortId> switched_;
    Outbox<InterfaceId> routed_;
};

// What a packet's tuple is, as text: "tcp 192.168.255.2:40000 -> 203.0.113.80:80".
std::string tuple(Packet& packet);
inline std::string tuple(const PacketPtr& packet) { return packet ? tuple(*packet) : "no packet"; }

}  // namespace hairpin::testing

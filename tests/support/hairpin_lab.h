#pragma once
// topologies/hairpin in memory: the switch, the Edge Gateway with the guide's rules, and three hosts that speak when told to.
//
//   workstation .2 ─┐                                    ┌─ internet 203.0.113.1, and 198.51.100.10 behind it
//                   ├─ lan ─ .1 gateway 203.0.113.80 ─ wan
//   web server .10 ─┘
//
//   HairpinLab lab;
//   lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
//   EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kGateway, _), To(kWebServer, 80))));
//   lab.web_server.answer();
//
// Packets travel as the Worker carries them, at once and until nobody has any; time stands still until wait() turns it. Hosts
// answer ARP by themselves. Every frame that leaves the gateway or reaches a host has its checksums verified from scratch, partial
// ones as partial, and the gateway may send no redirect of its own; when the lab goes down the books must balance. What does not
// hold fails the test.

#include <gmock/gmock.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "gateway/edge_gateway.h"
#include "net/ledger.h"
#include "net/outbox.h"
#include "net/packet_pool.h"
#include "switch/bridge.h"
#include "switch/ports/memory_port.h"
#include "tests/support/guide_hosts.h"
#include "tests/support/packet_builder.h"

namespace hairpin {
inline void PrintTo(Ipv4Address address, std::ostream* out) { *out << address.to_string(); }
inline void PrintTo(IpProtocol protocol, std::ostream* out) { *out << to_string(protocol); }
}  // namespace hairpin

namespace hairpin::testing {

// ---- Rules in words -----------------------------------------------------------------------------------------------------------

// "192.0.2.1", "192.0.2.0/24" or "192.0.2.1-192.0.2.9".
gateway::AddressRange addresses(std::string_view text);
gateway::PortRange ports(unsigned first, unsigned last);
inline gateway::PortRange port(unsigned number) { return ports(number, number); }

gateway::InterfaceSet on(std::initializer_list<InterfaceId> interfaces);
gateway::Endpoint anybody();
gateway::Endpoint by(InterfaceId interface);
gateway::Endpoint at(std::string_view addresses);
gateway::Endpoint the_gateway();
gateway::Endpoint not_(gateway::Endpoint endpoint);

gateway::Service service(IpProtocol protocol, std::initializer_list<unsigned> destination_ports = {});
gateway::FirewallRule firewall_rule(gateway::RuleId id, gateway::FirewallAction action, gateway::Endpoint source,
                                    gateway::Endpoint destination, std::vector<gateway::Service> services = {});
gateway::NatRule snat(gateway::RuleId id, gateway::InterfaceSet applied_on, std::string_view original,
                      std::string_view translated);
gateway::NatRule dnat(gateway::RuleId id, gateway::InterfaceSet applied_on, IpProtocol protocol, std::string_view original,
                      gateway::PortRange original_port, std::string_view translated, gateway::PortRange translated_port);

// NAT-AND-FIREWALL 1: firewall rules 1 to 4 and the default, NAT rules 196609 to 196614, and the rule that answers pings.
inline constexpr gateway::RuleId kEchoRule = gateway::kEchoFirewallRule;
gateway::Ruleset guide_rules();

// ---- Packets as they were seen --------------------------------------------------------------------------------------------------

struct SeenPacket {
    // Of an IPv4 packet, or of as much of one as an ICMP error quotes.
    static SeenPacket of_l3(std::span<const std::byte> l3);

    MacAddress from_mac, to_mac;
    Ipv4Address source, destination;
    IpProtocol protocol = IpProtocol::any;
    unsigned ttl = 0, id = 0, total_length = 0, fragment_offset = 0;
    bool dont_fragment = false, more_fragments = false;
    unsigned source_port = 0, destination_port = 0;  // of ICMP queries the identifier, in both; zero where there are none
    std::uint32_t tcp_sequence = 0, tcp_acknowledgment = 0;
    unsigned tcp_flags = 0, tcp_window = 0, icmp_type = 0, icmp_code = 0;
    unsigned icmp_rest = 0;  // the second word's second half: of a query its sequence number, of 3/4 the MTU
    unsigned l4_checksum = 0;
    Bytes l3, l4, payload;  // payload: behind the L4 header; of a later fragment all
    Offload offload;

    bool is_fragment() const { return more_fragments || fragment_offset != 0; }
    // What an ICMP error is about. Its own checksums are verified as far as the quote reaches.
    SeenPacket quote() const;
    std::string to_string() const;
};
void PrintTo(const SeenPacket& packet, std::ostream* out);

// The datagram that fragments make, in whatever order; its checksums are verified. Fails the test where one is missing.
SeenPacket reassembled(const std::vector<SeenPacket>& fragments);
// What its receiver would send back: SYN-ACK to SYN, FIN-ACK to FIN, else ACK; the same payload by UDP; an echo reply.
PacketBuilder answer_to(const SeenPacket& packet);

using PortMatcher = ::testing::Matcher<unsigned>;
using SeenMatcher = ::testing::Matcher<const SeenPacket&>;

inline SeenMatcher From(Ipv4Address address, PortMatcher port = ::testing::_) {
    return ::testing::AllOf(::testing::Field("source", &SeenPacket::source, address),
                            ::testing::Field("source_port", &SeenPacket::source_port, port));
}
inline SeenMatcher To(Ipv4Address address, PortMatcher port = ::testing::_) {
    return ::testing::AllOf(::testing::Field("destination", &SeenPacket::destination, address),
                            ::testing::Field("destination_port", &SeenPacket::destination_port, port));
}
inline SeenMatcher Protocol(IpProtocol protocol) { return ::testing::Field("protocol", &SeenPacket::protocol, protocol); }
inline SeenMatcher Flags(unsigned flags) { return ::testing::Field("tcp_flags", &SeenPacket::tcp_flags, flags); }
inline SeenMatcher Ttl(PortMatcher ttl) { return ::testing::Field("ttl", &SeenPacket::ttl, ttl); }
inline SeenMatcher Carries(const Bytes& payload) { return ::testing::Field("payload", &SeenPacket::payload, payload); }

template <class... Parts>
SeenMatcher Tcp(Parts... parts) {
    return ::testing::AllOf(Protocol(IpProtocol::tcp), parts...);
}
template <class... Parts>
SeenMatcher Udp(Parts... parts) {
    return ::testing::AllOf(Protocol(IpProtocol::udp), parts...);
}
// An ICMP message of this type and code.
template <class... Parts>
SeenMatcher Icmp(unsigned type, unsigned code, Parts... parts) {
    return ::testing::AllOf(Protocol(IpProtocol::icmp), ::testing::Field("icmp_type", &SeenPacket::icmp_type, type),
                            ::testing::Field("icmp_code", &SeenPacket::icmp_code, code), parts...);
}
// An ICMP error whose quote is a packet like this.
inline SeenMatcher About(SeenMatcher quoted) { return ::testing::Property("quote", &SeenPacket::quote, quoted); }

// A host's TCP connections: which number it sends next, and which it waits for.
class TcpNumbers {
public:
    // Gives a segment the numbers that are its turn. One that says its own sequence number is none of the host's.
    void number(PacketBuilder& segment);
    void hear(const SeenPacket& segment);

private:
    static constexpr std::uint32_t kFirst = 1000;  // of every connection
    struct Connection {
        std::uint32_t next = kFirst, awaited = 0;
    };
    std::map<std::pair<std::pair<std::uint32_t, unsigned>, std::pair<std::uint32_t, unsigned>>, Connection> connections_;
    Connection& of(Ipv4Address here, unsigned port, Ipv4Address there, unsigned their_port);
};

// ---- The lab --------------------------------------------------------------------------------------------------------------------

class HairpinLab;

// A station with a memory port. Sends to its gateway's MAC, as a host whose default route that is.
class Host {
public:
    struct Setup {
        std::string name, segment;
        MacAddress mac, gateway_mac;
        std::vector<Ipv4Address> addresses;
        l2::Capabilities capabilities = l2::Capabilities::all();
    };
    Host(HairpinLab& lab, Setup setup, PacketPool& pool, Ledger& ledger);

    void send(PacketBuilder packet);
    // The packet with the numbers that send() would give it.
    PacketBuilder as_next(PacketBuilder packet) const;
    // The same for what goes in pieces: the numbers are taken, and those of what came in pieces are heard.
    PacketBuilder numbered(PacketBuilder packet);
    void hear(const SeenPacket& reassembled) { numbers_.hear(reassembled); }
    // With the MACs that the builder has.
    void send_as_is(const PacketBuilder& packet);
    // Answers the last packet received.
    void answer();
    // The packets for this host, ARP apart, since the last call.
    std::vector<SeenPacket> received() { return std::exchange(unread_, {}); }
    // The one packet received since the last call; fails the test when it was not one.
    SeenPacket received_one();
    const SeenPacket& last() const { return last_; }
    const std::string& name() const { return setup_.name; }
    MacAddress mac() const { return setup_.mac; }

    bool answers_arp = true;
    unsigned arp_requests = 0;  // for one of its addresses, answered or not

private:
    friend class HairpinLab;
    void take_in(Packet& packet);

    HairpinLab& lab_;
    Setup setup_;
    PacketPool& pool_;
    std::unique_ptr<l2::MemoryPort> port_;
    PortId id_{};
    TcpNumbers numbers_;
    std::vector<SeenPacket> unread_;
    SeenPacket last_;
};

struct GatewayCounters {
    std::size_t sessions;
    std::uint64_t drops;
};
void PrintTo(const GatewayCounters& counters, std::ostream* out);
inline ::testing::Matcher<GatewayCounters> Sessions(std::size_t count) {
    return ::testing::Field("sessions", &GatewayCounters::sessions, count);
}
inline ::testing::Matcher<GatewayCounters> Drops(std::uint64_t count) {
    return ::testing::Field("drops", &GatewayCounters::drops, count);
}

class HairpinLab : private gateway::SessionObserver {
    // Before the hosts, which take packets from the pool.
    PacketPool pool_{{4096, 128}};
    Ledger ledger_;

public:
    using Change = std::function<void(gateway::Ruleset&)>;
    struct Options {
        Change rules = {};  // what is different from the guide; the interfaces that it adds are attached, too
        std::size_t session_capacity = 1024;
        l2::Capabilities web_server = l2::Capabilities::all();
    };
    HairpinLab() : HairpinLab(Options{}) {}
    explicit HairpinLab(Change rules) : HairpinLab(Options{.rules = std::move(rules)}) {}
    explicit HairpinLab(Options options);
    ~HairpinLab() override;
    HairpinLab(const HairpinLab&) = delete;
    HairpinLab& operator=(const HairpinLab&) = delete;

    // Adopts the rules in force with a change, as the next generation.
    void change_rules(const Change& change);
    // Turns time on, tick by tick.
    void wait(Duration duration);
    Timestamp now() const { return now_; }
    // The gateway itself sends, as its command line would ask it to.
    std::optional<gateway::EdgeGateway::OwnRefusal> send_own(const PacketBuilder& packet);
    void request_arp(InterfaceId interface, Ipv4Address address);
    // Another host; it stays where it is.
    Host& add_host(Host::Setup setup);
    // ... at 192.168.255.3, beside the workstation.
    Host& add_second_host();

    gateway::EdgeGateway& gateway() { return gateway_; }
    const Ledger& ledger() const { return ledger_; }
    PacketPool& pool() { return pool_; }
    GatewayCounters counters() const { return {gateway_.sessions().size(), ledger_.dropped_total()}; }
    std::uint64_t dropped(DropReason reason) const { return ledger_.dropped_for(reason); }
    std::uint64_t hits(gateway::RuleId rule) const { return gateway_.rule_counters().of(rule).hits; }
    std::uint64_t received() const { return ledger_.received; }
    // The live sessions, in no particular order.
    std::vector<gateway::Session> sessions() const;
    // Why sessions ended, in order.
    std::vector<std::string> endings() { return std::exchange(endings_, {}); }

    // Opens a TCP connection from a host: SYN, SYN-ACK, ACK. Everything that the hosts received by it is forgotten.
    void connect(Host& client, Host& server, Ipv4Address source, unsigned source_port, Ipv4Address destination, unsigned port);

private:
    friend class Host;
    void session_opened(const gateway::Session&) override {}
    void session_closed(const gateway::Session&, std::string_view why) override { endings_.emplace_back(why); }

    void adopt(gateway::Ruleset rules);
    // Carries packets on until nobody has any.
    void run();
    bool carry_from_hosts();
    void deliver();
    void inspect_departure(InterfaceId interface, const Packet& packet);

    Timestamp now_ = Timestamp{std::chrono::seconds{1000}};
    l2::Bridge bridge_;
    gateway::EdgeGateway gateway_;
    std::vector<PortId> attachments_;  // of the gateway's interfaces
    std::deque<Host> added_;
    std::vector<Host*> hosts_;
    Outbox<PortId> switched_;
    Outbox<InterfaceId> routed_;
    std::vector<std::string> endings_;

public:
    Host workstation, web_server, internet;
};

}  // namespace hairpin::testing

#include "tests/support/hairpin_lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "gateway/nat/hairpin.h"
#include "net/checksum.h"
#include "net/frame_view.h"

namespace hairpin::testing {

using namespace gateway;

// ---- Rules in words -----------------------------------------------------------------------------------------------------------

AddressRange addresses(std::string_view text) {
    const auto one = [](std::string_view part) {
        const auto address = Ipv4Address::parse(part);
        if (!address) throw std::invalid_argument(fmt::format("{} is no address", part));
        return *address;
    };
    if (const auto dash = text.find('-'); dash != std::string_view::npos)
        return {one(text.substr(0, dash)), one(text.substr(dash + 1))};
    const auto prefix = Ipv4Prefix::parse(text);
    if (!prefix) throw std::invalid_argument(fmt::format("{} is no prefix", text));
    return {prefix->first(), prefix->last()};
}

PortRange ports(unsigned first, unsigned last) {
    return {L4Port{static_cast<std::uint16_t>(first)}, L4Port{static_cast<std::uint16_t>(last)}};
}

InterfaceSet on(std::initializer_list<InterfaceId> interfaces) {
    InterfaceSet set;
    for (const InterfaceId interface : interfaces) set.set(index_of(interface));
    return set;
}

Endpoint anybody() { return {}; }
Endpoint by(InterfaceId interface) {
    Endpoint endpoint;
    endpoint.interfaces = on({interface});
    return endpoint;
}
Endpoint at(std::string_view text) {
    Endpoint endpoint;
    endpoint.addresses = {addresses(text)};
    return endpoint;
}
Endpoint the_gateway() {
    Endpoint endpoint;
    endpoint.gateway_itself = true;
    return endpoint;
}
Endpoint not_(Endpoint endpoint) {
    endpoint.negated = !endpoint.negated;
    return endpoint;
}

Service service(IpProtocol protocol, std::initializer_list<unsigned> destination_ports) {
    Service service{protocol, {}, {}, {}};
    for (const unsigned number : destination_ports) service.destination_ports.push_back(port(number));
    return service;
}

FirewallRule firewall_rule(RuleId id, FirewallAction action, Endpoint source, Endpoint destination,
                           std::vector<Service> services) {
    FirewallRule rule;
    rule.id = id;
    rule.action = action;
    rule.source = std::move(source);
    rule.destination = std::move(destination);
    rule.services = std::move(services);
    rule.text.name = fmt::format("rule {}", id);
    return rule;
}

NatRule snat(RuleId id, InterfaceSet applied_on, std::string_view original, std::string_view translated) {
    NatRule rule;
    rule.id = id;
    rule.action = NatAction::snat;
    rule.applied_on = applied_on;
    rule.original_address = addresses(original);
    rule.translated_address = addresses(translated);
    rule.text = {{}, {}, std::string{original}, std::string{translated}};
    return rule;
}

NatRule dnat(RuleId id, InterfaceSet applied_on, IpProtocol protocol, std::string_view original, PortRange original_port,
             std::string_view translated, PortRange translated_port) {
    NatRule rule = snat(id, applied_on, original, translated);
    rule.action = NatAction::dnat;
    rule.protocol = protocol;
    rule.original_port = original_port;
    rule.translated_port = translated_port;
    return rule;
}

Ruleset guide_rules() {
    constexpr auto accept = FirewallAction::accept;
    const auto web = [] { return std::vector{service(IpProtocol::tcp, {80, 443})}; };

    Ruleset rules;
    rules.generation = 1;
    rules.interfaces.resize(2);
    Interface& uplink = rules.interfaces[index_of(kUplink)];
    uplink = {"uplink", InterfaceRole::uplink, "wan", {}, kUplinkMac, 1500, {*Ipv4InterfaceAddress::parse("203.0.113.80/24")}};
    Interface& lan = rules.interfaces[index_of(kLan)];
    lan = {"lan", InterfaceRole::internal, "lan", {}, kLanMac, 1500, {*Ipv4InterfaceAddress::parse("192.168.255.1/24")}};
    rules.routes = {{Ipv4Prefix{}, kRouter, {}}};

    rules.firewall.push_back(firewall_rule(kEchoRule, accept, anybody(), the_gateway(), {service(IpProtocol::icmp)}));
    rules.firewall.back().services[0].icmp_type = static_cast<std::uint8_t>(IcmpType::echo_request);
    rules.firewall.push_back(firewall_rule(1, accept, the_gateway(), anybody()));
    rules.firewall.push_back(firewall_rule(2, accept, by(kLan), by(kUplink)));
    rules.firewall.push_back(firewall_rule(3, accept, at("192.168.255.2"), at("203.0.113.80"), web()));
    rules.firewall.push_back(firewall_rule(4, accept, by(kUplink), at("203.0.113.80"), web()));
    rules.firewall.push_back(firewall_rule(kDefaultFirewallRule, FirewallAction::drop, anybody(), anybody()));
    rules.firewall.front().origin = RuleOrigin::automatic;
    rules.firewall.back().origin = RuleOrigin::default_rule;

    RuleId id = kFirstAssignedNatRule;
    rules.nat.push_back(snat(id++, on({kUplink}), "192.168.255.0/24", "203.0.113.80"));
    for (const unsigned number : {80U, 443U})
        rules.nat.push_back(
            dnat(id++, on({kUplink}), IpProtocol::tcp, "203.0.113.80", port(number), "192.168.255.10", port(number)));
    rules.nat.push_back(snat(id++, on({kLan}), "192.168.255.0/24", "192.168.255.1"));
    for (const unsigned number : {80U, 443U})
        rules.nat.push_back(
            dnat(id++, on({kLan}), IpProtocol::tcp, "203.0.113.80", port(number), "192.168.255.10", port(number)));
    return rules;
}

// ---- Packets as they were seen --------------------------------------------------------------------------------------------------

namespace {

unsigned word_at(std::span<const std::byte> bytes, std::size_t offset) {
    if (offset + 2 > bytes.size()) return 0;
    return std::to_integer<unsigned>(bytes[offset]) << 8 | std::to_integer<unsigned>(bytes[offset + 1]);
}
unsigned byte_at(std::span<const std::byte> bytes, std::size_t offset) {
    return offset < bytes.size() ? std::to_integer<unsigned>(bytes[offset]) : 0;
}

std::size_t l4_header_length(const SeenPacket& packet) {
    switch (packet.protocol) {
        case IpProtocol::tcp: return std::size_t{4} * (byte_at(packet.l4, 12) >> 4);
        case IpProtocol::udp:
        case IpProtocol::udp_lite:
        case IpProtocol::icmp: return 8;
        case IpProtocol::dccp: return std::size_t{4} * byte_at(packet.l4, 4);
        default: return 0;
    }
}

void read_l4(SeenPacket& packet) {
    switch (packet.protocol) {
        case IpProtocol::tcp:
            packet.source_port = word_at(packet.l4, 0), packet.destination_port = word_at(packet.l4, 2);
            packet.tcp_sequence = word_at(packet.l4, 4) << 16 | word_at(packet.l4, 6);
            packet.tcp_acknowledgment = word_at(packet.l4, 8) << 16 | word_at(packet.l4, 10);
            packet.tcp_flags = byte_at(packet.l4, 13);
            packet.tcp_window = word_at(packet.l4, 14);
            packet.l4_checksum = word_at(packet.l4, 16);
            return;
        case IpProtocol::sctp:
            packet.source_port = word_at(packet.l4, 0), packet.destination_port = word_at(packet.l4, 2);
            return;
        case IpProtocol::udp:
        case IpProtocol::udp_lite:
        case IpProtocol::dccp:
            packet.source_port = word_at(packet.l4, 0), packet.destination_port = word_at(packet.l4, 2);
            packet.l4_checksum = word_at(packet.l4, 6);
            return;
        case IpProtocol::icmp: {
            packet.icmp_type = byte_at(packet.l4, 0), packet.icmp_code = byte_at(packet.l4, 1);
            packet.l4_checksum = word_at(packet.l4, 2);
            packet.icmp_rest = word_at(packet.l4, 6);
            const bool query = packet.icmp_type == 0 || packet.icmp_type == 8;
            if (query) packet.source_port = packet.destination_port = word_at(packet.l4, 4);
            return;
        }
        default: return;
    }
}

// As a frame of its own, so that checksums_hold() can judge it.
bool l3_checksums_hold(std::span<const std::byte> l3) {
    PacketPool pool{{1, 1}};
    return checksums_hold(*ethernet(static_cast<std::uint16_t>(EtherType::ipv4)).payload(l3).in(pool));
}

}  // namespace

SeenPacket SeenPacket::of_l3(std::span<const std::byte> l3) {
    SeenPacket packet;
    const std::size_t header_length = std::size_t{4} * (byte_at(l3, 0) & 0xf);
    packet.total_length = word_at(l3, 2);
    l3 = l3.first(std::min<std::size_t>(l3.size(), packet.total_length));
    if (l3.size() < sizeof(Ipv4Header) || header_length > l3.size()) {
        ADD_FAILURE() << "no IPv4 packet";
        return packet;
    }
    packet.l3.assign(l3.begin(), l3.end());
    packet.id = word_at(l3, 4);
    packet.dont_fragment = (word_at(l3, 6) & Ipv4Header::kDontFragment) != 0;
    packet.more_fragments = (word_at(l3, 6) & Ipv4Header::kMoreFragments) != 0;
    packet.fragment_offset = 8U * (word_at(l3, 6) & Ipv4Header::kOffsetMask);
    packet.ttl = byte_at(l3, 8);
    packet.protocol = static_cast<IpProtocol>(byte_at(l3, 9));
    packet.source = Ipv4Address{word_at(l3, 12) << 16 | word_at(l3, 14)};
    packet.destination = Ipv4Address{word_at(l3, 16) << 16 | word_at(l3, 18)};
    packet.l4.assign(l3.begin() + static_cast<std::ptrdiff_t>(header_length), l3.end());
    if (packet.fragment_offset != 0) {
        packet.payload = packet.l4;
        return packet;
    }
    read_l4(packet);
    const std::size_t skip = std::min(l4_header_length(packet), packet.l4.size());
    packet.payload.assign(packet.l4.begin() + static_cast<std::ptrdiff_t>(skip), packet.l4.end());
    return packet;
}

SeenPacket SeenPacket::quote() const {
    if (protocol != IpProtocol::icmp || (icmp_type != 3 && icmp_type != 11 && icmp_type != 12)) {
        ADD_FAILURE() << to_string() << " is no ICMP error that quotes";
        return {};
    }
    const SeenPacket quoted = of_l3(payload);
    const std::size_t header_length = quoted.l3.size() - quoted.l4.size();
    EXPECT_TRUE(checksum_holds(std::span{quoted.l3}.first(header_length))) << "the quoted IP header's checksum";
    if (quoted.l3.size() == quoted.total_length) {
        EXPECT_TRUE(l3_checksums_hold(quoted.l3)) << "the whole packet is quoted, but its L4 checksum does not hold";
    }
    return quoted;
}

std::string SeenPacket::to_string() const {
    std::string text = fmt::format("{} {}:{} -> {}:{} ttl {} length {}", hairpin::to_string(protocol), source.to_string(),
                                   source_port, destination.to_string(), destination_port, ttl, total_length);
    if (protocol == IpProtocol::tcp) text += fmt::format(" flags {:#x}", tcp_flags);
    if (protocol == IpProtocol::icmp) text += fmt::format(" type {}/{}", icmp_type, icmp_code);
    if (is_fragment()) text += fmt::format(" fragment @{}{}", fragment_offset, more_fragments ? "+" : "");
    return text;
}

void PrintTo(const SeenPacket& packet, std::ostream* out) { *out << packet.to_string(); }

SeenPacket reassembled(const std::vector<SeenPacket>& fragments) {
    std::vector<SeenPacket> parts = fragments;
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.fragment_offset < b.fragment_offset; });
    if (parts.empty() || parts.front().fragment_offset != 0 || parts.back().more_fragments) {
        ADD_FAILURE() << "the first or the last fragment is missing";
        return {};
    }
    const SeenPacket& first = parts.front();
    Bytes whole = first.l3;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const std::size_t so_far = whole.size() - (first.l3.size() - first.l4.size());
        EXPECT_EQ(parts[i].fragment_offset, so_far) << "a fragment is missing, or there twice";
        EXPECT_EQ(parts[i].id, first.id);
        EXPECT_EQ(parts[i].source, first.source);
        EXPECT_EQ(parts[i].destination, first.destination);
        whole.insert(whole.end(), parts[i].l4.begin(), parts[i].l4.end());
    }
    Ipv4Header header;
    std::memcpy(&header, whole.data(), sizeof header);
    header.total_length = Be16{static_cast<std::uint16_t>(whole.size())};
    header.flags_and_offset = Be16{};
    header.checksum = Be16{};
    std::memcpy(whole.data(), &header, sizeof header);
    header.checksum = checksum_of(std::span{whole}.first(header.header_length()));
    std::memcpy(whole.data(), &header, sizeof header);
    EXPECT_TRUE(l3_checksums_hold(whole)) << "the checksum over the whole datagram";
    return SeenPacket::of_l3(whole);
}

PacketBuilder answer_to(const SeenPacket& packet) {
    switch (packet.protocol) {
        case IpProtocol::tcp: {
            PacketBuilder answer = tcp().from(packet.destination, packet.destination_port).to(packet.source, packet.source_port);
            answer.ack();
            if ((packet.tcp_flags & TcpHeader::kSyn) != 0) answer.syn();
            if ((packet.tcp_flags & TcpHeader::kFin) != 0) answer.fin();
            return answer;
        }
        case IpProtocol::udp:
            return udp()
                .from(packet.destination, packet.destination_port)
                .to(packet.source, packet.source_port)
                .payload(packet.payload);
        case IpProtocol::icmp:
            return icmp_echo_reply()
                .from(packet.destination)
                .to(packet.source)
                .identifier(packet.source_port)
                .icmp_sequence(packet.icmp_rest)
                .payload(packet.payload);
        default: throw std::invalid_argument("nobody knows the answer to " + packet.to_string());
    }
}

// ---- TCP's numbers --------------------------------------------------------------------------------------------------------------

TcpNumbers::Connection& TcpNumbers::of(Ipv4Address here, unsigned port, Ipv4Address there, unsigned their_port) {
    return connections_[{{here.number(), port}, {there.number(), their_port}}];
}

void TcpNumbers::number(PacketBuilder& segment) {
    if (!segment.is_tcp() || segment.said_sequence()) return;
    const auto flow = segment.flow();
    Connection& connection = of(flow.source, flow.source_port.number(), flow.destination, flow.destination_port.number());
    const bool syn = segment.has(TcpHeader::kSyn);
    if (syn) connection.next = kFirst;  // the first time and whenever it tries again
    segment.continue_at(connection.next, connection.awaited);
    connection.next +=
        static_cast<std::uint32_t>(segment.payload_size()) + (syn ? 1U : 0U) + (segment.has(TcpHeader::kFin) ? 1U : 0U);
}

void TcpNumbers::hear(const SeenPacket& segment) {
    if (segment.protocol != IpProtocol::tcp || segment.is_fragment() || (segment.tcp_flags & TcpHeader::kRst) != 0) return;
    Connection& connection = of(segment.destination, segment.destination_port, segment.source, segment.source_port);
    const bool syn = (segment.tcp_flags & TcpHeader::kSyn) != 0, fin = (segment.tcp_flags & TcpHeader::kFin) != 0;
    const std::uint32_t end =
        segment.tcp_sequence + static_cast<std::uint32_t>(segment.payload.size()) + (syn ? 1U : 0U) + (fin ? 1U : 0U);
    // A SYN that no host of the lab has sent changes nothing.
    const bool begins = syn && (connection.awaited == 0 || segment.tcp_sequence == kFirst);
    if (begins || (!syn && static_cast<std::int32_t>(end - connection.awaited) > 0)) connection.awaited = end;
}

// ---- Hosts ----------------------------------------------------------------------------------------------------------------------

Host::Host(HairpinLab& lab, Setup setup, PacketPool& pool, Ledger& ledger)
    : lab_(lab),
      setup_(std::move(setup)),
      pool_(pool),
      port_(std::make_unique<l2::MemoryPort>(pool, ledger, l2::MemoryPort::Options{1500, setup_.capabilities})) {}

void Host::send(PacketBuilder packet) {
    numbers_.number(packet);
    send_as_is(packet.from_mac(setup_.mac).to_mac(setup_.gateway_mac));
}

PacketBuilder Host::as_next(PacketBuilder packet) const {
    TcpNumbers{numbers_}.number(packet);
    return packet;
}

PacketBuilder Host::numbered(PacketBuilder packet) {
    numbers_.number(packet);
    return packet;
}

void Host::send_as_is(const PacketBuilder& packet) {
    ASSERT_TRUE(port_->inject(packet.in(pool_)));
    lab_.run();
}

void Host::answer() { send(answer_to(last_)); }

SeenPacket Host::received_one() {
    const auto packets = received();
    EXPECT_THAT(packets, ::testing::SizeIs(1)) << "at " << setup_.name;
    return packets.empty() ? SeenPacket{} : packets.front();
}

void Host::take_in(Packet& packet) {
    const FrameView frame = FrameView::parse(packet);
    ASSERT_TRUE(frame) << setup_.name << " was sent what is no frame: " << name_of(frame.reason());
    const MacAddress to = frame.ethernet().destination;
    if (to != setup_.mac && !to.is_group()) return;  // flooded; for somebody else
    if (frame.is_arp()) {
        const bool for_us =
            std::find(setup_.addresses.begin(), setup_.addresses.end(), frame.arp().target_address) != setup_.addresses.end();
        if (frame.arp().operation != Be16{static_cast<std::uint16_t>(ArpOperation::request)} || !for_us) return;
        ++arp_requests;
        if (!answers_arp) return;
        const PacketBuilder reply = arp_request()
                                        .arp(ArpOperation::reply)
                                        .from(frame.arp().target_address)
                                        .to(frame.arp().sender_address)
                                        .from_mac(setup_.mac)
                                        .to_mac(frame.arp().sender_mac);
        ASSERT_TRUE(port_->inject(reply.in(pool_)));
        return;
    }
    EXPECT_TRUE(checksums_hold(packet)) << "at " << setup_.name << ": " << SeenPacket::of_l3(frame.l3_bytes()).to_string();
    SeenPacket seen = SeenPacket::of_l3(frame.l3_bytes());
    seen.from_mac = frame.ethernet().source;
    seen.to_mac = to;
    seen.offload = packet.offload;
    numbers_.hear(seen);
    last_ = seen;
    unread_.push_back(std::move(seen));
}

void PrintTo(const GatewayCounters& counters, std::ostream* out) {
    *out << counters.sessions << " sessions, " << counters.drops << " drops";
}

// ---- The lab --------------------------------------------------------------------------------------------------------------------

namespace {
Host::Setup host(const char* name, const char* segment, unsigned number, MacAddress gateway_mac, std::vector<Ipv4Address> own,
                 l2::Capabilities capabilities = l2::Capabilities::all()) {
    return {name, segment, MacAddress::from_number(0x0200'0000'bb00 + number), gateway_mac, std::move(own), capabilities};
}
}  // namespace

HairpinLab::HairpinLab(Options options)
    : bridge_({}, HashKey{}, pool_, ledger_),
      // Ports by a key as wide as the kernel gives: by a small one they would count up.
      gateway_(pool_, ledger_, options.session_capacity, {HashKey{1, 2}, HashKey{}}),
      workstation(*this, host("workstation", "lan", 2, kLanMac, {kWorkstation}), pool_, ledger_),
      web_server(*this, host("web server", "lan", 10, kLanMac, {kWebServer}, options.web_server), pool_, ledger_),
      internet(*this, host("internet", "wan", 1, kUplinkMac, {kRouter, kInternet}), pool_, ledger_) {
    Ruleset rules = guide_rules();
    if (options.rules) options.rules(rules);
    for (const Interface& interface : rules.interfaces)
        if (!bridge_.find_segment(interface.segment)) bridge_.add_segment(interface.segment);
    for (Host* host : {&workstation, &web_server, &internet}) {
        host->id_ = bridge_.add_port(*bridge_.find_segment(host->setup_.segment), {}, 1500);
        hosts_.push_back(host);
    }
    for (const Interface& interface : rules.interfaces)
        attachments_.push_back(bridge_
                                   .add_internal_port(*bridge_.find_segment(interface.segment), interface.vlan, interface.mac,
                                                      std::max(interface.mtu, 1500U))
                                   .value());
    ledger_.recorder.begin_burst(now_);
    gateway_.observe(this);
    adopt(std::move(rules));
    for (std::size_t i = 0; i < attachments_.size(); ++i) gateway_.announce(static_cast<InterfaceId>(i), now_, routed_);
    run();
}

HairpinLab::~HairpinLab() {
    EXPECT_EQ(ledger_.expected_held(), static_cast<std::int64_t>(gateway_.held()))
        << "a packet was lost, or counted twice: received " << ledger_.received << ", originated " << ledger_.originated
        << ", copied " << ledger_.copied << ", transmitted " << ledger_.transmitted << ", absorbed " << ledger_.absorbed
        << ", dropped " << ledger_.dropped_total();
    EXPECT_EQ(pool_.in_use(), gateway_.held()) << "a packet leaked";
}

void HairpinLab::adopt(Ruleset rules) {
    rules.derived_nat = derived_hairpins(rules);
    gateway_.adopt(std::make_shared<const Ruleset>(std::move(rules)), now_);
}

void HairpinLab::change_rules(const Change& change) {
    Ruleset rules = gateway_.ruleset();
    ++rules.generation;
    change(rules);
    adopt(std::move(rules));
}

void HairpinLab::wait(Duration duration) {
    for (const Timestamp end = now_ + duration; now_ < end;) {
        now_ = std::min(now_ + Tick::kLength, end);
        ledger_.recorder.begin_burst(now_);
        bridge_.expire(now_);
        gateway_.expire(now_, routed_);
        run();
    }
}

std::optional<gateway::EdgeGateway::OwnRefusal> HairpinLab::send_own(const PacketBuilder& packet) {
    const auto refused = gateway_.send_own(packet.in(pool_), now_, routed_);
    run();
    return refused;
}

void HairpinLab::request_arp(InterfaceId interface, Ipv4Address address) {
    EXPECT_TRUE(gateway_.request_arp(interface, address, now_, routed_));
    run();
}

Host& HairpinLab::add_second_host() {
    return add_host({"second", "lan", MacAddress::from_number(0x0200'0000'bb03), kLanMac, {kSecondHost}});
}

Host& HairpinLab::add_host(Host::Setup setup) {
    Host& host = added_.emplace_back(*this, std::move(setup), pool_, ledger_);
    host.id_ = bridge_.add_port(*bridge_.find_segment(host.setup_.segment), {}, 1500);
    hosts_.push_back(&host);
    return host;
}

std::vector<Session> HairpinLab::sessions() const {
    std::vector<Session> sessions;
    gateway_.sessions().for_each([&](SessionIndex, const Session& session) { sessions.push_back(session); });
    return sessions;
}

void HairpinLab::connect(Host& client, Host& server, Ipv4Address source, unsigned source_port, Ipv4Address destination,
                         unsigned port) {
    client.send(tcp().from(source, source_port).to(destination, port).syn());
    EXPECT_THAT(server.received(), ::testing::ElementsAre(Tcp(Flags(TcpHeader::kSyn))));
    server.answer();
    EXPECT_THAT(client.received(), ::testing::ElementsAre(Tcp(From(destination, port), To(source, source_port))));
    client.send(tcp().from(source, source_port).to(destination, port).ack());
    EXPECT_THAT(server.received(), ::testing::ElementsAre(Tcp(Flags(TcpHeader::kAck))));
}

void HairpinLab::run() {
    do deliver();
    while (carry_from_hosts());
}

bool HairpinLab::carry_from_hosts() {
    bool any = false;
    Batch burst;
    for (Host* host : hosts_) {
        host->port_->receive(burst, now_);
        if (burst.empty()) continue;
        any = true;
        bridge_.forward(host->id_, burst, now_, switched_);
        deliver();
    }
    return any;
}

void HairpinLab::deliver() {
    while (!switched_.empty() || !routed_.empty()) {
        switched_.drain([&](PortId destination, Batch& batch) {
            for (std::size_t i = 0; i < attachments_.size(); ++i)
                if (attachments_[i] == destination) return gateway_.forward(static_cast<InterfaceId>(i), batch, now_, routed_);
            for (Host* host : hosts_) {
                if (host->id_ != destination) continue;
                host->port_->send(batch, now_);
                for (const PacketPtr& packet : host->port_->take_sent()) host->take_in(*packet);
            }
        });
        routed_.drain([&](InterfaceId interface, Batch& batch) {
            for (const PacketPtr& packet : batch) inspect_departure(interface, *packet);
            gateway_.count_departures(interface, batch);
            bridge_.forward(attachments_.at(index_of(interface)), batch, now_, switched_);
        });
    }
}

// Whatever the scenario is about, this holds of every frame that the gateway sends.
void HairpinLab::inspect_departure(InterfaceId id, const Packet& packet) {
    const FrameView frame = FrameView::parse(const_cast<Packet&>(packet));  // which only reads
    ASSERT_TRUE(frame) << "the gateway sent what is no frame: " << name_of(frame.reason());
    const Interface& interface = gateway_.ruleset().interfaces.at(index_of(id));
    EXPECT_TRUE(interface.present()) << "the gateway sent by an interface that is gone";
    EXPECT_EQ(frame.ethernet().source, interface.mac);
    if (frame.is_arp()) return;
    const SeenPacket seen = SeenPacket::of_l3(frame.l3_bytes());
    EXPECT_TRUE(checksums_hold(packet)) << "by " << interface.name << ": " << seen.to_string();
    EXPECT_FALSE(frame.ethernet().destination.is_group()) << seen.to_string();
    EXPECT_GT(seen.ttl, 0U) << seen.to_string();
    const bool redirect = seen.protocol == IpProtocol::icmp && seen.icmp_type == static_cast<unsigned>(IcmpType::redirect);
    EXPECT_FALSE(redirect) << seen.to_string();
    if (packet.offload.segmentation == Segmentation::none) {
        EXPECT_LE(frame.l3_length(), interface.mtu) << seen.to_string();
    }
}

}  // namespace hairpin::testing

#include "tests/scenarios/guide_lab.h"

#include "config/compile.h"

namespace hairpin::testing {

std::string guide_configuration(const std::string& replaced, const std::string& replacement) {
    std::string text = R"({
      "hairpin:switch": {"segment": [{"name": "lan"}, {"name": "wan"}]},
      "hairpin:gateway": {
        "interface": [
          {"name": "uplink", "role": "uplink", "segment": "wan", "address": ["203.0.113.80/24"]},
          {"name": "lan", "segment": "lan", "address": ["192.168.255.1/24"]}],
        "route": [{"prefix": "0.0.0.0/0", "next-hop": "203.0.113.1"}],
        "firewall": {"rule": [
          {"id": 1, "name": "auto: gateway's own traffic", "source": {"interface": ["vse"]}, "action": "accept"},
          {"id": 2, "name": "LAN to Internet", "source": {"interface": ["internal"]}, "destination": {"interface": ["external"]}, "action": "accept"},
          {"id": 3, "name": "Workstation to Web Server", "source": {"address": ["192.168.255.2"]}, "destination": {"address": ["203.0.113.80"]},
           "service": [{"protocol": "tcp", "port": ["80", "443"]}, {"protocol": "udp", "port": ["53"]}], "action": "accept"},
          {"id": 4, "name": "Internet to Web Server", "source": {"interface": ["external"]}, "destination": {"address": ["203.0.113.80"]},
           "service": [{"protocol": "tcp", "port": ["80", "443"]}], "action": "accept"}]},
        "nat": {"rule": [
          {"id": 196609, "action": "snat", "applied-on": "uplink", "original-address": "192.168.255.0/24", "translated-address": "203.0.113.80"},
          {"id": 196610, "action": "dnat", "applied-on": "uplink", "protocol": "tcp", "original-address": "203.0.113.80", "original-port": "80",
           "translated-address": "192.168.255.10", "translated-port": "80"},
          {"id": 196611, "action": "dnat", "applied-on": "uplink", "protocol": "tcp", "original-address": "203.0.113.80", "original-port": "443",
           "translated-address": "192.168.255.10", "translated-port": "443"},
          {"id": 196612, "action": "snat", "applied-on": "lan", "original-address": "192.168.255.0/24", "translated-address": "192.168.255.1"},
          {"id": 196613, "action": "dnat", "applied-on": "lan", "protocol": "tcp", "original-address": "203.0.113.80", "original-port": "80",
           "translated-address": "192.168.255.10", "translated-port": "80"},
          {"id": 196614, "action": "dnat", "applied-on": "lan", "protocol": "tcp", "original-address": "203.0.113.80", "original-port": "443",
           "translated-address": "192.168.255.10", "translated-port": "443"},
          {"id": 196615, "action": "dnat", "applied-on": "lan", "protocol": "udp", "original-address": "203.0.113.80", "original-port": "53",
           "translated-address": "192.168.255.10", "translated-port": "53"}]}}})";
    if (replaced.empty()) return text;
    const auto at = text.find(replaced);
    ensure(at != std::string::npos);
    return text.replace(at, replaced.size(), replacement);
}

std::string tuple(Packet& packet) {
    const FrameView frame = FrameView::parse(packet);
    return frame && frame.is_ipv4() ? frame.key().to_string() : "no IPv4";
}

void Host::send(PacketBuilder packet) {
    ASSERT_TRUE(port_.inject(packet.from_mac(mac_).to_mac(gateway_mac_).in(lab_.pool)));
    lab_.settle();
}

Batch Host::received() { return std::exchange(received_, {}); }

PacketPtr Host::only_packet() {
    Batch packets = received();
    EXPECT_EQ(packets.size(), 1U);
    return packets.size() == 1 ? std::move(packets.front()) : nullptr;
}

// Takes in what the port was sent; true when that made the host say something.
bool Host::answer_arp() {
    bool answered = false;
    for (PacketPtr& packet : port_.take_sent()) {
        const FrameView frame = FrameView::parse(*packet);
        if (frame && frame.is_arp()) {
            const ArpHeader& arp = frame.arp();
            const bool asked = arp.operation.value() == 1 && arp.target_address == address_ && arp.sender_address != address_;
            if (asked && !silent_) {
                const MacAddress asker = arp.sender_mac;
                port_.inject(arp_reply()
                                 .from_mac(mac_)
                                 .to_mac(asker)
                                 .sender_mac(mac_)
                                 .target_mac(asker)
                                 .from(address_)
                                 .to(arp.sender_address)
                                 .in(lab_.pool));
                answered = true;
            }
            continue;
        }
        const bool whole = frame && !frame.ipv4().is_fragment();
        EXPECT_TRUE(!whole || checksums_hold(*packet)) << tuple(*packet);
        received_.push_back(std::move(packet));
    }
    return answered;
}

GuideLab::GuideLab(const std::string& configuration, std::size_t session_capacity)
    : bridge(std::make_unique<l2::Bridge>(l2::MacTable::Limits{}, HashKey{}, pool, ledger)),
      gateway(
          std::make_unique<gateway::EdgeGateway>(pool, ledger, session_capacity, gateway::EdgeGateway::Secrets{{1, 2}, {3, 4}})) {
    const SegmentId lan = bridge->add_segment("lan"), wan = bridge->add_segment("wan");
    for (int i = 0; i < 3; ++i) {
        ports_.push_back(std::make_unique<l2::MemoryPort>(pool, ledger));
        ensure(index_of(bridge->add_port(i < 2 ? lan : wan, {}, 1500)) == static_cast<std::size_t>(i));
    }
    adopt(configuration);
    const auto& interfaces = gateway->ruleset().interfaces;
    for (const auto& interface : interfaces)
        interface_ports_.push_back(
            *bridge->add_internal_port(*bridge->find_segment(interface.segment), interface.vlan, interface.mac, interface.mtu));
    const auto host = [&](std::size_t port, unsigned number, Ipv4Address address) {
        return std::make_unique<Host>(*this, *ports_[port], MacAddress::from_number(0x0200'0000'1000 + number), address,
                                      interfaces[port < 2 ? 1 : 0].mac);
    };
    workstation = host(0, 2, kWorkstation);
    web_server = host(1, 10, kWebServer);
    internet = host(2, 1, kRouter);
}

GuideLab::~GuideLab() {
    for (Host* host : {workstation.get(), web_server.get(), internet.get()}) host->received_.clear();
    EXPECT_EQ(ledger.expected_held(), static_cast<std::int64_t>(gateway->held())) << "packets in = packets out + drops + held";
}

void GuideLab::adopt(const std::string& configuration) {
    const auto document = config::Document::parse(configuration);
    ASSERT_TRUE(document.has_value()) << document.error().path << ": " << document.error().message;
    auto compiled = config::compile(*document, gateway->has_rules() ? &gateway->ruleset() : nullptr);
    ASSERT_TRUE(compiled.has_value()) << compiled.error().path << ": " << compiled.error().message;
    gateway->adopt(compiled->ruleset, now);
}

void GuideLab::advance(Duration time) {
    // The daemon looks eight times a second; a story needs only each second.
    for (const Timestamp end = now + time; now < end;) {
        now = std::min(end, now + Duration{std::chrono::seconds{1}});
        bridge->expire(now);
        gateway->expire(now, routed_);
        settle();
    }
}

bool GuideLab::carry() {
    Batch batch;
    bool moved = false;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        ports_[i]->receive(batch, now);
        if (batch.empty()) continue;
        moved = true;
        bridge->forward(static_cast<PortId>(i), batch, now, switched_);
    }
    routed_.drain([&](InterfaceId interface, Batch& packets) {
        moved = true;
        gateway->count_departures(interface, packets);
        bridge->forward(interface_ports_[index_of(interface)], packets, now, switched_);
    });
    switched_.drain([&](PortId destination, Batch& packets) {
        moved = true;
        if (index_of(destination) < ports_.size()) return ports_[index_of(destination)]->send(packets, now);
        for (std::size_t i = 0; i < interface_ports_.size(); ++i)
            if (interface_ports_[i] == destination) gateway->forward(static_cast<InterfaceId>(i), packets, now, routed_);
    });
    return moved;
}

void GuideLab::settle() {
    for (int turns = 0; turns < 1000; ++turns) {
        bool busy = carry();
        for (Host* host : {workstation.get(), web_server.get(), internet.get()}) busy = host->answer_arp() || busy;
        if (!busy) return;
    }
    FAIL() << "packets go round for ever";
}

const gateway::Session* GuideLab::session(IpProtocol protocol) const {
    const gateway::Session* found = nullptr;
    gateway->sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        if (session.original_key.protocol == protocol && (found == nullptr || session.serial > found->serial)) found = &session;
    });
    return found;
}

}  // namespace hairpin::testing

// Packets that are nearly all well-formed, from the guide's hosts: a record chooses what happens next, so that what a gateway meets only
// after other packets is met: sessions in all their states, translation, fragments in any order, ICMP errors about what was sent, rules
// that change meanwhile. HairpinLab checks what leaves and balances the books; here its findings stop the run.
//
// A record is 8 bytes:  what and by whom │ shape │ source │ destination │ ports │ ports │ more │ more

#include <gtest/gtest.h>

#include "gateway/routing/route_table.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::fuzz {
namespace {

using namespace hairpin::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMostRecords = 48;
constexpr std::size_t kRecord = 8;
constexpr Duration kMostTime = seconds{400};  // a tick at a time, so it must not be hours

constexpr Ipv4Address kAddresses[] = {kWorkstation,
                                      kWebServer,
                                      kGateway,
                                      kExternal,
                                      kRouter,
                                      kInternet,
                                      Ipv4Address{192, 168, 255, 77},
                                      Ipv4Address{198, 51, 100, 77}};
constexpr unsigned kPorts[] = {80, 443, 40000, 40001, 53, 0, 1, 65535};
constexpr std::size_t kSizes[] = {0, 1, 8, 100, 1472, 1480, 3000, 9000};
constexpr Duration kWaits[] = {milliseconds{125}, seconds{1}, seconds{4}, seconds{31}, seconds{65}, seconds{245}};

class Traffic {
public:
    explicit Traffic(Input input) : input_(input) {}

    void run() {
        for (std::size_t records = 0; records < kMostRecords && !input_.empty(); ++records) {
            Input record{input_.take(kRecord)};
            step(record);
        }
    }

private:
    void step(Input& record) {
        const unsigned what = record.byte();
        Host& host = *hosts_[what % std::size(hosts_)];
        switch (what / std::size(hosts_) % 12) {
            case 0:
            case 1: return host.send(tcp_segment(record));
            case 2: return host.send(datagram(record));
            case 3: return host.send(query(record));
            case 4: return host.send(fragment(record));
            case 5: return host.send(error_about_last(host, record));
            case 6: return answer(host, record);
            case 7: return host.send(arp(record));
            case 8: return lab_.change_rules([&](gateway::Ruleset& rules) { change(rules, record); });
            case 9: return look(record);
            case 10: host.answers_arp = !host.answers_arp; return;
            default: return wait(record.one_of(kWaits));
        }
    }

    static constexpr unsigned kDontFragment = 1, kFewHops = 2, kPartial = 4;
    static PacketBuilder between(PacketBuilder packet, Input& record, unsigned shapes = kDontFragment | kFewHops) {
        const unsigned shape = record.byte() & shapes;
        const Ipv4Address source = record.one_of(kAddresses), destination = record.one_of(kAddresses);
        const unsigned source_port = record.one_of(kPorts), destination_port = record.one_of(kPorts);
        packet.from(source, source_port).to(destination, destination_port);
        if ((shape & kDontFragment) != 0) packet.dont_fragment();
        if ((shape & kFewHops) != 0) packet.ttl(1 + source_port % 3);
        if ((shape & kPartial) != 0) packet.partial_checksum();
        return packet;
    }

    PacketBuilder tcp_segment(Input& record) {
        PacketBuilder packet = between(tcp(), record, kDontFragment | kFewHops | kPartial);
        packet.flags(record.byte() & 0x1f);
        const unsigned more = record.byte();
        if (more % 2 != 0) packet.sequence(more * 100).acknowledge(more);  // else what is its sender's turn
        const std::size_t size = kSizes[more % std::size(kSizes)];
        packet.payload(size);
        if (size > 1460) packet.super_packet(64 + more * 8);
        return packet;
    }

    PacketBuilder datagram(Input& record) {
        PacketBuilder packet = between(record.byte() % 8 == 0 ? ip(47) : udp(), record);
        const unsigned more = record.byte();
        packet.payload(std::min(kSizes[more % std::size(kSizes)], std::size_t{1472}));
        if ((more & 64) != 0) packet.no_udp_checksum();
        return packet;
    }

    PacketBuilder query(Input& record) {
        constexpr IcmpType kTypes[] = {IcmpType::echo_request, IcmpType::echo_reply, IcmpType::timestamp_request,
                                       IcmpType::timestamp_reply};
        PacketBuilder packet = between(icmp_echo(), record);
        packet.icmp(record.one_of(kTypes));
        return packet.payload(std::min<std::size_t>(kSizes[record.byte() % std::size(kSizes)], 1472));
    }

    // Of a UDP datagram or TCP segment with this identification: what stands at an offset, in some order with others.
    PacketBuilder fragment(Input& record) {
        PacketBuilder whole = between(record.byte() % 2 == 0 ? udp() : tcp().syn(), record);
        const unsigned place = record.byte();
        const Bytes l3 = whole.payload(1600).l3_bytes();
        const std::size_t l4 = l3.size() - sizeof(Ipv4Header), offset = std::min<std::size_t>(place % 16 * 128, l4 - l4 % 8);
        const std::size_t length = std::min<std::size_t>(l4 - offset, 8 + place / 16 * 64);
        const auto part = std::span{l3}.subspan(sizeof(Ipv4Header) + offset, length);
        const bool last = offset + length == l4;
        return whole.payload(part).fragment(offset, !last).ip_id(7);
    }

    // As a router on the way would send it, about what the host has received last: perhaps cut off, or forged a little.
    PacketBuilder error_about_last(Host& host, Input& record) {
        constexpr IcmpType kErrors[] = {IcmpType::destination_unreachable, IcmpType::time_exceeded, IcmpType::parameter_problem,
                                        IcmpType::redirect, IcmpType::source_quench};
        record.byte();
        Bytes quote = host.last().l3;
        if (quote.empty()) quote = between(tcp().syn(), record).l3_bytes();
        const IcmpType type = record.one_of(kErrors);
        const unsigned code = record.byte() % 16, cut = record.byte(), flip = record.byte();
        if (cut != 0) quote.resize(std::min<std::size_t>(quote.size(), cut));
        if (flip != 0) quote[flip % quote.size()] ^= std::byte{1};
        quote.resize(std::min<std::size_t>(quote.size(), 1400));
        return icmp_error(type, code, quote).from(record.one_of(kAddresses)).to(host.last().source);
    }

    void answer(Host& host, Input& record) {
        const SeenPacket& last = host.last();
        const bool answerable = !last.is_fragment() && (last.protocol == IpProtocol::tcp || last.protocol == IpProtocol::udp ||
                                                        (last.protocol == IpProtocol::icmp && last.icmp_type == 8));
        if (!answerable || last.payload.size() > 1400) return;
        PacketBuilder packet = answer_to(last);
        if (const unsigned flags = record.byte(); flags != 0 && last.protocol == IpProtocol::tcp) packet.flags(flags & 0x1f);
        host.send(packet);
    }

    PacketBuilder arp(Input& record) {
        PacketBuilder packet = record.byte() % 2 == 0 ? arp_request() : arp_reply();
        packet.from(record.one_of(kAddresses)).to(record.one_of(kAddresses));
        if (const unsigned mac = record.byte(); mac != 0) packet.sender_mac(MacAddress::from_number(0x0200'0000'cc00 + mac));
        return packet;
    }

    static void change(gateway::Ruleset& rules, Input& record) {
        const unsigned which = record.byte(), how = record.byte();
        switch (which % 7) {
            case 0: rules.firewall.back().action = static_cast<gateway::FirewallAction>(how % 3); break;
            case 1: rules.firewall[how % (rules.firewall.size() - 1)].enabled = which % 2 == 0; break;
            case 2: rules.nat[how % rules.nat.size()].enabled = which % 2 == 0; break;
            case 3: rules.interfaces[how % 2].mtu = 576 + how * 4; break;
            case 4: rules.on_commit = static_cast<gateway::OnCommit>(how % 2); break;
            case 5: rules.nat.front().translated_port = ports(how, how + which); break;
            default: rules.firewall_enabled = which % 2 == 0; break;
        }
    }

    // What only looks changes nothing.
    void look(Input& record) {
        const PacketCounts before = lab_.ledger();
        const std::size_t sessions = lab_.counters().sessions;
        const InterfaceId inbound = record.byte() % 2 == 0 ? kLan : kUplink;
        PacketBuilder packet = tcp_segment(record);
        packet.to_mac(inbound == kLan ? kLanMac : kUplinkMac);
        const auto there = lab_.gateway().probe(inbound, packet.in(lab_.pool()), lab_.now());
        gateway::Ruleset next = lab_.gateway().ruleset();
        change(next, record);
        (void)lab_.gateway().foresee(next, gateway::RouteTable{next});
        holds(lab_.counters().sessions == sessions, "a probe has changed how many sessions there are");
        holds(lab_.ledger().expected_held() == before.expected_held() && lab_.ledger().dropped == before.dropped,
              "a probe stands in the books");
        holds(there.forwarded || there.answered || there.drop || there.decision.outcome == gateway::Decision::Outcome::rejected ||
                  !there.tracer.steps().empty(),
              "a probe that tells nothing");
    }

    void wait(Duration duration) {
        if (waited_ + duration > kMostTime) return;
        waited_ += duration;
        lab_.wait(duration);
    }

    Input input_;
    HairpinLab lab_{HairpinLab::Options{.session_capacity = 8}};
    Host* hosts_[3] = {&lab_.workstation, &lab_.web_server, &lab_.internet};
    Duration waited_{};
};

}  // namespace
}  // namespace hairpin::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    // An expectation of the lab's that fails is thrown, nobody catches it, and libFuzzer keeps the input.
    GTEST_FLAG_SET(throw_on_failure, true);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hairpin::fuzz::Traffic{hairpin::fuzz::Input{data, size}}.run();
    return 0;
}

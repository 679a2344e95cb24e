// Random packets of the protocols besides TCP, UDP and ICMP through the guide's NAT: whatever leaves has right checksums, which the lab
// recomputes of every packet, and its answer comes back as the sender would have it.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/support/hairpin_lab.h"
#include "tests/support/other_protocols.h"

namespace hairpin::testing {
namespace {

enum class Kind { udp_lite, dccp, sctp, gre, pptp, esp };

struct Flow {
    Kind kind;
    unsigned source_port, destination_port;
    std::uint32_t number;  // a key, a call, an SPI, a tag
    std::size_t payload;
    unsigned coverage;
};

Flow any_flow() {
    const auto port = [] { return *rc::gen::inRange<unsigned>(1, 65536); };
    Flow flow{*rc::gen::element(Kind::udp_lite, Kind::dccp, Kind::sctp, Kind::gre, Kind::pptp, Kind::esp),
              port(),
              port(),
              *rc::gen::inRange<std::uint32_t>(1, 0xffff'ffff),
              *rc::gen::inRange<std::size_t>(0, 64),
              0};
    if (flow.kind == Kind::udp_lite) flow.coverage = *rc::gen::inRange<unsigned>(8, static_cast<unsigned>(8 + flow.payload + 1));
    if (flow.kind == Kind::udp_lite && *rc::gen::arbitrary<bool>()) flow.coverage = 0;
    if (flow.kind == Kind::dccp) flow.coverage = *rc::gen::inRange<unsigned>(0, 16);
    return flow;
}

// A packet of the flow: there, or back from what was seen of it.
PacketBuilder packet_of(const Flow& flow, Ipv4Address from, unsigned from_port, Ipv4Address to, unsigned to_port, bool first) {
    switch (flow.kind) {
        case Kind::udp_lite:
            return udp_lite().coverage(flow.coverage).from(from, from_port).to(to, to_port).payload(flow.payload);
        case Kind::dccp:
            return dccp(first ? DccpType::request : DccpType::response)
                .coverage(flow.coverage)
                .from(from, from_port)
                .to(to, to_port)
                .payload(flow.payload);
        case Kind::sctp: {
            const auto chunk = first ? SctpChunkType::init : SctpChunkType::init_ack;
            const SctpWords words{from_port, to_port, first ? 0U : flow.number, chunk, flow.number};
            return ip(132).from(from).to(to).payload(sctp(words));
        }
        case Kind::gre: return ip(47).from(from).to(to).payload(gre(flow.number));
        case Kind::pptp: return ip(47).from(from).to(to).payload(enhanced_gre(first ? flow.source_port : flow.destination_port));
        case Kind::esp: return ip(50).from(from).to(to).payload(esp(flow.number + (first ? 0U : 1U)));
    }
    throw std::invalid_argument("no such kind");
}

RC_GTEST_PROP(OtherProtocols, LeaveWithRightChecksumsAndTheirAnswersComeBack, ()) {
    HairpinLab lab;
    const Flow flow = any_flow();
    const bool ports = flow.kind == Kind::udp_lite || flow.kind == Kind::dccp || flow.kind == Kind::sctp;

    lab.workstation.send(packet_of(flow, kWorkstation, flow.source_port, kInternet, flow.destination_port, true));
    const auto there = lab.internet.received();
    RC_ASSERT(there.size() == 1U);
    const SeenPacket& seen = there.front();
    RC_ASSERT(seen.source == kExternal);
    RC_ASSERT(seen.destination == kInternet);
    if (ports) RC_ASSERT(seen.destination_port == flow.destination_port);
    if (flow.kind == Kind::sctp) RC_ASSERT(seen.source_port == flow.source_port);

    const PacketBuilder answer = packet_of(flow, kInternet, flow.destination_port, kExternal, seen.source_port, false);
    lab.internet.send(answer);
    const auto back = lab.workstation.received();
    RC_ASSERT(back.size() == 1U);
    RC_ASSERT(back.front().source == kInternet);
    RC_ASSERT(back.front().destination == kWorkstation);
    if (ports) {
        RC_ASSERT(back.front().source_port == flow.destination_port);
        RC_ASSERT(back.front().destination_port == flow.source_port);
    }
    RC_ASSERT(
        back.front().payload ==
        SeenPacket::of_l3(packet_of(flow, kInternet, flow.destination_port, kWorkstation, flow.source_port, false).l3_bytes())
            .payload);
    RC_ASSERT(lab.counters().sessions == 1U);
    RC_ASSERT(lab.counters().drops == 0U);
    RC_ASSERT(!::testing::Test::HasFailure());
}

}  // namespace
}  // namespace hairpin::testing

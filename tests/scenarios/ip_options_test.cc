// Which IP options pass, which the gateway heeds, and what it says of those that nobody can read (RFC 1812, 7126).

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::OptionTreatment;
using gateway::Ruleset;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Bytes octets(std::initializer_list<unsigned> values) {
    Bytes bytes;
    for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}
const Bytes kRecordRoute = octets({7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0});
const Bytes kTimes = octets({68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0});
PacketBuilder with_options(const Bytes& options) {
    return udp().from(kWorkstation, 5000).to(kInternet, 53).payload(9).ip_options(options);
}
HairpinLab::Change treating(OptionTreatment both) {
    return [=](Ruleset& rules) { rules.ip_options = {both, both}; };
}
Bytes ip_options_of(const SeenPacket& packet) {
    return {packet.l3.begin() + sizeof(Ipv4Header), packet.l3.end() - static_cast<std::ptrdiff_t>(packet.l4.size())};
}
// What the options look like beyond the gateway; the checksums are the lab's to verify.
Bytes passed(HairpinLab& lab, const Bytes& options) {
    lab.workstation.send(with_options(options));
    return ip_options_of(lab.internet.received_one());
}
unsigned word(const Bytes& bytes, std::size_t at) {
    unsigned value = 0;
    for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | std::to_integer<unsigned>(bytes.at(i));
    return value;
}

void expect_dropped(const Bytes& options) {
    HairpinLab lab;
    lab.workstation.send(with_options(options));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::options_not_allowed), 1U);
}
TEST(Rfc7126, Section4_5_ARecordRouteIsDropped) { expect_dropped(kRecordRoute); }
TEST(Rfc7126, Section4_7_ATimestampIsDropped) { expect_dropped(kTimes); }

TEST(Rfc1812, Section5_3_13_5_ARecordRouteIsHonoured) {
    HairpinLab lab{treating(OptionTreatment::honour)};
    EXPECT_EQ(passed(lab, kRecordRoute), octets({7, 11, 8, 203, 0, 113, 80, 0, 0, 0, 0, 0}))
        << "the address of the interface by which it leaves";
    EXPECT_EQ(passed(lab, octets({1, 7, 7, 8, 10, 0, 0, 1})), octets({1, 7, 7, 8, 10, 0, 0, 1})) << "full";
    const Bytes hidden = octets({0, 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_EQ(passed(lab, hidden), hidden) << "behind the end there is no option";
}

TEST(Rfc1812, Section5_3_13_5_AlsoInAnAnswerToAPing) {
    HairpinLab lab{treating(OptionTreatment::honour)};
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).ip_options(kRecordRoute));
    const SeenPacket answer = lab.workstation.received_one();
    EXPECT_THAT(answer, Icmp(0, 0, From(kGateway)));
    EXPECT_EQ(ip_options_of(answer), octets({7, 11, 8, 192, 168, 255, 1, 0, 0, 0, 0, 0}));
}

TEST(Rfc1812, Section5_3_13_6_TimestampsAreHonoured) {
    HairpinLab lab{treating(OptionTreatment::honour)};
    const Bytes times = passed(lab, kTimes);
    EXPECT_EQ(std::to_integer<unsigned>(times[2]), 9U);
    EXPECT_EQ(word(times, 4), 0x8000'0000U | 1'000'000U) << "milliseconds of the lab's clock, from no midnight";
    EXPECT_EQ(word(times, 8), 0U);

    const Bytes with_address = passed(lab, octets({68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(word(with_address, 4), kExternal.number());
    EXPECT_EQ(word(with_address, 8) >> 31, 1U);

    const Bytes ours = passed(lab, octets({68, 12, 5, 3, 203, 0, 113, 80, 0, 0, 0, 0}));
    EXPECT_EQ(word(ours, 8) >> 31, 1U);
    const Bytes anothers = octets({68, 12, 5, 3, 203, 0, 113, 81, 0, 0, 0, 0});
    EXPECT_EQ(passed(lab, anothers), anothers) << "prescribed for somebody else";

    EXPECT_EQ(passed(lab, octets({68, 8, 9, 0x10, 1, 2, 3, 4})), octets({68, 8, 9, 0x20, 1, 2, 3, 4})) << "no room: counted";
}

TEST(Rfc3022, Section4_6_WhatStandsInOptionsMayBeLeftAsItIs) {
    HairpinLab lab{treating(OptionTreatment::ignore)};
    for (const Bytes& options : {kRecordRoute, octets({7, 11, 8, 192, 168, 255, 2, 0, 0, 0, 0, 0}), kTimes})
        EXPECT_EQ(passed(lab, options), options);
}

struct Unreadable {
    Bytes options;
    unsigned pointer;
};
const Unreadable kUnreadable[] = {
    {octets({148, 0, 0, 0}), 21},                // a length that ends before it begins
    {octets({1, 148, 1, 0}), 22},                // and behind another option
    {octets({148, 9, 0, 0}), 21},                // longer than the header
    {octets({1, 1, 1, 148}), 23},                // no room for a length
    {octets({7, 7, 3, 0, 0, 0, 0, 0}), 22},      // a pointer into the option's own head
    {octets({7, 7, 6, 0, 0, 0, 0, 0}), 22},      // no room for a whole address
    {octets({68, 8, 4, 0, 0, 0, 0, 0}), 22},     // the same of timestamps
    {octets({68, 8, 5, 2, 0, 0, 0, 0}), 23},     // a flag that nobody knows
    {octets({68, 8, 9, 0xf0, 0, 0, 0, 0}), 23},  // one more that cannot be counted
};

TEST(Rfc1812, Section4_3_3_5_OptionsThatCannotBeReadAreAParameterProblem) {
    for (const Unreadable& row : kUnreadable) {
        HairpinLab lab{treating(OptionTreatment::honour)};
        const PacketBuilder sent = with_options(row.options);
        lab.workstation.send(sent);
        const SeenPacket error = lab.workstation.received_one();
        EXPECT_THAT(error,
                    Icmp(12, 0, From(kGateway), To(kWorkstation), About(Udp(From(kWorkstation, 5000), To(kInternet, 53)))));
        EXPECT_EQ(std::to_integer<unsigned>(error.l4.at(4)), row.pointer);
        EXPECT_EQ(lab.dropped(DropReason::options_malformed), 1U);
        EXPECT_THAT(lab.internet.received(), IsEmpty());
    }
}

TEST(Rfc792, ParameterProblem_NotOfAnErrorALaterFragmentOrABroadcast) {
    HairpinLab lab;
    const Bytes broken = octets({148, 0, 0, 0});
    const Bytes quote = udp().from(kInternet, 53).to(kWorkstation, 5000).l3_bytes();
    lab.workstation.send(
        icmp_error(IcmpType::destination_unreachable, 3, quote).from(kWorkstation).to(kInternet).ip_options(broken));
    lab.workstation.send(ip(17).from(kWorkstation).to(kInternet).fragment(64, false).payload(64).ip_options(broken));
    lab.workstation.send(udp().from(kWorkstation, 5000).to({203, 0, 113, 255}, 53).ip_options(broken));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::options_malformed), 3U);
    EXPECT_EQ(lab.counters().drops, 3U);
}

TEST(Rfc792, ParameterProblem_HasTheRateOfAllErrors) {
    HairpinLab lab{[](Ruleset& rules) { rules.icmp.errors_per_second = 2; }};
    for (unsigned i = 0; i < 5; ++i) lab.workstation.send(with_options(octets({148, 0, 0, 0})));
    EXPECT_THAT(lab.workstation.received(), SizeIs(2));
    EXPECT_EQ(lab.dropped(DropReason::options_malformed), 5U);
}

}  // namespace
}  // namespace hairpin::testing

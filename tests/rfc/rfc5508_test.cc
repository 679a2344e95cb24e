// RFC 5508: NAT for ICMP.

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Combine;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::Values;
using ::testing::ValuesIn;

// ---- Queries ------------------------------------------------------------------------------------------------------------------

TEST(Rfc5508, Req1_AQueryFromInsideIsAnsweredAndNothingElse) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77).icmp_sequence(3).payload(56));
    const SeenPacket seen = lab.internet.received_one();
    EXPECT_THAT(seen, Icmp(8, 0, From(kExternal), To(kInternet)));
    lab.internet.send(answer_to(seen).identifier(seen.source_port ^ 1));
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "another identifier is nobody's";
    lab.internet.send(answer_to(seen));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(0, 0, From(kInternet, 77), To(kWorkstation))));
}

TEST(Rfc5508, Req2a_TheTimerIsASetting) {
    HairpinLab lab{with_timeout(gateway::SessionState::icmp, 90s)};
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77));
    expect_life_of(lab, 90s);
}

TEST(Rfc5508, Req6_AnErrorAboutAQueryNeitherRefreshesNorEndsItsSession) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77));
    const SeenPacket seen = lab.internet.received_one();
    lab.wait(30s);
    for (const IcmpType type : {IcmpType::destination_unreachable, IcmpType::time_exceeded, IcmpType::parameter_problem})
        lab.internet.send(icmp_error(type, 0, seen.l3).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), SizeIs(3));
    expect_life_of(lab, 30s);
}

// ---- Errors -------------------------------------------------------------------------------------------------------------------

// What gVisor's TestNATICMPError goes through: each protocol, translated at its source, at its destination and at both; each kind of
// error; quoted whole, up to the end of its L4 header, and up to the 8 bytes that RFC 792 asks for.
enum class Translated : std::uint8_t { source, destination, both };
struct Offender {
    const char* name;
    IpProtocol protocol;
};
struct Error {
    const char* name;
    IcmpType type;
};
struct Quote {
    const char* name;
    std::size_t (*length_of)(const SeenPacket& seen);
};
constexpr auto kOffenders = std::to_array<Offender>({{"Tcp", IpProtocol::tcp}, {"Udp", IpProtocol::udp}});
constexpr auto kErrors = std::to_array<Error>({{"Unreachable", IcmpType::destination_unreachable},
                                               {"TimeExceeded", IcmpType::time_exceeded},
                                               {"ParameterProblem", IcmpType::parameter_problem}});
constexpr auto kQuotes =
    std::to_array<Quote>({{"Whole", [](const SeenPacket& seen) { return seen.l3.size(); }},
                          {"Headers", [](const SeenPacket& seen) { return seen.l3.size() - seen.payload.size(); }},
                          {"EightBytes", [](const SeenPacket&) { return sizeof(Ipv4Header) + 8; }}});

class Matrix : public ::testing::TestWithParam<std::tuple<Translated, Offender, Error, Quote>> {
protected:
    // Who sends the packet, where it arrives, who there finds fault with it, and whose the error seems to be.
    struct Journey {
        Host &sender, &receiver;
        Ipv4Address from, to, fault_found_by, error_is_from;
    };
    Journey journey() {
        switch (std::get<Translated>(GetParam())) {
            case Translated::source: return {lab.workstation, lab.internet, kWorkstation, kInternet, kRouter, kRouter};
            case Translated::destination: return {lab.internet, lab.web_server, kInternet, kExternal, kWebServer, kExternal};
            case Translated::both: break;
        }
        return {lab.workstation, lab.web_server, kWorkstation, kExternal, kWebServer, kExternal};
    }

    // The web server is reached by UDP, too.
    HairpinLab lab{[](gateway::Ruleset& rules) {
        gateway::RuleId id = 65537;
        for (const InterfaceId interface : {kUplink, kLan})
            rules.nat.insert(rules.nat.begin(),
                             dnat(id++, on({interface}), IpProtocol::udp, "203.0.113.80", port(80), "192.168.255.10", port(80)));
        rules.firewall.insert(rules.firewall.begin(), firewall_rule(5, gateway::FirewallAction::accept, anybody(),
                                                                    at("203.0.113.80"), {service(IpProtocol::udp, {80})}));
    }};
};

TEST_P(Matrix, TheSenderIsToldInItsOwnWords) {
    const auto [sender, receiver, from, to, fault_found_by, error_is_from] = journey();
    const auto& [unused, offender, error, quote] = GetParam();
    sender.send((offender.protocol == IpProtocol::tcp ? tcp().syn() : udp()).from(from, 40000).to(to, 80).payload(100));
    const SeenPacket seen = receiver.received_one();
    const auto quoted = std::span{seen.l3}.first(quote.length_of(seen));
    receiver.send(icmp_error(error.type, 0, quoted).from(fault_found_by).to(seen.source));
    EXPECT_THAT(sender.received(), ElementsAre(Icmp(static_cast<unsigned>(error.type), 0, From(error_is_from), To(from),
                                                    About(AllOf(Protocol(offender.protocol), From(from, 40000), To(to, 80))))));
    EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0)));
}

auto matrix_of(Translated translated) {
    return Combine(Values(translated), ValuesIn(kOffenders), ValuesIn(kErrors), ValuesIn(kQuotes));
}
std::string name_of_case(const ::testing::TestParamInfo<Matrix::ParamType>& info) {
    const auto& [unused, offender, error, quote] = info.param;
    return std::string{offender.name} + error.name + quote.name;
}
INSTANTIATE_TEST_SUITE_P(Rfc5508Req4a_Req4b_Req4c, Matrix, matrix_of(Translated::source), name_of_case);
INSTANTIATE_TEST_SUITE_P(Rfc5508Req5a_Req5b_Req5c, Matrix, matrix_of(Translated::destination), name_of_case);
INSTANTIATE_TEST_SUITE_P(Rfc5508Req7Errors_Req7a, Matrix, matrix_of(Translated::both), name_of_case);

TEST(Rfc5508, Req4_LessThanEightBytesNameNoMapping) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    lab.internet.send(icmp_error(IcmpType::time_exceeded, 0, std::span{seen.l3}.first(27)).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.counters().drops, 1U);
}

// Queries are no errors, whatever they carry.
TEST(Rfc5508, Req4_WhatAnEchoCarriesIsNoQuote) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    for (const IcmpType type : {IcmpType::echo_request, IcmpType::echo_reply})
        lab.internet.send(icmp_error(type, 0, seen.l3).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
}

TEST(Rfc5508, Req5_AnErrorFromInsideAboutNoMappingIsDropped) {
    HairpinLab lab;
    const Bytes never_came = udp().from(kInternet, 53).to(kWorkstation, 40000).payload(20).l3_bytes();
    lab.workstation.send(icmp_error(IcmpType::destination_unreachable, 3, never_came).from(kWorkstation).to(kInternet));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::icmp_no_session), 1U);
}

// Who finds fault need not be the peer: a router in between does, and it must not show its inside address either.
TEST(Rfc5508, Req5c_ARouterInsideSpeaksWithTheExternalAddress) {
    constexpr Ipv4Address kInsideRouter{192, 168, 255, 3};
    HairpinLab lab;
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
    const SeenPacket request = lab.web_server.received_one();
    lab.web_server.send(icmp_error(IcmpType::time_exceeded, 0, request.l3).from(kInsideRouter).to(kInternet));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(11, 0, From(kExternal), About(Tcp(To(kExternal, 80))))));

    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    lab.internet.answer();
    const SeenPacket answer = lab.workstation.received_one();
    lab.workstation.send(icmp_error(IcmpType::time_exceeded, 0, answer.l3).from(kInsideRouter).to(kInternet));
    EXPECT_THAT(lab.internet.received(), ::testing::Contains(Icmp(11, 0, From(kExternal), About(Udp(From(kInternet, 53))))));
}

// ---- What the gateway itself says ---------------------------------------------------------------------------------------------

TEST(Rfc5508, Req8_WithoutAPortLeftTheSenderIsTold) {
    HairpinLab lab{with_one_port(2000)};
    for (const auto& flow : {tcp().syn().to(kInternet, 80), udp().to(kInternet, 53)}) {
        lab.workstation.send(PacketBuilder{flow}.from(kWorkstation, 40000));
        EXPECT_THAT(lab.internet.received(), ElementsAre(From(kExternal, 2000)));
        lab.workstation.send(PacketBuilder{flow}.from(kWorkstation, 40001));
        EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 13, From(kGateway), About(From(kWorkstation, 40001)))));
        EXPECT_THAT(lab.internet.received(), IsEmpty());
    }
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(1));
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(2));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 13, About(From(kWorkstation, 2)))));
    EXPECT_EQ(lab.dropped(DropReason::nat_exhausted), 3U);
}

TEST(Rfc5508, Req10aUnreachable_ForAsManyReasonsAsThereAre) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.routes = {{*Ipv4Prefix::parse("198.51.100.0/24"), kRouter, {}}};
        rules.interfaces[index_of(kUplink)].mtu = 600;
        const auto accept = gateway::FirewallAction::accept, reject = gateway::FirewallAction::reject;
        rules.firewall.insert(rules.firewall.begin(),
                              {firewall_rule(5, reject, by(kLan), anybody(), {service(IpProtocol::tcp, {25})}),
                               firewall_rule(6, accept, by(kLan), the_gateway())});
    }};
    lab.workstation.send(udp().from(kWorkstation, 1).to({192, 0, 2, 1}, 53));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 0))) << "no route";
    lab.workstation.send(udp().from(kWorkstation, 1).to(kGateway, 53));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 3))) << "nobody listens";
    lab.workstation.send(udp().from(kWorkstation, 1).to(kInternet, 53).payload(600).dont_fragment());
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 4))) << "too big";
    lab.workstation.send(tcp().from(kWorkstation, 1).to(kInternet, 25).syn());
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 13))) << "rejected";
    lab.workstation.send(udp().from(kWorkstation, 1).to({203, 0, 113, 99}, 53));
    lab.wait(4s);
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 1))) << "no such neighbour";
}

TEST(Rfc5508, Req10aExceeded_WhereTheTimeToLiveRunsOut) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77).ttl(1));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(11, 0, From(kGateway), About(From(kWorkstation, 77)))));
}

TEST(Rfc5508, Req10aEcho_FromInsideAndFromOutside) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).identifier(77));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(0, 0, From(kGateway, 77))));
    lab.internet.send(icmp_echo().from(kInternet).to(kExternal).identifier(78));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(0, 0, From(kExternal, 78))));
}

TEST(Rfc5508, Req9_NoErrorsTowardsAnInterfaceThatWantsNone) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.interfaces[index_of(kUplink)].icmp_errors = false; }};
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn().ttl(1));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::ttl_expired), 1U);
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).ttl(1));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(11, 0))) << "towards others as ever";

    lab.internet.send(tcp().from(kInternet, 5001).to(kExternal, 80).syn());
    const SeenPacket request = lab.web_server.received_one();
    lab.web_server.send(icmp_error(IcmpType::destination_unreachable, 3, request.l3).from(kWebServer).to(kInternet));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(3, 3))) << "what others say passes";
}

TEST(Rfc5508, Req10b_WhoseOptionsCannotBeReadIsToldWhere) {
    constexpr auto kTooShort = std::to_array({std::byte{148}, std::byte{1}, std::byte{0}, std::byte{0}});  // a router alert
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(7).ip_options(kTooShort));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(12, 0, From(kGateway), About(From(kWorkstation, 7)))));
    EXPECT_EQ(lab.dropped(DropReason::options_malformed), 1U);
}

// There is more than the gateway can take: sessions, queues of a silent neighbour, answers beyond the rate. None of it is a reason.
TEST(Rfc5508, Req10c_NoSourceQuenchHoweverMuchThereIs) {
    HairpinLab lab{{.session_capacity = 8}};
    lab.internet.answers_arp = false;
    for (unsigned i = 0; i < 2000; ++i) {
        lab.workstation.send(udp().from(kWorkstation, 40000 + i).to(kInternet, 53).payload(1000));
        lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).identifier(i));
    }
    lab.wait(4s);
    EXPECT_GT(lab.dropped(DropReason::session_table_full), 0U);
    EXPECT_GT(lab.dropped(DropReason::icmp_rate_limited), 0U);
    const auto said = lab.workstation.received();
    EXPECT_THAT(said, Not(IsEmpty()));
    EXPECT_THAT(said, Each(Not(Icmp(4, 0))));
}

TEST(Rfc5508, Req11_OtherMessagesAreDroppedAndCounted) {
    constexpr auto kOthers = std::to_array({1U, 9U, 10U, 15U, 16U, 17U, 18U, 30U, 40U, 255U});
    HairpinLab lab;
    for (const unsigned type : kOthers)
        for (const Ipv4Address to : {kInternet, kGateway})
            lab.workstation.send(icmp_echo().icmp(static_cast<IcmpType>(type)).from(kWorkstation).to(to));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::icmp_not_forwarded), 2 * kOthers.size());
}

}  // namespace
}  // namespace hairpin::testing

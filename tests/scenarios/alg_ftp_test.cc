// FTP through the gateway: data connections as the control connection announces them, and those who would like to be taken for one.

#include <cstdio>

#include "tests/scenarios/alg_server.h"

namespace hairpin::testing {
namespace {

using gateway::AlgKind;
using std::chrono::seconds;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr unsigned kFtp = 21, kClientPort = 40000;

void with_ftp(gateway::Ruleset& rules) { rules.algs.of(AlgKind::ftp) = {true, {L4Port{kFtp}}}; }
// A server behind the external address; its control connection alone is let in.
void with_server(gateway::Ruleset& rules) {
    with_ftp(rules);
    forward_to_a_server(rules, IpProtocol::tcp, kFtp);
}

// "(203,0,113,80,201,12)" or "PORT 203,0,113,80,201,12": where one is asked to come.
struct Place {
    Ipv4Address address;
    unsigned port = 0;
};
Place place_in(const std::string& text) {
    unsigned n[6] = {};
    const auto at = text.find_first_of("0123456789", text.starts_with("227") ? 4 : 0);
    EXPECT_EQ(std::sscanf(text.c_str() + at, "%u,%u,%u,%u,%u,%u", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]), 6) << text;
    return {Ipv4Address{n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]}, n[4] << 8 | n[5]};
}

// A control connection, and both ends' names for each other.
class Dialog {
public:
    struct End {
        Host& host;
        Ipv4Address own, peer;
        unsigned port, peer_port;
    };

    Dialog(Host& asking, Ipv4Address own, Ipv4Address asked, Host& answering, unsigned port = kClientPort)
        : client{asking, own, asked, port, kFtp}, server{answering, {}, {}, kFtp, 0} {
        asking.send(tcp().from(own, port).to(asked, kFtp).syn());
        const SeenPacket syn = answering.received_one();
        server.own = syn.destination;
        server.peer = syn.source;
        server.peer_port = syn.source_port;
        answering.answer();
        asking.received();
        asking.send(tcp().from(own, port).to(asked, kFtp).ack());
        answering.received();
    }
    static Dialog outward(HairpinLab& lab) { return {lab.workstation, kWorkstation, kInternet, lab.internet}; }
    static Dialog inward(HairpinLab& lab) { return {lab.internet, kInternet, kExternal, lab.web_server}; }
    static Dialog hairpinned(HairpinLab& lab) { return {lab.workstation, kWorkstation, kExternal, lab.web_server}; }

    PacketBuilder segment(const End& from) const { return tcp().from(from.own, from.port).to(from.peer, from.peer_port).ack(); }
    // What of a text reaches the other end.
    std::string says(const End& from, std::string_view text) {
        const End& to = &from == &client ? server : client;
        from.host.send(segment(from).payload(text));
        const auto seen = to.host.received();
        // What the other end has received it acknowledges, in its own numbers.
        if (seen.size() != 1) {
            ADD_FAILURE() << seen.size() << " packets of \"" << text << "\"";
            return {};
        }
        to.host.send(segment(to));
        const auto back = from.host.received();
        EXPECT_EQ(back.size(), 1U);
        const PacketBuilder next = from.host.as_next(segment(from));
        EXPECT_TRUE(next.said_sequence().has_value());
        if (!back.empty()) {
            EXPECT_EQ(back[0].tcp_acknowledgment, next.said_sequence().value_or(0)) << text;
        }
        return text_of(seen[0]);
    }
    void greet() { EXPECT_EQ(says(server, "220 at your service\r\n"), "220 at your service\r\n"); }
    // Whether a connection is let through, and as what.
    std::vector<SeenPacket> opens(Host& from, Ipv4Address source, unsigned source_port, Place to, Host& at) {
        from.send(tcp().from(source, source_port).to(to.address, to.port).syn());
        return at.received();
    }

    End client, server;
};

std::uint64_t count(HairpinLab& lab, std::uint64_t gateway::AlgCounters::*counter) {
    return lab.gateway().algs().of(AlgKind::ftp).*counter;
}

TEST(Rfc5382, Req6_FtpIsOffUnlessSwitchedOn) {
    HairpinLab lab;
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    EXPECT_EQ(dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n"), "PORT 192,168,255,2,195,90\r\n");
    EXPECT_EQ(lab.gateway().algs().expectations.size(), 0U);
}

TEST(AlgFtp, ActiveThroughSnat) {
    HairpinLab lab{with_ftp};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const std::string heard = dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n");
    const Place place = place_in(heard);
    EXPECT_EQ(place.address, kExternal) << heard;
    EXPECT_TRUE(heard.starts_with("PORT ") && heard.ends_with("\r\n")) << heard;
    EXPECT_THAT(dialog.opens(lab.internet, kInternet, 20, place, lab.workstation),
                ElementsAre(Tcp(From(kInternet, 20), To(kWorkstation, 50010), Flags(TcpHeader::kSyn))));
    lab.workstation.answer();
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, place.port), To(kInternet, 20))));
    EXPECT_EQ(dialog.says(dialog.server, "200 PORT command successful\r\n"), "200 PORT command successful\r\n");
    EXPECT_EQ(dialog.says(dialog.client, "RETR a\r\n"), "RETR a\r\n");
    EXPECT_THAT(dialog.opens(lab.internet, kInternet, 2020, place, lab.workstation), IsEmpty()) << "one for each PORT";
}

TEST(AlgFtp, WhatIsExpectedIsTrackedAsItsRuleSays) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_ftp(rules);
        for (auto& rule : rules.firewall)
            if (rule.id == 2) rule.tcp_tracking = gateway::TcpTracking::liberal;
    }};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const Place place = place_in(dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n"));
    lab.internet.send(tcp().from(kInternet, 20).to(place.address, place.port).syn());
    for (const gateway::Session& session : lab.sessions())
        EXPECT_EQ(session.tracked_as(gateway::TcpTracking::strict), gateway::TcpTracking::liberal);
    EXPECT_THAT(lab.sessions(), ::testing::SizeIs(2));
}

TEST(AlgFtp, ExtendedActiveThroughSnat) {
    HairpinLab lab{with_ftp};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const std::string heard = dialog.says(dialog.client, "eprt |1|192.168.255.2|50010|\r\n");
    unsigned number = 0;
    ASSERT_EQ(std::sscanf(heard.c_str(), "eprt |1|203.0.113.80|%u|\r\n", &number), 1) << heard;
    EXPECT_THAT(dialog.opens(lab.internet, kInternet, 20, {kExternal, number}, lab.workstation),
                ElementsAre(Tcp(From(kInternet, 20), To(kWorkstation, 50010))));
}

TEST(AlgFtp, PassiveThroughSnatPassesWhereOnlyTheControlConnectionMay) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_ftp(rules);
        for (auto& rule : rules.firewall)
            if (rule.id == 2) rule.services = {service(IpProtocol::tcp, {kFtp})};
    }};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const Place place{kInternet, 50010};
    EXPECT_THAT(dialog.opens(lab.workstation, kWorkstation, 40001, place, lab.internet), IsEmpty());
    dialog.says(dialog.client, "PASV\r\n");
    const std::string reply = "227 Entering Passive Mode (198,51,100,10,195,90).\r\n";
    EXPECT_EQ(dialog.says(dialog.server, reply), reply) << "the server's own address is as good inside";
    EXPECT_THAT(dialog.opens(lab.workstation, kWorkstation, 40001, place, lab.internet),
                ElementsAre(Tcp(From(kExternal, _), To(kInternet, 50010))));
    lab.internet.answer();
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kInternet, 50010), To(kWorkstation, 40001))));
    EXPECT_EQ(count(lab, &gateway::AlgCounters::rewritten), 0U);
}

TEST(AlgFtp, PassiveThroughDnat) {
    HairpinLab lab{with_server};
    auto dialog = Dialog::inward(lab);
    dialog.greet();
    dialog.says(dialog.client, "PASV\r\n");
    const Place place = place_in(dialog.says(dialog.server, "227 Entering Passive Mode (192,168,255,10,195,90)\r\n"));
    EXPECT_EQ(place.address, kExternal);
    EXPECT_THAT(dialog.opens(lab.internet, kRouter, 41000, place, lab.web_server), IsEmpty()) << "somebody else";
    EXPECT_THAT(dialog.opens(lab.internet, kInternet, 41000, place, lab.web_server),
                ElementsAre(Tcp(From(kInternet, 41000), To(kWebServer, 50010))));
    lab.web_server.answer();
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, place.port), To(kInternet, 41000))));
}

TEST(AlgFtp, ExtendedPassiveThroughDnat) {
    HairpinLab lab{with_server};
    auto dialog = Dialog::inward(lab);
    dialog.greet();
    dialog.says(dialog.client, "EPSV\r\n");
    const std::string heard = dialog.says(dialog.server, "229 Entering Extended Passive Mode (|||50010|)\r\n");
    unsigned number = 0;
    ASSERT_EQ(std::sscanf(heard.c_str(), "229 Entering Extended Passive Mode (|||%u|)", &number), 1) << heard;
    EXPECT_THAT(dialog.opens(lab.internet, kInternet, 41000, {kExternal, number}, lab.web_server),
                ElementsAre(Tcp(From(kInternet, 41000), To(kWebServer, 50010))));
}

// The client must see the server's data connection come from the address that it has asked.
TEST(AlgFtp, ActiveThroughDnat) {
    HairpinLab lab{with_server};
    auto dialog = Dialog::inward(lab);
    dialog.greet();
    const std::string command = "PORT 198,51,100,10,195,90\r\n";
    EXPECT_EQ(dialog.says(dialog.client, command), command);
    EXPECT_THAT(dialog.opens(lab.web_server, kWebServer, 20, {kInternet, 50010}, lab.internet),
                ElementsAre(Tcp(From(kExternal, 20), To(kInternet, 50010))));
}

TEST(AlgFtp, HairpinnedBothWays) {
    HairpinLab lab{with_server};
    auto dialog = Dialog::hairpinned(lab);
    EXPECT_EQ(dialog.server.peer, kGateway);
    dialog.greet();
    dialog.says(dialog.client, "PASV\r\n");
    const Place passive = place_in(dialog.says(dialog.server, "227 Entering Passive Mode (192,168,255,10,195,90)\r\n"));
    EXPECT_EQ(passive.address, kExternal);
    EXPECT_THAT(dialog.opens(lab.workstation, kWorkstation, 40001, passive, lab.web_server),
                ElementsAre(Tcp(From(kGateway, _), To(kWebServer, 50010))));
    lab.web_server.answer();
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kExternal, passive.port), To(kWorkstation, 40001))));

    const Place active = place_in(dialog.says(dialog.client, "PORT 192,168,255,2,195,91\r\n"));
    EXPECT_EQ(active.address, kGateway);
    EXPECT_THAT(dialog.opens(lab.web_server, kWebServer, 20, active, lab.workstation),
                ElementsAre(Tcp(From(kExternal, 20), To(kWorkstation, 50011))));
    lab.workstation.answer();
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kGateway, active.port), To(kWebServer, 20))));
}

// ---- The stream ------------------------------------------------------------------------------------------------------------------

TEST(AlgFtp, NumbersFitOverManyRewritesBothWays) {
    HairpinLab lab{with_server};
    for (auto* make : {&Dialog::outward, &Dialog::inward}) {
        auto dialog = make(lab);
        dialog.greet();
        const bool outward = make == &Dialog::outward;
        for (unsigned i = 0; i < 20; ++i) {
            const std::string numbers = std::to_string(195 - i) + "," + std::to_string(i * 11);
            if (outward) {
                EXPECT_EQ(place_in(dialog.says(dialog.client, "PORT 192,168,255,2," + numbers + "\r\n")).address, kExternal);
                dialog.says(dialog.server, "200 ok\r\n");
            } else {
                dialog.says(dialog.client, "PASV\r\n");
                const auto place = place_in(dialog.says(dialog.server, "227 here (192,168,255,10," + numbers + ")\r\n"));
                EXPECT_EQ(place.address, kExternal);
            }
        }
        EXPECT_EQ(dialog.says(dialog.client, "QUIT\r\n"), "QUIT\r\n");
        EXPECT_EQ(dialog.says(dialog.server, "221 bye\r\n"), "221 bye\r\n");
    }
    EXPECT_EQ(count(lab, &gateway::AlgCounters::rewritten), 40U);
    EXPECT_LE(lab.gateway().algs().expectations.size(), 2 * gateway::row_of(AlgKind::ftp).most_awaited);
}

TEST(AlgFtp, WhatIsSentAgainIsChangedAgainHoweverItIsCut) {
    HairpinLab lab{with_ftp};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const std::string command = "PORT 192,168,255,2,195,90\r\n";
    const PacketBuilder first = lab.workstation.as_next(dialog.segment(dialog.client));
    const std::uint32_t sequence = *first.said_sequence();
    lab.workstation.send(dialog.segment(dialog.client).payload(command));
    const SeenPacket once = lab.internet.received_one();

    const auto again = [&](std::size_t begin, std::string_view text) {
        lab.workstation.send(dialog.segment(dialog.client)
                                 .sequence(sequence + static_cast<std::uint32_t>(begin))
                                 .acknowledge(once.tcp_acknowledgment)
                                 .payload(text));
        return lab.internet.received_one();
    };
    const SeenPacket whole = again(0, command);
    EXPECT_EQ(whole.tcp_sequence, once.tcp_sequence);
    EXPECT_EQ(text_of(whole), text_of(once));
    // Each piece fits to what the server knows already.
    for (std::size_t cut = 1; cut < command.size(); ++cut) {
        for (const SeenPacket& piece : {again(0, command.substr(0, cut)), again(cut, command.substr(cut))}) {
            const std::size_t offset = piece.tcp_sequence - once.tcp_sequence;
            EXPECT_EQ(text_of(piece), text_of(once).substr(offset, piece.payload.size())) << cut;
        }
    }
    // With something else in its place nothing else is announced.
    EXPECT_EQ(text_of(again(0, "PORT 192,168,255,2,195,91\r\n")), text_of(once));
    EXPECT_EQ(lab.gateway().algs().expectations.size(), 1U);
}

TEST(AlgFtp, SelectiveAcknowledgmentsAreInTheSendersNumbers) {
    HairpinLab lab{with_ftp};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const std::uint32_t own = *lab.workstation.as_next(dialog.segment(dialog.client)).said_sequence();
    lab.workstation.send(dialog.segment(dialog.client).payload(std::string_view{"PORT 192,168,255,2,195,90\r\n"}));
    const SeenPacket heard = lab.internet.received_one();
    const std::uint32_t end = heard.tcp_sequence + static_cast<std::uint32_t>(heard.payload.size());
    Bytes options{std::byte{1}, std::byte{1}, std::byte{5}, std::byte{10}};
    for (const std::uint32_t edge : {end + 10, end + 20})
        for (const int shift : {24, 16, 8, 0}) options.push_back(static_cast<std::byte>(edge >> shift & 0xff));
    lab.internet.send(dialog.segment(dialog.server).tcp_options(options));
    const SeenPacket seen = lab.workstation.received_one();
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(seen.l4[at + i]);
        return value;
    };
    const std::uint32_t own_end = own + 27;
    EXPECT_EQ(seen.tcp_acknowledgment, own_end);
    EXPECT_EQ(number(sizeof(TcpHeader) + 4), own_end + 10);
    EXPECT_EQ(number(sizeof(TcpHeader) + 8), own_end + 20);
}

TEST(AlgFtp, AnErrorAboutAShiftedSegmentQuotesWhatItsSenderSent) {
    HairpinLab lab{with_ftp};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n");
    const std::uint32_t own = *lab.workstation.as_next(dialog.segment(dialog.client)).said_sequence();
    lab.workstation.send(dialog.segment(dialog.client).payload(std::string_view{"LIST\r\n"}));
    const SeenPacket seen = lab.internet.received_one();
    EXPECT_NE(seen.tcp_sequence, own);
    lab.internet.send(icmp_error(IcmpType::destination_unreachable, 1, std::span{seen.l3}.first(28)).from(kRouter).to(kExternal));
    const SeenPacket error = lab.workstation.received_one();
    EXPECT_EQ(error.quote().tcp_sequence, own);
}

TEST(AlgFtp, OfPartialChecksumsAndSuperPackets) {
    HairpinLab lab{with_ftp};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    lab.workstation.send(
        dialog.segment(dialog.client).payload(std::string_view{"PORT 192,168,255,2,195,90\r\n"}).partial_checksum());
    EXPECT_EQ(place_in(text_of(lab.internet.received_one())).address, kExternal);
    const std::string more(3000, 'x');
    lab.workstation.send(dialog.segment(dialog.client).payload("STOR " + more + "\r\n").super_packet(1400));
    EXPECT_EQ(text_of(lab.internet.received_one()), "STOR " + more + "\r\n");
}

// ---- Who would like to be taken for one ---------------------------------------------------------------------------------------------

class Slipstream : public ::testing::Test {
protected:
    HairpinLab lab{with_ftp};
    void comes_to_nothing() {
        EXPECT_EQ(lab.gateway().algs().expectations.size(), 0U);
        EXPECT_EQ(count(lab, &gateway::AlgCounters::rewritten), 0U);
    }
};

TEST_F(Slipstream, ABrowserThatSpeaksFirst) {
    auto dialog = Dialog::outward(lab);
    dialog.says(dialog.client, "POST / HTTP/1.1\r\nContent-Length: 27\r\n\r\n");
    dialog.greet();
    dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n");
    comes_to_nothing();
    EXPECT_EQ(count(lab, &gateway::AlgCounters::stopped), 1U);
}

TEST_F(Slipstream, ABrowserThatIsGreetedBeforeItSpeaks) {
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    dialog.says(dialog.client, "POST / HTTP/1.1\r\n\r\n");
    dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n");
    comes_to_nothing();
}

TEST_F(Slipstream, ABrowserWhoseFirstLineIsCutInTwo) {
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    for (const char* text : {"POST /", "index HTTP/1.1\r\n", "PORT 192,168,255,2,195,90\r\n"}) dialog.says(dialog.client, text);
    comes_to_nothing();
}

TEST_F(Slipstream, WhatIsNotTheClientsToAnnounce) {
    struct Case {
        const char* what;
        const char* command;
    };
    constexpr Case kCases[] = {
        {"an address that is not its own", "PORT 192,168,255,10,195,90\r\n"},
        {"an address that is not its own", "EPRT |1|192.168.255.10|50010|\r\n"},
        {"a port of a service", "PORT 192,168,255,2,0,22\r\n"},
        {"a port of a service", "EPRT |1|192.168.255.2|445|\r\n"},
    };
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    std::uint64_t refused = 0;
    for (const Case& one : kCases) {
        EXPECT_EQ(dialog.says(dialog.client, one.command), one.command) << one.what;
        EXPECT_EQ(count(lab, &gateway::AlgCounters::refused), ++refused) << one.what << ": " << one.command;
    }
    comes_to_nothing();
}

TEST_F(Slipstream, BehindAGapNobodyListens) {
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const std::uint32_t sequence = *lab.workstation.as_next(dialog.segment(dialog.client)).said_sequence();
    lab.workstation.send(dialog.segment(dialog.client)
                             .sequence(sequence + 100)
                             .acknowledge(lab.workstation.last().tcp_sequence)
                             .payload(std::string_view{"PORT 192,168,255,2,195,90\r\n"}));
    EXPECT_EQ(lab.internet.received().size(), 1U);
    comes_to_nothing();
    lab.workstation.send(dialog.segment(dialog.client).payload(std::string_view{"PORT 192,168,255,2,195,90\r\n"}));
    EXPECT_EQ(text_of(lab.internet.received_one()), "PORT 192,168,255,2,195,90\r\n");
    comes_to_nothing();
    EXPECT_EQ(count(lab, &gateway::AlgCounters::stopped), 1U);
}

TEST_F(Slipstream, ACommandThatIsCutIsNotTaken) {
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    EXPECT_EQ(dialog.says(dialog.client, "PORT 192,168,"), "PORT 192,168,");
    EXPECT_EQ(dialog.says(dialog.client, "255,2,195,90\r\n"), "255,2,195,90\r\n");
    comes_to_nothing();
    EXPECT_EQ(count(lab, &gateway::AlgCounters::split), 1U);
}

TEST_F(Slipstream, AServerThatWasNotAsked) {
    lab.change_rules(with_server);
    auto dialog = Dialog::inward(lab);
    dialog.greet();
    dialog.says(dialog.server, "227 Entering Passive Mode (192,168,255,10,195,90)\r\n");
    dialog.says(dialog.client, "EPSV\r\n");
    dialog.says(dialog.server, "227 Entering Passive Mode (192,168,255,10,195,90)\r\n");
    comes_to_nothing();
}

TEST_F(Slipstream, AConnectionWhoseBeginningWasNotSeen) {
    lab.change_rules([](gateway::Ruleset& rules) { rules.algs = {}; });
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    lab.change_rules(with_ftp);
    dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n");
    comes_to_nothing();
}

TEST_F(Slipstream, OnlyThePeerMayCome) {
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const Place place = place_in(dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n"));
    EXPECT_THAT(dialog.opens(lab.internet, kRouter, 20, place, lab.workstation), IsEmpty());
    lab.internet.send(udp().from(kInternet, 20).to(place.address, place.port));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(dialog.opens(lab.internet, kInternet, 20, place, lab.workstation).size(), 1U);
}

TEST(AlgFtp, AProbeOfACommandChangesNothing) {
    HairpinLab lab{with_ftp};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    const PacketBuilder command = lab.workstation.as_next(
        dialog.segment(dialog.client).payload(std::string_view{"PORT 192,168,255,2,195,90\r\n"}).to_mac(kLanMac));
    EXPECT_TRUE(lab.gateway().probe(kLan, command.in(lab.pool()), lab.now()).forwarded);
    EXPECT_EQ(lab.gateway().algs().expectations.size(), 0U);
    EXPECT_EQ(place_in(dialog.says(dialog.client, "PORT 192,168,255,2,195,90\r\n")).address, kExternal);
}

TEST(AlgFtp, WhatWasHeldForAnExpectationIsGivenBack) {
    HairpinLab lab{with_ftp};
    auto dialog = Dialog::outward(lab);
    dialog.greet();
    for (unsigned i = 0; i < 12; ++i) dialog.says(dialog.client, "PORT 192,168,255,2,195," + std::to_string(i) + "\r\n");
    EXPECT_EQ(lab.gateway().algs().expectations.size(), gateway::row_of(AlgKind::ftp).most_awaited);
    lab.gateway().clear_sessions([](const gateway::Session&) { return true; });
    EXPECT_EQ(lab.gateway().algs().expectations.size(), 0U);
    EXPECT_TRUE(lab.gateway().algs().dialogs.empty());
    lab.gateway().mappings().for_each(
        [](gateway::MappingIndex, const gateway::Mapping& mapping) { EXPECT_FALSE(mapping.used()); });
    lab.wait(seconds{121});
    EXPECT_EQ(lab.gateway().mappings().size(), 0U) << "and rests no longer than others";
}

}  // namespace
}  // namespace hairpin::testing

// Servers whose handshakes the gateway makes: who never hears of a flood, and how the two halves of a connection are put together.

#include <algorithm>
#include <array>
#include <vector>

#include "net/tcp_options.h"
#include "tests/scenarios/alg_server.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::SessionState;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr unsigned kSynAck = TcpHeader::kSyn | TcpHeader::kAck;
constexpr std::uint32_t kFirstNumber = 1000;  // of every host of the lab

// Rule 4 lets the Internet, rule 3 the workstation in to the web server.
void with_syn_proxy(gateway::Ruleset& rules) {
    for (gateway::FirewallRule& rule : rules.firewall) rule.syn_proxy = rule.id == 3 || rule.id == 4;
}

// MSS, and if wanted a window scale and permission for SACK.
Bytes syn_options(std::uint16_t mss, std::optional<unsigned> scale = {}, bool sack = false) {
    std::vector<unsigned> bytes{2, 4, static_cast<unsigned>(mss >> 8), mss & 0xffU};
    if (scale) bytes.insert(bytes.end(), {1, 3, 3, *scale});
    if (sack) bytes.insert(bytes.end(), {1, 1, 4, 2});
    Bytes options;
    for (const unsigned byte : bytes) options.push_back(static_cast<std::byte>(byte));
    return options;
}
Bytes tcp_options_of(const SeenPacket& packet) {
    const std::size_t header = packet.l4.size() - packet.payload.size();
    return {packet.l4.begin() + sizeof(TcpHeader), packet.l4.begin() + static_cast<std::ptrdiff_t>(header)};
}

// A client on the Internet, or wherever, up to the point where the server is asked.
struct Client {
    Host& host;
    Ipv4Address own;
    unsigned port = 40000;
    std::uint32_t cookie = 0;
    Bytes options = syn_options(1460);

    PacketBuilder says() const { return tcp().from(own, port).to(kExternal, 80); }
    SeenPacket knocks() {
        host.send(says().syn().tcp_options(options));
        const SeenPacket answer = host.received_one();
        cookie = answer.tcp_sequence;
        return answer;
    }
    void acknowledges(unsigned window = 65535) { host.send(says().ack().window(window)); }
};
Client from_internet(HairpinLab& lab, Bytes options = syn_options(1460)) {
    return {lab.internet, kInternet, 40000, 0, std::move(options)};
}

// ... and up to where both are connected; what they were told by it is forgotten.
void connect(Client& client, Host& server, const Bytes& server_options = syn_options(1460)) {
    client.knocks();
    client.acknowledges();
    const SeenPacket syn = server.received_one();
    server.send(answer_to(syn).tcp_options(server_options));
    server.received();
    client.host.received();
}

TEST(SynProxy, AFloodReachesNobodyAndTakesNoRoom) {
    HairpinLab lab{with_syn_proxy};
    for (unsigned port = 1; port <= 2000; ++port) lab.internet.send(tcp().from({198, 51, 100, 77}, port).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.counters(), Sessions(0));
    EXPECT_EQ(lab.gateway().syn_proxy().counters.answered, 2000U);
}

TEST(SynProxy, AClientIsAnsweredInTheServersNameWithoutAWindow) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab, syn_options(1400, 5, true));
    const SeenPacket answer = client.knocks();
    EXPECT_THAT(answer, Tcp(From(kExternal, 80), To(kInternet, 40000), Flags(kSynAck)));
    EXPECT_EQ(answer.tcp_window, 0U) << "what it has to say must wait";
    EXPECT_EQ(tcp_options_of(answer), syn_options(1460, 7, true));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.counters(), Sessions(0));
}

TEST(SynProxy, OptionsThatTheClientDoesNotHaveAreNotOffered) {
    HairpinLab lab{with_syn_proxy};
    EXPECT_EQ(tcp_options_of(from_internet(lab).knocks()), syn_options(1460));
}

TEST(SynProxy, TheServerGetsTheClientsSynOnceItHasAnswered) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab, syn_options(1400, 5, true));
    client.knocks();
    client.acknowledges(1000);
    const SeenPacket syn = lab.web_server.received_one();
    EXPECT_THAT(syn, Tcp(From(kInternet, 40000), To(kWebServer, 80), Flags(TcpHeader::kSyn)));
    EXPECT_EQ(syn.tcp_sequence, kFirstNumber);
    EXPECT_EQ(syn.tcp_window, 32000U) << "1000 scaled by 5: a SYN's own window is not scaled";
    EXPECT_EQ(tcp_options_of(syn), syn_options(1400, 5, true));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    ASSERT_THAT(lab.counters(), Sessions(1));
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::opening);
    EXPECT_EQ(lab.hits(4), 1U) << "one connection, though two packets of it were decided about";
}

TEST(SynProxy, BothAreToldWhenTheServerHasAnswered) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    client.knocks();
    client.acknowledges();
    const SeenPacket syn = lab.web_server.received_one();
    lab.web_server.send(answer_to(syn).window(5000));
    const SeenPacket to_server = lab.web_server.received_one(), to_client = lab.internet.received_one();
    EXPECT_THAT(to_server, Tcp(From(kInternet, 40000), Flags(TcpHeader::kAck)));
    EXPECT_EQ(to_server.tcp_sequence, kFirstNumber + 1);
    EXPECT_EQ(to_server.tcp_window, 65535U);
    EXPECT_THAT(to_client, Tcp(From(kExternal, 80), To(kInternet, 40000), Flags(TcpHeader::kAck)));
    EXPECT_EQ(to_client.tcp_sequence, client.cookie + 1);
    EXPECT_EQ(to_client.tcp_window, 5000U);
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::established);
}

TEST(SynProxy, WhatIsSaidAfterwardsFits) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    connect(client, lab.web_server);

    lab.internet.send(client.says().ack().payload(100));
    const SeenPacket asked = lab.web_server.received_one();
    EXPECT_THAT(asked.payload, SizeIs(100));
    lab.web_server.send(answer_to(asked).payload(300));
    const SeenPacket told = lab.internet.received_one();
    EXPECT_EQ(told.tcp_sequence, client.cookie + 1);
    EXPECT_THAT(told.payload, SizeIs(300));
    lab.internet.send(client.says().ack());
    lab.web_server.received();

    lab.internet.send(client.says().ack().fin());
    lab.web_server.received();
    lab.web_server.answer();
    lab.internet.received();
    lab.internet.answer();
    lab.web_server.received();
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::closed);
    EXPECT_EQ(lab.ledger().dropped_total(), 0U);
}

TEST(SynProxy, SuperPacketsAreShiftedToo) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    connect(client, lab.web_server);
    lab.web_server.send(tcp().from(kWebServer, 80).to(kInternet, 40000).ack().payload(20000).super_packet(1448));
    const SeenPacket told = lab.internet.received_one();
    EXPECT_EQ(told.tcp_sequence, client.cookie + 1);
    EXPECT_THAT(told.payload, SizeIs(20000));
}

TEST(SynProxy, SelectiveAcknowledgmentsAreShiftedBack) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab, syn_options(1460, 7, true));
    connect(client, lab.web_server, syn_options(1460, 7, true));
    Bytes sack{std::byte{1}, std::byte{1}, std::byte{5}, std::byte{10}};
    for (const std::uint32_t edge : {client.cookie + 101, client.cookie + 201})
        for (const int shift : {24, 16, 8, 0}) sack.push_back(static_cast<std::byte>(edge >> shift & 0xff));
    lab.internet.send(client.says().ack().tcp_options(sack));
    const Bytes options = tcp_options_of(lab.web_server.received_one());
    ASSERT_THAT(options, SizeIs(12));
    const auto edge_at = [&](std::size_t at) {
        std::uint32_t edge = 0;
        for (std::size_t i = at; i < at + 4; ++i) edge = edge << 8 | std::to_integer<std::uint32_t>(options[i]);
        return edge;
    };
    EXPECT_EQ(edge_at(4), kFirstNumber + 101);
    EXPECT_EQ(edge_at(8), kFirstNumber + 201);
}

TEST(SynProxy, WindowsAreConvertedWhereTheScalesDiffer) {
    struct Case {
        std::optional<unsigned> client, server;
        unsigned client_says, server_hears, server_says, client_hears;
    };
    const std::array cases{
        Case{7, 7, 1000, 1000, 500, 500},             // as the gateway has said it
        Case{7, 4, 1000, 1000, 500, 62},              // 8000 bytes, which are 62 * 128 and a rest
        Case{7, 9, 1000, 1000, 500, 2000},            //
        Case{2, std::nullopt, 1000, 4000, 1280, 10},  // the server scales neither its own windows nor those that it hears
        Case{10, std::nullopt, 1000, 65535, 64, 0},
        Case{std::nullopt, std::nullopt, 1000, 1000, 500, 500},
        Case{3, 14, 7, 7, 65535, 65535},  // as much as can be said
    };
    for (const Case& one : cases) {
        HairpinLab lab{with_syn_proxy};
        Client client = from_internet(lab, syn_options(1460, one.client));
        connect(client, lab.web_server, syn_options(1460, one.server));
        lab.internet.send(client.says().ack().window(one.client_says).payload(1));
        EXPECT_EQ(lab.web_server.received_one().tcp_window, one.server_hears);
        lab.web_server.send(tcp().from(kWebServer, 80).to(kInternet, 40000).ack().window(one.server_says).payload(1));
        EXPECT_EQ(lab.internet.received_one().tcp_window, one.client_hears);
    }
}

TEST(SynProxy, AWrongOrLateCookieBeginsNothing) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    client.knocks();
    lab.internet.send(client.says().sequence(kFirstNumber + 1).acknowledge(client.cookie));
    lab.internet.send(client.says().sequence(kFirstNumber + 2).acknowledge(client.cookie + 1));
    EXPECT_EQ(lab.dropped(DropReason::no_session), 2U);
    lab.wait(seconds{65});
    client.acknowledges();
    EXPECT_EQ(lab.dropped(DropReason::no_session), 3U);
    EXPECT_THAT(lab.counters(), Sessions(0));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
}

TEST(SynProxy, WhatTheClientSendsTooEarlyWaits) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    client.knocks();
    client.acknowledges();
    lab.web_server.received();
    lab.internet.send(client.says().ack().payload(1));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::server_not_open), 1U);
}

TEST(SynProxy, ASilentServerIsAskedAgainAndThenItsClientRefused) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    client.knocks();
    client.acknowledges();
    lab.wait(seconds{30});
    const auto syns = lab.web_server.received();
    ASSERT_THAT(syns, SizeIs(5)) << "at once, and after 1, 3, 7 and 15 s";
    for (const SeenPacket& syn : syns) EXPECT_EQ(syn.l4, syns[0].l4);
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    lab.wait(seconds{2});
    const SeenPacket refusal = lab.internet.received_one();
    EXPECT_THAT(refusal, Tcp(From(kExternal, 80), To(kInternet, 40000), Flags(TcpHeader::kRst | TcpHeader::kAck)));
    EXPECT_EQ(refusal.tcp_sequence, client.cookie + 1) << "exactly what the client waits for (RFC 5961)";
    EXPECT_THAT(lab.endings(), ElementsAre("the server does not answer"));
    EXPECT_EQ(lab.gateway().syn_proxy().counters.silent, 1U);
    EXPECT_EQ(lab.gateway().syn_proxy().waiting(), 0U);
}

TEST(SynProxy, AServersRefusalReachesTheClientExactly) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    client.knocks();
    client.acknowledges();
    const SeenPacket syn = lab.web_server.received_one();
    lab.web_server.send(tcp()
                            .from(kWebServer, 80)
                            .to(kInternet, 40000)
                            .sequence(0)
                            .acknowledge(syn.tcp_sequence + 1)
                            .flags(TcpHeader::kRst | TcpHeader::kAck));
    const SeenPacket refusal = lab.internet.received_one();
    EXPECT_THAT(refusal, Tcp(From(kExternal, 80), Flags(TcpHeader::kRst | TcpHeader::kAck)));
    EXPECT_EQ(refusal.tcp_sequence, client.cookie + 1);
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::reset);
    EXPECT_EQ(lab.gateway().syn_proxy().counters.refused, 1U);
    lab.wait(seconds{40});
    EXPECT_THAT(lab.web_server.received(), IsEmpty()) << "who has refused is not asked again";
}

TEST(SynProxy, AClientThatGivesUpIsForgotten) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    client.knocks();
    client.acknowledges();
    lab.web_server.received();
    lab.internet.send(client.says().rst());
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(Flags(TcpHeader::kRst))));
    EXPECT_THAT(lab.endings(), ElementsAre("the client has reset it"));
    lab.wait(seconds{40});
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
}

TEST(SynProxy, TheHairpinGoesOnAsBefore) {
    HairpinLab lab{with_syn_proxy};
    Client client{lab.workstation, kWorkstation};
    connect(client, lab.web_server);
    lab.workstation.send(client.says().ack().payload(100));
    const SeenPacket asked = lab.web_server.received_one();
    EXPECT_EQ(asked.source, kGateway) << "both addresses are rewritten";
    lab.web_server.send(answer_to(asked).payload(300));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kExternal, 80), To(kWorkstation, 40000))));
}

TEST(SynProxy, AnErrorAboutWhatTheServerSentReachesItWithItsOwnNumber) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    connect(client, lab.web_server);
    lab.web_server.send(tcp().from(kWebServer, 80).to(kInternet, 40000).ack().payload(100));
    const SeenPacket told = lab.internet.received_one();
    lab.internet.send(icmp_error(IcmpType::destination_unreachable, 4, std::span{told.l3}).from(kRouter).to(kExternal));
    const SeenPacket error = lab.web_server.received_one();
    EXPECT_THAT(error, Icmp(3, 4, About(Tcp(From(kWebServer, 80), To(kInternet, 40000)))));
    EXPECT_EQ(error.quote().tcp_sequence, kFirstNumber + 1);
}

TEST(SynProxy, ACommitThatTakesItAwayLeavesConnectionsSpliced) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    connect(client, lab.web_server);
    lab.change_rules([](gateway::Ruleset& rules) {
        for (gateway::FirewallRule& rule : rules.firewall) rule.syn_proxy = false;
    });
    lab.web_server.send(tcp().from(kWebServer, 80).to(kInternet, 40000).ack().payload(100));
    EXPECT_EQ(lab.internet.received_one().tcp_sequence, client.cookie + 1);
}

TEST(SynProxy, AServerIsNotAskedForWhomTheRulesDoNotLetInAnyMore) {
    HairpinLab lab{with_syn_proxy};
    Client client = from_internet(lab);
    client.knocks();
    lab.change_rules([](gateway::Ruleset& rules) {
        std::erase_if(rules.firewall, [](const gateway::FirewallRule& rule) { return rule.id == 4; });
    });
    client.acknowledges();
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.counters(), Sessions(0));
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 1U);
}

TEST(SynProxy, FtpIsReadBehindIt) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.algs.of(gateway::AlgKind::ftp) = {true, {L4Port{21}}};
        forward_to_a_server(rules, IpProtocol::tcp, 21);
        for (gateway::FirewallRule& rule : rules.firewall) rule.syn_proxy = rule.id == 5;
    }};
    const PacketBuilder client = tcp().from(kInternet, 40000).to(kExternal, 21);
    lab.internet.send(PacketBuilder{client}.syn());
    const std::uint32_t cookie = lab.internet.received_one().tcp_sequence;
    lab.internet.send(PacketBuilder{client}.ack());
    lab.web_server.received_one();
    lab.web_server.answer();
    lab.web_server.received();
    lab.internet.received();
    lab.web_server.send(tcp().from(kWebServer, 21).to(kInternet, 40000).ack().payload("220 ready\r\n"));
    EXPECT_EQ(lab.internet.received_one().tcp_sequence, cookie + 1);
    lab.internet.send(PacketBuilder{client}.ack().payload("PASV\r\n"));
    const SeenPacket asked = lab.web_server.received_one();
    lab.web_server.send(answer_to(asked).payload("227 Entering Passive Mode (192,168,255,10,200,1).\r\n"));
    const SeenPacket told = lab.internet.received_one();
    EXPECT_TRUE(text_of(told).starts_with("227 Entering Passive Mode (203,0,113,80,")) << text_of(told);
    // Both shifts, one upon the other.
    lab.internet.send(PacketBuilder{client}.ack().payload("NOOP\r\n"));
    const SeenPacket next = lab.web_server.received_one();
    lab.web_server.send(answer_to(next).payload("200\r\n"));
    EXPECT_EQ(lab.internet.received_one().tcp_sequence, told.tcp_sequence + told.payload.size());
    EXPECT_EQ(lab.dropped(DropReason::invalid_state), 0U);
}

TEST(SynProxy, ATraceShowsTheWholeWay) {
    HairpinLab lab{with_syn_proxy};
    const auto passage = lab.gateway().probe(
        kUplink, tcp().from(kInternet, 40000).to(kExternal, 80).syn().to_mac(kUplinkMac).in(lab.pool()), lab.now());
    EXPECT_TRUE(passage.forwarded);
    const auto& steps = passage.tracer.steps();
    EXPECT_TRUE(std::any_of(steps.begin(), steps.end(), [](const gateway::TraceStep& step) {
        return step.text.find("the gateway answers the SYN itself") != std::string::npos;
    }));
    EXPECT_EQ(lab.gateway().syn_proxy().counters.answered, 0U);
}

}  // namespace
}  // namespace hairpin::testing

// What a hairpin must do, letter by letter of NAT-AND-FIREWALL 3, each with all that travels: TCP, UDP, pings, ranges of ports and
// fragments. hairpin_test.cc looks closer at the guide's own, hairpin_modes_test.cc at what the modes derive.
//
//   workstation .2, second .3 ───┐
//   web server .10, other .11 ───┼─ lan ─ gateway ─ uplink 203.0.113.80
//   router .254 ─ server 10.1.0.10 ┘        │
//                    client 10.0.0.7 ─ other lan

#include "tests/support/fragments.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::FirewallAction;
using gateway::HairpinMode;
using gateway::Ruleset;
using ::testing::_;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// ---- What travels ------------------------------------------------------------------------------------------------------------------

enum class Cut : std::uint8_t { whole, fragments };

struct Traffic {
    const char* name;
    IpProtocol protocol;
    // The first port that clients open, and the first of the server's: as many, n to n. Pings have none.
    unsigned opened = 0, served = 0, ports = 1;
    Cut cut = Cut::whole;

    bool is_ping() const { return protocol == IpProtocol::icmp; }
    PacketBuilder packet() const {
        const std::size_t size = cut == Cut::fragments ? 1200 : 50;
        if (is_ping()) return icmp_echo().payload(size);
        return protocol == IpProtocol::tcp ? tcp().ack().payload(size) : udp().payload(size);
    }
    // As a firewall rule writes it, by the ports that clients open or the server's.
    std::vector<gateway::Service> service_from(unsigned first_port) const {
        gateway::Service one = service(protocol);
        if (is_ping())
            one.icmp_type = static_cast<std::uint8_t>(IcmpType::echo_request);
        else
            one.destination_ports = {testing::ports(first_port, first_port + ports - 1)};
        return {one};
    }
    // Makes a dnat rule translate this.
    void translate_by(gateway::NatRule& rule, unsigned first_opened) const {
        rule.protocol = protocol;
        rule.original_port = rule.translated_port = std::nullopt;
        if (is_ping())
            rule.icmp_type = static_cast<std::uint8_t>(IcmpType::echo_request);
        else {
            rule.original_port = testing::ports(first_opened, first_opened + ports - 1);
            rule.translated_port = testing::ports(served, served + ports - 1);
        }
    }
};
void PrintTo(const Traffic& traffic, std::ostream* out) { *out << traffic.name; }

constexpr auto kAllTraffic = std::to_array<Traffic>({
    {"tcp", IpProtocol::tcp, 80, 80},
    {"udp", IpProtocol::udp, 5000, 5000},
    {"icmp_echo", IpProtocol::icmp},
    {"port_range_of_tcp", IpProtocol::tcp, 7000, 8000, 10},
    {"port_range_of_udp", IpProtocol::udp, 7000, 8000, 10},
    {"fragments_of_tcp", IpProtocol::tcp, 80, 80, 1, Cut::fragments},
    {"fragments_of_udp", IpProtocol::udp, 5000, 5000, 1, Cut::fragments},
    {"fragments_of_icmp_echo", IpProtocol::icmp, 0, 0, 1, Cut::fragments},
    {"fragments_of_a_port_range", IpProtocol::udp, 7000, 8000, 10, Cut::fragments},
});

// ---- Who speaks with whom ----------------------------------------------------------------------------------------------------------

struct End {
    Host& host;
    Ipv4Address address;
    unsigned port = 0;  // of a ping its identifier
};

// A client that opens an address and port, and the server that it reaches by it. Each step says what both must see.
class Conversation {
public:
    Conversation(const Traffic& traffic, End client, Ipv4Address opened, unsigned opened_port, End server, SeenMatcher seen_from)
        : traffic_(traffic),
          client_(client),
          server_(server),
          opened_(opened),
          opened_port_(opened_port),
          seen_from_(std::move(seen_from)) {}

    // From the first packet to where data travels.
    void open() const {
        if (traffic_.protocol != IpProtocol::tcp) return;
        const SeenPacket asked = ask(first(), Cut::whole);
        EXPECT_THAT(asked, Flags(TcpHeader::kSyn));
        answer(answer_to(asked), Cut::whole);
        EXPECT_EQ(ask(from_client(tcp().ack()), Cut::whole).source_port, asked.source_port);
    }
    // Data there and back.
    void exchange() const {
        const Bytes sent = SeenPacket::of_l3(next().l3_bytes()).payload;
        const SeenPacket asked = ask();
        EXPECT_EQ(asked.payload, sent);
        EXPECT_EQ(answer(reply_to(asked), traffic_.cut).payload, sent);
    }

    // The client's data, as the server sees it; and the server's, as the client does.
    SeenPacket ask() const { return ask(next(), traffic_.cut); }
    // The packet that it begins with, the client's next one with data, and the server's answer to that.
    PacketBuilder first() const { return traffic_.protocol == IpProtocol::tcp ? from_client(tcp().syn()) : next(); }
    PacketBuilder next() const { return from_client(traffic_.packet()); }
    PacketBuilder reply_to(const SeenPacket& asked) const {
        PacketBuilder reply = answer_to(asked);
        return traffic_.protocol == IpProtocol::tcp ? reply.payload(asked.payload) : reply;
    }
    // Pieces of what a host would send next, with an identification of this conversation's.
    std::vector<PacketBuilder> in_pieces(Host& from, const PacketBuilder& packet) const {
        return cut(from.numbered(packet), 400, client_.port);
    }
    // Sends it, and nobody gets any of it.
    void expect_no_way_to_the_server() const {
        send(client_.host, next(), traffic_.cut);
        EXPECT_THAT(server_.host.received(), Each(Not(To(server_.address))));
    }
    void expect_no_way_back(const PacketBuilder& reply) const {
        send(server_.host, reply, traffic_.cut);
        EXPECT_THAT(client_.host.received(), Each(Not(from_the_opened())));
    }

    // Both have seen no more than what was for them.
    void expect_nothing_else() const {
        EXPECT_THAT(client_.host.received(), IsEmpty());
        EXPECT_THAT(server_.host.received(), IsEmpty());
    }

    // A packet, or an ICMP error's quote of one, as the client knows the conversation.
    SeenMatcher as_asked() const {
        return AllOf(From(client_.address, client_.port), To(opened_, is_ping() ? client_.port : opened_port_));
    }
    const End& client() const { return client_; }
    const End& server() const { return server_; }
    Ipv4Address opened() const { return opened_; }

private:
    bool is_ping() const { return traffic_.is_ping(); }
    PacketBuilder from_client(PacketBuilder packet) const {
        packet.from(client_.address, client_.port).to(opened_, opened_port_);
        return is_ping() ? packet.identifier(client_.port).icmp_sequence(1) : packet;
    }
    SeenMatcher from_the_opened() const { return From(opened_, is_ping() ? client_.port : opened_port_); }

    SeenPacket ask(const PacketBuilder& packet, Cut cut) const {
        const SeenPacket seen = carry(client_.host, packet, server_.host, cut);
        const PortMatcher port = is_ping() ? PortMatcher{_} : PortMatcher{server_.port};
        EXPECT_THAT(seen, AllOf(Protocol(traffic_.protocol), seen_from_, To(server_.address, port), Ttl(63)));
        return seen;
    }
    SeenPacket answer(const PacketBuilder& packet, Cut cut) const {
        const SeenPacket seen = carry(server_.host, packet, client_.host, cut);
        EXPECT_THAT(seen, AllOf(Protocol(traffic_.protocol), from_the_opened(), To(client_.address, client_.port), Ttl(63)));
        return seen;
    }

    // Fragments go the last first, so that what they belong to is told at the end.
    std::size_t send(Host& from, const PacketBuilder& packet, Cut how) const {
        if (how == Cut::whole) return from.send(packet), 1;
        auto pieces = in_pieces(from, packet);
        std::reverse(pieces.begin(), pieces.end());
        for (const PacketBuilder& piece : pieces) from.send(piece);
        return pieces.size();
    }
    SeenPacket carry(Host& from, const PacketBuilder& packet, Host& to, Cut how) const {
        const std::size_t pieces = send(from, packet, how);
        const auto seen = to.received();
        EXPECT_THAT(seen, SizeIs(pieces)) << "at " << to.name();
        if (seen.empty()) return {};
        if (how == Cut::whole) return seen.front();
        const SeenPacket whole = reassembled(seen);
        to.hear(whole);
        return whole;
    }

    const Traffic& traffic_;
    End client_, server_;
    Ipv4Address opened_;
    unsigned opened_port_;
    SeenMatcher seen_from_;
};

// ---- The rules ---------------------------------------------------------------------------------------------------------------------

constexpr auto kOtherLanMac = MacAddress::from_number(0x0200'0000'aa02);
constexpr Ipv4Address kElsewhere{10, 0, 0, 7}, kOtherServer{192, 168, 255, 11}, kBehindTheRouter{10, 1, 0, 10};
constexpr gateway::RuleId kWorkstationRule = 3, kInboundDnat = 196610, kHairpinDnat = 196613, kHairpinSnat = 196612;

template <class Rule>
Rule& rule_of(std::vector<Rule>& rules, gateway::RuleId id) {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.id == id; });
    if (found == rules.end()) throw std::invalid_argument("no rule " + std::to_string(id));
    return *found;
}
void remove_rule(std::vector<gateway::NatRule>& rules, gateway::RuleId id) {
    std::erase_if(rules, [&](const auto& rule) { return rule.id == id; });
}

// The guide's, where its web server serves this instead of port 80. Of TCP that is what the guide has.
void guide_for(const Traffic& traffic, Ruleset& rules) {
    for (const gateway::RuleId id : {kInboundDnat, kHairpinDnat}) traffic.translate_by(rule_of(rules.nat, id), traffic.opened);
    rule_of(rules.firewall, kWorkstationRule).services = traffic.service_from(traffic.opened);
}

// One dnat rule, on the uplink alone, for everybody inside, too; and another LAN.
void one_rule_for(const Traffic& traffic, Ruleset& rules) {
    guide_for(traffic, rules);
    for (const gateway::RuleId id : {kHairpinSnat, kHairpinDnat, gateway::RuleId{196614}}) remove_rule(rules.nat, id);
    rule_of(rules.nat, kInboundDnat).hairpin = HairpinMode::automatic;
    rules.interfaces.push_back({"other",
                                gateway::InterfaceRole::internal,
                                "other",
                                {},
                                kOtherLanMac,
                                1500,
                                {*Ipv4InterfaceAddress::parse("10.0.0.1/24")}});
    rule_of(rules.firewall, kWorkstationRule).source = not_(by(kUplink));
}

// ---- The letters -------------------------------------------------------------------------------------------------------------------

class HairpinAcceptance : public ::testing::TestWithParam<Traffic> {
protected:
    const Traffic& traffic() const { return GetParam(); }
    HairpinLab::Change guide() const {
        return [this](Ruleset& rules) { guide_for(traffic(), rules); };
    }
    HairpinLab::Change guide_but(HairpinLab::Change change) const {
        return [this, change = std::move(change)](Ruleset& rules) {
            guide_for(traffic(), rules);
            change(rules);
        };
    }

    // One for each port, the client's ports counting up. A client that is seen as itself is so with its own port.
    std::vector<Conversation> conversations(End client, End server, Ipv4Address seen_as, unsigned first_opened) const {
        std::vector<Conversation> all;
        for (unsigned i = 0; i < traffic().ports; ++i) {
            const unsigned port = 40000 + i;
            all.emplace_back(traffic(), End{client.host, client.address, port}, kExternal, first_opened + i,
                             End{server.host, server.address, traffic().served + i},
                             From(seen_as, seen_as == client.address ? PortMatcher{port} : PortMatcher{_}));
        }
        return all;
    }
    std::vector<Conversation> conversations(End client, End server, Ipv4Address seen_as) const {
        return conversations(client, server, seen_as, traffic().opened);
    }

    // All of them, interleaved, from open() on.
    static void hold(HairpinLab& lab, const std::vector<Conversation>& all) {
        const GatewayCounters before = lab.counters();
        for (const Conversation& one : all) one.open();
        for (int round = 0; round < 2; ++round)
            for (const Conversation& one : all) one.exchange();
        for (const Conversation& one : all) one.expect_nothing_else();
        EXPECT_THAT(lab.counters(), AllOf(Sessions(before.sessions + all.size()), Drops(before.drops)));
        EXPECT_EQ(lab.gateway().held(), 0U);
    }
    std::vector<Conversation> guides_conversations(HairpinLab& lab) const {
        return conversations({lab.workstation, kWorkstation}, {lab.web_server, kWebServer}, kGateway);
    }
};

INSTANTIATE_TEST_SUITE_P(, HairpinAcceptance, ::testing::ValuesIn(kAllTraffic),
                         [](const auto& traffic) { return std::string{traffic.param.name}; });

TEST_P(HairpinAcceptance, a_TheGuideExactly) {
    HairpinLab lab{guide()};
    hold(lab, guides_conversations(lab));
    for (const gateway::Session& session : lab.sessions()) {
        EXPECT_EQ(session.dnat_rule, kHairpinDnat);
        EXPECT_EQ(session.snat_rule, kHairpinSnat);
    }
    EXPECT_THAT(lab.internet.received(), IsEmpty()) << "nothing of it leaves the LAN";
}

TEST_P(HairpinAcceptance, b_RulesThatMatchTheTranslated) {
    HairpinLab lab{guide_but([this](Ruleset& rules) {
        gateway::FirewallRule& rule = rule_of(rules.firewall, kWorkstationRule);
        rule.match = gateway::MatchTuple::translated;
        rule.destination = at("192.168.255.10");
        rule.services = traffic().service_from(traffic().served);
    })};
    hold(lab, guides_conversations(lab));
    for (const gateway::Session& session : lab.sessions()) EXPECT_EQ(session.firewall_rule, kWorkstationRule);

    // The same rule compared with the original matches nothing.
    HairpinLab other{[&](Ruleset& rules) {
        rules = lab.gateway().ruleset();
        rule_of(rules.firewall, kWorkstationRule).match = gateway::MatchTuple::original;
        std::erase_if(rules.firewall, [](const auto& rule) { return rule.id == kEchoRule; });
    }};
    other.workstation.send(guides_conversations(other).front().first());
    EXPECT_THAT(other.web_server.received(), IsEmpty());
    EXPECT_EQ(other.dropped(DropReason::firewall_denied), 1U);
}

TEST_P(HairpinAcceptance, c_TheServerOpensItsOwnExternalAddress) {
    HairpinLab lab{guide_but([](Ruleset& rules) { rule_of(rules.firewall, kWorkstationRule).source = at("192.168.255.10"); })};
    const End itself{lab.web_server, kWebServer};
    hold(lab, conversations(itself, itself, kGateway));
}

TEST_P(HairpinAcceptance, d_AClientInAnotherLanKeepsItsAddress) {
    HairpinLab lab{[this](Ruleset& rules) { one_rule_for(traffic(), rules); }};
    Host& elsewhere = lab.add_host({"elsewhere", "other", MacAddress::from_number(0x0200'0000'bb07), kOtherLanMac, {kElsewhere}});
    hold(lab, conversations({elsewhere, kElsewhere}, {lab.web_server, kWebServer}, kElsewhere));
    hold(lab, guides_conversations(lab));  // whose client is the server's neighbour
}

// Of pings nothing tells whose they are, but who sends them: those of the second host are for the other server.
TEST_P(HairpinAcceptance, e_TwoServersBehindOneAddress) {
    const unsigned others_opened = traffic().opened + 1000;
    HairpinLab lab{guide_but([&](Ruleset& rules) {
        gateway::NatRule to_the_other = rule_of(rules.nat, kHairpinDnat);
        to_the_other.id = 65537;
        traffic().translate_by(to_the_other, others_opened);
        to_the_other.translated_address = addresses("192.168.255.11");
        if (traffic().is_ping()) to_the_other.peer_addresses = {addresses("192.168.255.3")};
        rules.nat.insert(rules.nat.begin(), to_the_other);
        gateway::FirewallRule& rule = rule_of(rules.firewall, kWorkstationRule);
        rule.source = at("192.168.255.2-192.168.255.3");
        rule.services.push_back(traffic().service_from(others_opened).front());
    })};
    Host& other = lab.add_host({"other server", "lan", MacAddress::from_number(0x0200'0000'bb0b), kLanMac, {kOtherServer}});
    Host& second = lab.add_second_host();
    auto all = guides_conversations(lab);
    for (const Conversation& one : conversations({second, kSecondHost}, {other, kOtherServer}, kGateway, others_opened))
        all.push_back(one);
    hold(lab, all);
}

// Each has sent something to the Internet, and whoever knows its external address and port finds it there. No mapping is found by a
// ping, which is for the gateway; by an address of its own it is (RFC 5508 REQ-7).
TEST_P(HairpinAcceptance, f_TwoHostsFindEachOtherByTheirMappings) {
    constexpr Ipv4Address kOwn{203, 0, 113, 81};
    HairpinLab lab{[this](Ruleset& rules) {
        rules.nat[0].filtering = gateway::FilteringMode::endpoint_independent;
        rules.firewall.insert(rules.firewall.end() - 1,
                              firewall_rule(100, FirewallAction::accept, by(kLan), at("203.0.113.80/31")));
        if (!traffic().is_ping()) return;
        gateway::NatRule in = dnat(65538, on({kUplink}), IpProtocol::any, "203.0.113.81", {}, "192.168.255.10", {});
        in.original_port = in.translated_port = std::nullopt;
        in.hairpin = HairpinMode::external_address;
        rules.nat.insert(rules.nat.begin(), {snat(65537, on({kUplink}), "192.168.255.10", "203.0.113.81"), in});
    }};
    // The external port behind which the Internet sees a host's packet: of a ping its identifier.
    const auto mapped = [&](const End& host) {
        PacketBuilder first = traffic().protocol == IpProtocol::tcp ? tcp().syn() : traffic().packet();
        if (traffic().is_ping()) first.identifier(host.port);
        host.host.send(first.from(host.address, host.port).to(kInternet, 9));
        return lab.internet.received_one().source_port;
    };
    std::vector<Conversation> all;
    for (unsigned i = 0; i < traffic().ports; ++i) {
        const End client{lab.workstation, kWorkstation, 40000 + i}, server{lab.web_server, kWebServer, 50000 + i};
        const unsigned mine = mapped(client), theirs = mapped(server);
        all.emplace_back(traffic(), client, traffic().is_ping() ? kOwn : kExternal, theirs, server, From(kExternal, mine));
    }
    hold(lab, all);
}

// The server answers by its router, which has a leg in the workstation's LAN: only what is for the gateway comes back here.
TEST_P(HairpinAcceptance, g_TheServerSitsBehindASecondRouter) {
    HairpinLab lab{[this](Ruleset& rules) {
        one_rule_for(traffic(), rules);
        rule_of(rules.nat, kInboundDnat).translated_address = addresses("10.1.0.10");
        rules.routes.push_back({*Ipv4Prefix::parse("10.1.0.0/24"), Ipv4Address{192, 168, 255, 254}, {}});
    }};
    Host& router =
        lab.add_host({"router", "lan", MacAddress::from_number(0x0200'0000'bbfe), kLanMac, {Ipv4Address{192, 168, 255, 254}}});
    Host& elsewhere = lab.add_host({"elsewhere", "other", MacAddress::from_number(0x0200'0000'bb07), kOtherLanMac, {kElsewhere}});
    const End server{router, kBehindTheRouter};
    hold(lab, conversations({lab.workstation, kWorkstation}, server, kGateway));
    hold(lab, conversations({elsewhere, kElsewhere}, server, kElsewhere));
}

// Whatever else is forwarded, unless it is pings.
TEST_P(HairpinAcceptance, h_APingOfTheExternalAddressIsAnsweredByTheGateway) {
    HairpinLab lab{traffic().is_ping() ? HairpinLab::Change{[](Ruleset&) {}} : guide()};
    if (!traffic().is_ping()) hold(lab, guides_conversations(lab));

    const PacketBuilder ping = icmp_echo().from(kWorkstation).to(kExternal).identifier(9).payload(1200);
    const auto sent = traffic().cut == Cut::fragments ? cut(ping, 400) : std::vector{ping};
    for (const PacketBuilder& piece : sent) lab.workstation.send(piece);
    EXPECT_THAT(lab.workstation.received_one(), Icmp(0, 0, From(kExternal, 9), To(kWorkstation), Ttl(64)));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.counters().drops, 0U);

    const auto passage = lab.gateway().probe(kLan, PacketBuilder{ping}.to_mac(kLanMac).in(lab.pool()), lab.now());
    EXPECT_TRUE(passage.answered);
    const auto step = [](gateway::TraceStage stage, const char* text) {
        return AllOf(Field(&gateway::TraceStep::stage, stage), Field(&gateway::TraceStep::text, text));
    };
    EXPECT_THAT(passage.tracer.steps(), Contains(step(gateway::TraceStage::local, "203.0.113.80 is the gateway's own address")));
    EXPECT_THAT(passage.tracer.steps(), Contains(step(gateway::TraceStage::icmp, "the gateway answers the echo request itself")));
}

// Of fragments the error is that they were never whole: it quotes the first.
TEST_P(HairpinAcceptance, i_AnIcmpErrorReachesTheClientWithTheOriginalAddresses) {
    HairpinLab lab{guide()};
    const bool fragments = traffic().cut == Cut::fragments;
    const auto type = fragments ? IcmpType::time_exceeded : IcmpType::destination_unreachable;
    const unsigned code = fragments ? 1 : 10;
    for (const Conversation& one : guides_conversations(lab)) {
        one.open();
        Host& client = one.client().host;
        client.send(fragments ? one.in_pieces(client, one.next()).front() : one.next());
        const SeenPacket seen = one.server().host.received_one();
        one.server().host.send(icmp_error(type, code, seen.l3).from(kWebServer).to(kGateway));
        const SeenPacket error = client.received_one();
        EXPECT_THAT(error, Icmp(static_cast<unsigned>(type), code, From(kExternal), To(kWorkstation)));
        EXPECT_THAT(error.quote(), AllOf(Protocol(traffic().protocol), one.as_asked(), Carries(seen.payload)));
        EXPECT_EQ(error.quote().more_fragments, fragments);
        one.expect_nothing_else();
    }
    EXPECT_THAT(lab.counters(), AllOf(Sessions(traffic().ports), Drops(0))) << "no error ends a session";
}

// The lab lets no redirect pass unnoticed. Without SNAT there is every reason for one, as the packets go back to the LAN of their source;
// answers then go past the gateway.
TEST_P(HairpinAcceptance, j_NobodyIsRedirected) {
    HairpinLab hidden{guide()};
    hold(hidden, guides_conversations(hidden));

    HairpinLab lab{guide_but([](Ruleset& rules) { remove_rule(rules.nat, kHairpinSnat); })};
    for (const Conversation& one : conversations({lab.workstation, kWorkstation}, {lab.web_server, kWebServer}, kWorkstation)) {
        if (traffic().protocol == IpProtocol::tcp) {
            lab.workstation.send(one.first());
            EXPECT_THAT(lab.web_server.received_one(), Tcp(From(kWorkstation), To(kWebServer)));
        } else {
            one.ask();
        }
        one.expect_nothing_else();
    }
    EXPECT_EQ(lab.counters().drops, 0U);
}

TEST_P(HairpinAcceptance, k_TheRuleIsRemovedWhileASessionRuns) {
    const auto without_the_rule = [](Ruleset& rules) { remove_rule(rules.nat, kHairpinDnat); };
    // Whoever of the two speaks next.
    HairpinLab lab{guide()};
    const auto all = guides_conversations(lab);
    hold(lab, all);
    lab.change_rules(without_the_rule);
    for (const Conversation& one : all) one.expect_no_way_to_the_server();
    EXPECT_THAT(lab.endings(), SizeIs(all.size()));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());

    HairpinLab other{guide()};
    const auto answered = guides_conversations(other);
    std::vector<SeenPacket> asked;
    for (const Conversation& one : answered) {
        one.open();
        asked.push_back(one.ask());
    }
    other.change_rules(without_the_rule);
    for (std::size_t i = 0; i < answered.size(); ++i) answered[i].expect_no_way_back(answered[i].reply_to(asked[i]));
    EXPECT_THAT(other.endings(), SizeIs(answered.size()));
    EXPECT_THAT(other.counters(), Sessions(0));

    // What is under way stays incomplete.
    if (traffic().cut == Cut::fragments) {
        HairpinLab midway{guide()};
        const Conversation one = guides_conversations(midway).front();
        one.open();
        const auto pieces = one.in_pieces(midway.workstation, one.next());
        midway.workstation.send(pieces.front());
        EXPECT_THAT(midway.web_server.received(), SizeIs(1));
        midway.change_rules(without_the_rule);
        for (std::size_t i = 1; i < pieces.size(); ++i) midway.workstation.send(pieces[i]);
        EXPECT_THAT(midway.web_server.received(), IsEmpty());
    }

    // As it was, it is again.
    other.change_rules([this](Ruleset& rules) {
        rules.nat = guide_rules().nat;
        guide_for(traffic(), rules);
    });
    answered.front().open();
    answered.front().exchange();
}

TEST_P(HairpinAcceptance, l_AnSnatAddressOutsideTheLan) {
    HairpinLab lab{
        guide_but([](Ruleset& rules) { rule_of(rules.nat, kHairpinSnat).translated_address = addresses("203.0.113.80"); })};
    hold(lab, conversations({lab.workstation, kWorkstation}, {lab.web_server, kWebServer}, kExternal));
}

// Nor need it be one of the gateway's: the server answers by its default route.
TEST_P(HairpinAcceptance, l_AnSnatAddressThatNobodyHas) {
    constexpr Ipv4Address kNobody{172, 16, 0, 1};
    HairpinLab lab{
        guide_but([](Ruleset& rules) { rule_of(rules.nat, kHairpinSnat).translated_address = addresses("172.16.0.1"); })};
    hold(lab, conversations({lab.workstation, kWorkstation}, {lab.web_server, kWebServer}, kNobody));
}

}  // namespace
}  // namespace hairpin::testing

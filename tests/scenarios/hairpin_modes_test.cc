// One dnat rule, on the uplink alone, and its mode: what clients on the inside see who open the external address, and what the server sees
// (NAT-AND-FIREWALL 3).
//
//   workstation .2 ──┐
//   web server .10 ──┴─ lan ─ gateway ─ uplink 203.0.113.80
//   client 10.0.0.7 ─── dmz ─┘

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::HairpinMode;
using gateway::Ruleset;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr InterfaceId kDmz{2};
constexpr auto kDmzMac = MacAddress::from_number(0x0200'0000'aa02);
constexpr Ipv4Address kClient{10, 0, 0, 7};

// The one-rule form: SNAT and DNAT on the uplink, nothing on the inside. The firewall lets everybody at the external address.
void one_rule(Ruleset& rules, HairpinMode mode) {
    rules.interfaces.push_back(
        {"dmz", gateway::InterfaceRole::internal, "dmz", {}, kDmzMac, 1500, {*Ipv4InterfaceAddress::parse("10.0.0.1/24")}});
    rules.nat.erase(rules.nat.begin() + 2, rules.nat.end());
    rules.nat[1].hairpin = mode;
    rules.firewall.insert(rules.firewall.end() - 1,
                          firewall_rule(100, gateway::FirewallAction::accept, anybody(), at("203.0.113.80")));
}

class OneRule : public HairpinLab {
public:
    explicit OneRule(HairpinMode mode, const Change& more = {})
        : HairpinLab([&](Ruleset& rules) {
              one_rule(rules, mode);
              if (more) more(rules);
          }),
          client(add_host({"client", "dmz", MacAddress::from_number(0x0200'0000'bb07), kDmzMac, {kClient}})) {}

    // Opens the external address, whole: the answer comes back to the client from there. Returns what the server saw.
    SeenPacket opened_by(Host& host, Ipv4Address address) {
        host.send(tcp().from(address, 40000).to(kExternal, 80).syn());
        const SeenPacket seen = web_server.received_one();
        EXPECT_THAT(seen, Tcp(To(kWebServer, 80)));
        web_server.answer();
        EXPECT_THAT(host.received(), ElementsAre(Tcp(From(kExternal, 80), To(address, 40000))));
        return seen;
    }

    Host& client;
};

TEST(HairpinModes, AutomaticHidesAClientOnlyFromItsNeighbour) {
    OneRule lab{HairpinMode::automatic};
    EXPECT_THAT(lab.opened_by(lab.workstation, kWorkstation), From(kGateway)) << "or it would be answered directly";
    EXPECT_THAT(lab.opened_by(lab.client, kClient), From(kClient, 40000)) << "whose answers come by the gateway anyhow";
    EXPECT_EQ(lab.hits(196610), 2U) << "each session counts once";
}

TEST(HairpinModes, TheServerOpensItsOwnExternalAddress) {
    OneRule lab{HairpinMode::automatic};
    EXPECT_THAT(lab.opened_by(lab.web_server, kWebServer), From(kGateway));
}

TEST(HairpinModes, InternalAddressHidesEverybodyBehindTheGateway) {
    OneRule lab{HairpinMode::internal_address};
    EXPECT_THAT(lab.opened_by(lab.workstation, kWorkstation), From(kGateway));
    EXPECT_THAT(lab.opened_by(lab.client, kClient), From(kGateway));
}

TEST(HairpinModes, ExternalAddressShowsWhatTheWorldSees) {
    OneRule lab{HairpinMode::external_address};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 9).syn());
    const unsigned port = lab.internet.received_one().source_port;
    EXPECT_THAT(lab.opened_by(lab.workstation, kWorkstation), From(kExternal, port)) << "the mapping that it has already";
    EXPECT_THAT(lab.opened_by(lab.client, kClient), From(kExternal)) << "though no snat rule is for it";
}

TEST(HairpinModes, OffDerivesNothing) {
    OneRule lab{HairpinMode::off};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::no_local_service), 1U);
    EXPECT_THAT(lab.gateway().ruleset().derived_nat, IsEmpty());
}

TEST(HairpinModes, TheWorldIsServedInEveryMode) {
    for (const auto& row : gateway::kHairpinModes) {
        OneRule lab{row.mode};
        lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
        EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kInternet, 5000), To(kWebServer, 80)))) << row.name;
    }
}

TEST(HairpinModes, UdpAndARangeOfPortsToo) {
    OneRule lab{HairpinMode::automatic, [](Ruleset& rules) {
                    rules.nat.push_back(dnat(65537, on({kUplink}), IpProtocol::udp, "203.0.113.80", ports(7000, 7009),
                                             "192.168.255.10", ports(8000, 8009)));
                    rules.nat.back().hairpin = HairpinMode::automatic;
                }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kExternal, 7003));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Udp(From(kGateway), To(kWebServer, 8003))));
    lab.web_server.answer();
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kExternal, 7003), To(kWorkstation, 40000))));
}

TEST(HairpinModes, FragmentsToo) {
    OneRule lab{HairpinMode::automatic, [](Ruleset& rules) {
                    rules.nat.push_back(
                        dnat(65537, on({kUplink}), IpProtocol::udp, "203.0.113.80", port(7000), "192.168.255.10", port(7000)));
                    rules.nat.back().hairpin = HairpinMode::automatic;
                }};
    PacketBuilder whole = udp().from(kWorkstation, 40000).to(kExternal, 7000).payload(1200);
    const Bytes l4 = SeenPacket::of_l3(whole.l3_bytes()).l4;
    const auto piece = [&](std::size_t at, std::size_t size, bool more) {
        PacketBuilder fragment = ip(17).from(kWorkstation).to(kExternal).ip_id(9);
        return fragment.fragment(at, more).payload(std::span{l4}.subspan(at, size));
    };
    lab.workstation.send(piece(800, l4.size() - 800, false));
    lab.workstation.send(piece(0, 800, true));
    EXPECT_THAT(reassembled(lab.web_server.received()), Udp(From(kGateway), To(kWebServer, 7000)));
}

// What is written comes first, wherever it stands.
TEST(HairpinModes, ARuleOfOnesOwnForTheInsideIsEnough) {
    OneRule lab{
        HairpinMode::internal_address, [](Ruleset& rules) {
            rules.nat.push_back(dnat(65537, on({kDmz}), IpProtocol::tcp, "203.0.113.80", port(80), "192.168.255.10", port(80)));
        }};
    EXPECT_THAT(lab.opened_by(lab.client, kClient), From(kClient));
    EXPECT_EQ(lab.hits(65537), 1U);
    const auto& derived = lab.gateway().ruleset().derived_nat;
    ASSERT_THAT(derived, SizeIs(1));
    EXPECT_EQ(derived[0].applied_on, on({kLan}));
    EXPECT_EQ(derived[0].text.description, "internal-address, from 196610");
}

TEST(HairpinModes, ADisabledRuleDerivesNothing) {
    OneRule lab{HairpinMode::automatic, [](Ruleset& rules) { rules.nat[1].enabled = false; }};
    EXPECT_THAT(lab.gateway().ruleset().derived_nat, IsEmpty());
}

// NAT-AND-FIREWALL 3 (k).
TEST(HairpinModes, AnotherModeEndsTheSessionsThatItWouldMakeOtherwise) {
    OneRule lab{HairpinMode::automatic};
    lab.opened_by(lab.workstation, kWorkstation);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack());
    EXPECT_THAT(lab.web_server.received(), SizeIs(1));
    lab.opened_by(lab.client, kClient);
    lab.client.send(tcp().from(kClient, 40000).to(kExternal, 80).ack());
    EXPECT_THAT(lab.web_server.received(), SizeIs(1));

    lab.change_rules([](Ruleset& rules) { rules.nat[1].hairpin = HairpinMode::internal_address; });
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(10));
    EXPECT_THAT(lab.web_server.received(), SizeIs(1)) << "for whom it changes nothing";
    lab.client.send(tcp().from(kClient, 40000).to(kExternal, 80).ack().payload(10));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.endings(), SizeIs(1));

    lab.change_rules([](Ruleset& rules) { rules.nat.erase(rules.nat.begin() + 1); });
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(10));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.counters(), Sessions(0));
}

}  // namespace
}  // namespace hairpin::testing

// A dnat rule with several targets: a client meets the same server every time, whoever asks gets the same answer, and a commit that takes
// one away ends the sessions of that one alone.
//
//   workstation .2 ──┐
//   web server .10 ──┼─ lan ─ gateway ─ uplink 203.0.113.80 ─ clients 198.51.100.0/24
//   second one .11 ──┘

#include "gateway/nat/targets.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::Affinity;
using gateway::HairpinMode;
using gateway::NatRule;
using gateway::Ruleset;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Ipv4Address kSecond{192, 168, 255, 11};
constexpr gateway::RuleId kShared = 196610;

// The guide's rule of the uplink for http, shared among both servers, and none for the inside but what its mode derives.
void share(Ruleset& rules) {
    rules.nat.erase(rules.nat.begin() + 2, rules.nat.end());
    NatRule& rule = rules.nat[1];
    rule.translated_address.reset(), rule.translated_port.reset();
    rule.targets = {{kWebServer, std::nullopt, 1}, {kSecond, port(8080), 1}};
    rule.hairpin = HairpinMode::automatic;
    rule.text.translated = "192.168.255.10, 192.168.255.11:8080";
    rules.firewall.insert(rules.firewall.end() - 1,
                          firewall_rule(100, gateway::FirewallAction::accept, anybody(), at("203.0.113.80")));
}

class SharedLab : public HairpinLab {
public:
    explicit SharedLab(const Change& more = {})
        : HairpinLab([&](Ruleset& rules) {
              share(rules);
              if (more) more(rules);
          }),
          second(add_host({"second", "lan", MacAddress::from_number(0x0200'0000'bb11), kLanMac, {kSecond}})) {}

    static Ipv4Address client(unsigned number) { return {198, 51, 100, static_cast<std::uint8_t>(number)}; }

    // Which of them saw a client's packet, from that client and for its own port; nullptr: nobody.
    Host* served(PacketBuilder packet) {
        internet.send(std::move(packet));
        const auto first = web_server.received(), other = second.received();
        EXPECT_LE(first.size() + other.size(), 1U);
        for (const SeenPacket& seen : first) EXPECT_THAT(seen, Tcp(To(kWebServer, 80)));
        for (const SeenPacket& seen : other) EXPECT_THAT(seen, Tcp(To(kSecond, 8080)));
        return !first.empty() ? &web_server : !other.empty() ? &second : nullptr;
    }
    Host* opened_by(unsigned number, unsigned source_port = 40000) {
        return served(tcp().from(client(number), source_port).to(kExternal, 80).syn());
    }
    // A further segment of an open connection.
    Host* continued_by(unsigned number) { return served(tcp().from(client(number), 40000).to(kExternal, 80).ack().payload(5)); }
    void connect(unsigned number) {
        Host* const server = opened_by(number);
        ASSERT_NE(server, nullptr);
        server->answer();
        EXPECT_THAT(internet.received(), ElementsAre(Tcp(From(kExternal, 80), To(client(number), 40000))));
        EXPECT_EQ(continued_by(number), server);
    }

    Host& second;
};

TEST(Targets, AClientMeetsTheSameServerEveryTime) {
    SharedLab lab;
    unsigned by_second = 0;
    for (unsigned number = 1; number <= 100; ++number) {
        Host* const server = lab.opened_by(number);
        for (unsigned again = 1; again < 4; ++again) EXPECT_EQ(lab.opened_by(number, 40000 + again), server);
        by_second += server == &lab.second;
    }
    EXPECT_GT(by_second, 20U);
    EXPECT_LT(by_second, 80U);
    EXPECT_EQ(lab.hits(kShared), 400U);
}

TEST(Targets, WithoutAffinityItsSessionsAreShared) {
    SharedLab lab{[](Ruleset& rules) { rules.nat[1].affinity = Affinity::none; }};
    unsigned by_second = 0;
    for (unsigned session = 0; session < 100; ++session) by_second += lab.opened_by(1, 40000 + session) == &lab.second;
    EXPECT_GT(by_second, 20U);
    EXPECT_LT(by_second, 80U);
}

// What the tracer foretells, also for rules that are not in force, is what then happens.
TEST(Targets, TheTraceNamesTheTargetThatTheClientGets) {
    SharedLab lab{[](Ruleset& rules) { rules.nat[1].targets[1].weight = 2; }};
    const auto foretold = [&](unsigned number) {
        PacketBuilder packet = tcp().from(SharedLab::client(number), 40000).to(kExternal, 80).syn().to_mac(kUplinkMac);
        return lab.gateway().probe(kUplink, packet.from_mac(lab.internet.mac()).in(lab.pool()), lab.now());
    };
    for (unsigned number = 1; number <= 20; ++number) {
        const gateway::Passage passage = foretold(number);
        const bool by_second = lab.opened_by(number) == &lab.second;
        ASSERT_TRUE(passage.left.has_value());
        EXPECT_EQ(passage.left->destination, by_second ? kSecond : kWebServer);
        const auto& steps = passage.tracer.steps();
        const auto step = std::find_if(steps.begin(), steps.end(), [](const auto& each) { return each.rule == kShared; });
        ASSERT_NE(step, steps.end());
        EXPECT_EQ(step->text, std::string{"rule 196610 applied on uplink: dnat 203.0.113.80 to 192.168.255.10, "
                                          "192.168.255.11:8080, which for this client is "} +
                                  (by_second ? "192.168.255.11: weight 2 of 3" : "192.168.255.10: weight 1 of 3") +
                                  ", affinity source");
    }
    auto next = std::make_shared<Ruleset>(lab.gateway().ruleset());
    next->nat[1].targets.erase(next->nat[1].targets.begin());
    const gateway::EdgeGateway::Supposition supposition{lab.gateway(), next};
    for (unsigned number = 21; number <= 40; ++number) EXPECT_EQ(foretold(number).left->destination, kSecond);
}

TEST(Targets, ATargetThatIsTakenAwayEndsItsSessionsAlone) {
    SharedLab lab;
    for (unsigned number = 1; number <= 20; ++number) lab.connect(number);
    const auto on_second = [](const auto& sessions) {
        return static_cast<std::size_t>(std::count_if(sessions.begin(), sessions.end(), [](const gateway::Session& session) {
            return session.reply_key.source == kSecond;
        }));
    };
    const std::size_t theirs = on_second(lab.sessions());
    ASSERT_GT(theirs, 0U);
    ASSERT_LT(theirs, 20U);
    const auto take_away = [](Ruleset& rules) { rules.nat[1].targets.pop_back(); };
    Ruleset next = lab.gateway().ruleset();
    take_away(next);
    ++next.generation;
    const auto foresight = lab.gateway().foresee(next, gateway::RouteTable{next});
    EXPECT_EQ(foresight.kept, 20 - theirs);
    EXPECT_EQ(foresight.ended, theirs);

    lab.change_rules(take_away);
    std::size_t kept = 0;
    for (unsigned number = 1; number <= 20; ++number) kept += lab.continued_by(number) == &lab.web_server;
    EXPECT_EQ(kept, 20 - theirs);
    EXPECT_THAT(lab.endings(), SizeIs(theirs));
}

// What is chosen for new clients is no reason to end the sessions of old ones.
TEST(Targets, ASessionStaysWhereItIsWhenTargetsComeOrDrain) {
    SharedLab lab;
    for (unsigned number = 1; number <= 20; ++number) lab.connect(number);
    const auto expect_all_stay = [&] {
        const auto before = lab.sessions();
        for (unsigned number = 1; number <= 20; ++number) EXPECT_NE(lab.continued_by(number), nullptr);
        EXPECT_THAT(lab.sessions(), SizeIs(before.size()));
        EXPECT_THAT(lab.endings(), IsEmpty());
    };
    lab.change_rules([](Ruleset& rules) { rules.nat[1].targets.push_back({{192, 168, 255, 12}, std::nullopt, 255}); });
    expect_all_stay();
    lab.change_rules([](Ruleset& rules) {
        rules.nat[1].targets.pop_back();
        rules.nat[1].targets[1].weight = 0;
    });
    expect_all_stay();
    for (unsigned number = 21; number <= 60; ++number)
        EXPECT_EQ(lab.opened_by(number), &lab.web_server) << "the other is drained";
    lab.change_rules([](Ruleset& rules) { rules.nat[1].targets[1].port = port(8081); });
    std::size_t kept = 0;
    for (unsigned number = 1; number <= 20; ++number) kept += lab.continued_by(number) != nullptr;
    EXPECT_LT(kept, 20U) << "a port that is not theirs any more ends them";
    EXPECT_GT(kept, 0U);
}

TEST(Targets, HairpinsAreSharedAsWell) {
    for (const auto& [mode, seen_as] :
         {std::pair{HairpinMode::automatic, kGateway}, std::pair{HairpinMode::internal_address, kGateway},
          std::pair{HairpinMode::external_address, kExternal}}) {
        SharedLab lab{[mode = mode](Ruleset& rules) { rules.nat[1].hairpin = mode; }};
        unsigned by_second = 0;
        for (unsigned session = 0; session < 8; ++session) {
            lab.workstation.send(tcp().from(kWorkstation, 40000 + session).to(kExternal, 80).syn());
            const auto first = lab.web_server.received(), other = lab.second.received();
            ASSERT_EQ(first.size() + other.size(), 1U);
            EXPECT_THAT(first.empty() ? other[0] : first[0], From(seen_as)) << gateway::name_of(mode);
            by_second += first.empty();
            (first.empty() ? lab.second : lab.web_server).answer();
            EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kExternal, 80), To(kWorkstation, 40000 + session))));
        }
        EXPECT_TRUE(by_second == 0 || by_second == 8) << "it is one client";
    }
}

TEST(Targets, AServerOfTheRuleOpensTheExternalAddress) {
    SharedLab lab;
    for (unsigned session = 0; session < 4; ++session) {
        lab.web_server.send(tcp().from(kWebServer, 40000 + session).to(kExternal, 80).syn());
        const auto itself = lab.web_server.received(), other = lab.second.received();
        ASSERT_EQ(itself.size() + other.size(), 1U);
        EXPECT_THAT(itself.empty() ? other[0] : itself[0], Tcp(From(kGateway)));
    }
}

}  // namespace
}  // namespace hairpin::testing

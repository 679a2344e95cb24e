// Interfaces, routes, neighbours and numbers; and that interfaces' ids stay with their names.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;
using testing::ElementsAre;

// A gateway with interfaces of these names and nothing else.
json gateway_with(const std::vector<std::string>& names) {
    json document{{"hairpin:switch", {{"segment", {{{"name", "lan"}}}}}}};
    for (const std::string& name : names)
        document["hairpin:gateway"]["interface"].push_back({{"name", name}, {"segment", "lan"}});
    return document;
}

std::vector<std::string> names_of(const gateway::Ruleset& ruleset) {
    std::vector<std::string> names;
    for (const auto& interface : ruleset.interfaces) names.push_back(interface.name);
    return names;
}

TEST(Interfaces, KeepTheirIdsWhateverOrderTheyAreWrittenIn) {
    const auto first = good(gateway_with({"a", "b", "c"})).ruleset;
    EXPECT_THAT(names_of(*first), ElementsAre("a", "b", "c"));
    const auto second = good(gateway_with({"c", "new", "a", "b"}), first.get()).ruleset;
    EXPECT_THAT(names_of(*second), ElementsAre("a", "b", "c", "new"));
    EXPECT_EQ(second->generation, 2u);
}

TEST(Interfaces, ThatAreRemovedLeaveAHoleThatIsNotFilledInTheSameCommit) {
    const auto first = good(gateway_with({"a", "b", "c"})).ruleset;
    const auto second = good(gateway_with({"a", "c", "d"}), first.get()).ruleset;
    EXPECT_THAT(names_of(*second), ElementsAre("a", "", "c", "d"));
    const auto third = good(gateway_with({"a", "c", "d", "e"}), second.get()).ruleset;
    EXPECT_THAT(names_of(*third), ElementsAre("a", "e", "c", "d"));
    const auto fourth = good(gateway_with({}), third.get()).ruleset;
    EXPECT_THAT(names_of(*fourth), ElementsAre("", "", "", ""));
    EXPECT_EQ(fourth->generation, 4u);
}

TEST(Interfaces, FillAllPlacesAndThenThoseThatGoAtTheSameMoment) {
    std::vector<std::string> old_names, new_names;
    for (int i = 0; i < 256; ++i) {
        old_names.push_back("old" + std::to_string(i));
        new_names.push_back("new" + std::to_string(i));
    }
    const auto first = good(gateway_with(old_names)).ruleset;
    ASSERT_EQ(first->interfaces.size(), 256u);
    new_names[255] = "old7";
    const auto second = good(gateway_with(new_names), first.get()).ruleset;
    ASSERT_EQ(second->interfaces.size(), 256u);
    EXPECT_EQ(index_of(*second->interface_id("old7")), 7u);
    for (const auto& interface : second->interfaces) EXPECT_TRUE(interface.present());
}

TEST(Interfaces, ReferencesFollowTheIds) {
    const auto first = good(gateway_with({"x", "y", "uplink"})).ruleset;
    const auto lab = good(guide_lab(), first.get()).ruleset;  // uplink keeps 2; lan is new, and x and y have just gone
    EXPECT_EQ(index_of(*lab->interface_id("uplink")), 2u);
    EXPECT_EQ(index_of(*lab->interface_id("lan")), 3u);
    EXPECT_EQ(lab->firewall[3].source.interfaces, interfaces({3}));
    EXPECT_EQ(lab->firewall[3].destination.interfaces, interfaces({2}));
    EXPECT_EQ(lab->nat[0].applied_on, interfaces({2}));
}

TEST(Interfaces, MacIsGivenOrTheSameEveryTime) {
    json document = guide_lab();
    document["hairpin:gateway"]["interface"][0]["mac"] = "02:AA:bb:00:00:01";
    const auto first = good(document).ruleset, second = good(guide_lab(), first.get()).ruleset, third = good(guide_lab()).ruleset;
    EXPECT_EQ(first->interfaces[0].mac, MacAddress::from_number(0x02aabb000001));
    EXPECT_EQ(second->interfaces[0].mac, third->interfaces[0].mac);
    EXPECT_EQ(first->interfaces[1].mac, third->interfaces[1].mac);
}

TEST(Interfaces, VlanMtuAndSeveralAddresses) {
    json document = guide_lab();
    json& lan = document["hairpin:gateway"]["interface"][1];
    lan["vlan"] = 10;
    lan["mtu"] = 9000;
    lan["address"] = {"192.168.255.9/24", "192.168.255.1/24", "10.0.0.0/31",
                      "10.1.1.1/32"};  // a /31 has no address of its own (RFC 3021)
    const auto interface = *good(document).ruleset->find_interface("lan");
    EXPECT_EQ(interface.vlan, VlanId{10});
    EXPECT_EQ(interface.mtu, 9000u);
    ASSERT_EQ(interface.addresses.size(), 4u);
    EXPECT_EQ(interface.addresses.front().address, ip("192.168.255.9"));  // as written: the first is primary
}

TEST(Interfaces, WhatSynsMayAnnounce) {
    const auto mss_of = [](const json& value) {
        json document = guide_lab();
        if (!value.is_null()) document["hairpin:gateway"]["interface"][1]["tcp-mss"] = value;
        return good(document).ruleset->find_interface("lan")->tcp_mss;
    };
    EXPECT_EQ(mss_of(nullptr), std::nullopt);
    EXPECT_EQ(mss_of("clamp"), gateway::kClampMssToMtu);
    EXPECT_EQ(mss_of(1360), 1360);
}

TEST(Interfaces, WhichSourcesAreBelieved) {
    const auto validation_of = [](const json& value) {
        json document = guide_lab();
        if (!value.is_null()) document["hairpin:gateway"]["interface"][1]["source-validation"] = value;
        return good(document).ruleset->find_interface("lan")->source_validation;
    };
    EXPECT_EQ(validation_of(nullptr), gateway::SourceValidation::loose);
    EXPECT_EQ(validation_of("strict"), gateway::SourceValidation::strict);
    EXPECT_EQ(validation_of("off"), gateway::SourceValidation::off);
}

TEST(Interfaces, ForOthersTheyAnswerArpOnlyWhereThatIsSaid) {
    json document = guide_lab();
    document["hairpin:gateway"]["interface"][1]["proxy-arp"] = true;
    const auto ruleset = good(document).ruleset;
    EXPECT_TRUE(ruleset->find_interface("lan")->proxy_arp);
    EXPECT_FALSE(ruleset->find_interface("uplink")->proxy_arp);
}

TEST(Interfaces, ICMPErrorsAreSentUnlessToldOtherwise) {
    json document = guide_lab();
    document["hairpin:gateway"]["interface"][1]["icmp-errors"] = false;
    const auto ruleset = good(document).ruleset;
    EXPECT_FALSE(ruleset->find_interface("lan")->icmp_errors);
    EXPECT_TRUE(ruleset->find_interface("uplink")->icmp_errors);
}

// A network outside that has the inside's addresses cannot be configured by mistake.
TEST(Rfc4787, Req7_InterfacesWithTheSameSubnetAreRefused) {
    json document = guide_lab();
    document["hairpin:gateway"]["interface"][0]["address"].push_back("192.168.255.77/24");
    const auto result = compiled(document);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("192.168.255.77/24 of interface \"uplink\""));
}

TEST(IpOptions, AreDroppedUnlessToldOtherwise) {
    using gateway::OptionTreatment;
    json document = guide_lab();
    EXPECT_EQ(good(document).ruleset->ip_options, (gateway::IpOptionSettings{OptionTreatment::drop, OptionTreatment::drop}));
    document["hairpin:gateway"]["ip-options"] = {{"record-route", "honour"}, {"timestamp", "ignore"}};
    EXPECT_EQ(good(document).ruleset->ip_options, (gateway::IpOptionSettings{OptionTreatment::honour, OptionTreatment::ignore}));
}

TEST(Routes, ToANextHopAndOntoAnInterface) {
    json document = guide_lab();
    document["hairpin:gateway"]["route"] = {{{"prefix", "10.0.0.0/8"}, {"next-hop", "192.168.255.77"}},
                                            {{"prefix", "10.1.0.0/16"}, {"interface", "uplink"}},
                                            {{"prefix", "10.2.0.0/16"}, {"next-hop", "203.0.113.9"}, {"interface", "uplink"}}};
    const auto routes = good(document).ruleset->routes;
    ASSERT_EQ(routes.size(), 3u);
    EXPECT_EQ(routes[0].next_hop, ip("192.168.255.77"));
    EXPECT_EQ(routes[0].interface, std::nullopt);
    EXPECT_EQ(routes[1].next_hop, std::nullopt);
    EXPECT_EQ(routes[1].interface, InterfaceId{0});
    EXPECT_EQ(routes[2].next_hop, ip("203.0.113.9"));
    EXPECT_EQ(routes[2].interface, InterfaceId{0});
}

TEST(Neighbors, StandOnTheirInterface) {
    json document = guide_lab();
    document["hairpin:gateway"]["neighbor"] = {
        {{"interface", "lan"}, {"address", "192.168.255.7"}, {"mac", "02:00:00:00:00:07"}}};
    const auto neighbors = good(document).ruleset->neighbors;
    ASSERT_EQ(neighbors.size(), 1u);
    EXPECT_EQ(neighbors[0].interface, InterfaceId{1});
    EXPECT_EQ(neighbors[0].address, ip("192.168.255.7"));
    EXPECT_EQ(neighbors[0].mac, MacAddress::from_number(0x020000000007));
}

TEST(Numbers, AreTakenAsWritten) {
    json document = guide_lab();
    json& gateway = document["hairpin:gateway"];
    gateway["arp"] = {{"age-seconds", 60}, {"capacity", 100}, {"queue", 3}};
    gateway["icmp"] = {{"answer-echo", "none"}, {"errors-per-second", 0}, {"echoes-per-second", 7}};
    gateway["sessions"]["capacity"] = 1000;
    gateway["firewall"]["enabled"] = false;
    const auto ruleset = good(document).ruleset;
    EXPECT_EQ(ruleset->arp.reachable_age, std::chrono::seconds{60});
    EXPECT_EQ(ruleset->arp.capacity, 100u);
    EXPECT_EQ(ruleset->arp.queue_per_neighbor, 3u);
    EXPECT_EQ(ruleset->icmp.answer_echo, gateway::EchoAnswer::nobody);
    EXPECT_EQ(ruleset->icmp.errors_per_second, 0u);
    EXPECT_EQ(ruleset->icmp.echoes_per_second, 7u);
    EXPECT_EQ(ruleset->session_capacity, 1000u);
    EXPECT_FALSE(ruleset->firewall_enabled);
}

// Each row of the table of timeouts has its leaf, and no two share one.
TEST(Sessions, LiveOnOrAreAskedAgain) {
    json document = guide_lab();
    EXPECT_EQ(good(document).ruleset->on_commit, gateway::OnCommit::re_evaluate);
    document["hairpin:gateway"]["sessions"]["on-commit"] = "keep";
    EXPECT_EQ(good(document).ruleset->on_commit, gateway::OnCommit::keep);
    document["hairpin:gateway"]["sessions"]["on-commit"] = "kept";
    EXPECT_FALSE(compiled(document));
}

TEST(Timeouts, HaveALeafForEveryState) {
    json document = guide_lab();
    std::uint32_t expected_idle = 100;
    for (const auto& row : gateway::kTimeoutRows)
        document["hairpin:gateway"]["timeout"][std::string{row.setting}] = ++expected_idle;
    const auto timeouts = good(document).ruleset->timeouts;
    expected_idle = 100;
    for (const auto& row : gateway::kTimeoutRows)
        EXPECT_EQ(timeouts.idle(row.state), std::chrono::seconds{++expected_idle}) << row.setting;
}

TEST(Timeouts, TransitoryIsEveryTcpStateButEstablishedThatIsNotGivenOnItsOwn) {
    using gateway::SessionState;
    json document = guide_lab();
    document["hairpin:gateway"]["timeout"] = {{"tcp-transitory", 30}, {"tcp-closing", 240}};
    const auto timeouts = good(document).ruleset->timeouts;
    for (const auto state : {SessionState::opening, SessionState::closed, SessionState::reset})
        EXPECT_EQ(timeouts.idle(state), std::chrono::seconds{30});
    EXPECT_EQ(timeouts.idle(SessionState::closing), std::chrono::seconds{240});
    EXPECT_EQ(timeouts.idle(SessionState::established), std::chrono::seconds{7440});
    EXPECT_EQ(timeouts.idle(SessionState::udp), std::chrono::seconds{300});
}

TEST(Gateway, OfAnEmptyDocumentIsThereAndDropsEverything) {
    const auto ruleset = good(json::object()).ruleset;
    EXPECT_TRUE(ruleset->interfaces.empty());
    ASSERT_EQ(ruleset->firewall.size(), 3u);
    EXPECT_EQ(ruleset->firewall.back().action, gateway::FirewallAction::drop);
}

}  // namespace
}  // namespace hairpin::config

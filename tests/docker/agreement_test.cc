// From the configuration in force and what the engine has told to the configuration that agrees.
#include "docker/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/json.h"

namespace hairpin::docker {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

json router() {
    return json::parse(R"({
        "hairpin:switch": {"segment": [{"name": "wan"}]},
        "hairpin:gateway": {
            "interface": [{"name": "up", "role": "uplink", "segment": "wan", "address": ["203.0.113.80/24"]}],
            "firewall": {"rule": [{"id": 1, "action": "accept"}]}
        }
    })");
}

Records one_container() {
    Records records;
    records.networks["n"] = {
        .segment = "lan", .interface = "lan", .subnet = "192.168.1.0/24", .address = "192.168.1.1/24", .uplink = {}, .number = 3};
    records.endpoints["e"] = {
        .network = "n",
        .address = "192.168.1.10/24",
        .mac = "02:00:00:00:00:0a",
        .port = "lan-192.168.1.10",
        .device = {},
        .sandbox = {},
        .published = {{.rule = kFirstDnatRule, .protocol = "tcp", .host_address = {}, .host_port = 8080, .port = 80}}};
    return records;
}

TEST(Agreement, HasSegmentInterfacePortAndRules) {
    Records records = one_container();
    const auto agreed = agreeing(router(), records);
    ASSERT_TRUE(agreed) << agreed.error().message;
    const json& gateway = (*agreed)["hairpin:gateway"];
    EXPECT_EQ((*agreed)["hairpin:switch"]["segment"], json::parse(R"([{"name": "wan"}, {"name": "lan"}])"));
    EXPECT_EQ((*agreed)["hairpin:switch"]["port"][0]["tap"], json::parse(R"({"origin": "passed", "mac": "02:00:00:00:00:0a"})"));
    EXPECT_EQ(gateway["interface"][1]["address"], json::parse(R"(["192.168.1.1/24"])"));
    EXPECT_EQ(gateway["nat"]["rule"][0]["original-address"], "203.0.113.80");
    EXPECT_EQ(gateway["nat"]["rule"][0]["original-port"], "8080");
    EXPECT_EQ(gateway["nat"]["rule"][0]["translated-address"], "192.168.1.10");
    EXPECT_EQ(gateway["nat"]["rule"][1]["id"], kFirstSnatRule + 3);
    EXPECT_EQ(gateway["firewall"]["rule"][0]["id"], 1);
    EXPECT_EQ(gateway["firewall"]["rule"][1]["id"], kFirstFirewallRule + 3);
    EXPECT_THAT(records.segments, ElementsAre("lan"));
    EXPECT_EQ(agreeing(*agreed, records).value(), *agreed) << "what agrees is changed once more";
}

TEST(Agreement, LeavesNothingOfItsOwnAndAllOfOthers) {
    Records records = one_container();
    json agreed = agreeing(router(), records).value();
    agreed["hairpin:switch"]["port"].push_back({{"name", "printer"}, {"segment", "wan"}, {"memory", json::object()}});
    records.endpoints.clear();
    records.networks.clear();
    json left = agreeing(agreed, records).value();
    EXPECT_EQ(left["hairpin:switch"]["port"].size(), 1U);
    left["hairpin:switch"].erase("port");
    EXPECT_EQ(left, router());
    EXPECT_TRUE(forget_what_is_over(records));
    EXPECT_TRUE(records.segments.empty() && records.interfaces.empty() && records.ports.empty());
}

TEST(Agreement, ASegmentThatSomebodyElseUsesStays) {
    Records records = one_container();
    json agreed = agreeing(router(), records).value();
    agreed["hairpin:switch"]["port"].push_back({{"name", "printer"}, {"segment", "lan"}, {"memory", json::object()}});
    records.endpoints.clear();
    records.networks.clear();
    const json left = agreeing(agreed, records).value();
    EXPECT_EQ(left["hairpin:switch"]["segment"].size(), 2U);
}

TEST(Agreement, UsesAnInterfaceThatIsThereAndDoesNotTakeItAway) {
    json there = router();
    there["hairpin:switch"]["segment"].push_back({{"name", "lan"}});
    there["hairpin:gateway"]["interface"].push_back({{"name", "office"}, {"segment", "lan"}, {"address", {"192.168.1.1/24"}}});
    Records records = one_container();
    json agreed = agreeing(there, records).value();
    EXPECT_EQ(agreed["hairpin:gateway"]["interface"].size(), 2U);
    records.endpoints.clear();
    records.networks.clear();
    EXPECT_EQ(agreeing(agreed, records).value(), there);
}

TEST(Agreement, RefusesWhatIsInTheWay) {
    json there = router();
    there["hairpin:gateway"]["interface"].push_back({{"name", "lan"}, {"segment", "wan"}, {"address", {"198.51.100.1/24"}}});
    Records records = one_container();
    EXPECT_THAT(agreeing(there, records).error().message, HasSubstr("hairpin.interface"));

    there = router();
    there["hairpin:switch"]["port"] = json::parse(R"([{"name": "lan-192.168.1.10", "segment": "wan", "memory": {}}])");
    records = one_container();
    EXPECT_THAT(agreeing(there, records).error().message, HasSubstr("delete switch port lan-192.168.1.10"));

    there = router();
    there["hairpin:gateway"]["interface"][0]["role"] = "internal";
    records = one_container();
    EXPECT_THAT(agreeing(there, records).error().message, HasSubstr("role uplink"));
}

TEST(Agreement, KeepsWhatSomebodyHasAddedToAPort) {
    Records records = one_container();
    json agreed = agreeing(router(), records).value();
    agreed["hairpin:switch"]["port"][0]["vlan"] = {{"access", 10}};
    EXPECT_EQ(agreeing(agreed, records).value(), agreed);
}

}  // namespace
}  // namespace hairpin::docker

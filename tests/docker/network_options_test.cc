// What the engine says when it makes a network.
#include "docker/network_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/json.h"

namespace hairpin::docker {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json network_request(json options, json pools = json::parse(R"([{"Pool": "192.168.1.0/24", "Gateway": "192.168.1.1/24"}])")) {
    return {{"IPv4Data", std::move(pools)}, {"Options", {{"com.docker.network.generic", std::move(options)}}}};
}

TEST(NetworkOptions, AreReadWithTheirDefaults) {
    const auto plain = network_of_request("0123456789abcdef", network_request(nullptr));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->segment, "docker-0123456789ab");
    EXPECT_EQ(plain->address, "192.168.1.1/24");
    EXPECT_TRUE(plain->gateway && plain->masquerade);

    const auto told = network_of_request("0", network_request({{"hairpin.segment", "wan"},
                                                               {"hairpin.role", "uplink"},
                                                               {"hairpin.masquerade", "false"},
                                                               {"com.docker.network.driver.mtu", "1400"},
                                                               {"com.docker.network.other", "x"}}));
    ASSERT_TRUE(told);
    EXPECT_EQ(told->segment, "wan");
    EXPECT_EQ(told->role, "uplink");
    EXPECT_FALSE(told->masquerade);
    EXPECT_EQ(told->mtu, 1400U);
}

TEST(NetworkOptions, WithoutAddressesOrOutsideThereIsNoGateway) {
    EXPECT_FALSE(network_of_request("0", network_request({{"hairpin.gateway", "false"}}))->gateway);
    EXPECT_FALSE(network_of_request("0", network_request(nullptr, json::array()))->gateway);
    EXPECT_FALSE(network_of_request("0", network_request(nullptr, json::parse(R"([{"Pool": "0.0.0.0/0"}])")))->gateway);
    json internal = network_request(nullptr);
    internal["Options"]["com.docker.network.internal"] = true;
    EXPECT_FALSE(network_of_request("0", internal)->gateway);
}

TEST(NetworkOptions, RefuseWhatIsNone) {
    for (const auto& [options, words] :
         std::vector<std::pair<json, std::string>>{{{{"hairpin.segmant", "x"}}, "hairpin.segment"},
                                                   {{{"hairpin.mtu", "70000"}}, "no MTU"},
                                                   {{{"hairpin.mtu", "1400x"}}, "no MTU"},
                                                   {{{"hairpin.segment", "-x"}}, "no name"},
                                                   {{{"hairpin.firewall", "never"}}, "none of bypass"}})
        EXPECT_THAT(network_of_request("0", network_request(options)).error().message, HasSubstr(words)) << options;
    json six = network_request(nullptr);
    six["IPv6Data"] = json::parse(R"([{"Pool": "2001:db8::/64"}])");
    EXPECT_THAT(network_of_request("0", six).error().message, HasSubstr("IPv4 only"));
}

}  // namespace
}  // namespace hairpin::docker

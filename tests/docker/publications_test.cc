// Which ports and rules published ports get.
#include "docker/publications.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/json.h"

namespace hairpin::docker {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json binding(unsigned protocol, unsigned port, unsigned first, unsigned last, const char* address = "") {
    return {{"Proto", protocol}, {"Port", port}, {"HostIP", address}, {"HostPort", first}, {"HostPortEnd", last}};
}
std::vector<AskedPort> asked_of(const std::vector<json>& bindings) {
    return asked_ports({{"Options", {{"com.docker.network.portmap", bindings}}}}).value();
}
Records records_with(std::vector<Publication> published) {
    Records records;
    records.endpoints["other"].port = "lan-1";
    records.endpoints["other"].published = std::move(published);
    return records;
}

TEST(Publications, GetTheFirstRuleAndPortThatAreFree) {
    const Records records = records_with({{kFirstDnatRule, "tcp", "", 8000, 80}, {kFirstDnatRule + 2, "tcp", "", 49152, 80}});
    const auto published =
        publications_of(asked_of({binding(6, 80, 8000, 8010), binding(6, 443, 0, 0), binding(17, 53, 8000, 8000)}), records);
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ((*published)[0].rule, kFirstDnatRule + 1);
    EXPECT_EQ((*published)[0].host_port, 8001);
    EXPECT_EQ((*published)[1].rule, kFirstDnatRule + 3);
    EXPECT_EQ((*published)[1].host_port, 49153);
    EXPECT_EQ((*published)[2].host_port, 8000) << "UDP has ports of its own";
}

TEST(Publications, AreRefusedWhereThePortIsTaken) {
    const Records records = records_with({{kFirstDnatRule, "tcp", "", 80, 80}});
    EXPECT_THAT(publications_of(asked_of({binding(6, 80, 80, 80)}), records).error().message,
                HasSubstr("80/tcp is published by lan-1"));
    EXPECT_TRUE(publications_of(asked_of({binding(6, 80, 80, 80, "203.0.113.81")}), records)) << "of another address it is free";
    EXPECT_THAT(publications_of(asked_of({binding(6, 80, 81, 81), binding(6, 80, 81, 81)}), records).error().message,
                HasSubstr("this container"));
}

TEST(Publications, KnowWhatIsNone) {
    EXPECT_FALSE(asked_ports(json::parse(R"({"Options": {"com.docker.network.portmap": [{"Proto": 1, "Port": 8}]}})")));
    EXPECT_FALSE(asked_ports(json::parse(R"({"Options": {"com.docker.network.portmap": [7]}})")));
    EXPECT_TRUE(asked_ports(json::parse(R"({"Options": null})"))->empty());
    EXPECT_TRUE(asked_of({binding(6, 80, 80, 80, "::")}).empty()) << "what is of IPv6 is the engine's second word for the same";
    EXPECT_EQ(asked_of({binding(6, 80, 80, 80, "0.0.0.0")})[0].host_address, "");
}

}  // namespace
}  // namespace hairpin::docker

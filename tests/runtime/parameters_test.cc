// What a method is asked and cannot be meant is refused by the parameter's name, and nothing happens.

#include "runtime/parameters.h"

#include <gtest/gtest.h>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using nlohmann::json;

std::string wrong_parameter(GuideDaemon& daemon, const char* method, const json& parameters) {
    const json answer = daemon.answer(method, parameters);
    if (!answer.contains("error")) return "nothing is wrong";
    return answer["error"]["data"]["path"];
}

TEST(Parameters, OfClearArp) {
    GuideDaemon daemon;
    EXPECT_EQ(wrong_parameter(daemon, "clear.arp", {{"address", 5}}), "address") << "it does not mean all of them";
    EXPECT_EQ(wrong_parameter(daemon, "clear.arp", {{"address", "192.0.2"}}), "address");
    EXPECT_EQ(wrong_parameter(daemon, "clear.arp", {{"interface", "wan"}}), "interface");
    EXPECT_EQ(wrong_parameter(daemon, "clear.arp", {{"interface", nullptr}}), "interface");
    EXPECT_EQ(daemon.ask("clear.arp", {{"interface", "lan"}, {"address", "192.168.255.2"}})["cleared"], 0);
}

TEST(Parameters, OfAPing) {
    GuideDaemon daemon;
    EXPECT_EQ(wrong_parameter(daemon, "ping", json::object()), "address");
    EXPECT_EQ(wrong_parameter(daemon, "ping", {{"address", "203.0.113.80"}}), "address") << "its own";
    EXPECT_EQ(wrong_parameter(daemon, "ping", {{"address", "198.51.100.10"}, {"count", 0}}), "count");
    EXPECT_EQ(wrong_parameter(daemon, "ping", {{"address", "198.51.100.10"}, {"ttl", 256}}), "ttl");
    EXPECT_EQ(wrong_parameter(daemon, "ping", {{"address", "198.51.100.10"}, {"source", "192.0.2.1"}}), "source");
}

TEST(Parameters, OfAnArping) {
    GuideDaemon daemon;
    EXPECT_EQ(wrong_parameter(daemon, "arping", {{"address", "198.51.100.10"}}), "address") << "in no interface's subnet";
    EXPECT_EQ(wrong_parameter(daemon, "arping", {{"address", "198.51.100.10"}, {"interface", "nowhere"}}), "interface");
}

}  // namespace
}  // namespace hairpin::runtime

#include <gtest/gtest.h>

#include "runtime/packet_tracer.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

nlohmann::json question(const char* protocol, const char* source, const char* destination, const char* interface) {
    return {{"protocol", protocol}, {"source", source}, {"destination", destination}, {"interface", interface}};
}

TEST(Trace, ShowsTheFourStagesOfTheGuide) {
    GuideDaemon daemon;
    const auto trace = trace_packet(daemon.worker, question("tcp", "192.168.255.2:40000", "203.0.113.80:80", "lan"));
    ASSERT_TRUE(trace.has_value()) << trace.error().message;
    EXPECT_EQ((*trace)["verdict"], "forwarded");
    EXPECT_EQ((*trace)["dnat_rule"], 196613);
    EXPECT_EQ((*trace)["firewall_rule"], 3);
    EXPECT_EQ((*trace)["snat_rule"], 196612);
    EXPECT_EQ((*trace)["reply"]["verdict"], "forwarded");
    const auto& stages = (*trace)["stages"];
    ASSERT_EQ(stages.size(), 4U);
    const std::string translated = (*trace)["translated_source"];
    EXPECT_TRUE(translated.starts_with("192.168.255.1:"));
    EXPECT_EQ(stages[0]["source"], "192.168.255.2:40000");
    EXPECT_EQ(stages[0]["destination"], "203.0.113.80:80");
    EXPECT_EQ(stages[1]["source"], translated);
    EXPECT_EQ(stages[1]["destination"], "192.168.255.10:80");
    EXPECT_EQ(stages[2]["source"], "192.168.255.10:80");
    EXPECT_EQ(stages[2]["destination"], translated);
    EXPECT_EQ(stages[3]["source"], "203.0.113.80:80");
    EXPECT_EQ(stages[3]["destination"], "192.168.255.2:40000");
}

TEST(Trace, LeavesNothingBehind) {
    GuideDaemon daemon;
    const auto counters = daemon.ask("show.counters"), firewall = daemon.ask("show.firewall"),
               interfaces = daemon.ask("show.interfaces");
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(trace_packet(daemon.worker, question("tcp", "192.168.255.2:40000", "203.0.113.80:80", "lan")));
        ASSERT_TRUE(trace_packet(daemon.worker, question("udp", "192.168.255.2:40000", "203.0.113.80:53", "lan")));
        ASSERT_TRUE(trace_packet(daemon.worker, question("icmp", "192.168.255.2", "198.51.100.10", "lan")));
    }
    EXPECT_EQ(daemon.ask("show.counters"), counters);
    EXPECT_EQ(daemon.ask("show.firewall"), firewall);
    EXPECT_EQ(daemon.ask("show.interfaces"), interfaces);
}

TEST(Trace, SaysWhyAPacketIsDropped) {
    GuideDaemon daemon;
    const auto denied = trace_packet(daemon.worker, question("tcp", "192.168.255.7:40000", "203.0.113.80:80", "lan"));
    ASSERT_TRUE(denied);
    EXPECT_EQ((*denied)["verdict"], "dropped");
    EXPECT_EQ((*denied)["drop_reason"], "firewall-denied");
    EXPECT_TRUE((*denied)["reply"].is_null());

    auto middle = question("tcp", "192.168.255.2:40000", "203.0.113.80:80", "lan");
    middle["flags"] = "ack";
    EXPECT_EQ((*trace_packet(daemon.worker, middle))["drop_reason"], "no-session");
    auto old = question("tcp", "192.168.255.2:40000", "203.0.113.80:80", "lan");
    old["ttl"] = 1;
    EXPECT_EQ((*trace_packet(daemon.worker, old))["drop_reason"], "ttl-expired");
}

// What a rule about MACs does is told for the MAC that the sender has, and for none where ARP does not know it.
TEST(Trace, ComesFromTheMacThatArpKnows) {
    nlohmann::json document = guide_document();
    nlohmann::json& gateway = document["hairpin:gateway"];
    for (auto& rule : gateway["firewall"]["rule"])
        if (rule["id"] == 2) rule["source"] = {{"mac", {"02:00:00:00:00:01"}}};
    gateway["neighbor"] = {{{"interface", "lan"}, {"address", "192.168.255.2"}, {"mac", "02:00:00:00:00:01"}},
                           {{"interface", "lan"}, {"address", "192.168.255.10"}, {"mac", "02:00:00:00:00:09"}}};
    GuideDaemon daemon{document};
    const auto verdict_for = [&](const char* source) {
        const auto trace = trace_packet(daemon.worker, question("icmp", source, "198.51.100.10", "lan"));
        return trace ? (*trace)["verdict"].get<std::string>() : trace.error().message;
    };
    EXPECT_EQ(verdict_for("192.168.255.2"), "forwarded");
    EXPECT_EQ(verdict_for("192.168.255.10"), "dropped");
    EXPECT_EQ(verdict_for("192.168.255.77"), "dropped") << "whom ARP does not know";
}

TEST(Trace, NamesTheParameterThatIsWrong) {
    GuideDaemon daemon;
    const std::pair<nlohmann::json, std::string> cases[] = {
        {question("gre", "192.168.255.2:1", "203.0.113.80:80", "lan"), "protocol"},
        {question("tcp", "192.168.255.2", "203.0.113.80:80", "lan"), "source"},
        {question("tcp", "192.168.255.2:1", "203.0.113:80", "lan"), "destination"},
        {question("tcp", "192.168.255.2:1", "203.0.113.80:80", "wan"), "interface"},
    };
    for (const auto& [parameters, name] : cases) {
        const auto trace = trace_packet(daemon.worker, parameters);
        ASSERT_FALSE(trace.has_value()) << parameters;
        EXPECT_EQ(trace.error().path, name);
    }
}

}  // namespace
}  // namespace hairpin::runtime

// What is shown of sessions whose protocol has no ports, or more than ports.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/guide.h"
#include "tests/support/other_protocols.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;

// The one session of a packet from the workstation and the answer to it.
json session_of(unsigned protocol, const Bytes& there, const Bytes& back, const json& document = guide_document()) {
    GuideDaemon daemon{document};
    daemon.play("inside", "lan",
                {ip(protocol).from(kWorkstation).to(kInternet).payload(there).to_mac(daemon.mac_of("lan")).bytes()});
    daemon.play("outside", "wan",
                {ip(protocol).from(kInternet).to(kExternal).payload(back).to_mac(daemon.mac_of("uplink")).bytes()});
    const json rows = daemon.ask("show.sessions")["rows"];
    EXPECT_EQ(rows.size(), 1U) << rows;
    return rows.empty() ? json::object() : rows[0];
}

TEST(SessionView, OfPptpNamesTheCallsOfBothSides) {
    const json session = session_of(47, enhanced_gre(17), enhanced_gre(4));
    EXPECT_EQ(session["identifiers"], "call 17, reply call 4");
    EXPECT_EQ(session["protocol"], "gre");
    EXPECT_EQ(session["state"], "gre-stream");
    EXPECT_EQ(session["original_source"], "192.168.255.2");
    EXPECT_EQ(session["translated_source"], "203.0.113.80");
    EXPECT_EQ(session["translated_destination"], "198.51.100.10");
}

TEST(SessionView, OfAKeyedTunnelNamesTheKeyOnce) { EXPECT_EQ(session_of(47, gre(7), gre(7))["identifiers"], "key 7"); }

TEST(SessionView, OfEspNamesBothSpis) {
    EXPECT_EQ(session_of(50, esp(0xc0de), esp(0x1000))["identifiers"], "spi 0x0000c0de, reply spi 0x00001000");
}

TEST(SessionView, OfSctpNamesPortsAndTags) {
    const json session = session_of(132, sctp({40000, 5060, 0, SctpChunkType::init, 0x11}),
                                    sctp({5060, 40000, 0x11, SctpChunkType::init_ack, 0x22}));
    EXPECT_EQ(session["identifiers"], "tag 0x00000022, reply tag 0x00000011");
    EXPECT_EQ(session["original_source"], "192.168.255.2:40000");
    EXPECT_EQ(session["translated_source"], "203.0.113.80:40000");
    EXPECT_EQ(session["state"], "sctp-opening");
}

TEST(SessionView, OfOthersNamesNothing) {
    EXPECT_TRUE(session_of(47, gre_without_key(), gre_without_key())["identifiers"].is_null());
}

TEST(SessionView, SaysHowLongTheRulesSessionsLive) {
    json document = guide_document();
    document["hairpin:gateway"]["firewall"]["rule"][0]["timeout"] = 1234;
    const json session = session_of(50, esp(1), esp(2), document);
    EXPECT_NEAR(session["expires_in_seconds"].get<double>(), 1234, 2);

    const json rules = GuideDaemon{document}.ask("show.firewall")["rows"];
    for (const json& rule : rules) EXPECT_EQ(rule["timeout_seconds"], rule["id"] == 2 ? json(1234) : json()) << rule;
}

// By address-dependent filtering whom the inside has sent something may come from any port. The rule that has let it in is an snat rule.
TEST(SessionView, SaysThatAMappingHasLetItIn) {
    json document = guide_document();
    document["hairpin:gateway"]["firewall"]["rule"][0] = {{"id", 2}, {"action", "accept"}};
    GuideDaemon daemon{document};
    daemon.play("inside", "lan", {udp().from(kWorkstation, 5000).to(kInternet, 53).to_mac(daemon.mac_of("lan")).bytes()});
    const json first = daemon.ask("show.sessions")["rows"][0];
    EXPECT_EQ(first["through_mapping"], false);
    const std::string outside = first["translated_source"];
    const auto port = static_cast<std::uint16_t>(std::stoul(outside.substr(outside.find(':') + 1)));
    daemon.play("outside", "wan", {udp().from(kInternet, 54).to(kExternal, port).to_mac(daemon.mac_of("uplink")).bytes()});
    const json rows = daemon.ask("show.sessions")["rows"];
    ASSERT_EQ(rows.size(), 2U) << rows;
    EXPECT_LT(rows[0]["id"], rows[1]["id"]);
    EXPECT_EQ(rows[1]["dnat_rule"], 196609);
    EXPECT_EQ(rows[1]["through_mapping"], true);
    EXPECT_THAT(daemon.ask("show.nat-mappings")["rows"], ::testing::SizeIs(::testing::Ge(1U)));
}

}  // namespace
}  // namespace hairpin::runtime

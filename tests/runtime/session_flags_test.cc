// The words that say what a session is, and what they are made of.
#include "runtime/session_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;
using ::testing::ElementsAre;
using Words = std::vector<std::string>;

json only_session(GuideDaemon& daemon) {
    const json rows = daemon.ask("show.sessions")["rows"];
    EXPECT_EQ(rows.size(), 1U) << rows;
    return rows.empty() ? json::object() : rows[0];
}

TEST(SessionFlags, OfAHairpinFromItsSynOn) {
    GuideDaemon daemon;
    daemon.play("server", "lan", {known_server().bytes()});
    daemon.play("inside", "lan", {tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().to_mac(daemon.mac_of("lan")).bytes()});
    const json opening = only_session(daemon);
    EXPECT_EQ(opening["flags"].get<Words>(), (Words{"snat", "dnat", "hairpin", "mapping"}));
    EXPECT_EQ(opening["alg"], nullptr);
    // Inside before and behind the gateway, its peer before and behind, and the answer as it comes.
    EXPECT_EQ(opening["original_source"], "192.168.255.2:40000");
    EXPECT_EQ(opening["original_destination"], "203.0.113.80:80");
    EXPECT_EQ(opening["translated_destination"], "192.168.255.10:80");
    EXPECT_EQ(opening["reply_source"], opening["translated_destination"]);
    EXPECT_EQ(opening["reply_destination"], opening["translated_source"]);

    const std::string outside = opening["translated_source"];
    const auto port = static_cast<unsigned>(std::stoul(outside.substr(outside.find(':') + 1)));
    daemon.play(
        "answers", "lan",
        {tcp().from_mac(kServerMac).from(kWebServer, 80).to(kGateway, port).syn().ack().to_mac(daemon.mac_of("lan")).bytes()});
    EXPECT_EQ(only_session(daemon)["flags"].get<Words>(), (Words{"snat", "dnat", "hairpin", "replied", "assured", "mapping"}));
}

TEST(SessionFlags, OfSourceNatAlone) {
    GuideDaemon daemon;
    daemon.play("inside", "lan",
                {udp().from(kWorkstation, 40000).to(kInternet, 53).payload(8).to_mac(daemon.mac_of("lan")).bytes()});
    const json asked = only_session(daemon);
    EXPECT_EQ(asked["flags"].get<Words>(), (Words{"snat", "mapping"}));
}

TEST(SessionFlags, OfWhatNobodyTranslates) {
    json document = guide_document();
    document["hairpin:gateway"]["nat"] = json::object();
    GuideDaemon daemon{document};
    daemon.play("inside", "lan", {icmp_echo().from(kWorkstation).to(kInternet).to_mac(daemon.mac_of("lan")).bytes()});
    // No session of ICMP makes room for another.
    EXPECT_EQ(only_session(daemon)["flags"].get<Words>(), (Words{"assured"}));
}

TEST(SessionFlags, NameTheGatewayThatListens) {
    json document = guide_document();
    document["hairpin:gateway"]["alg"]["ftp"]["enabled"] = true;
    GuideDaemon daemon{document};
    daemon.play("inside", "lan", {tcp().from(kWorkstation, 40000).to(kInternet, 21).syn().to_mac(daemon.mac_of("lan")).bytes()});
    const json control = only_session(daemon);
    EXPECT_EQ(control["alg"], "ftp");
    EXPECT_THAT(control["flags"].get<Words>(), ::testing::Contains("alg"));
    EXPECT_THAT(control["flags"].get<Words>(), ::testing::Not(::testing::Contains("related")));
}

TEST(SessionFlags, AreOneWordEachAndDescribed) {
    std::vector<std::string_view> names;
    for (const SessionFlag& flag : session_flags()) {
        EXPECT_EQ(flag.name.find(' '), std::string_view::npos);
        EXPECT_FALSE(flag.description.empty()) << flag.name;
        names.push_back(flag.name);
    }
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
}

}  // namespace
}  // namespace hairpin::runtime

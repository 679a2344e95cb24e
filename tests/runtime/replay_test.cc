// A capture through a gateway of its own: what it decides is what the running one would, and the running one knows nothing of it.

#include "runtime/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;

struct Capture {
    GuideDaemon daemon;
    Replay replay;
    std::int64_t time = 1'700'000'000'000'000'000;

    explicit Capture(std::optional<InterfaceId> inbound = std::nullopt)
        : replay(daemon.configuration.compiled().ruleset, inbound, [](InterfaceId, Ipv4Address address) {
              return address == kWebServer ? std::optional{kServerMac} : std::nullopt;
          }) {}
    InterfaceId id(const char* interface) const { return *replay.rules().interface_id(interface); }
    Replay::Played play(const PacketBuilder& packet) { return play(packet.bytes()); }
    Replay::Played play(const Bytes& frame, std::size_t length = 0) {
        return replay.play({time, std::max(length, frame.size()), frame});
    }
    // From the workstation to the gateway, as the capture has it.
    PacketBuilder to_web(unsigned flags) const {
        return tcp().from(kWorkstation, 40000).to(kExternal, 80).flags(flags).to_mac(daemon.mac_of("lan"));
    }
    void wait(Duration pause) { time += pause.count(); }
};
constexpr unsigned kSyn = TcpHeader::kSyn, kAck = TcpHeader::kAck;

TEST(Replay, APacketOpensTheSessionThatTheNextOneNeeds) {
    Capture capture;
    EXPECT_EQ(capture.play(capture.to_web(kAck)).passage.drop, DropReason::no_session);
    const Replay::Played opened = capture.play(capture.to_web(kSyn));
    ASSERT_TRUE(opened.passage.forwarded);
    EXPECT_EQ(opened.inbound, capture.id("lan"));
    EXPECT_EQ(opened.passage.left->source, kGateway);
    EXPECT_EQ(opened.passage.left->destination, kWebServer);

    const Ipv4FlowKey reply = opened.passage.left->reversed();
    const auto answer = tcp()
                            .from(kWebServer, 80)
                            .to(kGateway, reply.destination_port.number())
                            .flags(kSyn | kAck)
                            .to_mac(capture.daemon.mac_of("lan"));
    const Replay::Played answered = capture.play(answer);
    ASSERT_TRUE(answered.passage.forwarded);
    EXPECT_EQ(answered.passage.left->source, kExternal);
    EXPECT_EQ(answered.passage.left->destination, kWorkstation);
    const Replay::Played next = capture.play(capture.to_web(kAck));
    EXPECT_TRUE(next.passage.forwarded);
    EXPECT_EQ(next.passage.next_hop_mac, kServerMac) << "as the running gateway knows it";

    EXPECT_EQ(capture.daemon.ask("show.sessions")["rows"], json::array());
    EXPECT_EQ(capture.daemon.ask("show.drops")["rows"], json::array());
}

TEST(Replay, TheCapturesOwnTimeEndsSessions) {
    Capture capture;
    const auto ping = [&] {
        return icmp_echo().from(kWorkstation).to(kInternet).identifier(7).to_mac(capture.daemon.mac_of("lan"));
    };
    const auto first = capture.play(ping());
    capture.wait(std::chrono::seconds{59});
    const auto same = capture.play(ping());
    EXPECT_EQ(same.passage.session->id(), first.passage.session->id());
    capture.wait(minutes{5});
    const auto another = capture.play(ping());
    EXPECT_TRUE(another.passage.forwarded);
    EXPECT_NE(another.passage.session->id(), first.passage.session->id());
    capture.wait(hours{100'000});
    EXPECT_TRUE(capture.play(ping()).passage.forwarded);
    capture.wait(-hours{200'000});
    EXPECT_TRUE(capture.play(ping()).passage.forwarded) << "a clock that was set back stands still";
}

TEST(Replay, SaysWhatIsNotForTheGateway) {
    Capture capture;
    EXPECT_EQ(capture.play(tcp().from(kExternal, 80).to(kWorkstation, 40000).syn().from_mac(capture.daemon.mac_of("lan"))).fate,
              Replay::Fate::from_gateway);
    EXPECT_EQ(capture.play(udp().from(kWorkstation, 1).to(kWebServer, 2)).fate, Replay::Fate::for_others);
    EXPECT_EQ(capture.play(ethernet(0x88cc).to_mac(MacAddress::broadcast()).payload(46)).fate, Replay::Fate::for_others);
    EXPECT_EQ(capture.play(arp_request().from(kWorkstation).to(kWebServer)).fate, Replay::Fate::for_others);
    const Bytes frame = capture.to_web(kSyn).bytes();
    EXPECT_EQ(capture.play({frame.begin(), frame.begin() + 40}, frame.size()).fate, Replay::Fate::cut_off);

    const Replay::Played asked = capture.play(arp_request().from(kWorkstation).to(kGateway));
    EXPECT_EQ(asked.fate, Replay::Fate::played);
    EXPECT_EQ(asked.inbound, capture.id("lan"));
    EXPECT_TRUE(asked.passage.answered);
}

TEST(Replay, ByOneInterfaceWhateverTheMacs) {
    Capture capture{InterfaceId{1}};
    ASSERT_EQ(capture.id("lan"), InterfaceId{1});
    const Replay::Played played = capture.play(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_EQ(played.inbound, capture.id("lan"));
    EXPECT_TRUE(played.passage.forwarded);
    const Replay::Played tagged = capture.play(tcp().vlan(10).from(kWorkstation, 40001).to(kExternal, 80).syn());
    EXPECT_TRUE(tagged.passage.forwarded) << "a tag is taken off, as the switch would have";
}

// What a host hands to a device that cuts looks in a capture like a packet that no link could carry.
TEST(Replay, AFrameThatWasCapturedBeforeItWasCutIsForwarded) {
    Capture capture;
    ASSERT_TRUE(capture.play(capture.to_web(kSyn)).passage.forwarded);
    const Replay::Played large = capture.play(capture.to_web(kAck).payload(20000).dont_fragment());
    EXPECT_TRUE(large.passage.forwarded);
    EXPECT_EQ(large.passage.drop, std::nullopt);
    EXPECT_EQ(
        capture
            .play(
                udp().from(kWorkstation, 1).to(kInternet, 2).payload(20000).dont_fragment().to_mac(capture.daemon.mac_of("lan")))
            .passage.drop,
        DropReason::too_big);
}

RC_GTEST_PROP(Replay, OfHostileFramesIsHarmless, ()) {
    static Capture capture;  // a gateway that lives through them all
    auto frame = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>());
    const auto mac = capture.daemon.mac_of("lan").bytes();
    if (frame.size() > 34) {
        std::copy(mac.begin(), mac.end(), frame.begin());
        const auto type = *rc::gen::element(0x0800, 0x0806, 0x8100);
        frame[12] = static_cast<std::uint8_t>(type >> 8), frame[13] = static_cast<std::uint8_t>(type), frame[14] = 0x45;
    }
    capture.time = *rc::gen::arbitrary<std::int64_t>();
    const auto bytes = std::as_bytes(std::span{frame});
    capture.play(Bytes{bytes.begin(), bytes.end()});
    RC_ASSERT(capture.daemon.ask("show.sessions")["rows"] == json::array());
}

// ---- On the control socket --------------------------------------------------------------------------------------------------------

std::string digits(const Bytes& frame) {
    std::string text;
    for (const std::byte byte : frame) {
        constexpr char kDigits[] = "0123456789abcdef";
        text += kDigits[static_cast<unsigned>(byte) >> 4], text += kDigits[static_cast<unsigned>(byte) & 15];
    }
    return text;
}

TEST(ReplayMethods, AnswerARowForEachFrame) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    const json begun = client.ask("replay.begin", json::object())["result"];
    const auto frame = tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().to_mac(daemon.mac_of("lan")).bytes();
    const json answer = client.ask(
        "replay.frames",
        {{"replay", begun["replay"]},
         {"frames",
          {{{"time", 1'700'000'000'123'000'000}, {"bytes", digits(frame)}}, {{"length", 2000}, {"bytes", digits(frame)}}}}});
    const json rows = answer["result"]["rows"];
    ASSERT_EQ(rows.size(), 2u) << answer;
    EXPECT_EQ(rows[0]["number"], 1);
    EXPECT_EQ(rows[0]["time"], "2023-11-14T22:13:20.123000000Z");
    EXPECT_EQ(rows[0]["packet"], "tcp 192.168.255.2:40000 > 203.0.113.80:80 S");
    EXPECT_EQ(rows[0]["verdict"], "forwarded");
    EXPECT_EQ(rows[0]["in_interface"], "lan");
    EXPECT_TRUE(rows[0]["not_traced"].is_null());
    EXPECT_EQ(rows[1]["number"], 2);
    EXPECT_EQ(rows[1]["not_traced"], "cut-off");
    EXPECT_TRUE(rows[1]["verdict"].is_null());

    EXPECT_TRUE(client.ask("replay.end", {{"replay", begun["replay"]}}).contains("result"));
    EXPECT_EQ(client.ask("replay.end", {{"replay", begun["replay"]}})["error"]["code"], control::kNotFound);
}

TEST(ReplayMethods, DecideByTheRulesOfACandidate) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    json candidate = guide_document();
    candidate["hairpin:gateway"]["nat"]["rule"].erase(2);  // the hairpin's DNAT
    const json replay = client.ask("replay.begin", {{"config", candidate}})["result"]["replay"];
    const auto frame = tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().to_mac(daemon.mac_of("lan")).bytes();
    const json row =
        client.ask("replay.frames", {{"replay", replay}, {"frames", {{{"bytes", digits(frame)}}}}})["result"]["rows"][0];
    EXPECT_EQ(row["drop_reason"], "no-local-service");
}

TEST(ReplayMethods, RefuseWhatIsTooMuchOrNone) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    const json replay = client.ask("replay.begin", json::object())["result"]["replay"];
    const auto wrong = [&](const json& frames) {
        return client.ask("replay.frames", {{"replay", replay}, {"frames", frames}})["error"]["data"]["path"];
    };
    EXPECT_EQ(wrong({{{"bytes", "0"}}}), "frames");
    EXPECT_EQ(wrong({{{"bytes", "zz"}}}), "frames");
    EXPECT_EQ(wrong({{{"time", 7}}}), "frames");
    EXPECT_EQ(wrong({{{"bytes", "0000"}, {"length", 1}}}), "frames");
    EXPECT_EQ(wrong(json::array({7})), "frames");
    EXPECT_EQ(wrong(json(std::vector<json>(65, {{"bytes", "00"}}))), "frames");
    EXPECT_EQ(client.ask("replay.begin", {{"interface", "nowhere"}})["error"]["data"]["path"], "interface");
    EXPECT_EQ(client.ask("replay.frames", {{"replay", 77}})["error"]["code"], control::kNotFound);

    const std::string large = std::string(2 * 65000, '0');
    const json portion(std::vector<json>(64, {{"bytes", large}}));
    std::size_t taken = 0;
    while (client.ask("replay.frames", {{"replay", replay}, {"frames", portion}}).contains("result")) ++taken;
    EXPECT_EQ(taken, Replay::kMostBytes / (64 * 65000));
}

TEST(ReplayMethods, EndWithTheirClientAndAreFew) {
    GuideDaemon daemon;
    for (int round = 0; round < 3; ++round) {
        GuideClient client{daemon};
        for (std::size_t i = 0; i < Replays::kMost; ++i)
            EXPECT_TRUE(client.ask("replay.begin", json::object()).contains("result"));
        EXPECT_EQ(client.ask("replay.begin", json::object())["error"]["code"], control::kOperationFailed);
    }
}

}  // namespace
}  // namespace hairpin::runtime

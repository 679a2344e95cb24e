// Captures of the guide's gateway: what is in the file, what it says of each packet, and what becomes of a reader that is slow or goes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/packet_summary.h"
#include "tests/runtime/capture/pcapng_reader.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

const MacAddress kWorkstationMac = MacAddress::from_number(0x0200'0000'0002);

// Whoever reads a capture's stream: at once, or, while it is slow, nothing more than what it was given.
struct CaptureReader {
    GuideDaemon& daemon;
    control::Caller caller = {};
    std::vector<std::function<void()>> farewells = {};
    std::function<void()> asks_to_end;
    std::function<void()> taken;
    std::string stream;
    bool slow = false, closed = false;

    explicit CaptureReader(GuideDaemon& of) : daemon(of) {
        caller.uid = 0;
        caller.on_close = [this](std::function<void()> closing) { farewells.push_back(std::move(closing)); };
        caller.become_stream = [this](std::function<void()> asked_to_end) {
            asks_to_end = std::move(asked_to_end);
            return control::ByteStream{[this](std::string bytes, std::function<void()> told) {
                                           stream += bytes;
                                           taken = std::move(told);
                                       },
                                       [this] { closed = true; }};
        };
    }
    ~CaptureReader() { go(); }
    CaptureReader(const CaptureReader&) = delete;
    CaptureReader& operator=(const CaptureReader&) = delete;

    json begin(const json& wish) {
        const json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "capture"}, {"params", wish}};
        return json::parse(daemon.dispatcher.handle(request.dump(), caller));
    }
    void go() {
        for (const auto& farewell : std::exchange(farewells, {})) farewell();
    }
    // Reads whatever there is, as the loop's turns bring it.
    void read() {
        do {
            if (taken) std::exchange(taken, nullptr)();
            daemon.captures.look();
        } while (taken);
    }
    PcapngReader end() {
        if (asks_to_end) std::exchange(asks_to_end, nullptr)();
        read();
        return PcapngReader{stream};
    }
};

std::string line_of(const PcapngReader::Packet& packet) {
    const std::string summary = packet_summary({reinterpret_cast<const std::byte*>(packet.bytes.data()), packet.bytes.size()});
    return packet.interface + (packet.flags == 1 ? " in " : packet.flags == 2 ? " out " : " ") + summary;
}
std::vector<std::string> lines_of(const PcapngReader& file) {
    std::vector<std::string> lines;
    for (const auto& packet : file.packets) lines.push_back(line_of(packet));
    return lines;
}

// What the workstation sends to open the web server by the external address; both are known to the gateway and the switch.
Bytes opening(const GuideDaemon& daemon) {
    return tcp().from_mac(kWorkstationMac).from(kWorkstation, 40000).to(kExternal, 80).syn().to_mac(daemon.mac_of("lan")).bytes();
}
void make_known(GuideDaemon& daemon) {
    daemon.play("known", "lan",
                {known_server().bytes(), arp_request().from_mac(kWorkstationMac).from(kWorkstation).to(kGateway).bytes()});
}

TEST(Captures, TheFourStagesOfAHairpinAreOnePacketEachWay) {
    GuideDaemon daemon;
    make_known(daemon);
    CaptureReader reader{daemon};
    ASSERT_TRUE(reader.begin({{"filter", "tcp"}}).contains("result"));
    daemon.play("asks", "lan", {opening(daemon)});
    const PcapngReader file = reader.end();
    EXPECT_THAT(lines_of(file),
                ElementsAre("asks in tcp 192.168.255.2:40000 > 203.0.113.80:80 S",
                            "gateway:lan in tcp 192.168.255.2:40000 > 203.0.113.80:80 S",
                            ::testing::MatchesRegex("gateway:lan out tcp 192.168.255.1:[0-9]+ > 192.168.255.10:80 S"),
                            ::testing::MatchesRegex("known out tcp 192.168.255.1:[0-9]+ > 192.168.255.10:80 S")));
    std::set<std::uint64_t> ids;
    for (const auto& packet : file.packets) ids.insert(packet.packet_id);
    EXPECT_THAT(ids, AllOf(SizeIs(1), Not(Contains(0U)))) << "before and after NAT it is the same packet";
    const auto session = HasSubstr("session 1, original direction, firewall rule 3, dnat rule 196613, snat rule 196612");
    EXPECT_THAT(file.packets[1].comment, session) << "although its session began only behind the interface";
    EXPECT_THAT(file.packets[2].comment, session);
    EXPECT_THAT(file.packets[0].comment, IsEmpty());

    // What answers it: another packet, the same session.
    const std::string translated = lines_of(file)[2];
    const auto port = std::stoul(translated.substr(translated.find("255.1:") + 6));
    CaptureReader answers{daemon};
    ASSERT_TRUE(answers.begin({{"places", {"gateway"}}, {"filter", "tcp"}}).contains("result"));
    daemon.play("answers", "lan",
                {tcp()
                     .from_mac(kServerMac)
                     .from(kWebServer, 80)
                     .to(kGateway, static_cast<unsigned>(port))
                     .syn()
                     .ack()
                     .to_mac(daemon.mac_of("lan"))
                     .bytes()});
    const PcapngReader back = answers.end();
    ASSERT_THAT(back.packets, SizeIs(2));
    EXPECT_EQ(line_of(back.packets[1]), "gateway:lan out tcp 203.0.113.80:80 > 192.168.255.2:40000 S.");
    EXPECT_EQ(back.packets[0].packet_id, back.packets[1].packet_id);
    EXPECT_FALSE(ids.contains(back.packets[0].packet_id));
    for (const auto& packet : back.packets) EXPECT_THAT(packet.comment, StartsWith("session 1, reply direction"));
}

TEST(Captures, CopiesOfAFloodAreOnePacketAndAnAnswerIsAnother) {
    GuideDaemon daemon;
    CaptureReader reader{daemon};
    ASSERT_TRUE(reader.begin({{"places", json::array({"segment:lan"})}}).contains("result"));
    daemon.play("asks", "lan", {arp_request().from(kStranger).to(kGateway).bytes()});
    const PcapngReader file = reader.end();
    std::map<std::uint64_t, std::size_t> seen;
    for (const auto& packet : file.packets) ++seen[packet.packet_id];
    ASSERT_THAT(seen, SizeIs(2));
    EXPECT_EQ(seen.begin()->second, 4U) << "in by one port, out by two, and into the gateway";
    EXPECT_EQ(seen.rbegin()->second, 2U) << "out of the gateway, and out by the port";
}

TEST(Captures, NamesPlacesAndAddresses) {
    GuideDaemon daemon;
    make_known(daemon);
    CaptureReader reader{daemon};
    const json begun = reader.begin({{"places", {"webserver", "lan", "segment:wan"}}, {"filter", "icmp"}, {"snaplen", 96}});
    ASSERT_TRUE(begun.contains("result")) << begun;
    EXPECT_EQ(begun["result"]["interfaces"], json({"internet", "webserver", "gateway:uplink", "gateway:lan"}));
    const PcapngReader file = reader.end();
    ASSERT_THAT(file.interfaces, SizeIs(4));
    EXPECT_EQ(file.interfaces[1].description, "port of segment lan");
    EXPECT_EQ(file.interfaces[3].description, "interface lan of the gateway on segment lan, 192.168.255.1/24");
    EXPECT_EQ(file.interfaces[0].filter, "icmp");
    EXPECT_EQ(file.interfaces[0].snap_length, 96U);
    EXPECT_EQ(file.names.at("192.168.255.1"), "gateway-lan");
    EXPECT_EQ(file.names.at("192.168.255.10"), "known");
    EXPECT_THAT(file.packets, IsEmpty());
    EXPECT_THAT(file.statistics, SizeIs(4));
}

TEST(Captures, SayWhyAPacketWentNowhere) {
    GuideDaemon daemon;
    CaptureReader everything{daemon}, drops{daemon}, elsewhere{daemon};
    ASSERT_TRUE(everything.begin({{"filter", "tcp"}}).contains("result"));
    ASSERT_TRUE(drops.begin({{"drops", true}}).contains("result"));
    ASSERT_TRUE(elsewhere.begin({{"drops", true}, {"places", {"webserver"}}}).contains("result"));
    daemon.play("stranger", "lan", {arp_request().from(kStranger).to(kGateway).bytes(), refused(daemon, 40000).bytes()});

    const PcapngReader seen = everything.end();
    ASSERT_THAT(seen.packets, SizeIs(2));
    const auto reason = StartsWith("dropped: firewall-denied, ");
    EXPECT_THAT(seen.packets[0].comment, reason);
    EXPECT_THAT(seen.packets[1].comment, AllOf(reason, HasSubstr("firewall rule ")));

    const PcapngReader dropped = drops.end();
    ASSERT_THAT(lines_of(dropped), ElementsAre("gateway:lan tcp 192.168.255.7:40000 > 203.0.113.80:80 S"));
    EXPECT_EQ(dropped.packets[0].comment, seen.packets[1].comment);
    EXPECT_EQ(dropped.packets[0].packet_id, seen.packets[0].packet_id);
    EXPECT_THAT(elsewhere.end().packets, IsEmpty());
}

TEST(Captures, AreFilteredCutShortAndEndAfterSoMany) {
    GuideDaemon daemon;
    CaptureReader reader{daemon};
    ASSERT_TRUE(
        reader.begin({{"places", {"lan"}}, {"filter", "src port 40002"}, {"snaplen", 34}, {"count", 2}}).contains("result"));
    std::vector<Bytes> frames;
    for (int round = 0; round < 3; ++round)
        for (unsigned port = 40000; port < 40005; ++port) frames.push_back(refused(daemon, port).bytes());
    daemon.play("stranger", "lan", frames);
    reader.read();
    EXPECT_TRUE(reader.closed) << "by itself";
    const PcapngReader file{reader.stream};
    ASSERT_THAT(file.packets, SizeIs(2));
    EXPECT_EQ(file.packets[0].bytes.size(), 34U);
    EXPECT_EQ(file.packets[0].length, 54U);
    EXPECT_EQ(file.statistics.at("gateway:lan").received, 2U);
    EXPECT_THAT(daemon.captures.all(), IsEmpty());
}

TEST(Captures, ASlowReaderLosesPacketsThatAreCountedAndNobodyElseDoes) {
    GuideDaemon daemon;
    CaptureReader slow{daemon}, quick{daemon};
    ASSERT_TRUE(slow.begin({{"places", {"gateway:lan"}}, {"buffer", Capture::kLeastBuffer}}).contains("result"));
    ASSERT_TRUE(quick.begin({{"places", {"gateway:lan"}}, {"buffer", Capture::kMostBuffer}}).contains("result"));
    slow.daemon.captures.look();
    const std::size_t count = 4000;
    daemon.play("flood", "lan", std::vector<Bytes>(count, refused(daemon, 40000).bytes()));
    EXPECT_LE(daemon.captures.all().begin()->second.capture.waiting(), Capture::kLeastBuffer);
    EXPECT_THAT(quick.end().packets, SizeIs(count));

    slow.read();
    daemon.play("more", "lan", {refused(daemon, 40001).bytes()});
    const PcapngReader file = slow.end();
    const auto [received, lost] = file.statistics.at("gateway:lan");
    EXPECT_EQ(received, count + 1);
    EXPECT_GT(lost, 0U);
    EXPECT_EQ(file.packets.size() + lost, received);
    std::uint64_t told = 0;
    for (const auto& packet : file.packets) told += packet.lost;
    EXPECT_EQ(told, lost) << "in front of the first packet that fitted again";
    EXPECT_EQ(file.packets.back().lost, lost);
}

TEST(Captures, APortThatComesIsAddedAndOneThatComesBackIsTheSame) {
    GuideDaemon daemon;
    CaptureReader reader{daemon};
    ASSERT_TRUE(reader.begin({{"places", {"segment:lan"}}, {"filter", "tcp"}}).contains("result"));
    daemon.play("late", "lan", {refused(daemon, 40000).bytes()});
    ASSERT_TRUE(daemon.worker.remove_port("late"));
    daemon.play("other", "wan", {refused(daemon, 40001).bytes()});
    daemon.play("late", "lan", {refused(daemon, 40002).bytes()});
    const PcapngReader file = reader.end();
    std::vector<std::string> late;
    for (const std::string& line : lines_of(file))
        if (line.starts_with("late in")) late.push_back(line);
    EXPECT_THAT(late, SizeIs(2));
    EXPECT_EQ(std::count_if(file.interfaces.begin(), file.interfaces.end(), [](const auto& each) { return each.name == "late"; }),
              1);
    EXPECT_THAT(lines_of(file), Not(Contains(StartsWith("other"))));
}

TEST(Captures, EndWithTheirReaderAndLeaveNothing) {
    GuideDaemon daemon;
    CaptureReader stays{daemon};
    ASSERT_TRUE(stays.begin({{"places", {"lan"}}}).contains("result"));
    {
        CaptureReader goes{daemon};
        ASSERT_TRUE(goes.begin({{"places", {"lan"}}}).contains("result"));
        EXPECT_THAT(daemon.ask("show.captures")["rows"], SizeIs(2));
    }
    daemon.play("stranger", "lan", {refused(daemon, 40000).bytes()});
    const json rows = daemon.ask("show.captures")["rows"];
    ASSERT_THAT(rows, SizeIs(1));
    EXPECT_EQ(rows[0]["packets"], 1);
    EXPECT_EQ(rows[0]["places"], "lan");
    EXPECT_EQ(rows[0]["lost"], 0);
    stays.go();
    EXPECT_THAT(daemon.ask("show.captures")["rows"], IsEmpty());
}

TEST(Captures, AreOverWhenTheirTimeIs) {
    GuideDaemon daemon;
    CaptureReader reader{daemon};
    ASSERT_TRUE(reader.begin({{"duration", 60}}).contains("result"));
    reader.read();
    EXPECT_FALSE(reader.closed);
    advance_clocks(std::chrono::seconds{61});
    reader.read();
    EXPECT_TRUE(reader.closed);
    EXPECT_THAT(PcapngReader{reader.stream}.statistics, Not(IsEmpty()));
}

TEST(Captures, ChangeNothing) {
    GuideDaemon captured, plain;
    CaptureReader reader{captured};
    ASSERT_TRUE(reader.begin(json::object()).contains("result"));
    for (GuideDaemon* daemon : {&captured, &plain})
        daemon->play("stranger", "lan", {refused(*daemon, 40000).bytes(), arp_request().from(kStranger).to(kGateway).bytes()});
    EXPECT_EQ(captured.ask("show.counters"), plain.ask("show.counters"));
    EXPECT_THAT(reader.end().packets, Not(IsEmpty()));
}

TEST(Captures, RefuseWhatTheyCannotDo) {
    GuideDaemon daemon;
    CaptureReader reader{daemon};
    const auto path_of = [&](const json& wish) { return reader.begin(wish)["error"]["data"]["path"]; };
    EXPECT_EQ(reader.begin({{"places", {"nowhere"}}})["error"]["code"], control::kNotFound);
    EXPECT_EQ(path_of({{"places", {"nowhere"}}}), "places");
    EXPECT_EQ(path_of({{"places", {"port:lan"}}}), "places") << "it is an interface, and a segment";
    EXPECT_EQ(path_of({{"places", "lan"}}), "places");
    EXPECT_EQ(path_of({{"filter", "tcp port"}}), "filter");
    EXPECT_EQ(path_of({{"count", 0}}), "count");
    EXPECT_EQ(path_of({{"duration", -1}}), "duration");
    EXPECT_EQ(path_of({{"snaplen", 1'000'000}}), "snaplen");
    EXPECT_EQ(path_of({{"buffer", 1}}), "buffer");
    EXPECT_EQ(path_of({{"drops", 1}}), "drops");
    EXPECT_FALSE(reader.asks_to_end) << "none of these has become a stream";
    EXPECT_EQ(daemon.answer("capture")["error"]["code"], control::kOperationFailed) << "a caller without a connection";

    std::vector<std::unique_ptr<CaptureReader>> readers;
    for (std::size_t i = 0; i < Captures::kMostCaptures; ++i) {
        readers.push_back(std::make_unique<CaptureReader>(daemon));
        ASSERT_TRUE(readers.back()->begin(json::object()).contains("result"));
    }
    EXPECT_EQ(reader.begin(json::object())["error"]["code"], control::kOperationFailed);
}

}  // namespace
}  // namespace hairpin::runtime

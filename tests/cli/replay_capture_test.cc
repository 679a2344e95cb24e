// `trace pcap` without a daemon: what of a capture it is asked, and how its answers read.

#include "cli/replay_capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/capture_file.h"
#include "tests/support/temporary_folder.h"

namespace hairpin::cli {
namespace {

using hairpin::testing::TemporaryFolder;
using nlohmann::json;
using ::testing::HasSubstr;

// Little endian, as a capture of this machine is.
void put(std::string& text, std::uint32_t number) { text.append(reinterpret_cast<const char*>(&number), sizeof number); }

// A capture with a microsecond clock: frames of so many bytes, a second apart.
std::string capture_of(const std::vector<std::size_t>& sizes, std::uint32_t link_type = 1) {
    std::string text;
    for (const std::uint32_t word : {0xa1b2c3d4u, 0x00040002u, 0u, 0u, 65535u, link_type}) put(text, word);
    for (std::uint32_t i = 0; i < sizes.size(); ++i) {
        const auto size = static_cast<std::uint32_t>(sizes[i]);
        for (const std::uint32_t word : {1'700'000'000u + i, 250'000u, size, size}) put(text, word);
        text.append(sizes[i], static_cast<char>(i));
    }
    return text;
}

// A daemon that answers each frame with a row, and remembers what it was asked.
struct ReplayingDaemon {
    json bounds{{"replay", 3}, {"frames_at_once", 2}, {"most_frames", 5}, {"most_bytes", 1000}};
    std::vector<std::string> methods;
    json begun, frames = json::array();

    Ask ask() {
        return [this](std::string_view method, const json& parameters) -> Outcome<json> {
            methods.emplace_back(method);
            if (method == "replay.begin") return begun = parameters, bounds;
            json rows = json::array();
            for (const json& frame : parameters.value("frames", json::array())) {
                frames.push_back(frame);
                rows.push_back({{"number", frames.size()}, {"not_traced", "for-others"}, {"packet", frame["bytes"]}});
            }
            return json{{"rows", rows}};
        };
    }
};

TEST(ReplayCapture, GivesTheDaemonTheFramesInPortions) {
    const TemporaryFolder folder;
    ReplayingDaemon daemon;
    const auto result = replay_capture(
        {{"file", folder.write("three.pcap", capture_of({3, 2, 1}))}, {"interface", "lan"}, {"detail", true}}, daemon.ask());
    ASSERT_TRUE(result) << result.error().sentence;
    EXPECT_EQ(daemon.methods, (std::vector<std::string>{"replay.begin", "replay.frames", "replay.frames", "replay.end"}));
    EXPECT_EQ(daemon.begun, (json{{"interface", "lan"}})) << "and not the file's name";
    ASSERT_EQ(daemon.frames.size(), 3u);
    EXPECT_EQ(daemon.frames[1], (json{{"time", 1'700'000'001'250'000'000}, {"length", 2}, {"bytes", "0101"}}));
    EXPECT_EQ((*result)["rows"].size(), 3u);
    EXPECT_EQ((*result)["detail"], true);
    EXPECT_FALSE(result->contains("incomplete"));
}

TEST(ReplayCapture, StopsWhereTheDaemonsBoundsAre) {
    const TemporaryFolder folder;
    for (const auto& [sizes, told] :
         {std::pair{std::vector<std::size_t>(7, 1), 5u}, std::pair{std::vector<std::size_t>(3, 400), 2u}}) {
        ReplayingDaemon daemon;
        const auto result = replay_capture({{"file", folder.write("many.pcap", capture_of(sizes))}}, daemon.ask());
        ASSERT_TRUE(result);
        EXPECT_EQ(daemon.frames.size(), told);
        EXPECT_THAT((*result)["incomplete"].get<std::string>(), HasSubstr("only the first " + std::to_string(told) + " packets"));
    }
}

TEST(ReplayCapture, OfABrokenFileTellsWhatThereIsAndWhereItBreaks) {
    const TemporaryFolder folder;
    const std::string whole = capture_of({30, 30, 30});
    ReplayingDaemon daemon;
    const auto result = replay_capture({{"file", folder.write("cut.pcap", whole.substr(0, whole.size() - 10))}}, daemon.ask());
    ASSERT_TRUE(result);
    EXPECT_EQ((*result)["rows"].size(), 2u);
    EXPECT_THAT((*result)["failure"].get<std::string>(), HasSubstr("is broken at packet 3: "));
}

TEST(ReplayCapture, WhatIsNoCaptureIsSaid) {
    const TemporaryFolder folder;
    ReplayingDaemon daemon;
    const auto failure = [&](const std::string& file) {
        const auto result = replay_capture({{"file", file}}, daemon.ask());
        EXPECT_FALSE(result);
        return result ? Failure{} : result.error();
    };
    EXPECT_THAT(failure(folder.path() + "/none").sentence, HasSubstr("No such file"));
    EXPECT_EQ(failure(folder.path() + "/none").word, 0u);
    EXPECT_THAT(failure(folder.write("text", "hello, world, this is no capture")).sentence, HasSubstr("cannot read the capture"));
    EXPECT_THAT(failure(folder.write("cooked.pcap", capture_of({16}, 113))).sentence, HasSubstr("no Ethernet frames"));
    EXPECT_TRUE(daemon.methods.empty());
}

TEST(ReplayCapture, ReadsAsATable) {
    const json forwarded = json::parse(
        R"({"number":1,"time":"2023-11-14T22:13:20.250000000Z","packet":"tcp a > b S","in_interface":"lan","not_traced":null,
        "verdict":"forwarded","drop_reason":null,"firewall_rule":3,"dnat_rule":196613,"snat_rule":null,"translated_source":"1.1.1.1:1",
        "translated_destination":"2.2.2.2:2","out_interface":"lan","original":{"verdict":"forwarded","steps":[]}})");
    const json dropped = json::parse(
        R"({"number":2,"time":"2023-11-14T22:13:20.250000000Z","packet":"tcp c > d S","in_interface":"lan","not_traced":null,
        "verdict":"dropped","drop_reason":"no-route","translated_source":null,"out_interface":null,
        "original":{"verdict":"dropped","steps":[{"stage":"route","text":"no route","rule":null}]}})");
    const json others = json::parse(R"({"number":3,"time":"2023-11-14T22:13:20.250000000Z","packet":"arp","in_interface":null,
        "not_traced":"from-gateway","verdict":null})");
    EXPECT_EQ(replay_text({{"rows", {forwarded, dropped, others}}, {"incomplete", "there is more"}}, {}),
              "#  TIME          PACKET       IN   VERDICT                RULES                    SENT AS                 OUT\n"
              "1  22:13:20.250  tcp a > b S  lan  forwarded              dnat 196613, firewall 3  1.1.1.1:1 -> 2.2.2.2:2  lan\n"
              "2  22:13:20.250  tcp c > d S  lan  no-route               -                        -                       -\n"
              "3  22:13:20.250  arp          -    (sent by the gateway)  -                        -                       -\n"
              "there is more\n");
    EXPECT_EQ(replay_text({{"rows", {dropped, others}}, {"detail", true}}, {}),
              "2  22:13:20.250  tcp c > d S  in lan\n"
              "   1  route     no route\n"
              "  => dropped: no-route\n\n"
              "3  22:13:20.250  arp  (sent by the gateway)\n\n");
    EXPECT_EQ(replay_text({{"rows", json::array()}}, {}), "the capture has no packets\n");
}

}  // namespace
}  // namespace hairpin::cli

// Counters of ports across the daemon's end and its next beginning.

#include "runtime/kept_port_counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "control/protocol.h"
#include "tests/runtime/guide.h"
#include "tests/support/temporary_folder.h"

namespace hairpin::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct PortsRun {
    GuideDaemon daemon;
    KeptPortCounters kept;
    explicit PortsRun(const std::string& folder) : kept(daemon.worker, daemon.baselines, folder) {}
    void play(std::size_t frames) { daemon.play("player", "lan", std::vector<testing::Bytes>(frames, known_server().bytes())); }
    nlohmann::json shown(const std::string& port) {
        const nlohmann::json answer = daemon.ask(control::method::kShowPorts);
        for (const auto& row : answer["rows"])
            if (row["name"] == port) return row;
        return {};
    }
};

TEST(KeptPortCounters, WhatIsShownGoesOnWhereTheEarlierRunEnded) {
    const hairpin::testing::TemporaryFolder folder;
    nlohmann::json before;
    {
        PortsRun run{folder.path()};
        ASSERT_TRUE(run.kept.restore());
        run.play(3);
        before = run.shown("player");
        ASSERT_TRUE(run.kept.finish());
    }
    EXPECT_EQ(before["in_packets"], 3);
    PortsRun run{folder.path()};
    ASSERT_TRUE(run.kept.restore());
    run.play(2);
    EXPECT_EQ(run.shown("player")["in_packets"], 5);
    EXPECT_GT(run.shown("player")["in_bytes"], before["in_bytes"]);
    EXPECT_EQ(run.daemon.worker.ports().at("player").port->counters().in_packets, 2U) << "the ports themselves begin anew";

    run.daemon.ask(control::method::kClearCounters, {{"what", "ports"}});
    EXPECT_EQ(run.shown("player")["in_packets"], 0);
}

TEST(KeptPortCounters, AreWrittenOnceAMinuteWhereSomethingWasCounted) {
    const hairpin::testing::TemporaryFolder folder;
    const auto file = folder.file(KeptPortCounters::kFileName);
    PortsRun run{folder.path()};
    run.play(1);
    run.kept.look(Timestamp{1s});
    run.kept.look(Timestamp{60s});
    EXPECT_FALSE(std::filesystem::exists(file));
    while (!std::filesystem::exists(file)) run.kept.look(Timestamp{61s});
    PortsRun next{folder.path()};
    ASSERT_TRUE(next.kept.restore());
    next.play(1);
    EXPECT_EQ(next.shown("player")["in_packets"], 2);
}

TEST(KeptPortCounters, ADamagedFileIsSaidAndEverythingBeginsAnew) {
    for (
        const char* text :
        {"", "x", "[]", R"({"hairpin-port-counters":2,"ports":[]})", R"({"hairpin-port-counters":1,"ports":1})",
         R"({"hairpin-port-counters":1,"ports":[1]})", R"({"hairpin-port-counters":1,"ports":[{"name":"player"}]})",
         R"({"hairpin-port-counters":1,"ports":[{"name":"player","in_packets":-1,"in_bytes":0,"out_packets":0,"out_bytes":0,"drops":0}]})"}) {
        const hairpin::testing::TemporaryFolder folder;
        folder.write(KeptPortCounters::kFileName, text);
        PortsRun run{folder.path()};
        const auto restored = run.kept.restore();
        ASSERT_FALSE(restored) << text;
        EXPECT_THAT(restored.error().message, HasSubstr("is damaged"));
        EXPECT_EQ(run.shown("workstation")["in_packets"], 0);
    }
}

TEST(KeptPortCounters, WithoutAFolderNothingIsKept) {
    PortsRun run{""};
    EXPECT_TRUE(run.kept.restore());
    run.kept.look(Timestamp{120s});
    EXPECT_TRUE(run.kept.finish());
}

}  // namespace
}  // namespace hairpin::runtime

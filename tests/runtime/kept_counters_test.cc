// Counters of rules across the daemon's end and its next beginning, with both clocks in hand.

#include "runtime/kept_counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/runtime/guide.h"
#include "tests/support/temporary_folder.h"

namespace hairpin::runtime {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What a daemon keeps, in a folder of its own.
struct CountersFolder : hairpin::testing::TemporaryFolder {
    fs::path counters() const { return file(KeptCounters::kFileName); }
    std::string text() const {
        std::ostringstream text;
        text << std::ifstream{counters()}.rdbuf();
        return text.str();
    }
};

// A daemon that begins at a time of the clock on the wall, and whose own time begins with it.
struct DaemonRun {
    GuideDaemon daemon;
    std::chrono::nanoseconds began;
    KeptCounters kept;
    DaemonRun(const CountersFolder& folder, std::chrono::nanoseconds wall)
        : began(wall), kept(daemon.worker.gateway(), folder.path()) {}
    Clock at(Duration since) const { return {Timestamp{since}, began + since}; }
    Result<void> begin() { return kept.restore(at(0s)); }
    void hit(gateway::RuleId rule, Duration since) { daemon.worker.gateway().rule_counters().hit(rule, Timestamp{since}); }
    gateway::RuleCount count(gateway::RuleId rule) { return daemon.worker.gateway().rule_counters().of(rule); }
    // Looks until what is being written has been.
    void look_until_written(Duration since, const CountersFolder& folder) {
        const std::string before = folder.text();
        while (folder.text() == before) kept.look(at(since));
    }
};
constexpr std::chrono::nanoseconds kNovember{1'796'000'000s};

TEST(KeptCounters, HitsBytesAndTheirAgesSurvive) {
    CountersFolder folder;
    {
        DaemonRun run{folder, kNovember};
        ASSERT_TRUE(run.begin());
        run.hit(3, 10s);
        run.hit(3, 100s);
        run.daemon.worker.gateway().rule_counters().add_bytes(3, 5000);
        ASSERT_TRUE(run.kept.finish(run.at(200s)));
    }
    DaemonRun run{folder, kNovember + 24h};
    ASSERT_TRUE(run.begin());
    EXPECT_EQ(run.count(3).hits, 2u);
    EXPECT_EQ(run.count(3).bytes, 5000u);
    EXPECT_EQ(run.count(3).first_hit, Timestamp{10s - 24h});
    EXPECT_EQ(run.count(3).last_hit, Timestamp{100s - 24h});
    EXPECT_EQ(run.count(2).hits, 0u);
    run.hit(3, 5s);
    EXPECT_EQ(run.count(3).hits, 3u);
    EXPECT_EQ(run.count(3).first_hit, Timestamp{10s - 24h});
}

TEST(KeptCounters, UnusedSinceIsRightAfterARestart) {
    CountersFolder folder;
    const auto now = clock_now().wall;
    {
        DaemonRun run{folder, now - 240h};
        run.hit(3, 24h);   // nine days ago
        run.hit(2, 168h);  // three days ago
        ASSERT_TRUE(run.kept.finish(run.at(239h)));
    }
    DaemonRun run{folder, now};
    ASSERT_TRUE(run.kept.restore(clock_now()));
    std::vector<int> unused;
    const json rows = run.daemon.ask("show.firewall", {{"unused_seconds", 7 * 24 * 3600}})["rows"];
    for (const json& row : rows)
        if (row["type"] == "user") unused.push_back(row["id"]);
    EXPECT_THAT(unused, ElementsAre(3));
    const json all = run.daemon.ask("show.firewall")["rows"];
    for (const json& row : all)
        if (row["id"] == 2) {
            EXPECT_NEAR(row["last_hit_seconds_ago"].get<double>(), 72 * 3600, 60);
        }
}

TEST(KeptCounters, AreWrittenOnceAMinute) {
    CountersFolder folder;
    DaemonRun run{folder, kNovember};
    run.kept.look(run.at(0s));
    run.hit(3, 1s);
    run.kept.look(run.at(59s));
    EXPECT_FALSE(fs::exists(folder.counters()));
    run.look_until_written(60s, folder);
    EXPECT_THAT(folder.text(), HasSubstr(R"({"id":3,"hits":1,"bytes":0,)"));
}

TEST(KeptCounters, AreClearedForGood) {
    CountersFolder folder;
    {
        DaemonRun run{folder, kNovember};
        run.hit(3, 1s);
        run.kept.look(run.at(0s));
        run.look_until_written(60s, folder);
        ASSERT_THAT(folder.text(), HasSubstr(R"("id":3)"));
        run.daemon.ask("clear.counters", {{"what", "rules"}});
        run.look_until_written(61s, folder);  // at once, and the daemon is killed
    }
    DaemonRun run{folder, kNovember + 1h};
    ASSERT_TRUE(run.begin());
    EXPECT_EQ(run.count(3).hits, 0u);
    EXPECT_EQ(run.count(3).last_hit, std::nullopt);
}

// Bytes of a session that lives are not in the gateway's counters yet, and with the daemon it ends.
TEST(KeptCounters, WhatLiveSessionsHaveCarriedIsIn) {
    CountersFolder folder;
    std::uint64_t bytes = 0;
    {
        DaemonRun run{folder, kNovember};
        using namespace hairpin::testing;
        run.daemon.play("lan", "lan",
                        {udp()
                             .from({192, 168, 255, 2}, 40000)
                             .to({198, 51, 100, 10}, 53)
                             .payload(100)
                             .to_mac(run.daemon.mac_of("lan"))
                             .bytes()});
        const json rows = run.daemon.ask("show.firewall")["rows"];
        for (const json& row : rows)
            if (row["id"] == 2) bytes = row["bytes"];
        ASSERT_EQ(bytes, 128u);
        ASSERT_TRUE(run.kept.finish(clock_now()));
    }
    DaemonRun run{folder, kNovember};
    ASSERT_TRUE(run.begin());
    EXPECT_EQ(run.count(2).bytes, bytes);
}

TEST(KeptCounters, AHitInTheFutureIsJustNow) {
    CountersFolder folder;
    {
        DaemonRun run{folder, kNovember};
        run.hit(3, 10s);
        ASSERT_TRUE(run.kept.finish(run.at(20s)));
    }
    DaemonRun run{folder, kNovember - 24h};  // the clock was set back
    ASSERT_TRUE(run.begin());
    EXPECT_EQ(run.count(3).last_hit, Timestamp{});
}

TEST(KeptCounters, CountersOfARuleThatIsGoneWaitForIt) {
    CountersFolder folder;
    {
        DaemonRun run{folder, kNovember};
        run.hit(3, 10s);
        ASSERT_TRUE(run.kept.finish(run.at(20s)));
    }
    for (int times = 0; times < 2; ++times) {
        DaemonRun run{folder, kNovember};
        json document = guide_document();
        document["hairpin:gateway"]["firewall"]["rule"].erase(1);
        ASSERT_TRUE(run.daemon.configuration.replace(document.dump(), run.daemon.worker));
        ASSERT_TRUE(run.begin());
        ASSERT_TRUE(run.kept.finish(run.at(20s)));
    }
    DaemonRun run{folder, kNovember};
    ASSERT_TRUE(run.begin());
    EXPECT_EQ(run.count(3).hits, 1u);
}

TEST(KeptCounters, AFileThatIsNotOneOfTheirsIsSaidAndTheyBeginAtNothing) {
    for (const char* text :
         {"", "null", "{", "[]", "{}", R"({"hairpin-rule-counters":2,"rules":[]})", R"({"hairpin-rule-counters":1})",
          R"({"hairpin-rule-counters":1,"rules":{}})", R"({"hairpin-rule-counters":1,"rules":[3]})",
          R"({"hairpin-rule-counters":1,"rules":[{"id":2,"hits":1,"bytes":1},{"id":3,"hits":-1,"bytes":0}]})",
          R"({"hairpin-rule-counters":1,"rules":[{"id":0,"hits":1,"bytes":1}]})",
          R"({"hairpin-rule-counters":1,"rules":[{"id":4294967296,"hits":1,"bytes":1}]})"}) {
        CountersFolder folder;
        std::ofstream{folder.counters()} << text;
        DaemonRun run{folder, kNovember};
        const auto begun = run.begin();
        ASSERT_FALSE(begun) << text;
        EXPECT_THAT(begun.error().message, HasSubstr(folder.counters().string())) << text;
        EXPECT_EQ(run.count(2).hits, 0u) << "not even those that could be read: " << text;
    }
}

TEST(KeptCounters, WithoutAFileOrAFolderThereIsNothingToSay) {
    CountersFolder folder;
    EXPECT_TRUE((DaemonRun{folder, kNovember}.begin()));
    GuideDaemon daemon;
    KeptCounters nowhere{daemon.worker.gateway(), ""};
    EXPECT_TRUE(nowhere.restore(clock_now()));
    EXPECT_TRUE(nowhere.finish(clock_now()));
}

TEST(KeptCounters, AFolderThatIsGoneIsSaid) {
    CountersFolder folder;
    DaemonRun run{folder, kNovember};
    run.hit(3, 1s);
    fs::remove_all(folder.path());
    const auto kept = run.kept.finish(run.at(20s));
    ASSERT_FALSE(kept);
    EXPECT_THAT(kept.error().message, HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace hairpin::runtime

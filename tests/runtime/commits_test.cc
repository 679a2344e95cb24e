#include "runtime/commits.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/runtime/guide.h"
#include "tests/support/temporary_folder.h"

namespace hairpin::runtime {
namespace {

namespace fs = std::filesystem;
using hairpin::testing::TemporaryFolder;
using nlohmann::json;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Timestamp kStart{seconds{1000}};

// The guide's document with one name changed, so that documents can be told apart.
std::string document(const std::string& name) {
    json guide = guide_document();
    guide["hairpin:gateway"]["firewall"]["rule"][0]["name"] = name;
    return guide.dump();
}

struct Daemon : GuideDaemon {
    explicit Daemon(CommitHistory history = {})
        : commits{configuration, worker, std::move(history), [this](std::string_view event, const Commit& commit) {
                      events.push_back(std::string{event} + " " + commit.via);
                  }} {}

    tl::expected<Commits::Change, Commits::Refusal> commit(const std::string& name, Commits::Request more = {},
                                                           Timestamp now = kStart) {
        more.document = document(name);
        more.user = "somebody";
        more.via = "commit";
        return commits.commit(more, now);
    }
    std::string name_in_force() const {
        return configuration.document()["hairpin:gateway"]["firewall"]["rule"][0]["name"].get<std::string>();
    }
    std::vector<std::string> vias() const {
        std::vector<std::string> result;
        for (const Commit& commit : commits.history()) result.push_back(commit.via);
        return result;
    }

    std::vector<std::string> events;
    Commits commits;
};

TEST(Commits, TheNewestIsNumberZero) {
    Daemon daemon;
    EXPECT_THAT(daemon.vias(), ElementsAre("boot"));
    ASSERT_TRUE(daemon.commit("one"));
    ASSERT_TRUE(daemon.commit("two", {.comment = "why"}));
    EXPECT_THAT(daemon.vias(), ElementsAre("commit", "commit", "boot"));
    EXPECT_EQ(daemon.commits.history()[0].comment, "why");
    EXPECT_EQ(json::parse(daemon.commits.history()[1].document), json::parse(document("one")));
    EXPECT_EQ(daemon.name_in_force(), "two");
    EXPECT_THAT(daemon.events, ElementsAre("commit commit", "commit commit"));
}

TEST(Commits, CheckChangesNothing) {
    Daemon daemon;
    const auto before = daemon.commits.generation();
    EXPECT_TRUE(daemon.commits.check({.document = document("one")}));
    const auto wrong = daemon.commits.check({.document = R"({"hairpin:gateway":{"mtu":1}})"});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().reason, Commits::Refusal::Reason::document);
    EXPECT_EQ(daemon.commits.generation(), before);
    EXPECT_THAT(daemon.commits.history(), SizeIs(1));
}

TEST(Commits, OfTwoPeopleTheSecondIsToldOfTheFirst) {
    Daemon daemon;
    const auto base = daemon.commits.generation();
    ASSERT_TRUE(daemon.commit("one", {.base = base}));
    const auto second = daemon.commit("two", {.base = base});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reason, Commits::Refusal::Reason::conflict);
    EXPECT_EQ(daemon.name_in_force(), "one");
    EXPECT_TRUE(daemon.commit("two", {.base = daemon.commits.generation()}));
}

TEST(Commits, WhatIsNotConfirmedIsUndone) {
    Daemon daemon;
    ASSERT_TRUE(daemon.commit("good"));
    ASSERT_TRUE(daemon.commit("bad", {.confirm = seconds{10}}));
    EXPECT_EQ(daemon.commits.time_left(kStart + seconds{3}), seconds{7});
    daemon.commits.look(kStart + seconds{10} - std::chrono::milliseconds{1});
    EXPECT_EQ(daemon.name_in_force(), "bad");
    daemon.commits.look(kStart + seconds{10});
    EXPECT_EQ(daemon.name_in_force(), "good");
    EXPECT_THAT(daemon.vias(), ElementsAre("confirm timeout", "commit", "commit", "boot"));
    EXPECT_EQ(daemon.events.back(), "revert confirm timeout");
    daemon.commits.look(kStart + seconds{100});
    EXPECT_THAT(daemon.vias(), SizeIs(4)) << "once is enough";
}

TEST(Commits, WhatIsConfirmedStays) {
    Daemon daemon;
    EXPECT_FALSE(*daemon.commits.confirm("somebody")) << "nothing waits";
    ASSERT_TRUE(daemon.commit("new", {.confirm = seconds{10}}));
    EXPECT_TRUE(*daemon.commits.confirm("somebody"));
    daemon.commits.look(kStart + seconds{100});
    EXPECT_EQ(daemon.name_in_force(), "new");
    EXPECT_TRUE(daemon.commits.history()[0].confirmed);
}

TEST(Commits, AnotherCommitConfirms) {
    Daemon daemon;
    ASSERT_TRUE(daemon.commit("one", {.confirm = seconds{10}}));
    ASSERT_TRUE(daemon.commit("two"));
    daemon.commits.look(kStart + seconds{100});
    EXPECT_EQ(daemon.name_in_force(), "two");
}

TEST(Commits, OneThatWaitsOnTopOfOneThatWaitsIsUndoneToWhatWasConfirmed) {
    Daemon daemon;
    ASSERT_TRUE(daemon.commit("good"));
    ASSERT_TRUE(daemon.commit("one", {.confirm = seconds{10}}));
    ASSERT_TRUE(daemon.commit("two", {.confirm = seconds{10}}));
    daemon.commits.look(kStart + seconds{10});
    EXPECT_EQ(daemon.name_in_force(), "good");
}

TEST(Commits, SessionsThatBothDecideTheSameLiveThroughAnUndoing) {
    Daemon daemon;
    ASSERT_TRUE(daemon.commit("bad", {.confirm = seconds{10}}));
    const auto generation = daemon.commits.generation();
    daemon.commits.look(kStart + seconds{10});
    EXPECT_EQ(daemon.commits.generation(), generation + 1) << "new rules, adopted as any: sessions are looked at, not ended";
}

// ---- On disk --------------------------------------------------------------------------------------------------------------------

CommitHistory opened(const TemporaryFolder& folder) {
    std::vector<std::string> warnings;
    auto history = CommitHistory::open(folder.path(), warnings);
    EXPECT_TRUE(history) << history.error().message;
    EXPECT_THAT(warnings, IsEmpty());
    return std::move(*history);
}

TEST(CommitHistory, SurvivesTheDaemon) {
    TemporaryFolder folder;
    {
        Daemon daemon{opened(folder)};
        ASSERT_TRUE(daemon.commit("one"));
        ASSERT_TRUE(daemon.commit("two", {.comment = "why"}));
    }
    const CommitHistory history = opened(folder);
    ASSERT_THAT(history.commits(), SizeIs(3));
    EXPECT_EQ(history.commits()[0].comment, "why");
    EXPECT_EQ(history.commits()[0].user, "somebody");
    EXPECT_EQ(json::parse(*Commits::document_to_boot(history)), json::parse(document("two")));
}

TEST(CommitHistory, WhatWasNotConfirmedIsNotBooted) {
    TemporaryFolder folder;
    {
        Daemon daemon{opened(folder)};
        ASSERT_TRUE(daemon.commit("good"));
        ASSERT_TRUE(daemon.commit("bad", {.confirm = seconds{10}}));
    }
    EXPECT_EQ(json::parse(*Commits::document_to_boot(opened(folder))), json::parse(document("good")));
    {
        Daemon daemon{opened(folder)};
        ASSERT_TRUE(daemon.commit("bad", {.confirm = seconds{10}}));
        ASSERT_TRUE(*daemon.commits.confirm("somebody"));
    }
    EXPECT_EQ(json::parse(*Commits::document_to_boot(opened(folder))), json::parse(document("bad")));
}

TEST(CommitHistory, KeepsTheNewestFifty) {
    TemporaryFolder folder;
    {
        Daemon daemon{opened(folder)};
        for (int i = 0; i < 60; ++i) ASSERT_TRUE(daemon.commit("number " + std::to_string(i)));
        EXPECT_THAT(daemon.commits.history(), SizeIs(50));
    }
    EXPECT_THAT(opened(folder).commits(), SizeIs(50));
    EXPECT_EQ(std::distance(fs::directory_iterator{folder.path()}, {}), 50);
}

// A crash between writing and renaming leaves a file that is not one of ours yet.
TEST(CommitHistory, AnUnfinishedFileIsNoCommit) {
    TemporaryFolder folder;
    {
        Daemon daemon{opened(folder)};
        ASSERT_TRUE(daemon.commit("one"));
    }
    std::ofstream{folder.file("commit-00000009.json.new")} << "{\"config\":";
    EXPECT_EQ(json::parse(*Commits::document_to_boot(opened(folder))), json::parse(document("one")));
}

// Nor does one that a crash cut short, wherever it did.
TEST(CommitHistory, AFileThatIsCutShortIsNoCommit) {
    TemporaryFolder folder;
    {
        Daemon daemon{opened(folder)};
        ASSERT_TRUE(daemon.commit("one"));
    }
    std::ostringstream text;
    text << std::ifstream{folder.file("commit-00000002.json")}.rdbuf();
    std::string whole = text.str();
    ASSERT_EQ(json::parse(whole)["config"], json::parse(document("one")));
    whole.pop_back();  // the newline
    for (std::size_t size = 0; size < whole.size(); size += 1 + size / 100) {
        std::ofstream{folder.file("commit-00000003.json"), std::ios::trunc} << whole.substr(0, size);
        std::vector<std::string> warnings;
        const auto history = CommitHistory::open(folder.path(), warnings);
        ASSERT_TRUE(history);
        EXPECT_THAT(history->commits(), SizeIs(2)) << size;
        EXPECT_THAT(warnings, SizeIs(1)) << size;
    }
}

TEST(CommitHistory, ADamagedFileIsPassedOverWithAWord) {
    TemporaryFolder folder;
    {
        Daemon daemon{opened(folder)};
        ASSERT_TRUE(daemon.commit("one"));
        ASSERT_TRUE(daemon.commit("two"));
    }
    std::ofstream{folder.file("commit-00000003.json"), std::ios::trunc} << "{\"config\": ";
    std::vector<std::string> warnings;
    const auto history = CommitHistory::open(folder.path(), warnings);
    ASSERT_TRUE(history);
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("commit-00000003.json is damaged")));
    EXPECT_EQ(json::parse(*Commits::document_to_boot(*history)), json::parse(document("one")));
}

TEST(CommitHistory, AFolderThatCannotBeMadeIsSaid) {
    std::vector<std::string> warnings;
    const auto history = CommitHistory::open("/nonexistent/folder/commits", warnings);
    ASSERT_FALSE(history);
    EXPECT_THAT(history.error().message, HasSubstr("/nonexistent/folder/commits: No such file or directory"));
}

TEST(CommitHistory, ACommitThatCannotBeKeptIsInForceAndSaysSo) {
    TemporaryFolder folder;
    Daemon daemon{opened(folder)};
    fs::remove_all(folder.path());
    const auto change = daemon.commit("one");
    ASSERT_TRUE(change);
    EXPECT_THAT(change->warnings, ::testing::Contains(HasSubstr("will not survive the daemon")));
    EXPECT_EQ(daemon.name_in_force(), "one");
}

// ---- Against a model ------------------------------------------------------------------------------------------------------------

struct Model {
    std::string in_force = "LAN to Internet";
    std::optional<std::pair<Timestamp, std::string>> pending;
};

RC_GTEST_PROP(Commits, BehaveAsTheModel, ()) {
    Daemon daemon;
    Model model;
    Timestamp now = kStart;
    const int steps = *rc::gen::inRange(1, 30);
    for (int step = 0; step < steps; ++step) {
        const std::string name = "name " + std::to_string(step);
        switch (*rc::gen::inRange(0, 4)) {
            case 0:
                RC_ASSERT(daemon.commit(name, {}, now).has_value());
                model = {name, std::nullopt};
                break;
            case 1: {
                const seconds wait{*rc::gen::inRange(1, 10)};
                RC_ASSERT(daemon.commit(name, {.confirm = wait}, now).has_value());
                model.pending = {now + wait, model.pending ? model.pending->second : model.in_force};
                model.in_force = name;
                break;
            }
            case 2:
                RC_ASSERT(*daemon.commits.confirm("somebody") == model.pending.has_value());
                model.pending.reset();
                break;
            default:
                now += seconds{*rc::gen::inRange(0, 6)};
                daemon.commits.look(now);
                if (model.pending && now >= model.pending->first) model = {model.pending->second, std::nullopt};
        }
        RC_ASSERT(daemon.name_in_force() == model.in_force);
    }
}

}  // namespace
}  // namespace hairpin::runtime

// `show tech` without a daemon: what it asks, and what lies in the archive.

#include "cli/tech_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/temporary_folder.h"

namespace hairpin::cli {
namespace {

using hairpin::testing::TemporaryFolder;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct AskedDaemon {
    std::vector<std::string> asked;
    std::string silent;  // the method that fails

    Ask ask() {
        return [this](std::string_view method, const json&) -> Outcome<json> {
            asked.emplace_back(method);
            if (method == silent) return failed_with(ExitCode::failed, "nobody knows");
            return json{{"rows", json::array()}};
        };
    }
};

// What tar takes out of it.
std::string unpacked(const TemporaryFolder& folder, const std::string& archive) {
    const std::string command = "tar -xzf " + archive + " -C " + folder.path();
    EXPECT_EQ(std::system(command.c_str()), 0);
    return folder.path() + "/" + std::string{std::filesystem::path{archive}.filename()}.substr(0, 6);
}
std::string contents(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

TEST(TechSupport, HasWhatEveryShowSaysAsTextAndAsJson) {
    const TemporaryFolder folder;
    AskedDaemon daemon;
    const auto result = write_tech_support({{"file", folder.path() + "/office.tar.gz"}}, daemon.ask());
    ASSERT_TRUE(result) << result.error().sentence;
    EXPECT_THAT(daemon.asked, AllOf(Contains("show.ports"), Contains("show.firewall"), Contains("show.sessions"),
                                    Contains("show.log"), Contains("config.get"), Contains("config.history")));
    EXPECT_EQ((*result)["entries"], 2 * daemon.asked.size() + 1);
    EXPECT_EQ((*result)["missing"], json::array());

    const std::string inside = unpacked(folder, folder.path() + "/office.tar.gz");
    EXPECT_EQ(contents(inside + "/show-routes.txt"), "the gateway has no routes\n");
    EXPECT_EQ(json::parse(contents(inside + "/show-nat-rules.json"))["schema"], "hairpin.nat-rules/1");
    EXPECT_THAT(contents(inside + "/machine.txt"), AllOf(HasSubstr("Linux"), HasSubstr("processors"), HasSubstr("MemTotal")));
}

TEST(TechSupport, WhatCannotBeAskedStandsInItAsTheReason) {
    const TemporaryFolder folder;
    AskedDaemon daemon;
    daemon.silent = "show.arp";
    const auto result = write_tech_support({{"file", folder.path() + "/office.tar.gz"}}, daemon.ask());
    ASSERT_TRUE(result) << result.error().sentence;
    EXPECT_EQ((*result)["missing"], json::array({"show arp"}));
    EXPECT_EQ(contents(unpacked(folder, folder.path() + "/office.tar.gz") + "/show-arp.txt"), "nobody knows\n");
    EXPECT_THAT(tech_support_text(*result, {}), HasSubstr("not answered: show arp\n"));
}

TEST(TechSupport, OnlyItsOwnerMayReadIt) {
    const TemporaryFolder folder;
    AskedDaemon daemon;
    const std::string file = folder.path() + "/office.tar.gz";
    ASSERT_TRUE(write_tech_support({{"file", file}}, daemon.ask()));
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(TechSupport, WritesOverNothing) {
    const TemporaryFolder folder;
    AskedDaemon daemon;
    const std::string file = folder.write("office.tar.gz", "mine");
    const auto result = write_tech_support({{"file", file}}, daemon.ask());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().sentence, file + ": File exists");
    EXPECT_EQ(result.error().word, 0u);
    EXPECT_EQ(contents(file), "mine");
    EXPECT_THAT(daemon.asked, ElementsAre());
}

TEST(TechSupport, WhatIsNotFinishedIsDeleted) {
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/office.tar.gz";
    EXPECT_ANY_THROW(write_tech_support(
        {{"file", file}}, [](std::string_view, const json&) -> Outcome<json> { throw std::runtime_error{"gone"}; }));
    EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace hairpin::cli

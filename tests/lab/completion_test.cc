// What a shell is told at a TAB behind `hairpin lab`, where no lab is needed for it.

#include "lab/completion.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "lab/lab_command.h"

namespace hairpin::lab {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> after(const std::vector<std::string>& words) {
    std::vector<std::string> found;
    describe_lab([&](const CLI::App& lab) { found = completions(lab, words); });
    return found;
}

TEST(LabCompletion, VerbsAreFoundByTheirBeginnings) {
    EXPECT_THAT(after({"im"}), ElementsAre("impair", "import"));
    EXPECT_THAT(after({"li"}), ElementsAre("link", "list"));
    EXPECT_THAT(after({""}), AllOf(Contains("up"), Contains("verify"), Contains("version"), Not(Contains("--help"))));
    EXPECT_THAT(after({"nonsense"}), IsEmpty());
    EXPECT_THAT(after({}), IsEmpty());
}

TEST(LabCompletion, AVerbOfVerbsHasItsOwn) {
    EXPECT_THAT(after({"impair", ""}), ElementsAre("profile", "reset", "set", "show"));
    EXPECT_THAT(after({"netem", "profile", "a"}), ElementsAre("apply"));
    EXPECT_THAT(after({"link", ""}), ElementsAre("down", "flap", "up"));
}

TEST(LabCompletion, OptionsAreThoseOfTheVerb) {
    EXPECT_THAT(after({"up", "--dry"}), ElementsAre("--dry-run"));
    EXPECT_THAT(after({"deploy", "x", "--re"}), ElementsAre("--reconfigure", "--restore"));
    EXPECT_THAT(after({"inspect", "-"}), AllOf(Contains("--json"), Each(StartsWith("--"))));
    EXPECT_THAT(after({"impair", "set", "--dela"}), ElementsAre("--delay", "--delay-correlation"));
}

TEST(LabCompletion, ATopologyIsOfferedWhereOneIsTaken) {
    ::setenv("HAIRPIN_TOPOLOGIES", HAIRPIN_TOPOLOGIES, 1);
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"up", "two-s"}, {"up", "-c", "two-s"}, {"up", "-t", "two-s"}, {"verify", "two-s"}, {"graph", "--svg", "two-s"}})
        EXPECT_THAT(after(words), ElementsAre("two-sites")) << words.front();
    // ... and not what is none, or stands where another word is wanted.
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"down", "two-s"},
                                                                                       {"list", "two-s"},
                                                                                       {"up", "hairpin", "two-s"},
                                                                                       {"up", "--name", "two-s"},
                                                                                       {"exec", "x", "--", "two-s"}})
        EXPECT_THAT(after(words), IsEmpty()) << words.front();
    ::unsetenv("HAIRPIN_TOPOLOGIES");
}

}  // namespace
}  // namespace hairpin::lab

// The program from its words to its exit status, without a daemon.
#include "cli/application.h"

#include <gmock/gmock.h>

#include <sstream>

#include "cli/failure.h"
#include "tests/support/temporary_folder.h"

namespace hairpin::cli {
namespace {

using hairpin::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Application : public ::testing::Test {
protected:
    int type(std::vector<std::string> words) {
        out.str({});
        error.str({});
        return run(std::move(words),
                   {out,
                    error,
                    [](const char*) -> const char* { return nullptr; },
                    {folder.path() + "/control.sock", folder.path() + "/labs"},
                    [this](std::vector<std::string> arguments) { return lab_arguments = std::move(arguments), 42; }});
    }
    TemporaryFolder folder;
    std::ostringstream out, error;
    std::vector<std::string> lab_arguments;
};

TEST_F(Application, WithoutWordsSaysWhatToType) {
    EXPECT_EQ(type({}), 0);
    EXPECT_THAT(out.str(), HasSubstr("hairpin help"));
    EXPECT_THAT(error.str(), IsEmpty());
}

TEST_F(Application, HelpListsEveryCommand) {
    for (const auto& words : std::vector<std::vector<std::string>>{{"help"}, {"--help"}, {"-h"}}) {
        EXPECT_EQ(type(words), 0);
        for (const char* line : {"show nat rules", "trace tcp|udp|icmp", "lab VERB", "--socket PATH", "-j,--json"})
            EXPECT_THAT(out.str(), HasSubstr(line));
    }
}

TEST_F(Application, HelpAboutOneCommand) {
    for (const auto& words : std::vector<std::vector<std::string>>{{"help", "sh", "sess"}, {"show", "sessions", "--help"}}) {
        EXPECT_EQ(type(words), 0);
        EXPECT_THAT(out.str(), HasSubstr("Usage: hairpin show sessions [protocol PROTOCOL]"));
    }
}

TEST_F(Application, EverythingBehindLabIsTheLabs) {
    EXPECT_EQ(type({"lab", "exec", "hairpin", "workstation", "--", "curl", "-j", "--json", "--help"}), 42);
    EXPECT_THAT(lab_arguments, ElementsAre("exec", "hairpin", "workstation", "--", "curl", "-j", "--json", "--help"));
    EXPECT_EQ(type({"lab"}), 42);
    EXPECT_THAT(lab_arguments, IsEmpty());
}

TEST_F(Application, JsonBeforeLabIsAskedOfTheLab) {
    EXPECT_EQ(type({"-j", "lab", "inspect", "links"}), 42);
    EXPECT_THAT(lab_arguments, ElementsAre("inspect", "links", "-j"));
    EXPECT_EQ(type({"--json", "lab", "exec", "workstation", "--", "curl", "-j"}), 42);
    EXPECT_THAT(lab_arguments, ElementsAre("exec", "workstation", "-j", "--", "curl", "-j"));
}

TEST_F(Application, AnErrorIsOneLine) {
    EXPECT_EQ(type({"shwo", "ports"}), 2);
    EXPECT_THAT(out.str(), IsEmpty());
    EXPECT_THAT(error.str(), ::testing::MatchesRegex("hairpin: error: [^\n]*did you mean show[^\n]*\n"));
    EXPECT_EQ(type({"--colour", "show", "ports"}), 2);
    EXPECT_EQ(type({"show", "ports", "--socket"}), 2);
    EXPECT_EQ(type({"load", folder.write("bad.json", "{")}), 8);
    EXPECT_THAT(error.str(), HasSubstr("bad.json:1:2: "));
}

TEST_F(Application, SaysWhenNobodyAnswers) {
    EXPECT_EQ(type({"show", "ports"}), 5);
    EXPECT_EQ(type({"--socket", folder.path() + "/nobody.sock", "show", "ports"}), 5);
    EXPECT_THAT(error.str(), HasSubstr("nobody.sock"));
    EXPECT_EQ(type({"show", "ports", "--json", "--lab", "gone"}), 4);
}

TEST(FailureOf, AnErrorBecomesAnExitStatus) {
    control::CallError refused{{"is no address", "/a/b"}, control::CallFailure::refused, control::kConfigurationRefused, "", ""};
    EXPECT_EQ(failure_of(refused, "load x.json").code, ExitCode::rejected);
    EXPECT_EQ(failure_of(refused, "load x.json").sentence, "load x.json: /a/b: is no address");
    refused.code = control::kNotFound;
    EXPECT_EQ(failure_of(refused, "").code, ExitCode::not_found);
    EXPECT_EQ(failure_of(refused, "show ports").sentence, "show ports: is no address");
    refused.code = control::kInvalidParams;
    EXPECT_EQ(failure_of(refused, "").code, ExitCode::usage);
    refused.code = control::kOperationFailed;
    EXPECT_EQ(failure_of(refused, "").code, ExitCode::failed);
    refused.failure = control::CallFailure::denied;
    EXPECT_EQ(failure_of(refused, "").code, ExitCode::denied);
    refused.failure = control::CallFailure::timed_out;
    EXPECT_EQ(failure_of(refused, "").code, ExitCode::unreachable);
}

}  // namespace
}  // namespace hairpin::cli

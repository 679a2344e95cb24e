#include "cli/daemon_address.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/support/temporary_folder.h"

namespace hairpin::cli {
namespace {

using hairpin::testing::TemporaryFolder;
using ::testing::HasSubstr;

class DaemonAddress : public ::testing::Test {
protected:
    std::string found(const std::string& socket = {}, const std::string& lab = {}) {
        const auto path = find_daemon(
            socket, lab, [this](const char* name) { return variables.contains(name) ? variables[name].c_str() : nullptr; },
            places);
        if (path) return *path;
        code = path.error().code;
        return "error: " + path.error().sentence;
    }
    void run_lab(const std::string& name) { folder.write("labs/" + name + "/control.sock", ""); }
    std::string socket_of(const std::string& lab) const { return places.labs_folder + "/" + lab + "/control.sock"; }

    TemporaryFolder folder;
    Places places{folder.path() + "/control.sock", folder.path() + "/labs"};
    std::map<std::string, std::string> variables;
    ExitCode code = ExitCode::ok;
};

TEST_F(DaemonAddress, IsTheFirstThatIsSaid) {
    run_lab("a");
    run_lab("b");
    folder.write("control.sock", "");
    EXPECT_EQ(found(), places.default_socket);
    variables["HAIRPIN_LAB"] = "b";
    EXPECT_EQ(found(), socket_of("b"));
    variables["HAIRPIN_SOCKET"] = "/some/where";
    EXPECT_EQ(found(), "/some/where");
    EXPECT_EQ(found("", "a"), socket_of("a"));
    EXPECT_EQ(found("/else/where", "a"), "/else/where");
}

TEST_F(DaemonAddress, IsTheOnlyLabs) {
    run_lab("a");
    EXPECT_EQ(found(), socket_of("a"));
}

TEST_F(DaemonAddress, OfSeveralLabsMustBeChosen) {
    run_lab("b");
    run_lab("a");
    EXPECT_THAT(found(), HasSubstr("say which with --lab a or b"));
    EXPECT_EQ(code, ExitCode::usage);
}

TEST_F(DaemonAddress, NobodyRuns) {
    EXPECT_THAT(found(), HasSubstr("hairpin lab up NAME"));
    EXPECT_EQ(code, ExitCode::unreachable);
}

TEST_F(DaemonAddress, ALabThatDoesNotRun) {
    EXPECT_THAT(found("", "a"), HasSubstr("lab \"a\" does not run (start it"));
    EXPECT_EQ(code, ExitCode::not_found);
    run_lab("b");
    EXPECT_THAT(found("", "a"), HasSubstr("(running: b)"));
    EXPECT_THAT(found("", "../../etc"), HasSubstr("no lab's name"));
}

}  // namespace
}  // namespace hairpin::cli

// What Wireshark is told where no daemon runs; with one, tests/labs/test_capture.py asks as Wireshark does.

#include "cli/extcap.h"

#include <gmock/gmock.h>

#include <sstream>

namespace hairpin::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Called {
    int status = 0;
    std::string out, error;
};
Called call(std::vector<std::string> arguments) {
    std::ostringstream out, error;
    const int status =
        run_extcap(std::move(arguments),
                   {out, error, [](const char*) -> const char* { return nullptr; }, {"/nowhere/control.sock", "/nowhere"}});
    return {status, out.str(), error.str()};
}

TEST(Extcap, ListsNoInterfacesWithoutADaemon) {
    const Called called = call({"--extcap-interfaces", "--extcap-version=4.2"});
    EXPECT_EQ(called.status, 0);
    EXPECT_THAT(called.out, StartsWith("extcap {version="));
    EXPECT_EQ(called.out.find("interface {"), std::string::npos);
}

TEST(Extcap, TellsLinkTypesAndOptionsOfItsInterfaces) {
    EXPECT_EQ(call({"--extcap-interface", "hairpin:lab:lan", "--extcap-dlts"}).out,
              "dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
    EXPECT_THAT(call({"--extcap-config", "--extcap-interface=hairpin::"}).out, HasSubstr("{call=--drops}"));
}

TEST(Extcap, RefusesWhatIsNotItsOwnOrCannotBe) {
    EXPECT_EQ(call({"--extcap-interface", "eth0", "--extcap-dlts"}).status, 2);
    EXPECT_EQ(call({}).status, 2);
    EXPECT_EQ(call({"--extcap-interface", "hairpin::lan", "--capture"}).status, 2);
    EXPECT_EQ(call({"--unknown"}).status, 2);
    const Called unreachable = call({"--extcap-interface", "hairpin::lan", "--capture", "--fifo", "/dev/null"});
    EXPECT_EQ(unreachable.status, static_cast<int>(ExitCode::unreachable));
    EXPECT_THAT(unreachable.error, HasSubstr("/nowhere/control.sock"));
    EXPECT_THAT(unreachable.out, IsEmpty());
    EXPECT_THAT(call({"--extcap-interface", "hairpin::lan", "--extcap-capture-filter", "tcp"}).out, HasSubstr("no daemon"));
}

}  // namespace
}  // namespace hairpin::cli

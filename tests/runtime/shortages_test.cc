// The alarm when something of the gateway's is used up.

#include "runtime/shortages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/log.h"

namespace hairpin::runtime {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kAlarmed{seconds{1000}};

// The warnings since the last look.
std::vector<std::string> new_warnings() {
    std::vector<std::string> texts;
    for (const log::Line& line : log::kept())
        if (line.level == "warning") texts.push_back(line.text);
    log::clear();
    return texts;
}

TEST(Rfc6888, Req11c_ThatPortsAreUsedUpIsAWarningInTheLog) {
    ASSERT_TRUE(log::start("info"));
    log::clear();
    Ledger ledger;
    Shortages shortages{ledger};
    std::uint64_t& refused = ledger.dropped[static_cast<std::size_t>(DropReason::nat_exhausted)];
    shortages.look(kAlarmed);
    EXPECT_THAT(new_warnings(), IsEmpty());

    refused = 3;
    shortages.look(kAlarmed);
    EXPECT_THAT(new_warnings(),
                ElementsAre("event=shortage reason=nat-exhausted refused=3 no free port for the translation; an ICMP error "
                            "was owed (see show nat pools)"));
    refused = 9;
    shortages.look(kAlarmed + seconds{9});
    EXPECT_THAT(new_warnings(), IsEmpty()) << "it is known";
    shortages.look(kAlarmed + seconds{10});
    EXPECT_THAT(new_warnings(), ElementsAre(::testing::HasSubstr("refused=6 ")));
    shortages.look(kAlarmed + seconds{30});
    EXPECT_THAT(new_warnings(), IsEmpty()) << "it is over";
}

}  // namespace
}  // namespace hairpin::runtime

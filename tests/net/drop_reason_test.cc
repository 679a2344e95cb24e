#include "net/drop_reason.h"

#include <gtest/gtest.h>

#include <set>

#include "net/ledger.h"

namespace hairpin {
namespace {

TEST(DropReason, EachHasANameOfItsOwnAndSaysWhatHappened) {
    std::set<std::string_view> names;
    for (const DropReasonRow& row : kDropReasons) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string_view::npos) << row.name;
        EXPECT_FALSE(row.description.empty()) << row.name;
        EXPECT_EQ(name_of(row.reason), row.name);
        EXPECT_EQ(description_of(row.reason), row.description);
    }
}

TEST(Ledger, WhatCameInAndNotOutIsHeld) {
    Ledger ledger;
    ledger.received = 10;
    ledger.originated = 2;
    ledger.copied = 3;
    ledger.transmitted = 5;
    ledger.absorbed = 1;
    ledger.drop(DropReason::runt);
    for (int i = 0; i < 3; ++i) ledger.drop(DropReason::no_route);
    EXPECT_EQ(ledger.dropped_for(DropReason::no_route), 3u);
    EXPECT_EQ(ledger.dropped_for(DropReason::too_big), 0u);
    EXPECT_EQ(ledger.dropped_total(), 4u);
    EXPECT_EQ(ledger.expected_held(), 5);
}

}  // namespace
}  // namespace hairpin

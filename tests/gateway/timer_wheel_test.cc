#include "gateway/sessions/timer_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace hairpin::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// As much of a session as the wheel knows.
struct Record {
    SessionIndex wheel_previous, wheel_next;
    std::uint32_t wheel_slot;
};

constexpr std::uint32_t kWheelSlots = TimerWheel<Record>::kSlots;
constexpr std::size_t kAllThatAreDue = ~std::size_t{0};

class Wheel {
public:
    explicit Wheel(std::uint32_t now = 0) { wheel_.start(Tick{now}); }
    void insert(SessionIndex index, std::uint32_t deadline) { wheel_.insert(index, Tick{deadline}); }
    void remove(SessionIndex index) { wheel_.remove(index); }
    // Whose slots the hand passed up to `now`, in the order of the slots.
    std::vector<SessionIndex> turn(std::uint32_t now, std::size_t limit = kAllThatAreDue) {
        std::vector<SessionIndex> due;
        const std::size_t called = wheel_.turn(Tick{now}, limit, [&](SessionIndex index) { due.push_back(index); });
        EXPECT_EQ(called, due.size());
        return due;
    }
    TimerWheel<Record>& wheel() { return wheel_; }

private:
    ReservedArray<Record> records_{256};
    TimerWheel<Record> wheel_{records_};
};

TEST(TimerWheel, NothingIsDueOnAnEmptyOne) {
    Wheel wheel;
    EXPECT_THAT(wheel.turn(0), IsEmpty());
    EXPECT_THAT(wheel.turn(3 * kWheelSlots), IsEmpty());
}

TEST(TimerWheel, ASessionIsDueAtItsDeadlineAndNotATickBefore) {
    for (const std::uint32_t start : {0u, 1u, kWheelSlots - 1, kWheelSlots, 1'000'000u}) {
        for (const std::uint32_t ahead : {1u, 2u, 480u, kWheelSlots - 2, kWheelSlots - 1}) {
            Wheel wheel{start};
            wheel.insert(7, start + ahead);
            EXPECT_THAT(wheel.turn(start + ahead - 1), IsEmpty()) << ahead << " ahead of " << start;
            EXPECT_THAT(wheel.turn(start + ahead), ElementsAre(7)) << ahead << " ahead of " << start;
            EXPECT_THAT(wheel.turn(start + ahead + 2 * kWheelSlots), IsEmpty()) << "once is enough";
        }
    }
}

TEST(TimerWheel, ADeadlineThatHasPassedIsDueAtTheNextTick) {
    Wheel wheel{100};
    wheel.insert(1, 0);
    wheel.insert(2, 99);
    wheel.insert(3, 100);
    EXPECT_THAT(wheel.turn(100), IsEmpty());
    EXPECT_THAT(wheel.turn(101), UnorderedElementsAre(1, 2, 3));
}

TEST(TimerWheel, ADeadlineBeyondTheWheelIsAskedForInTheLastSlot) {
    Wheel wheel{500};
    wheel.insert(1, 500 + kWheelSlots);
    wheel.insert(2, 500 + 59'520);  // two hours and four minutes
    wheel.insert(3, ~std::uint32_t{0});
    EXPECT_THAT(wheel.turn(500 + kWheelSlots - 2), IsEmpty());
    EXPECT_THAT(wheel.turn(500 + kWheelSlots - 1), UnorderedElementsAre(1, 2, 3));
}

TEST(TimerWheel, AnyOfASlotLeavesItAndTheOthersStay) {
    for (SessionIndex leaves = 0; leaves < 4; ++leaves) {
        Wheel wheel;
        for (SessionIndex index = 0; index < 4; ++index) wheel.insert(index, 10);
        wheel.remove(leaves);
        auto due = wheel.turn(10);
        std::sort(due.begin(), due.end());
        std::vector<SessionIndex> others{0, 1, 2, 3};
        others.erase(others.begin() + leaves);
        EXPECT_EQ(due, others);
    }
}

TEST(TimerWheel, TheLimitLeavesTheRestForTheNextTurn) {
    Wheel wheel;
    for (SessionIndex index = 0; index < 5; ++index) wheel.insert(index, 10);
    wheel.insert(5, 11);
    EXPECT_EQ(wheel.turn(20, 2).size(), 2u);
    EXPECT_EQ(wheel.turn(20, 2).size(), 2u);
    EXPECT_EQ(wheel.turn(20, 2).size(), 2u);
    EXPECT_THAT(wheel.turn(20, 2), IsEmpty());
}

TEST(TimerWheel, ALimitOfNoneCallsNobodyAndLosesNobody) {
    Wheel wheel;
    wheel.insert(1, 10);
    EXPECT_THAT(wheel.turn(20, 0), IsEmpty());
    EXPECT_THAT(wheel.turn(20), ElementsAre(1));
}

// The hand waits where the limit stopped it: what is put in meanwhile is due in its turn and not a round later.
TEST(TimerWheel, WhatIsPutInBehindALimitIsNotForgotten) {
    Wheel wheel;
    wheel.insert(1, 10);
    wheel.insert(2, 10);
    EXPECT_EQ(wheel.turn(50, 1).size(), 1u);
    wheel.insert(3, 51);
    EXPECT_EQ(wheel.turn(50).size(), 1u);
    EXPECT_THAT(wheel.turn(51), ElementsAre(3));
}

TEST(TimerWheel, WhoeverIsCalledMayPutItsSessionBackOrAnotherOut) {
    Wheel wheel;
    wheel.insert(2, 10);
    wheel.insert(1, 10);  // called first: the last in is the head
    std::vector<SessionIndex> called;
    wheel.wheel().turn(Tick{10}, kAllThatAreDue, [&](SessionIndex index) {
        called.push_back(index);
        if (index != 1) return;
        wheel.insert(1, 12);
        wheel.remove(2);
    });
    EXPECT_THAT(called, ElementsAre(1));
    EXPECT_THAT(wheel.turn(11), IsEmpty());
    EXPECT_THAT(wheel.turn(12), ElementsAre(1));
}

// A session as its owner sees it ends at its deadline, however often a packet put that off, whatever the wheel asked meanwhile.
RC_GTEST_PROP(TimerWheel, EndsWhatAMultimapEnds, ()) {
    constexpr SessionIndex kSessions = 24;
    std::uint32_t now = *rc::gen::element(0u, 5u, kWheelSlots - 3, 10 * kWheelSlots, 4'000'000'000u);
    Wheel wheel{now};
    std::multimap<std::uint32_t, SessionIndex> model;    // by deadline
    std::vector<std::uint32_t> deadlines(kSessions, 0);  // 0: not in
    const auto forget = [&](SessionIndex index) {
        const auto [first, last] = model.equal_range(deadlines[index]);
        model.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == index; }));
        deadlines[index] = 0;
    };
    const auto expect_until = [&](SessionIndex index, std::uint32_t deadline) {
        deadlines[index] = deadline;
        model.emplace(deadline, index);
    };
    const auto any_wait = [] {
        return *rc::gen::oneOf(rc::gen::inRange(1u, 8u), rc::gen::inRange(1u, 2 * kWheelSlots), rc::gen::just(kWheelSlots - 1),
                               rc::gen::just(kWheelSlots), rc::gen::just(59'520u));
    };

    for (int step = 0; step < 80; ++step) {
        const auto index = *rc::gen::inRange(0u, kSessions);
        switch (*rc::gen::inRange(0, 4)) {
            case 0:  // schedule, or touch: the deadline moves on and the wheel is told nothing
                if (deadlines[index] != 0) {
                    const std::uint32_t later = deadlines[index] + any_wait();
                    forget(index);
                    expect_until(index, later);
                } else {
                    expect_until(index, now + any_wait());
                    wheel.insert(index, deadlines[index]);
                }
                break;
            case 1:  // cancel
                if (deadlines[index] == 0) break;
                forget(index);
                wheel.remove(index);
                break;
            case 2:  // sooner
                if (deadlines[index] <= now + 1) break;
                forget(index);
                expect_until(index, now + 1);
                wheel.remove(index);
                wheel.insert(index, now + 1);
                break;
            default: {
                now += any_wait();
                std::vector<SessionIndex> ended, expected;
                wheel.wheel().turn(Tick{now}, kAllThatAreDue, [&](SessionIndex due) {
                    RC_ASSERT(deadlines[due] != 0u);
                    if (deadlines[due] > now) return wheel.insert(due, deadlines[due]);
                    ended.push_back(due);
                });
                while (!model.empty() && model.begin()->first <= now) {
                    expected.push_back(model.begin()->second);
                    forget(expected.back());
                }
                std::sort(ended.begin(), ended.end());
                std::sort(expected.begin(), expected.end());
                RC_ASSERT(ended == expected);
            }
        }
    }
}

}  // namespace
}  // namespace hairpin::gateway

#include "runtime/subscribers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace hairpin::runtime {
namespace {

using ::testing::ElementsAre;

struct Ear {
    std::string name;
    std::function<void()> on_told = {};
};

struct Crowd {
    Subscribers<Ear> subscribers;
    std::vector<std::string> told;

    void tell() {
        subscribers.tell([&](Ear& ear) {
            told.push_back(ear.name);
            if (ear.on_told) ear.on_told();
            return ear.name != "once";
        });
    }
};

TEST(Subscribers, AreToldUntilTheyLeave) {
    Crowd crowd;
    const auto first = crowd.subscribers.add({"first"});
    crowd.subscribers.add({"once"});
    crowd.tell();
    crowd.tell();
    crowd.subscribers.remove(first);
    crowd.tell();
    EXPECT_THAT(crowd.told, ElementsAre("first", "once", "first"));
    EXPECT_TRUE(crowd.subscribers.empty());
}

// A client that is cut off in the midst of it takes its subscriptions with it: also the one that is just being told.
TEST(Subscribers, MayLeaveWhileAllAreBeingTold) {
    Crowd crowd;
    SubscriptionToken mine = 0, last = 0;
    crowd.subscribers.add({"first"});
    mine = crowd.subscribers.add({"leaves", [&] {
                                      crowd.subscribers.remove(mine);
                                      crowd.subscribers.remove(last);
                                  }});
    last = crowd.subscribers.add({"last"});
    crowd.tell();
    crowd.tell();
    EXPECT_THAT(crowd.told, ElementsAre("first", "leaves", "first"));
}

TEST(Subscribers, WhoComesWhileAllAreBeingToldIsToldNextTime) {
    Crowd crowd;
    bool invited = false;
    crowd.subscribers.add({"host", [&] {
                               if (!std::exchange(invited, true)) crowd.subscribers.add({"guest"});
                           }});
    crowd.tell();
    EXPECT_THAT(crowd.told, ElementsAre("host"));
    crowd.tell();
    EXPECT_THAT(crowd.told, ElementsAre("host", "host", "guest"));
}

}  // namespace
}  // namespace hairpin::runtime

#include "switch/mac_table.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace hairpin::l2 {
namespace {

using namespace std::chrono_literals;
using ::testing::Optional;

constexpr PortId kPort3{3};
constexpr PortId kPort5{5};

StationKey station(std::uint64_t number, unsigned segment = 0, unsigned vlan = 0) {
    return {static_cast<SegmentId>(segment), VlanId{static_cast<std::uint16_t>(vlan)},
            MacAddress::from_number(0x0200'0000'0000 + number)};
}
Timestamp at(Duration since_start) { return Timestamp{since_start}; }

class MacTableTest : public ::testing::Test {
protected:
    MacTable table_{{.age = 300s, .capacity = 8, .port_limit = 6}, HashKey{}};
};

TEST_F(MacTableTest, AStationIsFoundWhereItSpoke) {
    EXPECT_EQ(table_.find(station(1), at(0s)), std::nullopt);
    table_.learn(station(1), kPort3, at(0s));
    EXPECT_THAT(table_.find(station(1), at(0s)), Optional(kPort3));
}

TEST_F(MacTableTest, AStationThatMovedIsFoundThereAtOnce) {
    table_.learn(station(1), kPort3, at(0s));
    table_.learn(station(1), kPort5, at(0s));
    EXPECT_THAT(table_.find(station(1), at(0s)), Optional(kPort5));
    EXPECT_EQ(table_.stations_of(kPort3), 0u);
    EXPECT_EQ(table_.stations_of(kPort5), 1u);
    EXPECT_EQ(table_.size(), 1u);
}

TEST_F(MacTableTest, TheSameAddressElsewhereIsAnotherStation) {
    table_.learn(station(1), kPort3, at(0s));
    EXPECT_EQ(table_.find(station(1, 1), at(0s)), std::nullopt);
    EXPECT_EQ(table_.find(station(1, 0, 10), at(0s)), std::nullopt);
    table_.learn(station(1, 0, 10), kPort5, at(0s));
    EXPECT_THAT(table_.find(station(1), at(0s)), Optional(kPort3));
}

TEST_F(MacTableTest, SilenceIsForgottenAndSpeechRemembered) {
    table_.learn(station(1), kPort3, at(0s));
    table_.learn(station(2), kPort3, at(0s));
    table_.learn(station(2), kPort3, at(200s));
    EXPECT_THAT(table_.find(station(1), at(299s)), Optional(kPort3));
    EXPECT_EQ(table_.find(station(1), at(300s)), std::nullopt) << "also before expire() comes by";
    EXPECT_THAT(table_.find(station(2), at(300s)), Optional(kPort3));
    EXPECT_EQ(table_.expire(at(299s)), 0u);
    EXPECT_EQ(table_.expire(at(300s)), 1u);
    EXPECT_EQ(table_.size(), 1u);
    EXPECT_EQ(table_.expire(at(500s)), 1u);
    EXPECT_EQ(table_.size(), 0u);
}

TEST_F(MacTableTest, GroupsAndNobodyAreNotLearned) {
    for (const MacAddress mac : {MacAddress::broadcast(), MacAddress::from_number(0x0100'5e00'0001), MacAddress{}})
        table_.learn({SegmentId{0}, VlanId::none(), mac}, kPort3, at(0s));
    EXPECT_EQ(table_.size(), 0u);
}

TEST_F(MacTableTest, APortAtItsLimitForgetsItsOwnLongestSilent) {
    for (unsigned i = 0; i < 6; ++i) table_.learn(station(i), kPort3, at(i * 1s));
    table_.learn(station(0), kPort3, at(10s));  // speaks again: station 1 is now the longest silent
    table_.learn(station(100), kPort3, at(11s));
    EXPECT_EQ(table_.find(station(1), at(11s)), std::nullopt);
    EXPECT_TRUE(table_.find(station(0), at(11s)));
    EXPECT_TRUE(table_.find(station(100), at(11s)));
    EXPECT_EQ(table_.stations_of(kPort3), 6u);
    EXPECT_EQ(table_.evictions(), 1u);
}

TEST_F(MacTableTest, MovingToAPortAtItsLimitCostsThatPortAlone) {
    for (unsigned i = 0; i < 6; ++i) table_.learn(station(i), kPort3, at(i * 1s));
    table_.learn(station(50), kPort5, at(7s));
    table_.learn(station(50), kPort3, at(8s));
    EXPECT_THAT(table_.find(station(50), at(8s)), Optional(kPort3));
    EXPECT_EQ(table_.find(station(0), at(8s)), std::nullopt);
    EXPECT_EQ(table_.stations_of(kPort3), 6u);
    EXPECT_EQ(table_.size(), 6u);
}

TEST_F(MacTableTest, AFullTableTakesFromThePortWithTheMostStations) {
    for (unsigned i = 0; i < 5; ++i) table_.learn(station(i), kPort3, at(i * 1s));
    for (unsigned i = 10; i < 13; ++i) table_.learn(station(i), kPort5, at(0s));  // older, but few
    ASSERT_EQ(table_.size(), 8u);
    table_.learn(station(20), kPort5, at(20s));
    EXPECT_EQ(table_.size(), 8u);
    EXPECT_EQ(table_.find(station(0), at(20s)), std::nullopt);
    for (unsigned i = 10; i < 13; ++i) EXPECT_TRUE(table_.find(station(i), at(20s))) << i;
}

TEST(MacTable, AFloodOfForgedSourcesDoesNotPushHonestStationsOut) {
    MacTable table{{.age = 300s, .capacity = 1000, .port_limit = 1000}, HashKey{}};
    for (unsigned i = 0; i < 20; ++i) table.learn(station(i), kPort3, at(0s));
    for (unsigned i = 1000; i < 100'000; ++i) table.learn(station(i), kPort5, at(1s));
    for (unsigned i = 0; i < 20; ++i) EXPECT_THAT(table.find(station(i), at(1s)), Optional(kPort3)) << i;
    EXPECT_EQ(table.size(), 1000u);
}

TEST_F(MacTableTest, AStaticStationNeitherMovesNorAgesNorMakesRoom) {
    ASSERT_TRUE(table_.add_static(station(1), kPort3));
    table_.learn(station(1), kPort5, at(0s));
    for (unsigned i = 100; i < 200; ++i) table_.learn(station(i), kPort5, at(1s));
    table_.expire(at(10'000s));
    EXPECT_THAT(table_.find(station(1), at(10'000s)), Optional(kPort3));
    EXPECT_EQ(table_.size(), 1u);
}

TEST_F(MacTableTest, AStaticStationReplacesWhatWasLearned) {
    table_.learn(station(1), kPort5, at(0s));
    ASSERT_TRUE(table_.add_static(station(1), kPort3));
    EXPECT_THAT(table_.find(station(1), at(0s)), Optional(kPort3));
    EXPECT_EQ(table_.size(), 1u);
}

TEST_F(MacTableTest, ATableFullOfStaticStationsTakesNoMore) {
    for (unsigned i = 0; i < 8; ++i) ASSERT_TRUE(table_.add_static(station(i), kPort3));
    EXPECT_FALSE(table_.add_static(station(8), kPort3));
    table_.learn(station(9), kPort5, at(0s));
    EXPECT_EQ(table_.find(station(9), at(0s)), std::nullopt);
    EXPECT_TRUE(table_.add_static(station(7), kPort5)) << "a known one may be put elsewhere";
}

TEST_F(MacTableTest, APortThatGoesTakesItsStationsWithIt) {
    table_.learn(station(1), kPort3, at(0s));
    table_.learn(station(2), kPort5, at(0s));
    table_.add_static(station(3), kPort3);
    table_.forget(kPort3);
    EXPECT_EQ(table_.find(station(1), at(0s)), std::nullopt);
    EXPECT_EQ(table_.find(station(3), at(0s)), std::nullopt);
    EXPECT_THAT(table_.find(station(2), at(0s)), Optional(kPort5));
    EXPECT_EQ(table_.size(), 1u);
}

TEST(MacTable, ExpiryDoesABoundedAmountOfWorkACall) {
    MacTable table{{.age = 300s, .capacity = 1000, .port_limit = 1000}, HashKey{}};
    for (unsigned i = 0; i < 1000; ++i) table.learn(station(i), i % 2 ? kPort3 : kPort5, at(0s));
    EXPECT_EQ(table.expire(at(400s)), MacTable::kExpiryBatch);
    std::size_t rest = 1000 - MacTable::kExpiryBatch;
    while (rest > 0) {
        const std::size_t forgotten = table.expire(at(400s));
        ASSERT_GT(forgotten, 0u);
        rest -= forgotten;
    }
    EXPECT_EQ(table.size(), 0u);
}

TEST_F(MacTableTest, ListsWhatItKnows) {
    table_.learn(station(1, 0, 10), kPort3, at(0s));
    table_.learn(station(2), kPort5, at(290s));
    table_.add_static(station(3), kPort5);
    std::map<StationKey, MacTable::Row, decltype([](const StationKey& a, const StationKey& b) { return a.mac < b.mac; })> rows;
    table_.for_each(at(300s), [&](const MacTable::Row& row) { rows.emplace(row.station, row); });
    ASSERT_EQ(rows.size(), 2u) << "station 1 has aged";
    EXPECT_EQ(rows.at(station(2)).silent_for, 10s);
    EXPECT_FALSE(rows.at(station(2)).is_static);
    EXPECT_TRUE(rows.at(station(3)).is_static);
}

// Against a model that is too simple to be wrong, on a table that is often full.
TEST(MacTable, BehavesAsAMapThatForgets) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    MacTable table{{.age = 50s, .capacity = 40, .port_limit = 40}, HashKey{random(), random()}};
    std::map<std::uint64_t, std::pair<PortId, Timestamp>> model;
    Timestamp now{};
    for (int step = 0; step < 50'000; ++step) {
        now += std::chrono::milliseconds{125} * static_cast<int>(random() % 8);
        const std::uint64_t who = random() % 60;
        switch (random() % 8) {
            case 0: table.expire(now); break;
            case 1: {
                const PortId port{static_cast<std::uint16_t>(random() % 4)};
                if (random() % 50 != 0) break;
                table.forget(port);
                std::erase_if(model, [&](const auto& entry) { return entry.second.first == port; });
                break;
            }
            case 2:
            case 3:
            case 4: {
                const PortId port{static_cast<std::uint16_t>(random() % 4)};
                table.learn(station(who), port, now);
                model[who] = {port, now};
                EXPECT_THAT(table.find(station(who), now), Optional(port));
                break;
            }
            default: {
                // It may have been evicted, but what it answers is the last that was learned, and not too old.
                const auto found = table.find(station(who), now);
                const auto known = model.find(who);
                if (!found) break;
                ASSERT_TRUE(known != model.end());
                ASSERT_EQ(*found, known->second.first);
                ASSERT_LT(now - known->second.second, 50s);
            }
        }
        ASSERT_LE(table.size(), 40u);
    }
}

}  // namespace
}  // namespace hairpin::l2

// One direction of an impaired cable, and the cable: packets, a turned clock, a seed. The statistical tests print their seed, and are
// repeated with HAIRPIN_SEED.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "net/offload.h"
#include "switch/impairment/cable.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;
using namespace std::chrono_literals;

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

std::uint64_t printed_seed() {
    const char* given = std::getenv("HAIRPIN_SEED");
    const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "HAIRPIN_SEED=" << seed << "\n";
    return seed;
}

class ImpairmentTest : public ::testing::Test {
protected:
    static constexpr std::size_t kFrame = 142;  // bytes of those that send() makes

    void TearDown() override {
        EXPECT_EQ(ledger_.expected_held(), static_cast<std::int64_t>(direction_.held())) << "a packet was lost or made";
        direction_.drop_all(DropReason::port_down);
        EXPECT_EQ(ledger_.expected_held(), 0);
        EXPECT_EQ(waiting_.in_use(), 0U);
    }
    void seed_with(std::uint64_t seed) { direction_.reseed({seed * 0x9e37'79b9'7f4a'7c15 + 1, seed ^ 0xc2b2'ae3d'27d4'eb4f}); }
    void set(const ImpairmentSettings& settings, Timestamp now = Timestamp{}) { direction_.set(settings, now); }

    PacketPtr numbered() {
        return udp().from(kHere, 1).to(kThere, 2).ip_id(static_cast<unsigned>(next_id_++)).payload(100).in(pool_);
    }
    // `count` packets at once, numbered on.
    void send(std::size_t count, Timestamp now) {
        for (std::size_t i = 0; i < count; ++i) {
            batch_.push_back(numbered());
            ++ledger_.originated;
        }
        direction_.take(batch_, now);
        EXPECT_TRUE(batch_.empty());
    }
    // The numbers of those that have arrived, which leave the world.
    std::vector<unsigned> arrived(Timestamp now, std::size_t most = kAll) {
        direction_.release(batch_, now, most);
        std::vector<unsigned> ids;
        for (const PacketPtr& packet : batch_)
            ids.push_back(reinterpret_cast<const Ipv4Header*>(packet->data() + 14)->identification.value());
        ledger_.transmitted += batch_.size();
        batch_.clear();
        return ids;
    }
    // Which of `count` packets are lost, one a microsecond.
    std::vector<bool> losses(std::size_t count) {
        std::vector<bool> lost;
        lost.reserve(count);
        const PacketPtr model = numbered();
        for (std::size_t i = 0; i < count; ++i) {
            const Timestamp now{std::chrono::microseconds{i}};
            batch_.push_back(pool_.copy(*model));
            ++ledger_.originated;
            direction_.take(batch_, now);
            lost.push_back(arrived(now).empty());
        }
        return lost;
    }

    PacketPool pool_{{.small = 8192, .large = 8}}, waiting_{{.small = 70000, .large = 16}};
    Ledger ledger_;
    ImpairedDirection direction_{HashKey{}, waiting_, ledger_};
    Batch batch_;
    std::size_t next_id_ = 0;
};

TEST_F(ImpairmentTest, NothingSetPassesAtOnceAndUncopied) {
    send(3, Timestamp{1s});
    EXPECT_EQ(waiting_.in_use(), 0U) << "what does not wait is not copied";
    EXPECT_EQ(arrived(Timestamp{1s}), (std::vector<unsigned>{0, 1, 2}));
    EXPECT_FALSE(direction_.next_event());
}

TEST_F(ImpairmentTest, ADelayIsExactAndNeverShort) {
    set({.delay = 100ms});
    send(2, Timestamp{1s});
    EXPECT_EQ(pool_.in_use(), 0U) << "what waits takes no buffer of others";
    EXPECT_EQ(*direction_.next_event(), Timestamp{1100ms});
    EXPECT_TRUE(arrived(Timestamp{1100ms} - 1ns).empty());
    EXPECT_EQ(arrived(Timestamp{1100ms}).size(), 2U);
    EXPECT_EQ(direction_.statistics().delays.mean(), 100ms);
    EXPECT_EQ(direction_.statistics().delays.longest(), 100ms);
}

TEST_F(ImpairmentTest, ADelayCostsNoThroughput) {
    // 20000 packets in 100 ms, which is more than any queue of 1000 would have let through, all of them on their way at once.
    set({.delay = 100ms});
    for (int i = 0; i < 20000; ++i) send(1, Timestamp{i * 5us});
    EXPECT_EQ(direction_.held(), 20000U);
    for (int i = 0; i < 20000; ++i) {
        const auto ids = arrived(Timestamp{100ms} + i * 5us);
        ASSERT_EQ(ids.size(), 1U) << i;
        ASSERT_EQ(ids[0], static_cast<unsigned>(i));
    }
    EXPECT_EQ(ledger_.dropped_total(), 0U);
}

TEST_F(ImpairmentTest, MemoryIsBoundedAndTheBoundIsCounted) {
    set({.delay = 1h});
    for (std::size_t i = 0; i < ImpairedDirection::kMostHeld + 500; ++i) send(1, Timestamp{});
    EXPECT_EQ(direction_.held(), ImpairedDirection::kMostHeld);
    EXPECT_EQ(ledger_.dropped_for(DropReason::impairment_no_room), 500U);
    EXPECT_EQ(direction_.statistics().no_room, 500U);
}

TEST_F(ImpairmentTest, OnePercentOfAMillionIsLost) {
    seed_with(printed_seed());
    set({.loss = 0.01});
    const auto lost = losses(1'000'000);
    const auto count = static_cast<double>(std::count(lost.begin(), lost.end(), true));
    // Five standard deviations of a binomial distribution, sqrt(n p (1 - p)) = 99.5: wrong once in two million runs.
    EXPECT_NEAR(count, 10'000, 498);
    EXPECT_EQ(ledger_.dropped_for(DropReason::impairment_loss), static_cast<std::uint64_t>(count));
    // Each for itself: of the lost, as many are followed by another as of all.
    double pairs = 0;
    for (std::size_t i = 1; i < lost.size(); ++i) pairs += lost[i] && lost[i - 1] ? 1 : 0;
    EXPECT_NEAR(pairs, 100, 50);
}

TEST_F(ImpairmentTest, LossesComeInBurstsOfTheLengthThatWasAskedFor) {
    seed_with(printed_seed());
    set({.loss = 0.05, .loss_burst = 8});
    const auto lost = losses(1'000'000);
    double count = 0, bursts = 0;
    for (std::size_t i = 0; i < lost.size(); ++i) {
        count += lost[i] ? 1 : 0;
        bursts += lost[i] && (i == 0 || !lost[i - 1]) ? 1 : 0;
    }
    // About 6250 bursts, whose lengths deviate by about 7.5 each.
    EXPECT_NEAR(count / 1'000'000, 0.05, 0.005);
    EXPECT_NEAR(count / bursts, 8, 0.5);
}

TEST_F(ImpairmentTest, CorrelationKeepsTheShare) {
    seed_with(printed_seed());
    set({.loss = 0.2, .loss_correlation = 0.5});
    const auto lost = losses(500'000);
    double count = 0, pairs = 0;
    for (std::size_t i = 1; i < lost.size(); ++i) count += lost[i] ? 1 : 0, pairs += lost[i] && lost[i - 1] ? 1 : 0;
    EXPECT_NEAR(count / 500'000, 0.2, 0.006);
    EXPECT_NEAR(pairs / count, 0.5 + 0.5 * 0.2, 0.015) << "the one before it decides half of the time";
}

TEST_F(ImpairmentTest, EveryNthIsLost) {
    set({.loss_every = 4});
    const auto lost = losses(40);
    for (std::size_t i = 0; i < lost.size(); ++i) EXPECT_EQ(lost[i], i % 4 == 3) << i;
}

TEST_F(ImpairmentTest, ASeedRepeatsIt) {
    const std::uint64_t seed = printed_seed();
    seed_with(seed);
    set({.loss = 0.3});
    const auto first = losses(2000);
    seed_with(seed);
    EXPECT_EQ(losses(2000), first);
    seed_with(seed);
    set({.loss = 0.3, .corrupt = 0.2, .duplicate = 0.2});
    EXPECT_EQ(losses(2000), first) << "what else is set changes nothing about which are lost";
    seed_with(seed + 1);
    set({.loss = 0.3});
    EXPECT_NE(losses(2000), first);
}

TEST_F(ImpairmentTest, TheRateIsExact) {
    // 142 bytes at 1136 kbit/s are a millisecond.
    set({.rate = 1'136'000, .delay = 10ms});
    send(5, Timestamp{1s});
    EXPECT_TRUE(arrived(Timestamp{1011ms} - 1ns).empty());
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(arrived(Timestamp{1011ms + i * 1ms}), (std::vector<unsigned>{static_cast<unsigned>(i)}));
        EXPECT_TRUE(arrived(Timestamp{1012ms + i * 1ms} - 1ns).empty());
    }
}

TEST_F(ImpairmentTest, AskedLateTheRateIsTheSame) {
    set({.rate = 1'136'000});
    send(1000, Timestamp{});
    std::size_t count = 0;
    for (int i = 1; i <= 100; ++i) count += arrived(Timestamp{i * 7ms}).size();
    EXPECT_EQ(count, 700U);
}

TEST_F(ImpairmentTest, ASilentLinkSavesNothingUp) {
    set({.rate = 1'136'000});
    send(1, Timestamp{});
    EXPECT_EQ(arrived(Timestamp{1ms}).size(), 1U);
    send(3, Timestamp{10s});
    EXPECT_EQ(arrived(Timestamp{10s + 1ms}).size(), 1U);
    EXPECT_EQ(arrived(Timestamp{10s + 3ms}).size(), 2U);
}

TEST_F(ImpairmentTest, TheQueueHasATail) {
    set({.rate = 1'136'000, .limit = 10, .delay = 1s});
    send(15, Timestamp{});
    EXPECT_EQ(direction_.queued(), 10U);
    EXPECT_EQ(ledger_.dropped_for(DropReason::impairment_queue_full), 5U);
    EXPECT_EQ(direction_.statistics().queue_full, 5U);
    send(15, Timestamp{10ms});
    EXPECT_EQ(direction_.queued(), 10U) << "those that were sent have made room";
    EXPECT_EQ(direction_.held(), 20U) << "what is on its way does not count";
    EXPECT_EQ(direction_.statistics().most_queued, 10U);
    EXPECT_EQ(arrived(Timestamp{2s}).front(), 0U);
}

TEST_F(ImpairmentTest, JitterKeepsTheOrder) {
    for (const auto distribution : {ImpairmentSettings::Distribution::uniform, ImpairmentSettings::Distribution::normal,
                                    ImpairmentSettings::Distribution::pareto}) {
        seed_with(printed_seed());
        set({.delay = 20ms, .jitter = 15ms, .distribution = distribution});
        next_id_ = 0;
        std::vector<unsigned> ids;
        for (int i = 0; i < 5000; ++i) {
            const Timestamp now{i * 100us};
            send(1, now);
            for (const unsigned id : arrived(now)) ids.push_back(id);
        }
        for (const unsigned id : arrived(Timestamp{1h})) ids.push_back(id);
        ASSERT_EQ(ids.size(), 5000U);
        for (unsigned i = 0; i < ids.size(); ++i) ASSERT_EQ(ids[i], i);
        EXPECT_EQ(direction_.statistics().reordered, 0U);
    }
}

// One packet at a time, so that none waits for another.
std::vector<double> delays_in_milliseconds(ImpairedDirection& direction, PacketPool& pool, Ledger& ledger, int count) {
    std::vector<double> delays;
    Batch batch;
    for (int i = 0; i < count; ++i) {
        const Timestamp now{i * 10s};
        batch.push_back(udp().from(kHere, 1).to(kThere, 2).in(pool));
        ++ledger.originated;
        direction.take(batch, now);
        const Timestamp due = *direction.next_event();
        delays.push_back(std::chrono::duration<double, std::milli>(due - now).count());
        direction.release(batch, due, kAll);
        ledger.transmitted += batch.size();
        batch.clear();
    }
    return delays;
}

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double deviation_of(const std::vector<double>& values) {
    const double mean = mean_of(values);
    double sum = 0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST_F(ImpairmentTest, JitterIsDistributedAsItSays) {
    using Distribution = ImpairmentSettings::Distribution;
    const std::uint64_t seed = printed_seed();
    for (const double correlation : {0.0, 0.5}) {
        seed_with(seed);
        set({.delay = 100ms, .jitter = 10ms, .delay_correlation = correlation});
        auto delays = delays_in_milliseconds(direction_, pool_, ledger_, 50'000);
        EXPECT_NEAR(mean_of(delays), 100, 0.3);
        EXPECT_NEAR(deviation_of(delays), 10 / std::sqrt(3.0), 0.2);
        EXPECT_GE(*std::min_element(delays.begin(), delays.end()), 90);
        EXPECT_LE(*std::max_element(delays.begin(), delays.end()), 110);

        seed_with(seed);
        set({.delay = 100ms, .jitter = 10ms, .distribution = Distribution::normal, .delay_correlation = correlation});
        delays = delays_in_milliseconds(direction_, pool_, ledger_, 50'000);
        EXPECT_NEAR(mean_of(delays), 100, 0.5);
        EXPECT_NEAR(deviation_of(delays), 10, 0.5);

        seed_with(seed);
        set({.delay = 100ms, .jitter = 10ms, .distribution = Distribution::pareto, .delay_correlation = correlation});
        delays = delays_in_milliseconds(direction_, pool_, ledger_, 50'000);
        EXPECT_NEAR(mean_of(delays), 100, 0.6);
        EXPECT_GE(*std::min_element(delays.begin(), delays.end()), 94.2) << "none is earlier than 0.577 jitters";
        EXPECT_GT(*std::max_element(delays.begin(), delays.end()), 150) << "and a few are very late";
    }
}

TEST_F(ImpairmentTest, DelaysRepeatAsOftenAsTheyAreCorrelated) {
    seed_with(printed_seed());
    set({.delay = 100ms, .jitter = 10ms, .delay_correlation = 0.75});
    const auto delays = delays_in_milliseconds(direction_, pool_, ledger_, 20'000);
    double same = 0;
    for (std::size_t i = 1; i < delays.size(); ++i) same += delays[i] == delays[i - 1] ? 1 : 0;
    EXPECT_NEAR(same / 20'000, 0.75, 0.02);
}

TEST_F(ImpairmentTest, SomeOvertake) {
    seed_with(printed_seed());
    set({.delay = 10ms, .reorder = 0.25});
    std::vector<unsigned> ids;
    for (int i = 0; i < 10'000; ++i) {
        send(1, Timestamp{i * 1ms});
        for (const unsigned id : arrived(Timestamp{i * 1ms})) ids.push_back(id);
    }
    for (const unsigned id : arrived(Timestamp{1h})) ids.push_back(id);
    ASSERT_EQ(ids.size(), 10'000U);
    EXPECT_NEAR(static_cast<double>(direction_.statistics().reordered), 2500, 220);
    std::size_t early = 0;
    for (std::size_t i = 1; i < ids.size(); ++i) early += ids[i] < ids[i - 1] ? 1 : 0;
    EXPECT_GT(early, 1500U) << "the wire agrees with the counter";
    std::sort(ids.begin(), ids.end());
    for (unsigned i = 0; i < ids.size(); ++i) ASSERT_EQ(ids[i], i) << "none is lost, none is twice";
}

TEST_F(ImpairmentTest, AFreeOrderLetsJitterReorder) {
    seed_with(printed_seed());
    set({.delay = 10ms, .jitter = 5ms, .order = ImpairmentSettings::Order::free});
    std::vector<unsigned> ids;
    for (int i = 0; i < 1500; ++i) {
        if (i < 1000) send(1, Timestamp{i * 100us});
        for (const unsigned id : arrived(Timestamp{i * 100us})) ids.push_back(id);
    }
    EXPECT_EQ(ids.size(), 1000U);
    EXPECT_FALSE(std::is_sorted(ids.begin(), ids.end()));
    EXPECT_GT(direction_.statistics().reordered, 100U);
    // None takes longer than it would alone, as it does where it waits for others.
    EXPECT_NEAR(std::chrono::duration<double>(direction_.statistics().delays.mean()).count(), 0.010, 0.001);
}

TEST_F(ImpairmentTest, SomeComeTwice) {
    seed_with(printed_seed());
    set({.duplicate = 0.1, .delay = 1ms});
    for (int i = 0; i < 10'000; ++i) send(1, Timestamp{i * 1us});
    const auto ids = arrived(Timestamp{1h});
    EXPECT_NEAR(static_cast<double>(ids.size()), 11'000, 150);
    EXPECT_EQ(ids.size(), 10'000 + direction_.statistics().duplicated);
    EXPECT_EQ(ledger_.copied, direction_.statistics().duplicated);
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(ImpairmentTest, DamageIsOneBitBehindTheEthernetHeader) {
    seed_with(printed_seed());
    set({.corrupt = 1});
    const PacketPtr original = numbered();
    std::vector<bool> touched(original->size());
    for (int i = 0; i < 20'000; ++i) {
        batch_.push_back(pool_.copy(*original));
        ++ledger_.originated;
        direction_.take(batch_, Timestamp{});
        direction_.release(batch_, Timestamp{}, kAll);
        ASSERT_EQ(batch_.size(), 1U);
        int bits = 0;
        for (std::size_t byte = 0; byte < original->size(); ++byte) {
            const auto difference = static_cast<unsigned>(original->data()[byte] ^ batch_[0]->data()[byte]);
            bits += std::popcount(difference);
            if (difference != 0) touched[byte] = true;
        }
        ASSERT_EQ(bits, 1);
        ASSERT_EQ(batch_[0]->offload.checksum, ChecksumState::unknown) << "nobody may vouch for it";
        ++ledger_.transmitted;
        batch_.clear();
    }
    for (std::size_t byte = 0; byte < touched.size(); ++byte) EXPECT_EQ(touched[byte], byte >= 14) << byte;
}

TEST_F(ImpairmentTest, SuperPacketsAreCutBeforeAnythingIsDecided) {
    seed_with(printed_seed());
    set({.loss = 0.5});
    for (int i = 0; i < 100; ++i) {
        batch_.push_back(tcp().from(kHere, 1).to(kThere, 2).ack().payload(40 * 1000).super_packet(1000).in(pool_));
        ++ledger_.originated;
        direction_.take(batch_, Timestamp{});
        arrived(Timestamp{});
    }
    EXPECT_EQ(direction_.statistics().packets, 4000U);
    EXPECT_NEAR(static_cast<double>(direction_.statistics().lost), 2000, 160);
    EXPECT_EQ(ledger_.copied, 100U * 39);
}

TEST_F(ImpairmentTest, AConstantDelayLeavesSuperPacketsWhole) {
    set({.delay = 1ms});
    batch_.push_back(tcp().from(kHere, 1).to(kThere, 2).ack().payload(40 * 1000).super_packet(1000).in(pool_));
    ++ledger_.originated;
    direction_.take(batch_, Timestamp{});
    direction_.release(batch_, Timestamp{1ms}, kAll);
    ASSERT_EQ(batch_.size(), 1U);
    EXPECT_EQ(batch_[0]->offload.segmentation, Segmentation::tcp4);
    EXPECT_EQ(ledger_.copied, 0U);
    ++ledger_.transmitted;
    batch_.clear();
}

TEST_F(ImpairmentTest, ALiveChangeHastensAndLosesNothing) {
    set({.rate = 1'136, .delay = 10s});  // a second for each packet
    send(10, Timestamp{});
    EXPECT_TRUE(arrived(Timestamp{5s}).empty());
    EXPECT_EQ(direction_.held(), 10U);
    set({.delay = 20ms}, Timestamp{5s});
    send(1, Timestamp{5s});
    EXPECT_EQ(arrived(Timestamp{5020ms}), (std::vector<unsigned>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})) << "in their order";
    set({.delay = 1s}, Timestamp{6s});
    send(1, Timestamp{6s});
    set({}, Timestamp{6s});
    EXPECT_EQ(arrived(Timestamp{6s}), (std::vector<unsigned>{11})) << "nothing is wrong any more, so it has arrived";
}

TEST_F(ImpairmentTest, AReleaseIsBounded) {
    set({.delay = 1ms});
    send(100, Timestamp{});
    EXPECT_TRUE(direction_.release(batch_, Timestamp{1s}, 64));
    EXPECT_EQ(batch_.size(), 64U);
    EXPECT_FALSE(direction_.release(batch_, Timestamp{1s}, 64));
    EXPECT_EQ(batch_.size(), 100U);
    ledger_.transmitted += 100;
    batch_.clear();
}

// Everything at once, changed all the time: what came is what left, was dropped or waits. TearDown holds the books against it.
TEST_F(ImpairmentTest, TheBooksBalanceWhateverIsSet) {
    const std::uint64_t seed = printed_seed();
    seed_with(seed);
    std::mt19937_64 random{seed};
    const auto share = [&] { return random() % 3 == 0 ? 0.0 : static_cast<double>(random() % 1000) / 1000; };
    std::uint64_t came = 0, left = 0;
    Timestamp now;
    for (int round = 0; round < 3000; ++round) {
        if (round % 20 == 0) {
            ImpairmentSettings settings{.loss = share(), .corrupt = share(), .duplicate = share()};
            settings.loss_every = static_cast<std::uint32_t>(random() % 5);
            settings.rate = random() % 2 == 0 ? 0 : 1000 + random() % 100'000'000;
            settings.limit = static_cast<std::uint32_t>(1 + random() % 50);
            settings.delay = Duration{static_cast<Duration::rep>(random() % 100'000'000)};
            settings.jitter = Duration{static_cast<Duration::rep>(random() % 100'000'000)};
            settings.distribution = static_cast<ImpairmentSettings::Distribution>(random() % 3);
            settings.reorder = share();
            settings.order = static_cast<ImpairmentSettings::Order>(random() % 2);
            set(settings, now);
        }
        if (random() % 10 == 0) {
            batch_.push_back(tcp().from(kHere, 1).to(kThere, 2).ack().payload(5000).super_packet(1000).in(pool_));
            ++ledger_.originated;
        }
        const std::size_t count = random() % 8;
        came += count;
        send(count, now);
        left += arrived(now, 1 + random() % 100).size();
        ASSERT_EQ(ledger_.expected_held(), static_cast<std::int64_t>(direction_.held())) << "round " << round;
        ASSERT_EQ(pool_.in_use() + waiting_.in_use(), direction_.held());
        const auto next = direction_.next_event();
        ASSERT_EQ(next.has_value(), direction_.held() > 0);
        now += Duration{static_cast<Duration::rep>(random() % 3'000'000)};
    }
    EXPECT_GT(came, 1000U);
    EXPECT_GT(left, 100U);
}

TEST(DelayHistogram, PercentilesAreRightToThreePercent) {
    DelayHistogram histogram;
    for (int i = 1; i <= 100'000; ++i) histogram.add(i * 10us);
    EXPECT_EQ(histogram.longest(), 1s);
    EXPECT_EQ(histogram.mean(), 500'005us);
    EXPECT_NEAR(std::chrono::duration<double>(histogram.percentile(0.99)).count(), 0.99, 0.03);
    EXPECT_NEAR(std::chrono::duration<double>(histogram.percentile(0.5)).count(), 0.5, 0.017);
    EXPECT_EQ(DelayHistogram{}.percentile(0.99), 0ns);
}

class CableTest : public ::testing::Test {
protected:
    void send(Cable& cable, Cable::Way way, Timestamp now, std::size_t count = 1) {
        Batch batch;
        for (std::size_t i = 0; i < count; ++i) batch.push_back(udp().from(kHere, 1).to(kThere, 2).in(pool_));
        ledger_.originated += count;
        cable.take(way, batch, now);
    }
    std::size_t arrived(Cable& cable, Cable::Way way, Timestamp now) {
        Batch batch;
        cable.release(way, batch, now, kAll);
        ledger_.transmitted += batch.size();
        return batch.size();
    }
    PacketPool pool_{{.small = 1024, .large = 0}}, waiting_{{.small = 1024, .large = 0}};
    Ledger ledger_;
};

TEST_F(CableTest, EachDirectionIsItsOwn) {
    Cable cable{{.in = {.delay = 10ms}, .out = {.delay = 20ms}}, HashKey{}, waiting_, ledger_, Timestamp{}};
    send(cable, Cable::Way::in, Timestamp{});
    send(cable, Cable::Way::out, Timestamp{});
    EXPECT_EQ(*cable.next_event(), Timestamp{10ms});
    EXPECT_EQ(arrived(cable, Cable::Way::in, Timestamp{10ms}), 1U);
    EXPECT_EQ(*cable.next_event(), Timestamp{20ms});
    EXPECT_EQ(arrived(cable, Cable::Way::out, Timestamp{20ms}), 1U);
    EXPECT_EQ(ledger_.expected_held(), 0);
}

TEST_F(CableTest, APulledCableLosesWhatIsOnItsWayAndWhatComes) {
    Cable cable{{.out = {.delay = 1s}}, HashKey{}, waiting_, ledger_, Timestamp{}};
    send(cable, Cable::Way::out, Timestamp{}, 3);
    cable.set({.out = {.delay = 1s}, .state = CableSettings::State::down}, Timestamp{1ms});
    EXPECT_FALSE(cable.connected());
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_down), 3U);
    send(cable, Cable::Way::out, Timestamp{2ms}, 2);
    send(cable, Cable::Way::in, Timestamp{2ms});
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_down), 6U);
    EXPECT_EQ(cable.drops(), 6U);
    EXPECT_EQ(cable.refused(Cable::Way::out), 2U);
    cable.set({.out = {.delay = 1s}}, Timestamp{3ms});
    EXPECT_TRUE(cable.connected());
    send(cable, Cable::Way::out, Timestamp{3ms});
    EXPECT_EQ(arrived(cable, Cable::Way::out, Timestamp{1003ms}), 1U);
    EXPECT_EQ(ledger_.expected_held(), 0);
}

TEST_F(CableTest, AFlappingCableKeepsItsSchedule) {
    Cable cable{{.flap = FlapSettings{.up = 10s, .down = 2s}}, HashKey{}, waiting_, ledger_, Timestamp{}};
    EXPECT_TRUE(cable.connected());
    EXPECT_EQ(*cable.next_event(), Timestamp{10s});
    EXPECT_FALSE(cable.follow(Timestamp{10s} - 1ns));
    EXPECT_TRUE(cable.follow(Timestamp{10s}));
    EXPECT_FALSE(cable.connected());
    EXPECT_EQ(*cable.next_event(), Timestamp{12s});
    EXPECT_TRUE(cable.follow(Timestamp{12s + 5ms})) << "asked late,";
    EXPECT_EQ(*cable.next_event(), Timestamp{22s}) << "the schedule does not shift";
    EXPECT_FALSE(cable.follow(Timestamp{24s})) << "twice since: as it was";
    EXPECT_EQ(cable.flaps(), 2U);
}

TEST_F(CableTest, AFlapJittersByItsSeed) {
    const CableSettings settings{.seed = 7, .flap = FlapSettings{.up = 10s, .down = 2s, .jitter = 1s}};
    const auto schedule = [&](const CableSettings& of) {
        Cable cable{of, HashKey{}, waiting_, ledger_, Timestamp{}};
        std::vector<Duration> phases;
        Timestamp last;
        for (int i = 0; i < 200; ++i) {
            const Timestamp turns = *cable.next_event();
            phases.push_back(turns - last);
            EXPECT_TRUE(cable.follow(turns));
            last = turns;
        }
        return phases;
    };
    const auto phases = schedule(settings);
    for (std::size_t i = 0; i < phases.size(); ++i) {
        EXPECT_GE(phases[i], (i % 2 == 0 ? 9s : 1s));
        EXPECT_LE(phases[i], (i % 2 == 0 ? 11s : 3s));
    }
    EXPECT_EQ(schedule(settings), phases);
    CableSettings other = settings;
    other.seed = 8;
    EXPECT_NE(schedule(other), phases);
}

}  // namespace
}  // namespace hairpin::l2

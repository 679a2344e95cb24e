// A million random packets, and every checksum of every one that comes out recomputed, those in ICMP errors too, with and without partial
// checksums and super-packets; who gets it, as what, and whether the books balance.
//
//   HAIRPIN_SEED=7 HAIRPIN_PACKETS=1000000 build/bin/test_properties     the same once more; HAIRPIN_TALLY=1 tells what there was

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <utility>

#include "tests/properties/trial.h"

namespace hairpin::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kPackets = 50'000;  // each takes twenty times as long
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t kPackets = 50'000;
#else
constexpr std::uint64_t kPackets = 1'000'000;
#endif
#else
constexpr std::uint64_t kPackets = 1'000'000;
#endif

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Of a hundred thousand packets each of these must have come about so often, or what passed was not tried. Of fifty thousand, the fewest
// that are looked at, the usual number is five standard deviations above: no seed has bad luck.
constexpr std::pair<const char*, std::uint64_t> kTried[] = {
    {"arrived: a packet of a conversation", 50000},
    {"arrived: a super-packet", 1000},
    {"arrived: with a partial checksum", 10000},
    {"arrived: with a checksum that the switch has completed", 300},
    {"arrived: a datagram in fragments", 1000},
    {"arrived: a packet too big for its next link, to be cut", 300},
    {"arrived: a packet whose L4 checksum is wrong, for its receiver to find out", 1500},
    {"arrived: a packet from outside that nobody has asked for", 100},
    {"arrived: an ICMP error", 2500},
    {"died: an ICMP error that quotes a header whose checksum is wrong", 300},
    {"died: a packet whose IP header checksum is wrong", 200},
    {"reported: a packet whose time to live is up", 600},
    {"reported: a packet too big for its next link, not to be cut", 300},
    {"not let in: a packet from outside that nobody has asked for", 600},
    {"arrived: by the uplink", 20000},
    {"arrived: by the uplink, untranslated", 1000},
    {"arrived: forwarded from outside", 5000},
    {"arrived: hairpinned", 5000},
    {"arrived: between the inside networks", 1000},
    {"arrived: to the gateway itself", 1000},
    {"arrived: protocol 1", 5000},
    {"arrived: protocol 6", 7000},
    {"arrived: protocol 17", 15000},
    {"arrived: protocol 33", 1000},
    {"arrived: protocol 47", 1000},
    {"arrived: protocol 50", 1000},
    {"arrived: protocol 132", 1000},
    {"arrived: protocol 136", 1000},
};

TEST(Properties, AMillionRandomPacketsHaveRightChecksumsAndArriveWhereTheyShould) {
    const std::uint64_t seed = number_in("HAIRPIN_SEED", std::random_device{}()),
                        packets = number_in("HAIRPIN_PACKETS", kPackets);
    std::cout << "HAIRPIN_SEED=" << seed << " HAIRPIN_PACKETS=" << packets << "\n";
    Trial trial{seed};
    for (std::uint64_t i = 0; i < packets; ++i)
        if (const auto wrong = trial.step(); !wrong.empty()) FAIL() << wrong;
    EXPECT_EQ(trial.finish(), "");
    for (const auto& [what, least] : kTried) {
        const std::uint64_t wanted = packets >= 20'000 ? least * packets / 100'000 : 0;
        EXPECT_GE(trial.tallied(what), wanted) << what;
    }
    EXPECT_LE(trial.tallied("refused: a packet of a conversation"), packets / 100);
    if (std::getenv("HAIRPIN_TALLY") != nullptr)
        for (const auto& [what, count] : trial.tally()) std::cout << "  " << count << " " << what << "\n";
    std::cout << trial.translations() << " outside addresses and ports were given out\n";
}

}  // namespace
}  // namespace hairpin::testing

#include "gateway/syn_proxy/syn_cookies.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <random>
#include <set>

namespace hairpin::gateway {
namespace {

using std::chrono::seconds;

constexpr Timestamp kCookieTime{seconds{1000}};
const SynCookies kCookies{HashKey{1, 2}};

Ipv4FlowKey flow_from(std::uint32_t source, std::uint16_t port) {
    return {Ipv4Address{source}, {203, 0, 113, 80}, L4Port{port}, L4Port{80}, IpProtocol::tcp};
}

RC_GTEST_PROP(SynCookies, TellTheSynThatTheyAnswered, ()) {
    const auto scale = *rc::gen::inRange(0, 16);
    const ClientSyn syn{
        *rc::gen::arbitrary<std::uint32_t>(), *rc::gen::element<std::uint16_t>(216, 536, 1200, 1360, 1400, 1440, 1460, 8960),
        scale == 15 ? std::nullopt : std::optional{static_cast<std::uint8_t>(scale)}, *rc::gen::arbitrary<bool>()};
    const Ipv4FlowKey key = flow_from(*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<std::uint16_t>());
    const Timestamp now = kCookieTime + seconds{*rc::gen::inRange(0, 1000)};
    const std::uint32_t cookie = kCookies.make(key, syn, now);
    RC_ASSERT(kCookies.read(key, syn.sequence, cookie, now) == syn);
    RC_ASSERT(kCookies.read(key, syn.sequence, cookie, now + seconds{32}) == syn);
    RC_ASSERT(!kCookies.read(key, syn.sequence, cookie, now + seconds{64}));
    RC_ASSERT(!kCookies.read(key.reversed(), syn.sequence, cookie, now));
    RC_ASSERT(!kCookies.read(key, syn.sequence + 1, cookie, now));
}

TEST(SynCookies, NoLargerSegmentIsRememberedThanWasSaid) {
    const auto remembered = [](std::uint16_t said) {
        const Ipv4FlowKey key = flow_from(1, 2);
        return kCookies.read(key, 7, kCookies.make(key, {.sequence = 7, .mss = said}, kCookieTime), kCookieTime)->mss;
    };
    EXPECT_EQ(remembered(1459), 1440);
    EXPECT_EQ(remembered(1460), 1460);
    EXPECT_EQ(remembered(65535), 8960);
    EXPECT_EQ(remembered(536), 536);
    EXPECT_EQ(remembered(0), 216) << "the smallest that there is";
}

// 23 bits must be right: of four million guesses none to three are, but for one case in a thousand.
TEST(SynCookies, AreHardlyGuessed) {
    std::mt19937 seed{4711};
    const auto guess = [&] { return static_cast<std::uint32_t>(seed()); };
    unsigned right = 0;
    for (unsigned i = 0; i < 4'000'000; ++i)
        if (kCookies.read(flow_from(i, 1024), guess(), guess(), kCookieTime)) ++right;
    EXPECT_LE(right, 3U);
}

TEST(SynCookies, DoNotRepeatThemselves) {
    std::set<std::uint32_t> seen;
    for (std::uint32_t i = 0; i < 1000; ++i) seen.insert(kCookies.make(flow_from(i, 1024), {.sequence = 1}, kCookieTime));
    EXPECT_GT(seen.size(), 995U);
}

}  // namespace
}  // namespace hairpin::gateway

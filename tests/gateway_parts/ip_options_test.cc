#include "gateway/ip_options.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/support/packet_builder.h"

namespace hairpin::gateway {
namespace {

using namespace hairpin::testing;

constexpr Ipv4Address kOwn{203, 0, 113, 80};

// Mostly what looks like options, so that lengths and pointers are wrong by a little as often as right.
Bytes any_options() {
    Bytes options(*rc::gen::inRange<std::size_t>(1, 11) * 4);
    const auto octet = [] {
        return *rc::gen::weightedOneOf<unsigned>({{3, rc::gen::element(0u, 1u, 7u, 68u, 131u, 137u, 148u)},
                                                  {3, rc::gen::inRange(0u, 14u)},
                                                  {1, rc::gen::inRange(0u, 256u)}});
    };
    for (std::byte& byte : options) byte = static_cast<std::byte>(octet());
    return options;
}

// Whatever stands there: it is read within its bounds, and what can be read can be written into without touching anything else.
RC_GTEST_PROP(IpOptions, AreReadAndWrittenWithinTheirBounds, ()) {
    PacketPool pool{{1, 1}};
    const PacketPtr packet = udp().from({192, 0, 2, 1}, 1).to({192, 0, 2, 2}, 2).payload(20).ip_options(any_options()).in(pool);
    FrameView frame = FrameView::parse(*packet);
    RC_ASSERT(bool{frame});
    const std::size_t header_length = frame.ipv4().header_length();
    const OptionsRead read = read_options(frame.l3_bytes().first(header_length));
    if (read.problem) {
        RC_ASSERT(*read.problem >= sizeof(Ipv4Header) && *read.problem < header_length);
        return;
    }
    const Bytes before = bytes_of(*packet);
    record_passage(frame, kOwn, Timestamp{std::chrono::seconds{5}}, {true, true});
    const Bytes after = bytes_of(*packet);
    RC_ASSERT(checksums_hold(*packet));
    RC_ASSERT(after.size() == before.size());
    if (!read.record_route && !read.timestamp) RC_ASSERT(after == before);
    const auto fixed = static_cast<std::ptrdiff_t>(sizeof(EthernetHeader) + sizeof(Ipv4Header) - 2 * sizeof(Ipv4Address) - 2);
    const auto payload = static_cast<std::ptrdiff_t>(sizeof(EthernetHeader) + header_length);
    RC_ASSERT(std::equal(before.begin(), before.begin() + fixed, after.begin()));
    RC_ASSERT(std::equal(before.begin() + payload, before.end(), after.begin() + payload));
}

TEST(IpOptions, BehindTheirEndThereAreNone) {
    PacketPool pool{{1, 1}};
    const Bytes options{std::byte{0}, std::byte{131}, std::byte{3}, std::byte{4}};
    const PacketPtr packet = udp().ip_options(options).in(pool);
    const FrameView frame = FrameView::parse(*packet);
    const OptionsRead read = read_options(frame.l3_bytes().first(frame.ipv4().header_length()));
    EXPECT_FALSE(read.source_route);
    EXPECT_EQ(read.problem, std::nullopt);
}

}  // namespace
}  // namespace hairpin::gateway

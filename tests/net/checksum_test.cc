#include "net/checksum.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "net/offload.h"
#include "tests/support/packet_builder.h"

namespace hairpin {
namespace {

// RFC 1071 as its text has it: 16-bit words one after the other, the carry folded at once.
std::uint16_t naive_checksum(const std::vector<std::uint8_t>& data) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < data.size(); i += 2) {
        const unsigned low = i + 1 < data.size() ? data[i + 1] : 0u;
        sum += static_cast<std::uint32_t>(data[i]) << 8 | low;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
}
// In ones' complement 0 has two names; a field that says one where the other stands is as good.
bool same_sum(std::uint16_t a, std::uint16_t b) { return a == b || (a % 0xffff == 0 && b % 0xffff == 0); }

TEST(Checksum, TheExampleOfRfc1071) {
    const std::vector<std::uint8_t> data{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    EXPECT_EQ(checksum_of(std::as_bytes(std::span{data})).value(), static_cast<std::uint16_t>(~0xddf2));
}

TEST(Checksum, NothingSumsUpToNothing) { EXPECT_EQ(checksum_of({}).value(), 0xffff); }

RC_GTEST_PROP(Checksum, EqualsTheNaiveOne, (const std::vector<std::uint8_t>& data)) {
    RC_ASSERT(checksum_of(std::as_bytes(std::span{data})).value() == naive_checksum(data));
}

TEST(Checksum, EqualsTheNaiveOneForLongData) {
    for (const std::size_t size : {1500u, 65535u, 65536u}) {
        const std::vector<std::uint8_t> ones(size, 0xff);
        EXPECT_EQ(checksum_of(std::as_bytes(std::span{ones})).value(), naive_checksum(ones)) << size;
    }
}

RC_GTEST_PROP(Checksum, HoldsOverDataThatContainsIt, (std::vector<std::uint8_t> data)) {
    data.resize(data.size() + 2 + data.size() % 2);
    data[0] = data[1] = 0;
    const Be16 checksum = checksum_of(std::as_bytes(std::span{data}));
    std::memcpy(data.data(), &checksum, 2);
    RC_ASSERT(checksum_holds(std::as_bytes(std::span{data})));
    data.back() = static_cast<std::uint8_t>(data.back() ^ 0x10);
    RC_ASSERT(!checksum_holds(std::as_bytes(std::span{data})));
}

RC_GTEST_PROP(Checksum, MayBeSummedInPieces, (const std::vector<std::uint8_t>& data)) {
    const auto bytes = std::as_bytes(std::span{data});
    const std::size_t cut = *rc::gen::inRange<std::size_t>(0, data.size() + 1) & ~std::size_t{1};
    RC_ASSERT(ChecksumSum{}.add(bytes.first(cut)).add(bytes.subspan(cut)).checksum() == checksum_of(bytes));
}

// RFC 1624: what a rewrite changes in a checksum equals what summing again would yield.
RC_GTEST_PROP(Rfc1624, Section3_IncrementalEqualsRecomputed, (std::vector<std::uint16_t> words, std::uint16_t replacement)) {
    RC_PRE(!words.empty());
    const std::size_t at = *rc::gen::inRange<std::size_t>(0, words.size());
    const auto checksum = [&] { return checksum_of(std::as_bytes(std::span{words})); };
    const Be16 before = checksum(), old_word = Be16::from_raw(words[at]), new_word = Be16::from_raw(replacement);
    const ChecksumDelta delta{ChecksumSum{}.subtract(old_word).add(new_word)};
    words[at] = replacement;
    RC_ASSERT(same_sum(delta.applied_to(before).value(), checksum().value()));
    RC_ASSERT(same_sum(delta.inverse().applied_to(delta.applied_to(before)).value(), before.value()));
}

// The section that the RFC was written for: HC = 0xDD2F, m = 0x5555, m' = 0x3285 must give 0x0000 and not 0xFFFF.
TEST(Rfc1624, Section4_TheExample) {
    const ChecksumDelta delta{ChecksumSum{}.subtract(Be16{0x5555}).add(Be16{0x3285})};
    EXPECT_EQ(delta.applied_to(Be16{0xdd2f}).value(), 0x0000);
}

RC_GTEST_PROP(Rfc1624, Section3_AddressesAndPortsInOneDelta,
              (std::uint32_t source, std::uint32_t translated, std::uint16_t port, std::uint16_t translated_port)) {
    using namespace testing;
    const Ipv4Address other{198, 51, 100, 7};
    const auto packet = [&](std::uint32_t from, std::uint16_t from_port) {
        return tcp().from(Ipv4Address{from}, from_port).to(other, 80).payload(31);
    };
    const auto field = [](const Bytes& frame) {
        Be16 checksum;
        std::memcpy(&checksum, frame.data() + 34 + 16, 2);
        return checksum;
    };
    const ChecksumDelta delta{ChecksumSum{}
                                  .subtract(Ipv4Address{source})
                                  .subtract(L4Port{port})
                                  .add(Ipv4Address{translated})
                                  .add(L4Port{translated_port})};
    RC_ASSERT(same_sum(delta.applied_to(field(packet(source, port).bytes())).value(),
                       field(packet(translated, translated_port).bytes()).value()));

    // A partial checksum covers the addresses but not the ports, and is not complemented.
    const ChecksumDelta addresses{ChecksumSum{}.subtract(Ipv4Address{source}).add(Ipv4Address{translated})};
    RC_ASSERT(same_sum(addresses.applied_to_partial(field(packet(source, port).partial_checksum().bytes())).value(),
                       field(packet(translated, port).partial_checksum().bytes()).value()));
}

TEST(CompleteChecksum, FinishesWhatTheSenderLeftOpen) {
    using namespace testing;
    PacketPool pool{{.small = 1, .large = 0}};
    const auto builder = udp().from({192, 0, 2, 1}, 5).to({192, 0, 2, 2}, 6).payload(33);
    const PacketPtr packet = PacketBuilder{builder}.partial_checksum().in(pool);
    complete_checksum(*packet);
    EXPECT_EQ(bytes_of(*packet), builder.bytes());
    EXPECT_EQ(packet->offload.checksum, ChecksumState::verified);
}

}  // namespace
}  // namespace hairpin

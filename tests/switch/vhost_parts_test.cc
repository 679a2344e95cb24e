// What of vhost-user is a function of memory: where a guest's addresses are, its rings, frames in its buffers, and messages taken apart.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include "guest_ring.h"
#include "switch/vhost/features.h"
#include "switch/vhost/frames.h"
#include "switch/vhost/guest_memory.h"
#include "switch/vhost/message.h"
#include "switch/vhost/virtqueue.h"
#include "tests/support/packet_builder.h"

namespace hairpin::l2::vhost {
namespace {

using namespace hairpin::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Way = Virtqueue::Way;
using Used = GuestRing::Used;

constexpr std::uint16_t kNext = 1, kWrite = 2, kIndirect = 4;

TEST(GuestMemory, FindsWhatLiesInOneRegion) {
    std::array<std::byte, 4096> bytes{};
    GuestMemory memory;
    ASSERT_TRUE(memory.add({0x1000, 0x9000, bytes}));
    EXPECT_EQ(memory.at_guest(0x1000, 4096), bytes.data());
    EXPECT_EQ(memory.at_guest(0x1fff, 1), bytes.data() + 4095);
    EXPECT_EQ(memory.at_user(0x9010, 16), bytes.data() + 16);
    for (const auto& [address, length] : std::vector<std::pair<std::uint64_t, std::size_t>>{
             {0xfff, 1}, {0x1fff, 2}, {0x2001, 0}, {0x1000, 4097}, {0x1800, ~std::size_t{0}}, {~std::uint64_t{0}, 2}, {0, 1}})
        EXPECT_EQ(memory.at_guest(address, length), nullptr) << address << ' ' << length;
    EXPECT_EQ(memory.at_user(0x1000, 1), nullptr);
}

TEST(GuestMemory, ABufferMayGoFromOneRegionIntoTheNext) {
    std::array<std::byte, 4096> low{}, high{};
    GuestMemory memory;
    ASSERT_TRUE(memory.add({0x2000, 0x9000, high}));
    ASSERT_TRUE(memory.add({0x1000, 0x5000, low}));
    std::vector<GuestMemory::Piece> pieces;
    ASSERT_TRUE(memory.resolve(0x1ff0, 0x20, pieces));
    ASSERT_THAT(pieces, SizeIs(2));
    EXPECT_EQ(pieces[0].data(), low.data() + 0xff0);
    EXPECT_EQ(pieces[1].data(), high.data());
    EXPECT_EQ(pieces[1].size(), 0x10u);
    EXPECT_EQ(memory.at_guest(0x1ff0, 0x20), nullptr);
    EXPECT_FALSE(memory.resolve(0x2ff0, 0x20, pieces));
}

TEST(GuestMemory, RefusesRegionsThatCannotBe) {
    std::array<std::byte, 4096> bytes{};
    GuestMemory memory;
    EXPECT_FALSE(memory.add({0x1000, 0x1000, {}}));
    EXPECT_FALSE(memory.add({~std::uint64_t{0} - 100, 0x1000, bytes})) << "ends beyond the last address";
    EXPECT_FALSE(memory.add({0x1000, ~std::uint64_t{0} - 100, bytes}));
    ASSERT_TRUE(memory.add({0x1000, 0x1000, bytes}));
    EXPECT_FALSE(memory.add({0x1fff, 0x8000, bytes})) << "overlaps as the guest sees it";
    EXPECT_FALSE(memory.add({0x8000, 0x0001, bytes})) << "overlaps as its process sees it";
    for (std::uint64_t i = 1; i < GuestMemory::kMostRegions; ++i) ASSERT_TRUE(memory.add({0x10000 * i, 0x10000 * i, bytes}));
    EXPECT_FALSE(memory.add({0x1000'0000, 0x1000'0000, bytes}));
    GuestMemory last;
    EXPECT_TRUE(last.add({~std::uint64_t{0} - 4095, 0, bytes})) << "up to the last address is not beyond it";
}

// Memory with nothing around it: who reads a byte too far, or too early, ends the test.
class FencedMemory {
public:
    explicit FencedMemory(std::size_t pages) : size_((pages + 2) * kPage) {
        all_ = static_cast<std::byte*>(mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        EXPECT_EQ(mprotect(all_ + kPage, size_ - 2 * kPage, PROT_READ | PROT_WRITE), 0);
    }
    FencedMemory(const FencedMemory&) = delete;
    FencedMemory& operator=(const FencedMemory&) = delete;
    ~FencedMemory() { munmap(all_, size_); }
    std::span<std::byte> bytes() { return {all_ + kPage, size_ - 2 * kPage}; }

private:
    static constexpr std::size_t kPage = 4096;
    std::size_t size_;
    std::byte* all_;
};

class VirtqueueTest : public ::testing::Test {
protected:
    static constexpr std::size_t kBuffers = 16384;
    VirtqueueTest() { EXPECT_TRUE(memory_.add({kGuestBase, kUserBase, fenced_.bytes()})); }

    Virtqueue open(Way way = Way::from_guest, bool events = true, std::uint16_t base = 0) {
        auto queue = Virtqueue::open(memory_, ring_.place(base), way, events);
        EXPECT_TRUE(queue.has_value());
        return *queue;
    }
    std::string_view breach_of(Virtqueue queue) {
        Chain chain;
        EXPECT_FALSE(queue.take(chain));
        EXPECT_FALSE(queue.take(chain)) << "what is broken stays broken";
        return queue.breach();
    }
    static std::uint64_t buffer(std::size_t offset = 0) { return kGuestBase + kBuffers + offset; }

    FencedMemory fenced_{16};
    GuestMemory memory_;
    GuestRing ring_{fenced_.bytes(), 0, 8};
};

TEST_F(VirtqueueTest, ChainsComeInOrderAndGoBackInOrder) {
    Virtqueue queue = open();
    Chain chain;
    EXPECT_FALSE(queue.take(chain));
    ring_.describe(3, {buffer(), 100, kNext, 5});
    ring_.describe(5, {buffer(200), 50, 0, 0});
    ring_.offer(3);
    ring_.offer_buffer(1, buffer(500), 7, 0);
    ASSERT_TRUE(queue.take(chain));
    EXPECT_EQ(chain.head, 3);
    EXPECT_EQ(chain.length, 150u);
    ASSERT_THAT(chain.pieces, SizeIs(2));
    EXPECT_EQ(chain.pieces[1].data(), fenced_.bytes().data() + kBuffers + 200);
    queue.complete(chain.head, 0);
    ASSERT_TRUE(queue.take(chain));
    EXPECT_EQ(chain.length, 7u);
    queue.complete(chain.head, 12);
    EXPECT_THAT(ring_.take_used(), IsEmpty()) << "nothing is seen before it is published";
    queue.publish();
    EXPECT_THAT(ring_.take_used(), ElementsAre(Used{3, 0}, Used{1, 12}));
    EXPECT_FALSE(queue.take(chain));
    EXPECT_EQ(queue.breach(), "");
    EXPECT_EQ(queue.position(), 2);
}

TEST_F(VirtqueueTest, IndexesGoRound) {
    ring_.begin_at(65530);
    Virtqueue queue = open(Way::from_guest, true, 65530);
    Chain chain;
    for (std::uint16_t i = 0; i < 30; ++i) {
        ring_.offer_buffer(i % 8, buffer(i), 1, 0);
        ASSERT_TRUE(queue.take(chain)) << i;
        queue.complete(chain.head, i);
        queue.publish();
        EXPECT_THAT(ring_.take_used(), ElementsAre(Used{i % 8u, i}));
    }
    EXPECT_EQ(queue.position(), 24);
}

TEST_F(VirtqueueTest, AnIndirectTableIsAChain) {
    constexpr std::size_t kTable = 8192;
    ring_.describe(0, {kGuestBase + kTable, 3 * 16, kIndirect, 0});
    for (std::uint16_t i = 0; i < 3; ++i)
        ring_.describe_at(kTable, i, {buffer(100 * i), 10, i == 2 ? std::uint16_t{0} : kNext, static_cast<std::uint16_t>(i + 1)});
    ring_.offer(0);
    Virtqueue queue = open();
    Chain chain;
    ASSERT_TRUE(queue.take(chain)) << queue.breach();
    EXPECT_EQ(chain.length, 30u);
    EXPECT_THAT(chain.pieces, SizeIs(3));
}

TEST_F(VirtqueueTest, WhoBreaksTheRulesIsRefused) {
    ring_.offer_buffer(0, buffer(), 10, 0);
    ring_.offer(8);
    Virtqueue queue = open();
    Chain chain;
    ASSERT_TRUE(queue.take(chain));
    EXPECT_FALSE(queue.take(chain));
    EXPECT_THAT(std::string{queue.breach()}, HasSubstr("beyond its table"));
}

TEST_F(VirtqueueTest, AChainThatRunsInACircleEnds) {
    ring_.describe(0, {buffer(), 1, kNext, 1});
    ring_.describe(1, {buffer(), 1, kNext, 0});
    ring_.offer(0);
    EXPECT_THAT(std::string{breach_of(open())}, HasSubstr("never ends"));
}

TEST_F(VirtqueueTest, AnIndirectTableIsAloneAndWholeAndInMemory) {
    constexpr std::size_t kTable = 8192;
    const auto breach_with = [&](const GuestDescriptor& descriptor) {
        ring_.describe(0, descriptor);
        ring_.begin_at(0);
        ring_.offer(0);
        return std::string{breach_of(open())};
    };
    EXPECT_THAT(breach_with({kGuestBase + kTable, 32, kIndirect | kNext, 1}), HasSubstr("where none may be"));
    EXPECT_THAT(breach_with({kGuestBase + kTable, 0, kIndirect, 0}), HasSubstr("no whole descriptors"));
    EXPECT_THAT(breach_with({kGuestBase + kTable, 40, kIndirect, 0}), HasSubstr("no whole descriptors"));
    EXPECT_THAT(breach_with({kGuestBase + 16 * 4096 - 16, 32, kIndirect, 0}), HasSubstr("not in the guest's memory"));
    ring_.describe_at(kTable, 0, {kGuestBase + kTable, 16, kIndirect, 0});
    EXPECT_THAT(breach_with({kGuestBase + kTable, 16, kIndirect, 0}), HasSubstr("where none may be"));
    ring_.describe_at(kTable, 0, {buffer(), 16, kNext, 1});
    EXPECT_THAT(breach_with({kGuestBase + kTable, 16, kIndirect, 0}), HasSubstr("beyond its table"));
}

TEST_F(VirtqueueTest, BuffersAreInMemoryAndForTheRightDirection) {
    ring_.offer_buffer(0, kGuestBase + 16 * 4096 - 1, 2, 0);
    EXPECT_THAT(std::string{breach_of(open())}, HasSubstr("not in the guest's memory"));
    ring_.describe(0, {buffer(), 2, kWrite, 0});
    EXPECT_THAT(std::string{breach_of(open())}, HasSubstr("other direction"));
    EXPECT_EQ(open(Way::to_guest).breach(), "");
    ring_.describe(0, {buffer(), 2, 0, 0});
    EXPECT_THAT(std::string{breach_of(open(Way::to_guest))}, HasSubstr("other direction"));
}

TEST_F(VirtqueueTest, NoMoreIsAvailableThanThereIsRoomFor) {
    ring_.set_available_index(9);
    EXPECT_THAT(std::string{breach_of(open())}, HasSubstr("more buffers made available"));
    ring_.set_available_index(65535);  // backwards
    EXPECT_THAT(std::string{breach_of(open())}, HasSubstr("more buffers made available"));
    // Nor while entries are taken that have not been published.
    ring_.begin_at(0);
    Virtqueue queue = open();
    for (std::uint16_t i = 0; i < 8; ++i) ring_.offer_buffer(i, buffer(), 1, 0);
    Chain chain;
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(queue.take(chain));
    ring_.offer(0);
    EXPECT_FALSE(queue.take(chain));
    EXPECT_THAT(std::string{queue.breach()}, HasSubstr("more buffers made available"));
}

TEST_F(VirtqueueTest, AnIndexThatGoesBackIsABreach) {
    for (std::uint16_t i = 0; i < 3; ++i) ring_.offer_buffer(i, buffer(), 1, 0);
    Virtqueue queue = open();
    Chain chain;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.take(chain));
    ring_.set_available_index(2);
    EXPECT_FALSE(queue.take(chain));
    EXPECT_THAT(std::string{queue.breach()}, HasSubstr("more buffers made available"));
}

TEST_F(VirtqueueTest, WhatIsPutBackComesAgain) {
    for (std::uint16_t i = 0; i < 3; ++i) ring_.offer_buffer(i, buffer(), 1, 0);
    Virtqueue queue = open();
    Chain chain;
    ASSERT_TRUE(queue.take(chain));
    ASSERT_TRUE(queue.take(chain));
    queue.put_back(2);
    for (std::uint16_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(queue.take(chain));
        EXPECT_EQ(chain.head, i);
    }
}

// virtio 1.2 §2.7.7.2
TEST_F(VirtqueueTest, TheDriverIsToldWhenItAskedToBe) {
    Virtqueue queue = open();
    Chain chain;
    const auto use = [&](int count) {
        for (int i = 0; i < count; ++i) {
            ring_.offer_buffer(static_cast<std::uint16_t>(i), buffer(), 1, 0);
            EXPECT_TRUE(queue.take(chain));
            queue.complete(chain.head, 0);
        }
        return queue.publish();
    };
    EXPECT_FALSE(queue.publish()) << "of nothing";
    EXPECT_TRUE(use(1)) << "the first time nobody knows what was asked for before";
    ring_.set_used_event(4);
    EXPECT_FALSE(use(3));  // up to 4
    EXPECT_TRUE(use(1));   // the one behind index 4
    EXPECT_FALSE(use(1));
    ring_.set_used_event(8);
    EXPECT_TRUE(use(5)) << "passed within a burst";
}

TEST_F(VirtqueueTest, WithoutEventsAFlagSaysIt) {
    Virtqueue queue = open(Way::from_guest, false);
    EXPECT_EQ(ring_.used_flags(), 1) << "no kicks";
    Chain chain;
    ring_.offer_buffer(0, buffer(), 1, 0);
    ASSERT_TRUE(queue.take(chain));
    queue.complete(0, 0);
    EXPECT_TRUE(queue.publish());
    ring_.set_available_flags(1);
    ring_.offer_buffer(0, buffer(), 1, 0);
    ASSERT_TRUE(queue.take(chain));
    queue.complete(0, 0);
    EXPECT_FALSE(queue.publish());
    EXPECT_TRUE(queue.ask_for_kicks());
    EXPECT_EQ(ring_.used_flags(), 0);
}

TEST_F(VirtqueueTest, KicksAreAskedForOnlyWhereThereIsNothing) {
    Virtqueue queue = open();
    EXPECT_TRUE(queue.ask_for_kicks());
    EXPECT_EQ(ring_.avail_event(), 0);
    ring_.offer_buffer(0, buffer(), 1, 0);
    EXPECT_FALSE(queue.ask_for_kicks());
    EXPECT_EQ(ring_.avail_event(), 65535) << "kicks are refused again";
}

// A back-end that was killed leaves a ring in which everything up to the used index is done.
TEST_F(VirtqueueTest, WhatTheUsedRingSaysCountsMoreThanTheBase) {
    ring_.begin_at(5);
    EXPECT_EQ(open(Way::from_guest, true, 7).position(), 5);
    EXPECT_EQ(open(Way::from_guest, true, 5).position(), 5);
    EXPECT_EQ(open(Way::from_guest, true, 1000).position(), 1000) << "further away than a ring: another ring's index";
}

TEST_F(VirtqueueTest, RingsThatCannotBe) {
    const auto refused = [&](auto change) {
        Virtqueue::Place place = ring_.place();
        change(place);
        return !Virtqueue::open(memory_, place, Way::from_guest, true);
    };
    EXPECT_FALSE(refused([](auto&) {}));
    for (const unsigned size : {0u, 3u, 2048u, 0x8000'0000u})
        EXPECT_TRUE(refused([&](auto& place) { place.size = size; })) << size;
    EXPECT_TRUE(refused([](auto& place) { place.descriptors += 8; })) << "not aligned";
    EXPECT_TRUE(refused([](auto& place) { place.available += 1; }));
    EXPECT_TRUE(refused([](auto& place) { place.used += 2; }));
    EXPECT_TRUE(refused([](auto& place) { place.descriptors = 0; }));
    EXPECT_TRUE(refused([](auto& place) { place.used = kUserBase + 16 * 4096 - 64; })) << "its end is outside";
    EXPECT_TRUE(refused([](auto& place) { place.available = ~std::uint64_t{0} - 1; }));
}

// Whatever stands in the rings, nothing outside the memory is touched (it is fenced), no search is without end, and no more is taken than there
// is room for.
TEST_F(VirtqueueTest, RandomRingsCostNothing) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const auto any = [&](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
    const std::span bytes = fenced_.bytes();
    PacketPool pool{{64, 16}};
    FrameWriter writer;
    std::size_t taken = 0, broken = 0;
    for (int round = 0; round < 20000; ++round) {
        // Half of the descriptors are such that they are often good, so that chains get somewhere.
        for (std::size_t i = 0; i < 8; ++i) {
            const bool plausible = any(4) != 0;
            const std::uint64_t address =
                plausible ? kGuestBase + any(static_cast<std::uint32_t>(bytes.size())) : random() * std::uint64_t{random()};
            ring_.describe(i, {address, plausible ? any(3000) : static_cast<std::uint32_t>(random()),
                               static_cast<std::uint16_t>(any(plausible ? 8 : 65536)), static_cast<std::uint16_t>(any(9))});
        }
        for (std::size_t i = 16384; i < 16384 + 512; i += 4) {
            const auto noise = static_cast<std::uint32_t>(random());
            std::memcpy(bytes.data() + i, &noise, sizeof noise);
        }
        const auto base = static_cast<std::uint16_t>(random());
        ring_.begin_at(base);
        const bool to_guest = any(2) != 0;
        Virtqueue queue = open(to_guest ? Way::to_guest : Way::from_guest, any(2) != 0, base);
        for (unsigned i = any(9); i > 0; --i) ring_.offer(static_cast<std::uint16_t>(any(9)));
        if (to_guest) {
            const Bytes frame(any(3000));
            const std::array<ConstPiece, 1> parts{frame};
            while (writer.write(queue, {}, 12, parts, any(2) != 0) == FrameWriter::Outcome::written) ++taken;
        } else {
            Chain chain;
            while (queue.take(chain)) {
                EXPECT_LE(chain.descriptors, Virtqueue::kLongestChain);
                const auto frame = read_frame(chain, 12, pool);
                EXPECT_TRUE(!frame || (*frame)->size() == chain.length - 12);
                queue.complete(chain.head, 0);
                ++taken;
            }
        }
        queue.publish();
        EXPECT_LE(ring_.take_used().size(), 8u);
        broken += queue.breach().empty() ? 0 : 1;
    }
    EXPECT_GT(taken, 1000u) << "the test has looked at something";
    EXPECT_GT(broken, 1000u);
    EXPECT_EQ(pool.in_use(), 0u);
}

class FramesTest : public VirtqueueTest {
protected:
    Bytes at(std::size_t offset, std::size_t size) {
        const auto bytes = fenced_.bytes().subspan(kBuffers + offset, size);
        return {bytes.begin(), bytes.end()};
    }
    PacketPool pool_{{16, 4}};
};

TEST_F(FramesTest, AFrameMayBeCutAnywhere) {
    const Bytes frame = udp().payload(100).bytes();
    Bytes all(12);
    all.insert(all.end(), frame.begin(), frame.end());
    for (std::size_t cut = 1; cut < 40; ++cut) {
        std::memcpy(fenced_.bytes().data() + kBuffers, all.data(), cut);
        std::memcpy(fenced_.bytes().data() + kBuffers + 1000, all.data() + cut, all.size() - cut);
        Chain chain;
        chain.length = all.size();
        ASSERT_TRUE(memory_.resolve(buffer(), cut, chain.pieces));
        ASSERT_TRUE(memory_.resolve(buffer(1000), all.size() - cut, chain.pieces));
        const auto read = read_frame(chain, 12, pool_);
        ASSERT_TRUE(read.has_value()) << cut;
        EXPECT_EQ(Bytes((*read)->bytes().begin(), (*read)->bytes().end()), frame) << cut;
    }
}

TEST_F(FramesTest, WhatIsNoFrame) {
    const auto reason = [&](std::size_t length, std::span<const std::byte> header = {}) {
        std::memset(fenced_.bytes().data() + kBuffers, 0, 4096);
        std::copy(header.begin(), header.end(), fenced_.bytes().data() + kBuffers);
        Chain chain;
        for (std::size_t left = length; left > 0; left -= std::min<std::size_t>(left, 4096))
            EXPECT_TRUE(memory_.resolve(buffer(), std::min<std::size_t>(left, 4096), chain.pieces));
        chain.length = length;
        const auto read = read_frame(chain, 12, pool_);
        return read ? std::nullopt : std::optional{read.error().reason};
    };
    EXPECT_EQ(reason(0), DropReason::runt);
    EXPECT_EQ(reason(12), DropReason::runt);
    EXPECT_EQ(reason(13), std::nullopt) << "the switch says what is too short for it";
    EXPECT_EQ(reason(12 + PacketPool::kLargestFrame), std::nullopt);
    EXPECT_EQ(reason(13 + PacketPool::kLargestFrame), DropReason::oversize);
    const VirtioHeader lies{.flags = VirtioHeader::kNeedsChecksum, .checksum_start = 60000};
    EXPECT_EQ(reason(100, std::as_bytes(std::span{&lies, 1})), DropReason::malformed_offload);
}

TEST_F(FramesTest, AFrameFillsAsManyBuffersAsItTakes) {
    for (std::uint16_t i = 0; i < 8; ++i) ring_.offer_buffer(i, buffer(1000 * i), 100, kWrite);
    Virtqueue queue = open(Way::to_guest);
    FrameWriter writer;
    const Bytes frame = udp().payload(200).bytes();  // 242 bytes, 254 with the header
    const std::array parts{ConstPiece{frame}.first(50), ConstPiece{frame}.subspan(50)};
    EXPECT_EQ(writer.write(queue, {}, 12, parts, true), FrameWriter::Outcome::written);
    queue.publish();
    EXPECT_THAT(ring_.take_used(), ElementsAre(Used{0, 100}, Used{1, 100}, Used{2, 54}));
    VirtioHeader header;
    std::memcpy(&header, fenced_.bytes().data() + kBuffers, sizeof header);
    EXPECT_EQ(header.buffers, 3);
    Bytes received = at(12, 88);
    for (const Bytes& more : {at(1000, 100), at(2000, 54)}) received.insert(received.end(), more.begin(), more.end());
    EXPECT_EQ(received, frame);
}

TEST_F(FramesTest, WhereThereIsNoRoomNothingIsTaken) {
    for (std::uint16_t i = 0; i < 2; ++i) ring_.offer_buffer(i, buffer(1000 * i), 100, kWrite);
    Virtqueue queue = open(Way::to_guest);
    FrameWriter writer;
    const Bytes frame(242);
    const std::array<ConstPiece, 1> parts{frame};
    EXPECT_EQ(writer.write(queue, {}, 12, parts, true), FrameWriter::Outcome::no_room);
    EXPECT_EQ(writer.write(queue, {}, 12, parts, false), FrameWriter::Outcome::no_room);
    const std::array<ConstPiece, 1> fits{ConstPiece{frame}.first(88)};
    EXPECT_EQ(writer.write(queue, {}, 12, fits, false), FrameWriter::Outcome::written);
    EXPECT_EQ(writer.write(queue, {}, 12, fits, false), FrameWriter::Outcome::written);
    EXPECT_EQ(writer.write(queue, {}, 12, fits, false), FrameWriter::Outcome::no_room);
    queue.publish();
    EXPECT_THAT(ring_.take_used(), ElementsAre(Used{0, 100}, Used{1, 100}));
}

TEST(Features, WhatFollowsFromThem) {
    EXPECT_EQ(Features{}.header_size(), 10u);
    EXPECT_EQ(Features{bit(Feature::mrg_rxbuf)}.header_size(), 12u);
    EXPECT_EQ(Features{bit(Feature::version_1)}.header_size(), 12u);
    EXPECT_EQ(Features{kOfferedFeatures}.capabilities(), Capabilities::all());
    EXPECT_EQ(Features{bit(Feature::guest_tso4)}.capabilities(), Capabilities{}) << "a super-packet without an open checksum";
    const Features some{bit(Feature::guest_csum) | bit(Feature::guest_tso6) | bit(Feature::guest_uso4)};
    EXPECT_EQ(some.capabilities(), (Capabilities{.partial_checksum = true, .tcp6_segmentation = true}));
}

tl::expected<Message, std::string> read(Request request, std::span<const std::byte> payload, std::size_t descriptors = 0,
                                        std::uint32_t flags = 1) {
    const MessageHeader header{static_cast<std::uint32_t>(request), flags, static_cast<std::uint32_t>(payload.size())};
    if (std::string wrong = wrong_with(header); !wrong.empty()) return tl::unexpected(std::move(wrong));
    return read_message(header, payload, descriptors);
}

TEST(Messages, AreTakenApart) {
    const RingState state{1, 256};
    const auto number = read(Request::set_vring_num, std::as_bytes(std::span{&state, 1}), 0, 9);
    ASSERT_TRUE(number.has_value());
    EXPECT_EQ(number->state.ring, 1u);
    EXPECT_EQ(number->state.number, 256u);
    EXPECT_TRUE(number->wants_reply);

    const std::uint64_t ring_without = 0x101;
    const auto call = read(Request::set_vring_call, std::as_bytes(std::span{&ring_without, 1}));
    ASSERT_TRUE(call.has_value());
    EXPECT_EQ(call->state.ring, 1u);
    EXPECT_FALSE(call->has_descriptor);

    Bytes table(8 + 2 * sizeof(MemoryEntry));
    table[0] = std::byte{2};
    const MemoryEntry second{1, 2, 3, 4};
    std::memcpy(table.data() + 8 + sizeof second, &second, sizeof second);
    const auto memory = read(Request::set_mem_table, table, 2);
    ASSERT_TRUE(memory.has_value());
    EXPECT_EQ(memory->region_count, 2u);
    EXPECT_EQ(memory->regions[1].file_offset, 4u);
}

TEST(Messages, ThatMakeNoSense) {
    const std::uint64_t with = 0;
    const auto number = std::as_bytes(std::span{&with, 1});
    const auto wrong = [](const auto& read) { return read ? std::string{} : read.error(); };
    EXPECT_THAT(wrong(read(static_cast<Request>(0), {})), HasSubstr("no feature that was offered"));
    EXPECT_THAT(wrong(read(static_cast<Request>(24), {})), HasSubstr("no feature that was offered"));
    EXPECT_THAT(wrong(read(Request::get_features, {}, 0, 2)), HasSubstr("version 2"));
    EXPECT_THAT(wrong(read(Request::get_features, {}, 0, 5)), HasSubstr("reply to nothing"));
    EXPECT_THAT(wrong(read(Request::get_features, number)), HasSubstr("8 bytes"));
    EXPECT_THAT(wrong(read(Request::get_features, {}, 1)), HasSubstr("1 descriptors"));
    EXPECT_THAT(wrong(read(Request::set_vring_kick, number)), HasSubstr("0 descriptors and not 1"));
    EXPECT_THAT(wrong(read(Request::set_vring_kick, number, 2)), HasSubstr("2 descriptors and not 1"));
    Bytes table(8 + sizeof(MemoryEntry));
    table[0] = std::byte{2};
    EXPECT_THAT(wrong(read(Request::set_mem_table, table, 2)), HasSubstr("SET_MEM_TABLE of 40 bytes"));
    table[0] = std::byte{1};
    EXPECT_EQ(wrong(read(Request::set_mem_table, table, 1)), "");
    EXPECT_THAT(wrong(read(Request::set_mem_table, table, 0)), HasSubstr("0 descriptors and not 1"));
    Bytes many(8 + 9 * sizeof(MemoryEntry));
    many[0] = std::byte{9};
    EXPECT_THAT(wrong(read(Request::set_mem_table, many, 9)), HasSubstr("SET_MEM_TABLE of 296 bytes"));
}

}  // namespace
}  // namespace hairpin::l2::vhost

// A port that is a guest's network card, with a front-end and a driver of this test: real sockets, real shared memory, and no root.

#include "switch/ports/vhost_user_port.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <random>

#include "tests/support/packet_builder.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/two_hosts.h"
#include "vhost_front_end.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using vhost::bit;
using vhost::Feature;
using vhost::FrontEnd;
using vhost::Request;
using vhost::RingState;

constexpr unsigned kOut = 0, kIn = 1;  // rings
constexpr std::uint16_t kWritable = 2;

Bytes bytes_of(const Packet& packet) { return {packet.bytes().begin(), packet.bytes().end()}; }

// A socket that a front-end listens at, where the port is the client.
FileDescriptor listening_at(const std::string& path) {
    FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    EXPECT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket.get(), 1), 0);
    return socket;
}

class VhostUserPortTest : public ::testing::Test {
protected:
    VhostUserPortTest() { open(); }
    void TearDown() override {
        arrived_.clear();
        port_.reset();
        EXPECT_EQ(ledger_.expected_held(), 0);
        EXPECT_EQ(pool_.in_use(), 0u);
    }

    std::string path() const { return folder_.file("guest.sock").string(); }
    void open() {
        port_.reset();
        auto port = VhostUserPort::open({.socket = path()}, pool_, ledger_);
        ASSERT_TRUE(port.has_value()) << port.error().message;
        port_ = std::move(*port);
    }
    // What the event loop does: while there is something to read, it is read.
    void turn() {
        if (!port_) return;
        for (int bursts = 0; bursts < 100 && is_readable(); ++bursts) {
            Batch burst;
            port_->receive(burst, {});
            ledger_.absorbed += burst.size();
            for (PacketPtr& packet : burst) arrived_.push_back(std::move(packet));
        }
        EXPECT_FALSE(is_readable()) << "the loop would be told for ever that there is something";
    }
    bool is_readable() const {
        pollfd waits{port_->readable_descriptor(), POLLIN, 0};
        return poll(&waits, 1, 0) == 1;
    }
    std::unique_ptr<FrontEnd> connect() {
        return std::make_unique<FrontEnd>(path(), [this] { turn(); });
    }
    std::unique_ptr<FrontEnd> begin(std::uint64_t features = vhost::kOfferedFeatures) {
        auto front_end = connect();
        front_end->begin(features);
        EXPECT_TRUE(port_->attached()) << port_->why_detached();
        return front_end;
    }
    void send(const PacketBuilder& packet) {
        Batch batch;
        batch.push_back(packet.in(pool_));
        send(std::move(batch));
    }
    void send(Batch batch) {
        ledger_.originated += batch.size();
        port_->send(batch, {});
        EXPECT_TRUE(batch.empty());
    }
    std::uint64_t dropped(DropReason reason) const { return ledger_.dropped_for(reason); }

    TemporaryFolder folder_;
    PacketPool pool_{{.small = 256, .large = 16}};
    Ledger ledger_;
    std::unique_ptr<VhostUserPort> port_;
    Batch arrived_;
};

TEST_F(VhostUserPortTest, FramesPassBothWays) {
    const auto guest = begin();
    const Bytes frame = udp().from(kHere, 1).to(kThere, 2).payload(100).bytes();
    guest->send(frame);
    turn();
    ASSERT_THAT(arrived_, SizeIs(1));
    EXPECT_EQ(bytes_of(*arrived_[0]), frame);
    EXPECT_EQ(guest->waiting(), 1u);
    EXPECT_THAT(guest->ring(kIn).take_used(), ElementsAre(vhost::GuestRing::Used{0, 0}));

    guest->offer_buffers(4, 2048);
    send(udp().from(kThere, 2).to(kHere, 1).payload(50));
    const auto received = guest->received();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].frame, udp().from(kThere, 2).to(kHere, 1).payload(50).bytes());
    EXPECT_EQ(received[0].header.buffers, 1);
    EXPECT_TRUE(guest->called(kOut));
    EXPECT_EQ(port_->counters().in_packets, 1u);
    EXPECT_EQ(port_->counters().out_packets, 1u);
}

TEST_F(VhostUserPortTest, SuperPacketsPassWhole) {
    const auto guest = begin();
    EXPECT_EQ(port_->capabilities(), Capabilities::all());
    const PacketPtr super = tcp().from(kHere, 1).to(kThere, 2).ack().payload(60000).super_packet(1448).in(pool_);
    guest->send(super->bytes(), VirtioHeader::describe(*super));
    turn();
    ASSERT_THAT(arrived_, SizeIs(1));
    EXPECT_EQ(bytes_of(*arrived_[0]), bytes_of(*super));
    EXPECT_EQ(arrived_[0]->offload.segmentation, Segmentation::tcp4);
    EXPECT_EQ(arrived_[0]->offload.segment_size, 1448);
    EXPECT_EQ(arrived_[0]->offload.checksum, ChecksumState::partial);

    guest->offer_buffers(64, 1526);
    send(tcp().from(kThere, 2).to(kHere, 1).ack().payload(60000).super_packet(1448));
    const auto received = guest->received();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].frame, tcp().from(kThere, 2).to(kHere, 1).ack().payload(60000).super_packet(1448).bytes());
    EXPECT_EQ(received[0].header.segmentation, VirtioHeader::kTcp4);
    EXPECT_EQ(received[0].header.buffers, 40);
    EXPECT_EQ(ledger_.copied, 0u);
}

// What a guest has not agreed to take is finished for it.
TEST_F(VhostUserPortTest, AGuestWithoutOffloadsGetsPlainFrames) {
    const auto guest = begin(bit(Feature::version_1));
    EXPECT_EQ(port_->capabilities(), Capabilities{});
    guest->offer_buffers(64, 1526);
    send(tcp().from(kHere, 1).to(kThere, 2).ack().payload(5000).super_packet(1000));
    const auto received = guest->received();
    ASSERT_THAT(received, SizeIs(5));
    for (const auto& each : received) {
        EXPECT_EQ(each.header.flags, 0) << "checksums are of no concern to this guest";
        EXPECT_TRUE(checksums_hold(*pool_.make(each.frame)));
        EXPECT_EQ(each.frame.size(), 1054u);
    }
}

TEST_F(VhostUserPortTest, ADriverFromBeforeVirtio1HasAShorterHeader) {
    const auto guest = begin(0);
    EXPECT_EQ(guest->header_size, 10u);
    const Bytes frame = udp().payload(10).bytes();
    guest->send(frame);
    turn();
    ASSERT_THAT(arrived_, SizeIs(1));
    EXPECT_EQ(bytes_of(*arrived_[0]), frame);
    guest->offer_buffers(1, 1526);
    send(udp().payload(10));
    const auto received = guest->received();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].frame, frame);
}

TEST_F(VhostUserPortTest, WithoutBuffersFramesAreDropped) {
    const auto guest = begin();
    send(udp());
    EXPECT_EQ(dropped(DropReason::egress_refused), 1u);
    guest->offer_buffers(1, 200);
    send(udp().payload(1000));
    EXPECT_EQ(dropped(DropReason::egress_refused), 2u) << "there is a buffer, but too small";
    send(udp().payload(100));
    EXPECT_THAT(guest->received(), SizeIs(1));
    EXPECT_TRUE(port_->attached());
}

TEST_F(VhostUserPortTest, ABurstIsOneCall) {
    const auto guest = begin();
    guest->offer_buffers(200, 2048);
    guest->called(kOut);
    Batch batch;
    for (unsigned i = 0; i < 64; ++i) batch.push_back(udp().from(kHere, 1000 + i).payload(10).in(pool_));
    send(std::move(batch));
    EXPECT_TRUE(guest->called(kOut)) << "the first time, and since index 0 was asked for";
    EXPECT_THAT(guest->received(), SizeIs(64));
    // EVENT_IDX: the driver has asked for index 0 and not anew, so it is busy with what it has.
    send(udp());
    EXPECT_FALSE(guest->called(kOut));
    guest->ring(kOut).set_used_event(65);
    send(udp());
    EXPECT_TRUE(guest->called(kOut));
}

TEST_F(VhostUserPortTest, AThousandFramesComeInBursts) {
    const auto guest = begin();
    for (int round = 0; round < 100; ++round) {
        for (unsigned i = 0; i < 10; ++i) guest->send(udp().from(kHere, i + 1).payload(100).bytes());
        turn();
        ASSERT_THAT(arrived_, SizeIs(10)) << round;
        arrived_.clear();
    }
    EXPECT_EQ(port_->counters().in_packets, 1000u);
}

// Frames that were there before the port was are not kicked for.
TEST_F(VhostUserPortTest, WhatWaitsWhenARingBeginsIsTaken) {
    const auto guest = connect();
    for (unsigned i = 0; i < 10; ++i) guest->send(udp().payload(i).bytes());
    guest->begin();
    EXPECT_THAT(arrived_, SizeIs(10));
}

TEST_F(VhostUserPortTest, IsDetachedUntilADriverBeginsAndSaysWhy) {
    EXPECT_FALSE(port_->attached());
    EXPECT_EQ(port_->why_detached(), "nobody has connected yet");
    send(udp());
    EXPECT_EQ(dropped(DropReason::port_detached), 1u);
    auto guest = connect();
    EXPECT_EQ(port_->why_detached(), "the guest's driver has not begun");
    EXPECT_FALSE(port_->has_news());
    guest->begin();
    EXPECT_TRUE(port_->has_news());
    EXPECT_FALSE(port_->has_news());

    EXPECT_EQ(guest->stop_ring(kIn), 0u);
    EXPECT_FALSE(port_->attached());
    EXPECT_TRUE(port_->has_news());
    EXPECT_EQ(port_->why_detached(), "the guest's driver has stopped");
    guest->set_up_ring(kIn);
    EXPECT_TRUE(port_->attached());

    guest->hang_up();
    turn();
    EXPECT_FALSE(port_->attached());
    EXPECT_THAT(port_->why_detached(), HasSubstr("closed its connection"));
    guest = begin();
    EXPECT_TRUE(port_->attached());
}

// A disabled ring is emptied, and nothing of it is let in.
TEST_F(VhostUserPortTest, ADisabledRingLetsNothingIn) {
    const auto guest = begin();
    guest->say(Request::set_vring_enable, RingState{kIn, 0});
    EXPECT_FALSE(port_->attached());
    guest->send(udp().bytes());
    turn();
    EXPECT_THAT(arrived_, SizeIs(0));
    EXPECT_THAT(guest->ring(kIn).take_used(), SizeIs(1));
    EXPECT_EQ(dropped(DropReason::port_detached), 1u);
    guest->say(Request::set_vring_enable, RingState{kIn, 1});
    EXPECT_TRUE(port_->attached());
}

// Without the protocol's features nobody enables a ring; begin(0) of other tests shows that it is.
TEST_F(VhostUserPortTest, ARingGoesOnWhereItWas) {
    auto guest = begin();
    for (int i = 0; i < 5; ++i) guest->send(udp().bytes());
    turn();
    EXPECT_THAT(arrived_, SizeIs(5));
    EXPECT_EQ(guest->stop_ring(kIn), 5u);
    guest->set_up_ring(kIn, 5);
    guest->send(udp().payload(7).bytes());
    turn();
    EXPECT_THAT(arrived_, SizeIs(6));
}

// Our process was killed: another begins at the same path, and the front-end connects again. QEMU knows then only what the used ring says.
TEST_F(VhostUserPortTest, ANewPortGoesOnWithARunningGuest) {
    auto guest = begin();
    guest->offer_buffers(10, 2048);
    for (int i = 0; i < 5; ++i) guest->send(udp().bytes());
    send(udp());
    turn();
    ASSERT_THAT(guest->received(), SizeIs(1));
    guest->hang_up();

    // What is left of one that was killed: the socket, and nobody behind it.
    port_.reset();
    listening_at(path());
    open();
    FrontEnd again{path(), [this] { turn(); }};
    // The guest's memory has not changed: the same rings in what stands for it here.
    std::copy(guest->memory().begin(), guest->memory().end(), again.memory().begin());
    again.begin(vhost::kOfferedFeatures, 5);
    EXPECT_TRUE(port_->attached());
    EXPECT_THAT(arrived_, SizeIs(5)) << "nothing comes twice";
    send(udp().payload(33));
    EXPECT_EQ(again.ring(kOut).take_used().size(), 2u) << "the frame from before, and the new one behind it";
}

TEST_F(VhostUserPortTest, OthersAreSentAwayWhileOneIsThere) {
    const auto guest = begin();
    const auto other = connect();
    turn();
    EXPECT_FALSE(other->is_connected());
    EXPECT_TRUE(guest->is_connected());
    EXPECT_TRUE(port_->attached());
}

TEST_F(VhostUserPortTest, MessagesMayComeByTheByte) {
    const auto guest = connect();
    const vhost::MessageHeader header{static_cast<std::uint32_t>(Request::get_features), 1, 0};
    for (const std::byte byte : std::as_bytes(std::span{&header, 1})) {
        EXPECT_FALSE(guest->hear().has_value());
        guest->say_bytes({&byte, 1});
    }
    EXPECT_EQ(guest->hear().value().number, vhost::kOfferedFeatures);
}

TEST_F(VhostUserPortTest, WhatIsNotUnderstoodEndsTheConnection) {
    const auto refused = [&](auto say) {
        const auto guest = connect();
        say(*guest);
        turn();
        EXPECT_FALSE(guest->is_connected());
        return port_->why_detached();
    };
    EXPECT_THAT(refused([](FrontEnd& guest) { guest.say(static_cast<Request>(99), {}); }), HasSubstr("request 99"));
    EXPECT_THAT(refused([](FrontEnd& guest) { guest.say(Request::set_features, ~std::uint64_t{0}); }),
                HasSubstr("were not offered"));
    EXPECT_THAT(refused([](FrontEnd& guest) { guest.say(Request::set_vring_num, RingState{2, 256}); }), HasSubstr("ring 2"));
    EXPECT_THAT(refused([](FrontEnd& guest) { guest.say(Request::set_vring_kick, std::uint64_t{0x101}); }),
                HasSubstr("not polled"));
    EXPECT_THAT(refused([](FrontEnd& guest) {
                    const int file = guest.memory_file();
                    guest.say(Request::set_vring_kick, std::uint64_t{1}, {&file, 1});
                }),
                HasSubstr("no eventfd"));
    EXPECT_THAT(refused([](FrontEnd& guest) {
                    const std::vector<int> many(9, guest.memory_file());
                    guest.say(Request::get_features, {}, many);
                }),
                HasSubstr("more descriptors"));
    EXPECT_TRUE(begin()->is_connected());
}

TEST_F(VhostUserPortTest, WhatIsRefusedIsAcknowledgedSo) {
    const auto guest = begin();
    EXPECT_EQ(guest->ask_whether(Request::net_set_mtu, std::uint64_t{1500}), 0u);
    EXPECT_EQ(guest->ask_whether(Request::net_set_mtu, std::uint64_t{1501}), 1u);
    EXPECT_EQ(guest->ask_whether(Request::set_vring_enable, RingState{kIn, 1}), 0u);
    EXPECT_EQ(guest->ask_whether(Request::set_vring_num, RingState{kIn, 512}), 1u) << "while it runs";
    EXPECT_EQ(guest->ask(Request::get_queue_num), 1u);
    EXPECT_TRUE(guest->is_connected());
    EXPECT_TRUE(port_->attached());
}

// A file that its owner could shrink under us: a page that is not there any more would be the end of the daemon.
TEST_F(VhostUserPortTest, MemoryThatCouldShrinkIsRefused) {
    const auto guest = connect();
    std::array<std::byte, 8 + sizeof(vhost::MemoryEntry)> table{};
    table[0] = std::byte{1};
    const auto share = [&](int file, std::uint64_t size, std::uint64_t offset = 0) {
        const vhost::MemoryEntry entry{vhost::kGuestBase, size, vhost::kUserBase, offset};
        std::memcpy(table.data() + 8, &entry, sizeof entry);
        return guest->ask_whether(Request::set_mem_table, table, {&file, 1});
    };
    guest->say(Request::set_protocol_features, vhost::kOfferedProtocolFeatures);
    const FileDescriptor ordinary{::open(folder_.path().c_str(), O_TMPFILE | O_RDWR, 0600)};
    ASSERT_EQ(ftruncate(ordinary.get(), 65536), 0);
    EXPECT_EQ(share(ordinary.get(), 65536), 1u);
    EXPECT_THAT(port_->why_detached(), HasSubstr("memory-backend-memfd"));
    const FileDescriptor unsealable{memfd_create("guest", MFD_CLOEXEC)};
    ASSERT_EQ(ftruncate(unsealable.get(), 65536), 0);
    EXPECT_EQ(share(unsealable.get(), 65536), 1u);

    const FileDescriptor sealable{memfd_create("guest", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    ASSERT_EQ(ftruncate(sealable.get(), 65536), 0);
    EXPECT_EQ(share(sealable.get(), 65537), 1u) << "longer than the file";
    EXPECT_EQ(share(sealable.get(), 1, 65536), 1u);
    EXPECT_EQ(share(sealable.get(), ~std::uint64_t{0}, 4096), 1u);
    EXPECT_EQ(share(sealable.get(), 0), 1u);
    EXPECT_EQ(share(sealable.get(), 65536), 0u);
    EXPECT_EQ(share(sealable.get(), 1000, 100), 0u) << "not at a page's beginning";
    EXPECT_EQ(ftruncate(sealable.get(), 0), -1) << "it is sealed now";
}

TEST_F(VhostUserPortTest, ANewMemoryTableMovesRingsThatRun) {
    const auto guest = begin();
    guest->share_memory();
    EXPECT_TRUE(port_->attached());
    guest->send(udp().bytes());
    turn();
    EXPECT_THAT(arrived_, SizeIs(1));
    // One in which the rings are not is refused, and they stay where they are.
    const vhost::MemoryEntry elsewhere{vhost::kGuestBase, 65536, 0x1000, 0};
    std::array<std::byte, 8 + sizeof elsewhere> table{};
    table[0] = std::byte{1};
    std::memcpy(table.data() + 8, &elsewhere, sizeof elsewhere);
    const int file = guest->memory_file();
    EXPECT_EQ(guest->ask_whether(Request::set_mem_table, table, {&file, 1}), 1u);
    guest->send(udp().bytes());
    turn();
    EXPECT_THAT(arrived_, SizeIs(2));
}

TEST_F(VhostUserPortTest, AGuestThatBreaksARingLosesItsLinkUntilItBeginsAnew) {
    const auto guest = begin();
    port_->has_news();
    guest->send(udp().bytes());
    guest->ring(kIn).offer_buffer(7, 0x10, 100, 0);
    guest->kick(kIn);
    turn();
    EXPECT_THAT(arrived_, SizeIs(1)) << "what came before is good";
    EXPECT_EQ(dropped(DropReason::ring_malformed), 1u);
    EXPECT_FALSE(port_->attached());
    EXPECT_TRUE(port_->has_news());
    EXPECT_THAT(port_->why_detached(), HasSubstr("not in the guest's memory"));
    EXPECT_TRUE(guest->told_of_an_error(kIn));
    EXPECT_TRUE(guest->is_connected());
    for (int i = 0; i < 10; ++i) guest->kick(kIn), turn();
    EXPECT_EQ(dropped(DropReason::ring_malformed), 1u) << "nobody listens to it";
    send(udp());
    EXPECT_EQ(dropped(DropReason::port_detached), 1u);

    guest->stop_ring(kIn);
    guest->ring(kIn).begin_at(0);
    guest->set_up_ring(kIn);
    EXPECT_TRUE(port_->attached());
    guest->send(udp().bytes());
    turn();
    EXPECT_THAT(arrived_, SizeIs(2));
}

TEST_F(VhostUserPortTest, TheRingOfWhatItReceivesMayBeBrokenToo) {
    const auto guest = begin();
    guest->offer_buffers(1, 2048);
    guest->ring(kOut).offer_buffer(1, 0x10, 2048, kWritable);
    Batch batch;
    for (unsigned i = 0; i < 4; ++i) batch.push_back(tcp().from(kHere, i + 1).syn().in(pool_));
    send(std::move(batch));
    EXPECT_THAT(guest->received(), SizeIs(1));
    EXPECT_EQ(dropped(DropReason::ring_malformed), 1u);
    EXPECT_EQ(dropped(DropReason::port_detached), 2u);
    EXPECT_TRUE(is_readable()) << "so that the loop hears of it";
    turn();
    EXPECT_TRUE(port_->has_news());
    EXPECT_TRUE(guest->told_of_an_error(kOut));
}

TEST_F(VhostUserPortTest, OffloadsThatDoNotFitAreCounted) {
    const auto guest = begin();
    guest->send(udp().payload(10).bytes(), {.flags = VirtioHeader::kNeedsChecksum, .checksum_start = 9000});
    guest->send(udp().payload(10).bytes());
    turn();
    EXPECT_THAT(arrived_, SizeIs(1));
    EXPECT_EQ(dropped(DropReason::malformed_offload), 1u);
    EXPECT_TRUE(port_->attached());
}

TEST_F(VhostUserPortTest, TheSocketIsOursWhileWeAreThere) {
    struct stat made {};
    ASSERT_EQ(lstat(path().c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0777, 0660u);
    const auto second = VhostUserPort::open({.socket = path()}, pool_, ledger_);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("another program listens there"));
    port_.reset();
    EXPECT_NE(lstat(path().c_str(), &made), 0) << "it goes with the port";

    folder_.write("guest.sock", "a file");
    const auto over_a_file = VhostUserPort::open({.socket = path()}, pool_, ledger_);
    ASSERT_FALSE(over_a_file);
    EXPECT_THAT(over_a_file.error().message, HasSubstr("something else than a socket"));
    EXPECT_EQ(lstat(path().c_str(), &made), 0);
    const auto too_long = VhostUserPort::open({.socket = "/tmp/" + std::string(103, 'x')}, pool_, ledger_);
    ASSERT_FALSE(too_long);
    EXPECT_THAT(too_long.error().message, HasSubstr("1 to 107 bytes"));
}

TEST_F(VhostUserPortTest, AClientTriesUntilSomebodyListens) {
    const std::string there = folder_.file("qemu.sock").string();
    auto port = VhostUserPort::open({.socket = there, .mode = VhostUserSettings::Mode::client}, pool_, ledger_);
    ASSERT_TRUE(port.has_value());
    port_ = std::move(*port);
    const auto await = [&](auto condition) {
        for (int tries = 0; tries < 5 && !condition(); ++tries) {
            pollfd waits{port_->readable_descriptor(), POLLIN, 0};
            EXPECT_EQ(poll(&waits, 1, 5000), 1);
            turn();
        }
        EXPECT_TRUE(condition());
    };
    turn();
    EXPECT_FALSE(port_->connected());
    const FileDescriptor listener = listening_at(there);
    await([&] { return port_->connected(); });
    FrontEnd guest{FileDescriptor{accept(listener.get(), nullptr, nullptr)}, [this] { turn(); }};
    guest.begin();
    EXPECT_TRUE(port_->attached());
    guest.hang_up();
    await([&] { return !port_->connected() || !port_->attached(); });
    await([&] { return port_->connected(); });
}

// Messages at random, good ones among them: the port lives, and keeps to its own.
TEST_F(VhostUserPortTest, RandomMessagesCostNothing) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const auto any = [&](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
    auto guest = connect();
    int begun = 0;
    for (int round = 0; round < 3000; ++round) {
        if (!guest->is_connected()) guest = connect();
        if (any(20) == 0) {
            guest->begin();
            begun += port_->attached() ? 1 : 0;
            guest->ring(kIn).set_available_index(static_cast<std::uint16_t>(any(4)));
            guest->kick(kIn);
        }
        Bytes payload(any(6) * 8);
        for (std::byte& byte : payload) byte = any(3) == 0 ? static_cast<std::byte>(random()) : std::byte{};
        const int file = any(2) == 0 ? guest->memory_file() : port_->readable_descriptor();
        guest->say(static_cast<Request>(any(42)), payload, std::span{&file, any(3) == 0 ? 1u : 0u},
                   any(10) == 0 ? any(16) : 1 + 8 * any(2));
        while (guest->is_connected() && guest->hear()) continue;
        Batch batch;
        batch.push_back(udp().payload(any(100)).in(pool_));
        send(std::move(batch));
        arrived_.clear();
    }
    EXPECT_GT(begun, 10);
    guest = nullptr;
    turn();
    EXPECT_TRUE(begin() != nullptr);
}

}  // namespace
}  // namespace hairpin::l2

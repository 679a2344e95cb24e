#include "vhost_front_end.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

namespace hairpin::l2::vhost {

namespace {

constexpr std::size_t kOutRing = 0, kInRing = 65536;                // where rings begin
constexpr std::size_t kOutBuffers = 1 << 20, kInBuffers = 3 << 20;  // and buffers
constexpr std::size_t kInBufferSize = 68 * 1024;
constexpr std::size_t kInSlots = (kMemorySize - kInBuffers) / kInBufferSize;
constexpr std::uint16_t kDeviceWrites = 2;

bool is_readable(int descriptor) {
    pollfd waits{descriptor, POLLIN, 0};
    return poll(&waits, 1, 0) == 1 && (waits.revents & POLLIN) != 0;
}

bool take_from(const EventDescriptor& event) {
    const bool there = is_readable(event.get());
    event.take();
    return there;
}

FileDescriptor connected_to(const std::string& path) {
    FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    EXPECT_EQ(connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << path;
    return socket;
}

}  // namespace

FrontEnd::FrontEnd(const std::string& path, std::function<void()> turn) : FrontEnd(connected_to(path), std::move(turn)) {}

FrontEnd::FrontEnd(FileDescriptor connection, std::function<void()> turn)
    : connection_(std::move(connection)), turn_(std::move(turn)) {
    make_memory();
    turn_();
}

FrontEnd::~FrontEnd() { munmap(memory_.data(), memory_.size()); }

void FrontEnd::make_memory() {
    file_ = FileDescriptor{memfd_create("guest", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    EXPECT_EQ(ftruncate(file_.get(), kMemorySize), 0);
    void* address = mmap(nullptr, kMemorySize, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
    memory_ = {static_cast<std::byte*>(address), kMemorySize};
    rings_ = {GuestRing{memory_, kOutRing, kRingSize}, GuestRing{memory_, kInRing, kRingSize}};
    for (int i = 0; i < 2; ++i) {
        kicks_.push_back(EventDescriptor::make());
        calls_.push_back(EventDescriptor::make());
        errors_.push_back(EventDescriptor::make());
    }
}

void FrontEnd::begin(std::uint64_t features, std::uint16_t base) {
    const std::uint64_t offered = ask(Request::get_features);
    EXPECT_EQ(features & ~offered, 0u);
    if ((features & bit(Feature::protocol_features)) != 0)
        say(Request::set_protocol_features, ask(Request::get_protocol_features));
    say(Request::set_owner, {});
    say(Request::set_features, features);
    share_memory();
    // Enabled first, as QEMU does: a ring that runs while it is disabled is emptied.
    for (unsigned i = 0; i < 2; ++i)
        if ((features & bit(Feature::protocol_features)) != 0) say(Request::set_vring_enable, RingState{i, 1});
    for (unsigned i = 0; i < 2; ++i) set_up_ring(i, base);
    header_size = Features{features}.header_size();
    turn_();
}

void FrontEnd::share_memory() {
    std::array<std::byte, 8 + sizeof(MemoryEntry)> table{};
    table[0] = std::byte{1};
    const MemoryEntry entry{kGuestBase, kMemorySize, kUserBase, 0};
    std::memcpy(table.data() + 8, &entry, sizeof entry);
    const int file = file_.get();
    say(Request::set_mem_table, table, {&file, 1});
}

void FrontEnd::set_up_ring(unsigned ring, std::uint16_t base) {
    const Virtqueue::Place place = rings_[ring].place();
    say(Request::set_vring_num, RingState{ring, place.size});
    say(Request::set_vring_base, RingState{ring, base});
    say(Request::set_vring_addr,
        RingAddresses{.ring = ring, .descriptors = place.descriptors, .used = place.used, .available = place.available});
    const std::uint64_t number = ring;
    const int kick = kicks_[ring].get(), call = calls_[ring].get(), error = errors_[ring].get();
    say(Request::set_vring_kick, number, {&kick, 1});
    say(Request::set_vring_call, number, {&call, 1});
    say(Request::set_vring_err, number, {&error, 1});
}

std::uint64_t FrontEnd::stop_ring(unsigned ring) {
    const RingState which{ring, 0};
    return ask(Request::get_vring_base, std::as_bytes(std::span{&which, 1})) >> 32;
}

bool FrontEnd::is_connected() const {
    std::byte byte;
    return recv(connection_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

void FrontEnd::say(Request request, std::span<const std::byte> payload, std::span<const int> descriptors, std::uint32_t flags) {
    const MessageHeader header{static_cast<std::uint32_t>(request), flags, static_cast<std::uint32_t>(payload.size())};
    std::vector<std::byte> bytes(sizeof header + payload.size());
    std::memcpy(bytes.data(), &header, sizeof header);
    if (!payload.empty()) std::memcpy(bytes.data() + sizeof header, payload.data(), payload.size());
    iovec place{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    std::vector<char> control(CMSG_SPACE(descriptors.size_bytes()));
    if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
    }
    sendmsg(connection_.get(), &message, MSG_NOSIGNAL);
    turn_();
}

void FrontEnd::say_bytes(std::span<const std::byte> bytes) {
    ::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    turn_();
}

std::optional<FrontEnd::Reply> FrontEnd::hear() {
    MessageHeader header;
    if (recv(connection_.get(), &header, sizeof header, MSG_DONTWAIT) != sizeof header) return std::nullopt;
    Reply reply{.request = header.request, .flags = header.flags, .payload = std::vector<std::byte>(header.size)};
    EXPECT_EQ(recv(connection_.get(), reply.payload.data(), header.size, MSG_DONTWAIT), static_cast<ssize_t>(header.size));
    std::memcpy(&reply.number, reply.payload.data(), std::min(reply.payload.size(), sizeof reply.number));
    return reply;
}

std::uint64_t FrontEnd::ask(Request request, std::span<const std::byte> payload) {
    say(request, payload);
    const auto reply = hear();
    EXPECT_TRUE(reply.has_value());
    if (!reply) return ~std::uint64_t{0};
    EXPECT_EQ(reply->request, static_cast<std::uint32_t>(request));
    EXPECT_EQ(reply->flags, MessageHeader::kVersion | MessageHeader::kReply);
    return reply->number;
}

void FrontEnd::send(std::span<const std::byte> frame, VirtioHeader header) {
    returned_ += rings_[1].take_used().size();
    ASSERT_LT(sent_ - returned_, kInSlots) << "more frames than a test has room for";
    const std::size_t offset = kInBuffers + sent_ % kInSlots * kInBufferSize;
    std::memcpy(memory_.data() + offset, &header, header_size);
    std::memcpy(memory_.data() + offset + header_size, frame.data(), frame.size());
    const auto index = static_cast<std::uint16_t>(sent_++ % kRingSize);
    rings_[1].offer_buffer(index, kGuestBase + offset, static_cast<std::uint32_t>(header_size + frame.size()), 0);
    kick(1);
}

void FrontEnd::offer_buffers(std::uint16_t count, std::uint32_t size) {
    buffer_size_ = size;
    for (std::uint16_t i = 0; i < count; ++i, ++buffers_) {
        const auto index = static_cast<std::uint16_t>(buffers_ % kRingSize);
        rings_[0].offer_buffer(index, kGuestBase + kOutBuffers + std::size_t{index} * 4096, size, kDeviceWrites);
    }
}

std::vector<FrontEnd::Received> FrontEnd::received() {
    std::vector<Received> all;
    std::uint16_t to_come = 0;
    for (const GuestRing::Used& used : rings_[0].take_used()) {
        const std::byte* buffer = memory_.data() + kOutBuffers + std::size_t{used.head} * 4096;
        EXPECT_LE(used.written, buffer_size_);
        std::size_t begin = 0;
        if (to_come == 0) {
            VirtioHeader header;
            std::memcpy(&header, buffer, header_size);
            all.push_back({header, {}});
            to_come = header_size == sizeof header ? header.buffers : std::uint16_t{1};
            begin = header_size;
        }
        --to_come;
        all.back().frame.insert(all.back().frame.end(), buffer + begin, buffer + used.written);
    }
    EXPECT_EQ(to_come, 0) << "a frame without its end";
    return all;
}

bool FrontEnd::called(unsigned ring) { return take_from(calls_[ring]); }
bool FrontEnd::told_of_an_error(unsigned ring) { return take_from(errors_[ring]); }

}  // namespace hairpin::l2::vhost

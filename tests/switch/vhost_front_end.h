#pragma once
// A front-end of the vhost-user protocol and the driver of its guest, in this process: what QEMU and Linux are to a port. It is as well-behaved as
// a test wants it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "guest_ring.h"
#include "switch/ports/event_descriptor.h"
#include "switch/vhost/features.h"
#include "switch/vhost/message.h"
#include "switch/virtio_header.h"

namespace hairpin::l2::vhost {

// Where the driver keeps things, in 4 MiB of a memfd.
inline constexpr std::size_t kMemorySize = 4 << 20;
inline constexpr unsigned kRingSize = 256;

class FrontEnd {
public:
    struct Received {
        VirtioHeader header;
        std::vector<std::byte> frame;
    };
    struct Reply {
        std::uint32_t request = 0, flags = 0;
        std::uint64_t number = 0;  // of the payload's first bytes
        std::vector<std::byte> payload = {};
    };

    // Connects; `turn` lets the port have a look at what has been sent.
    FrontEnd(const std::string& path, std::function<void()> turn);
    // Takes a connection that the port has made.
    FrontEnd(FileDescriptor connection, std::function<void()> turn);
    ~FrontEnd();
    FrontEnd(const FrontEnd&) = delete;
    FrontEnd& operator=(const FrontEnd&) = delete;

    // What QEMU says when the guest's driver begins. `features` is what the driver takes of what is offered.
    void begin(std::uint64_t features = kOfferedFeatures, std::uint16_t base = 0);
    void share_memory();
    void set_up_ring(unsigned ring, std::uint16_t base = 0);
    // Stops a ring; where it was.
    std::uint64_t stop_ring(unsigned ring);
    void hang_up() { connection_ = {}; }
    bool is_connected() const;  // and nobody has hung up

    void say(Request request, std::span<const std::byte> payload, std::span<const int> descriptors = {}, std::uint32_t flags = 1);
    template <class T>
    void say(Request request, const T& payload, std::span<const int> descriptors = {}, std::uint32_t flags = 1) {
        say(request, std::as_bytes(std::span{&payload, 1}), descriptors, flags);
    }
    void say_bytes(std::span<const std::byte> bytes);
    std::optional<Reply> hear();
    // The same with an answer that is a number.
    std::uint64_t ask(Request request, std::span<const std::byte> payload = {});
    // Asks for an acknowledgement: what it was.
    template <class T>
    std::uint64_t ask_whether(Request request, const T& payload, std::span<const int> descriptors = {}) {
        say(request, payload, descriptors, MessageHeader::kVersion | MessageHeader::kNeedReply);
        return hear().value_or(Reply{.number = ~std::uint64_t{0}}).number;
    }

    // The driver sends a frame; a kick, where the device wants one and nobody forbids it.
    void send(std::span<const std::byte> frame, VirtioHeader header = {});
    void kick(unsigned ring) { kicks_[ring].add_one(); }
    // Buffers that the driver gives to the device.
    void offer_buffers(std::uint16_t count, std::uint32_t size);
    std::vector<Received> received();
    // Whether the device has called since it was asked last.
    bool called(unsigned ring);
    bool told_of_an_error(unsigned ring);
    // Frames of the driver that the device has not given back.
    std::size_t waiting() const { return sent_ - returned_; }

    GuestRing& ring(unsigned index) { return rings_[index]; }
    std::span<std::byte> memory() { return memory_; }
    int memory_file() const { return file_.get(); }
    std::size_t header_size = sizeof(VirtioHeader);

private:
    void make_memory();

    FileDescriptor connection_;
    std::function<void()> turn_;
    FileDescriptor file_;
    std::span<std::byte> memory_;
    std::vector<GuestRing> rings_;
    std::vector<EventDescriptor> kicks_, calls_, errors_;
    std::size_t sent_ = 0, returned_ = 0;
    std::uint16_t buffers_ = 0;
    std::uint32_t buffer_size_ = 0;
};

}  // namespace hairpin::l2::vhost

#include "switch/ports/tap_port.h"

#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "switch/coalesce.h"
#include "switch/virtio_header.h"

namespace hairpin::l2 {

namespace {
constexpr std::size_t kHeaderSize = sizeof(VirtioHeader);
constexpr std::size_t kSmallFrame = PacketPool::kSmall - Packet::kHeadroom;
static_assert(Packet::kHeadroom >= kHeaderSize);
}  // namespace

TapPort::TapPort(TapDevice device, PacketPool& pool, Ledger& ledger, unsigned mtu)
    : DevicePort(pool, ledger, mtu),
      device_(std::move(device)),
      spill_(pool.take_large()),
      attached_(device_.descriptor() >= 0) {}

void TapPort::plug(TapDevice device) {
    device_ = std::move(device);
    attached_ = device_.descriptor() >= 0;
    if (carrier_ == Carrier::off) device_.set_carrier(carrier_);
}

void TapPort::set_carrier(Carrier carrier) {
    carrier_ = carrier;
    if (attached_) device_.set_carrier(carrier);
}

TapDevice TapPort::unplug() {
    attached_ = false;
    return std::exchange(device_, TapDevice{});
}

bool TapPort::read(Batch& into, Timestamp) {
    if (!attached_) return false;
    std::size_t bytes = 0;
    for (std::size_t packets = 0; packets < kBurstPackets && bytes < kBurstBytes; ++packets) {
        PacketPtr small = pool_.take_small();
        if (!small) {
            // The frame must be taken all the same, or the loop would be told for ever that there is one.
            if (!discard_one()) return false;
            continue;
        }
        if (!spill_) spill_ = pool_.take_large();
        const auto bytes_read = read_into(*small);
        if (!bytes_read) return false;
        bytes += *bytes_read;
        take_in(std::move(small), *bytes_read, into);
    }
    return true;
}

std::optional<std::size_t> TapPort::read_into(Packet& small) {
    // Without a spill one byte tells a frame that would have needed it.
    std::byte beyond;
    const std::array<iovec, 2> places{
        iovec{small.data() - kHeaderSize, kHeaderSize + kSmallFrame},
        spill_ ? iovec{spill_->data() + kSmallFrame, PacketPool::kLargestFrame - kSmallFrame} : iovec{&beyond, 1}};
    const ssize_t bytes_read = preadv2(device_.descriptor(), places.data(), places.size(), -1, device_.call_flags());
    if (bytes_read >= 0) return static_cast<std::size_t>(bytes_read);
    if (errno == EBADFD) attached_ = false;  // the interface was deleted, perhaps with its namespace
    return std::nullopt;
}

void TapPort::take_in(PacketPtr small, std::size_t bytes_read, Batch& into) {
    if (bytes_read < kHeaderSize) return reject({}, 0, DropReason::runt);
    const std::size_t frame_size = bytes_read - kHeaderSize;
    VirtioHeader header;
    std::memcpy(&header, small->data() - kHeaderSize, kHeaderSize);
    if (frame_size > kSmallFrame && !spill_) return reject({small->data(), kSmallFrame}, frame_size, DropReason::no_buffer);

    PacketPtr packet = join(std::move(small), frame_size);
    if (!header.apply_to(*packet)) return reject(*packet, DropReason::malformed_offload);
    into.push_back(std::move(packet));
}

PacketPtr TapPort::join(PacketPtr small, std::size_t frame_size) {
    if (frame_size <= kSmallFrame) {
        small->resize(frame_size);
        return small;
    }
    std::memcpy(spill_->data(), small->data(), kSmallFrame);
    spill_->resize(frame_size);
    return std::move(spill_);
}

bool TapPort::discard_one() {
    VirtioHeader header;  // a TAP device cuts off what does not fit
    const iovec place{&header, sizeof header};
    if (preadv2(device_.descriptor(), &place, 1, -1, device_.call_flags()) < 0) return false;
    reject({}, 0, DropReason::no_buffer);
    return true;
}

void TapPort::write(Batch& packets, Timestamp) {
    const std::span<const PacketPtr> all{packets};
    const Capabilities device = capabilities();
    for (std::size_t at = 0, count; at < all.size(); at += count) {
        count = joinable(all.subspan(at), device);
        write_run(all.subspan(at, count));
    }
}

void TapPort::write_run(std::span<const PacketPtr> run) {
    std::array<iovec, kLongestRun> pieces;
    Packet& first = *run.front();
    if (run.size() > 1) {
        const std::size_t payload = lead(run);
        for (std::size_t i = 1; i < run.size(); ++i) pieces[i] = {run[i]->data() + payload, run[i]->size() - payload};
    }
    const VirtioHeader header = VirtioHeader::describe(first);
    ensure(first.headroom() >= kHeaderSize);
    pieces[0] = {first.data() - kHeaderSize, kHeaderSize + first.size()};
    std::memcpy(pieces[0].iov_base, &header, kHeaderSize);

    const bool taken = pwritev2(device_.descriptor(), pieces.data(), static_cast<int>(run.size()), -1, device_.call_flags()) >= 0;
    const DropReason reason = taken ? DropReason{} : refusal();
    for (const PacketPtr& packet : run) taken ? sent(*packet) : refused(*packet, reason);
}

// EIO: the interface is down. EAGAIN, ENOBUFS, ENOMEM: it took no more. EINVAL: the frame is none to it.
DropReason TapPort::refusal() {
    if (errno != EBADFD) return DropReason::egress_refused;
    attached_ = false;
    return DropReason::port_detached;
}

}  // namespace hairpin::l2

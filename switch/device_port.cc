#include "switch/device_port.h"

#include "net/offload.h"
#include "switch/segmentation.h"

namespace hairpin::l2 {

bool DevicePort::receive(Batch& into, Timestamp now) {
    const std::size_t before = into.size();
    const bool more = read(into, now);
    for (std::size_t i = before; i < into.size(); ++i) count_arrival(into[i]->size());
    return more;
}

void DevicePort::send(Batch& batch, Timestamp now) {
    if (takes_frames()) {
        const Capabilities device = capabilities();
        for (PacketPtr& packet : batch) finish_for_device(std::move(packet), device);
        write(outgoing_, now);
        outgoing_.clear();
    } else {
        for (const PacketPtr& packet : batch) refused(*packet, DropReason::port_detached);
    }
    batch.clear();
}

void DevicePort::finish_for_device(PacketPtr packet, const Capabilities& device) {
    if (!device.takes(packet->offload.segmentation)) {
        const auto pieces = cut_into_segments(*packet, pool_, outgoing_);
        if (pieces)
            ledger_.copied += *pieces - 1;
        else
            refused(*packet, pieces.error());
        return;
    }
    if (packet->offload.checksum == ChecksumState::partial && !device.partial_checksum) complete_checksum(*packet);
    outgoing_.push_back(std::move(packet));
}

void DevicePort::count_arrival(std::size_t bytes) {
    ++ledger_.received;
    ++counters_.in_packets;
    counters_.in_bytes += bytes;
}

void DevicePort::take(std::span<const std::byte> frame, std::size_t length, Batch& into) {
    if (length > frame.size()) return reject(frame, length, DropReason::oversize);
    PacketPtr packet = pool_.make(frame);
    if (!packet) return reject(frame, length, DropReason::no_buffer);
    into.push_back(std::move(packet));
}

void DevicePort::reject(std::span<const std::byte> frame, std::size_t length, DropReason reason) {
    count_arrival(length);
    ledger_.drop(reason, FlightRecorder::Frame{.bytes = frame, .length = length});
    ++counters_.drops;
}

void DevicePort::sent(const Packet& packet) {
    ++ledger_.transmitted;
    ++counters_.out_packets;
    counters_.out_bytes += packet.size();
}

}  // namespace hairpin::l2

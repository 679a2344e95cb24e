#pragma once
// A port whose device is a TAP: what the kernel would put on that interface's wire is read here, and what is written here
// arrives on it.
//
// The port keeps its identity and its counters when the device goes, and may get another: plug(). Without one it has nothing to read and
// drops what it is given as port_detached.
//
// One system call a packet either way, or one for many on the way out where they can be joined (switch/coalesce.h); no copy in
// between but the kernel's own. A frame is read into a small buffer whose rest
// spills over into a large one that the port keeps ready, so that 64 small packets touch 64 small buffers and a super-packet
// costs a copy of its first 2 KiB:
//
//   small  │ headroom │vnet│ first 2048 bytes │ ─┐ copied in front, only when there is a rest
//   spill  │ headroom │vnet│ ················ │ rest, up to 64 KiB │      (then the spill is the packet)

#include <optional>
#include <span>

#include "switch/device_port.h"
#include "switch/ports/tap_device.h"
#include "switch/settings.h"

namespace hairpin::l2 {

class TapPort final : public DevicePort {
public:
    TapPort(TapDevice device, PacketPool& pool, Ledger& ledger, unsigned mtu);

    std::string_view kind() const override { return "tap"; }
    Capabilities capabilities() const override { return device_.capabilities(); }
    int readable_descriptor() const override { return device_.descriptor(); }
    bool attached() const override { return attached_; }

    const TapDevice& device() const { return device_; }
    // In place of the device that it has, if any, which is closed: nobody may be watching its descriptor any more.
    void plug(TapDevice device);
    void set_carrier(Carrier carrier) override;
    void discard() override { device_.discard(); }
    // Leaves the port detached. A device that is gone is given out as well.
    TapDevice unplug();

private:
    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    void write_run(std::span<const PacketPtr> run);
    // The bytes of one frame and its header, or nothing when there is none to be had just now.
    std::optional<std::size_t> read_into(Packet& small);
    PacketPtr join(PacketPtr small, std::size_t frame_size);
    void take_in(PacketPtr small, std::size_t bytes_read, Batch& into);
    bool discard_one();
    DropReason refusal();

    TapDevice device_;
    PacketPtr spill_;  // an empty large packet, or none when the pool had none
    bool attached_;
    Carrier carrier_ = Carrier::on;
};

}  // namespace hairpin::l2

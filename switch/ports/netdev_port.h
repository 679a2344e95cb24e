#pragma once
// A port whose device is a network device of the kernel that somebody else has, such as the TAP whose descriptor QEMU holds: by a packet
// socket (packet(7)) we take in hand what the device receives, and transmit by it.
// QEMU: -netdev tap,id=N,ifname=DEVICE,script=no,downscript=no.
//
//   virtual machine ── QEMU ══ tap descriptor ══ DEVICE ══ packet socket ── switch
//
// Super-packets and partial checksums pass as they are (PACKET_VNET_HDR), a VLAN tag that the kernel took out is put back. What we
// transmit ourselves does not come back (PACKET_IGNORE_OUTGOING). The kernel's own network stack sees what the device receives, too, so
// the device should have no address there.
//
// The device may come, go and come again under the port: the kernel tells of links of the namespace (rtnetlink(7)), and the socket is bound to
// whatever has the name. It is set up (IFF_UP) and made to receive everything; when the port goes, the kernel undoes the latter.

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "switch/device_port.h"
#include "switch/ports/descriptor_set.h"
#include "switch/settings.h"

namespace hairpin::l2 {

class NetdevPort final : public DevicePort {
public:
    // In the calling thread's network namespace. The device need not be there yet. Needs CAP_NET_RAW there, and CAP_NET_ADMIN where the
    // device is down.
    static Result<std::unique_ptr<NetdevPort>> open(const NetdevSettings& settings, PacketPool& pool, Ledger& ledger);

    std::string_view kind() const override { return "netdev"; }
    Capabilities capabilities() const override {
        return {.partial_checksum = true, .tcp4_segmentation = true, .tcp6_segmentation = true, .udp_segmentation = false};
    }
    int readable_descriptor() const override { return ready_.descriptor(); }
    bool attached() const override { return index_ != 0; }
    bool may_return() const override { return true; }

private:
    NetdevPort(const NetdevSettings& settings, PacketPool& pool, Ledger& ledger);
    Result<void> prepare();
    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    // Sees whether the device is there now, and binds to it where it is another one than before.
    void look_for_device();
    bool bind_to(int index);
    bool read_one(Batch& into, std::size_t& bytes);
    PacketPtr join(PacketPtr small, std::size_t frame_size);

    std::string device_;
    FileDescriptor packets_;
    FileDescriptor links_;
    DescriptorSet ready_;
    int index_ = 0;    // of the device; none while it is away
    PacketPtr spill_;  // an empty large packet, or none when the pool had none
};

}  // namespace hairpin::l2

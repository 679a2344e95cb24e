#pragma once
// A port whose device is a UDP socket: one frame is one datagram, with nothing before it. So GNS3 joins its nodes (uBridge, a cloud's "UDP
// tunnel"), and so does QEMU: -netdev dgram,id=N,local.type=inet,...,remote.type=inet,... or -netdev socket,id=N,udp=REMOTE,localaddr=LOCAL.
//
//   switch ── local ═══ UDP ═══ remote ── another switch, an emulator, a virtual machine
//
// Only what comes from the remote's address and port is taken: the socket is connected. Whoever can forge that is plugged in, as with every
// tunnel that has no key, so the link belongs on the loopback or a network of its own.
//
// Either side may end and begin anew under the other. A remote that is not there shows when the kernel there refuses a datagram (ICMP port
// unreachable): the port is detached then, what is sent is tried in any case, and the next frame that comes attaches it again.

#include <memory>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "switch/device_port.h"
#include "switch/ports/descriptor_set.h"
#include "switch/ports/frame_datagrams.h"
#include "switch/settings.h"

namespace hairpin::l2 {

class UdpPort final : public DevicePort {
public:
    // In the calling thread's network namespace. The local address need not be there yet.
    static Result<std::unique_ptr<UdpPort>> open(const UdpSettings& settings, PacketPool& pool, Ledger& ledger);

    std::string_view kind() const override { return "udp"; }
    int readable_descriptor() const override { return ready_.descriptor(); }
    bool attached() const override { return attached_; }
    bool may_return() const override { return true; }

private:
    UdpPort(FileDescriptor socket, const UdpSettings& settings, PacketPool& pool, Ledger& ledger);
    bool takes_frames() const override { return true; }
    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    FileDescriptor socket_;
    DescriptorSet ready_;  // readable also when the socket has nothing but an error to tell
    bool attached_ = true;
    DatagramReader reader_;
    DatagramWriter writer_;
};

}  // namespace hairpin::l2

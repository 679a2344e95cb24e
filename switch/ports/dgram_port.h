#pragma once
// A port whose device is a pair of Unix datagram sockets, ours and a virtual machine's: one frame is one datagram, with nothing before
// it. QEMU: -netdev dgram,id=N,local.type=unix,local.path=REMOTE,remote.type=unix,remote.path=SOCKET.
//
//   switch ── SOCKET ═══ frames ═══ REMOTE ── virtual machine
//
// Nothing is connected, so either side may end and begin anew under the other. What is there shows in what happens: the port is attached
// while somebody has the other socket, as far as was seen when a frame was last sent there or came from there. What is sent is tried
// in any case, or a silent machine that comes back would stay unreachable.
//
// Who takes frames too slowly loses them: the kernel keeps as many as net.unix.max_dgram_qlen said when the other socket was made.

#include <memory>

#include "net/result.h"
#include "switch/device_port.h"
#include "switch/ports/frame_datagrams.h"
#include "switch/ports/local_socket.h"
#include "switch/settings.h"

namespace hairpin::l2 {

class DgramPort final : public DevicePort {
public:
    static Result<std::unique_ptr<DgramPort>> open(const DgramSettings& settings, PacketPool& pool, Ledger& ledger);

    std::string_view kind() const override { return "dgram"; }
    int readable_descriptor() const override { return socket_.descriptor(); }
    bool attached() const override { return attached_; }
    bool may_return() const override { return true; }

private:
    DgramPort(LocalSocket socket, const DgramSettings& settings, PacketPool& pool, Ledger& ledger);
    bool takes_frames() const override { return true; }
    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    LocalSocket socket_;
    sockaddr_un remote_;
    bool attached_;
    DatagramReader reader_;
    DatagramWriter writer_;
};

}  // namespace hairpin::l2

#pragma once
// A port whose device is whoever connects to a Unix stream socket of ours and writes frames as QEMU does (switch/stream_framing.h).
// QEMU: -netdev stream,id=N,server=off,addr.type=unix,addr.path=SOCKET.
//
// One is connected at a time. Who comes second is refused, by a connection that is closed at once, unless the first is ending: then it
// waits for its turn. What the other side says is not believed: a length that no frame has ends the connection, and costs nobody else
// anything. One who takes frames too slowly loses them as a whole, when the kernel's buffer is full; what is left of a frame that was
// written in part is kept, and is the most that is kept.

#include <cstddef>
#include <memory>
#include <vector>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "switch/device_port.h"
#include "switch/ports/descriptor_set.h"
#include "switch/ports/local_socket.h"
#include "switch/settings.h"
#include "switch/stream_framing.h"

namespace hairpin::l2 {

class StreamPort final : public DevicePort {
public:
    static Result<std::unique_ptr<StreamPort>> open(const StreamSettings& settings, PacketPool& pool, Ledger& ledger);

    std::string_view kind() const override { return "stream"; }
    int readable_descriptor() const override { return ready_.descriptor(); }
    bool attached() const override { return static_cast<bool>(connection_); }
    bool may_return() const override { return true; }

private:
    StreamPort(LocalSocket listener, const StreamSettings& settings, PacketPool& pool, Ledger& ledger);
    Result<void> prepare();
    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    void welcome();
    void disconnect();
    // Reads once; false when there was nothing, or nobody is there any more.
    bool fill();
    // What is left of a frame goes first. False while some of it is still left.
    bool flush();
    // That there are whole frames in our own buffer the kernel does not know: the loop must be told otherwise.
    void tell_of_frames(bool there_are);

    LocalSocket listener_;
    FileDescriptor connection_;
    FileDescriptor frames_wait_;  // an eventfd
    DescriptorSet ready_;
    bool told_of_frames_ = false;
    StreamFraming framing_;
    std::vector<std::byte> unsent_;
    std::vector<iovec> pieces_;  // kept for its memory
};

}  // namespace hairpin::l2

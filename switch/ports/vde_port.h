#pragma once
// A port whose device is a VDE plug: a folder of ours is to it what that of a VDE switch is (switch/vde_request.h).
// QEMU: -netdev vde,id=N,sock=FOLDER; others: vde_plug, vdens, User Mode Linux.
//
//   FOLDER/ctl    where plugs connect; the port lives while the connection does
//   FOLDER/plug   where the plug that is in sends its frames, one a datagram
//
// One plug is in at a time, so the folder is one port of the switch, and not a switch of its own; the number of a port that a plug asks
// for means nothing. Who comes second is refused, by a connection that is closed, unless the first is ending. At most kWaiting are
// connected without having said anything; when one more comes, the first of them is cut off.
//
// A plug says where its own socket is, and we send there: that it is its own is looked up. Otherwise whoever may plug in could let us,
// who may write to more, send frames to any socket of the machine.

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "switch/device_port.h"
#include "switch/ports/descriptor_set.h"
#include "switch/ports/frame_datagrams.h"
#include "switch/ports/local_socket.h"
#include "switch/settings.h"

namespace hairpin::l2 {

class VdePort final : public DevicePort {
public:
    static constexpr std::size_t kWaiting = 8;

    static Result<std::unique_ptr<VdePort>> open(const VdeSettings& settings, PacketPool& pool, Ledger& ledger);
    ~VdePort() override;
    VdePort(const VdePort&) = delete;
    VdePort& operator=(const VdePort&) = delete;

    std::string_view kind() const override { return "vde"; }
    int readable_descriptor() const override { return ready_.descriptor(); }
    bool attached() const override { return static_cast<bool>(control_); }
    bool may_return() const override { return true; }

private:
    VdePort(const VdeSettings& settings, PacketPool& pool, Ledger& ledger);
    Result<void> prepare();
    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    void welcome();
    // Of one who is waiting: what it asks for.
    void hear(FileDescriptor client);
    bool plug_in(FileDescriptor& client, const std::string& socket);
    void unplug();

    std::string folder_;
    bool made_folder_ = false;
    LocalSocket listener_;
    DescriptorSet ready_;
    std::deque<FileDescriptor> waiting_;
    FileDescriptor control_;
    std::optional<LocalSocket> data_;
    DatagramReader reader_;
    DatagramWriter writer_;
};

}  // namespace hairpin::l2

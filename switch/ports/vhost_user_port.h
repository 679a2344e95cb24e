#pragma once
// A port that is the network card of a guest: the back-end of the vhost-user protocol, by which a front-end (QEMU) shares its guest's memory
// and rings with us. Frames go straight between the guest's buffers and ours: a copy each way and no system call a frame, super-packets whole.
//
//   guest's driver ── rings in shared memory ── VhostUserPort        the front-end sets up (a Unix socket) and is not asked again
//                  ── kick, call: eventfds ──
//
// The port is attached while a guest's driver has both rings up. Until then, and whenever the front-end goes, restarts its guest or says
// something wrong, it is detached, says why, and waits for the next. One front-end at a time; others are sent away.
//
// The guest is hostile, and so may be its front-end: whatever they say costs this port alone. What cannot be prevented is in docs/vhost-user.md.
//
// Watched by one descriptor, an epoll of its own: the socket, the connection, the kicks of the ring that comes from the guest (those of the other
// say nothing that we wait for), and an event of our own for what must be looked at without anybody having said so.

#include <memory>
#include <optional>
#include <string>

#include "switch/device_port.h"
#include "switch/ports/event_descriptor.h"
#include "switch/ports/vhost_user_connection.h"
#include "switch/ports/vhost_user_device.h"
#include "switch/ports/vhost_user_socket.h"
#include "switch/settings.h"
#include "switch/vhost/frames.h"

namespace hairpin::l2 {

class VhostUserPort final : public DevicePort {
public:
    static Result<std::unique_ptr<VhostUserPort>> open(const VhostUserSettings& settings, PacketPool& pool, Ledger& ledger);

    std::string_view kind() const override { return "vhost-user"; }
    Capabilities capabilities() const override { return device_.features().capabilities(); }
    int readable_descriptor() const override { return epoll_.get(); }
    bool attached() const override { return device_.carries(); }
    bool may_return() const override { return true; }

    // Why it is not attached: what went wrong last, or what is being waited for.
    const std::string& why_detached() const { return why_; }
    // Whether attached(), or the reason why not, is another than when it was asked last.
    bool has_news();
    bool connected() const { return connection_.has_value(); }
    vhost::Features features() const { return device_.features(); }

private:
    enum class Source : std::uint32_t { socket, connection, kick, ourselves };

    VhostUserPort(const VhostUserSettings& settings, VhostUserSocket socket, PacketPool& pool, Ledger& ledger);

    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    // What the descriptors tell.
    void look();
    void meet();
    void converse();
    void obey(VhostUserConnection::Incoming incoming);
    void part();

    bool read_frame(Batch& into, std::size_t& bytes);
    // True: the guest has more.
    bool wait_for_kicks();
    // Keeps readable_descriptor() readable, so that receive() is called again.
    void ask_to_be_read();
    bool write_run(std::span<const PacketPtr> run);
    void tell(const VhostUserDevice::Ring& ring, bool wanted) const;
    void broken(VhostUserDevice::Ring& ring, std::string_view how);

    // Something is wrong. It is said until the port is attached, whatever comes of it meanwhile; said again it is no news.
    void complain(const std::string& why);
    // What is waited for, where nobody has complained.
    void explain(const std::string& why);
    void note_attachment();
    void watch(int descriptor, Source source);
    void watch_kicks();
    void unwatch_kicks();

    VhostUserSettings settings_;
    VhostUserSocket socket_;
    std::optional<VhostUserConnection> connection_;
    VhostUserDevice device_;
    FileDescriptor epoll_;
    EventDescriptor look_again_ = EventDescriptor::make();
    int watched_kicks_ = -1;

    std::string why_ = "nobody has connected yet";
    bool was_attached_ = false;
    bool complained_ = false;
    bool news_ = false;
    bool stays_readable_ = false;  // there is a kick that was not taken, or an event of our own
    unsigned bursts_until_look_ = 0;

    vhost::Chain chain_;  // kept for their memory
    vhost::FrameWriter writer_;
};

}  // namespace hairpin::l2

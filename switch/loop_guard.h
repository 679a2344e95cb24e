#pragma once
// A port of ours that is plugged into itself, or two into one switch beyond, makes a loop in which broadcasts go round for ever. Loop guard
// sends a small frame by each port that it guards; where one of them comes back, it shuts a port, and opens it again after a while.
//
//   a frame, 60 bytes, untagged, or on a trunk without native VLAN in its lowest VLAN:
//   03-48-50-4C-47-00  source  88b5  "HPLG" version(1) 0(3) daemon(8) port(2) number(4) zeros
//   a group address of our own, so that other bridges flood it; the EtherType that IEEE 802 leaves to local experiments; who sent it, by a
//   random number of this run of the daemon; by which of its ports, and its which frame that was.
//
//   heard where it was sent                  that port is shut
//   heard on another port, guarded, too      the later of the two: the one that has been guarded for less long
//   heard on a port that is not guarded      the one that sent it
//
// Frames of other daemons are forwarded like any other, so that they find loops that lead through us. A frame only finds a loop in its VLAN.
//
// Owned by the Bridge, which does the shutting. A function of time: tick() says what is to be sent and which ports open again.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "net/mac_address.h"
#include "net/numbers.h"
#include "net/time.h"
#include "switch/features.h"

namespace hairpin::l2 {

class LoopGuard {
public:
    static constexpr auto kGroup = MacAddress::from_number(0x0348'504c'4700);
    static constexpr EtherType kEtherType{0x88b5};
    using Frame = std::array<std::byte, 60>;

    explicit LoopGuard(std::uint64_t daemon) : daemon_(daemon) {}

    void set(const LoopGuardSettings& settings) { settings_ = settings; }
    // From when on the port is guarded; again is nothing.
    void guard(PortId port) { ports_.try_emplace(port, Guarded{.order = ++guarded_so_far_}); }
    // Whether it was shut.
    bool unguard(PortId port);
    bool is_shut(PortId port) const {
        const auto found = ports_.find(port);
        return found != ports_.end() && found->second.shut;
    }
    bool guards_any() const { return !ports_.empty(); }

    // By which port of ours this frame to kGroup was sent; nothing where it is none of ours.
    std::optional<PortId> sender_of(std::span<const std::byte> frame) const;
    // One of ours, sent by `sender`, has come in by `ingress`: which port is to be shut now. Nothing where one of them is shut already.
    std::optional<PortId> heard(PortId sender, PortId ingress, Timestamp now);

    // `send(PortId, const Frame&)` for each frame whose time has come, `open(PortId)` before that for each port that is open again: so a loop
    // that is still there is found at once.
    template <class Send, class Open>
    void tick(Timestamp now, Send&& send, Open&& open) {
        for (auto& [port, guarded] : ports_) {
            if (guarded.shut && guarded.opens <= now) guarded.shut = false, guarded.next = now, open(port);
            if (guarded.shut || now < guarded.next) continue;
            guarded.next = now + settings_.interval;
            send(port, frame_of(port, ++guarded.sent));
        }
    }
    // Opens a port that is shut, before its time. Whether it was.
    bool open(PortId port);

    struct Guarded {
        std::uint64_t order = 0;  // later ones have more
        std::uint32_t sent = 0;
        std::uint64_t loops = 0;  // that have shut it
        bool shut = false;
        Timestamp next{}, opens{};
        std::optional<PortId> through = {};  // of the last loop: the other port
    };
    const std::map<PortId, Guarded>& ports() const { return ports_; }

private:
    Frame frame_of(PortId port, std::uint32_t number) const;

    std::uint64_t daemon_;
    LoopGuardSettings settings_;
    std::uint64_t guarded_so_far_ = 0;
    std::map<PortId, Guarded> ports_;
};

}  // namespace hairpin::l2

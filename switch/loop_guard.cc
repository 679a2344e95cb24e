#include "switch/loop_guard.h"

#include <cstring>

#include "net/big_endian.h"
#include "net/ethernet.h"

namespace hairpin::l2 {

namespace {

constexpr Be32 kMagic{0x4850'4c47};  // "HPLG"
constexpr std::uint8_t kVersion = 1;

struct LoopGuardFrame {
    EthernetHeader ethernet;
    Be32 magic;
    std::uint8_t version;
    std::array<std::uint8_t, 3> reserved;
    Be32 daemon_high, daemon_low;
    Be16 port;
    Be32 number;
};
static_assert(sizeof(LoopGuardFrame) == 36 && alignof(LoopGuardFrame) == 1);

}  // namespace

bool LoopGuard::unguard(PortId port) {
    const auto found = ports_.find(port);
    if (found == ports_.end()) return false;
    const bool shut = found->second.shut;
    ports_.erase(found);
    return shut;
}

LoopGuard::Frame LoopGuard::frame_of(PortId port, std::uint32_t number) const {
    LoopGuardFrame header{};
    header.ethernet.destination = kGroup;
    // A locally administered address that is this daemon's and this port's alone, as far as chance goes.
    header.ethernet.source = MacAddress::from_number(0x0200'0000'0000 | (daemon_ & 0xffff'ffff) << 8 | (index_of(port) & 0xff));
    header.ethernet.type = Be16{static_cast<std::uint16_t>(kEtherType)};
    header.magic = kMagic;
    header.version = kVersion;
    header.daemon_high = Be32{static_cast<std::uint32_t>(daemon_ >> 32)};
    header.daemon_low = Be32{static_cast<std::uint32_t>(daemon_)};
    header.port = Be16{static_cast<std::uint16_t>(port)};
    header.number = Be32{number};
    Frame frame{};
    std::memcpy(frame.data(), &header, sizeof header);
    return frame;
}

std::optional<PortId> LoopGuard::sender_of(std::span<const std::byte> frame) const {
    // What another switch did to its tag is not ours to know: the frame may have come back with one.
    LoopGuardFrame header{};
    if (frame.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, frame.data(), sizeof header);
    if (header.ethernet.ether_type() == EtherType::vlan || header.ethernet.ether_type() == EtherType::qinq) {
        if (frame.size() < sizeof header + sizeof(VlanTag)) return std::nullopt;
        std::memcpy(&header.ethernet.type, frame.data() + sizeof(EthernetHeader) + sizeof(Be16),
                    sizeof header - offsetof(LoopGuardFrame, ethernet.type));
    }
    if (header.ethernet.ether_type() != kEtherType || !(header.magic == kMagic) || header.version != kVersion)
        return std::nullopt;
    const std::uint64_t daemon = std::uint64_t{header.daemon_high.value()} << 32 | header.daemon_low.value();
    if (daemon != daemon_) return std::nullopt;
    return static_cast<PortId>(header.port.value());
}

std::optional<PortId> LoopGuard::heard(PortId sender, PortId ingress, Timestamp now) {
    const auto sent_by = ports_.find(sender), heard_at = ports_.find(ingress);
    if (sent_by == ports_.end() || sent_by->second.shut) return std::nullopt;
    auto to_shut = sent_by;
    if (heard_at != ports_.end()) {
        if (heard_at->second.shut) return std::nullopt;
        if (heard_at->second.order > sent_by->second.order) to_shut = heard_at;
    }
    Guarded& guarded = to_shut->second;
    guarded.shut = true;
    guarded.opens = now + settings_.recovery;
    guarded.through = to_shut == sent_by ? ingress : sender;
    ++guarded.loops;
    return to_shut->first;
}

bool LoopGuard::open(PortId port) {
    const auto found = ports_.find(port);
    if (found == ports_.end() || !found->second.shut) return false;
    found->second.shut = false;
    found->second.next = {};
    return true;
}

}  // namespace hairpin::l2

#pragma once
// What a packet to a group says about groups: a report or a leave of a host (IGMPv1 to 3, MLDv1 and 2), or the query of a router. Lengths and
// checksums are looked at once, in read(); what does not hold says nothing, and the packet is forwarded like any other.
//
// Sources are not kept apart (RFC 4541 2.1.1 leaves that open): who wants a group from some sources wants the group.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "net/igmp.h"
#include "net/packet.h"
#include "net/time.h"
#include "switch/multicast/group.h"

namespace hairpin::l2 {

// To whom an IP packet in an untagged frame is addressed, if that is a group; what IGMP, MLD or PIM it carries, if any.
struct MulticastPacket {
    enum class Carries : std::uint8_t { other, igmp, mld, pim_hello };
    MulticastGroup group;
    MulticastGroup source;  // an address like any other
    Carries carries = Carries::other;
    std::span<const std::byte> message = {};  // of IGMP, or ICMPv6

    static std::optional<MulticastPacket> read(const Packet& packet);
};

class MembershipMessage {
public:
    enum class Kind : std::uint8_t { query, report, leave, records };

    static std::optional<MembershipMessage> read(const MulticastPacket& packet);

    Kind kind() const { return kind_; }
    // Of a query: the group that is asked for, or nothing for all; within how long hosts answer.
    std::optional<MulticastGroup> asked() const { return asked_; }
    Duration response_time() const { return response_time_; }
    // Of what a host says: `visit(MulticastGroup, bool wants)` for each group.
    template <class Visit>
    void for_each_change(Visit&& visit) const {
        if (kind_ == Kind::report) visit(*asked_, true);
        if (kind_ == Kind::leave) visit(*asked_, false);
        std::span<const std::byte> rest = records_;
        for (unsigned i = 0; i < record_count_; ++i) {
            GroupRecordHeader header;
            if (rest.size() < sizeof header + address_size_) return;
            std::memcpy(&header, rest.data(), sizeof header);
            const std::size_t size =
                sizeof header + address_size_ + address_size_ * header.sources.value() + std::size_t{4} * header.auxiliary_words;
            if (rest.size() < size) return;
            const MulticastGroup group = group_at(rest.subspan(sizeof header));
            if (const auto wants = wish_of(header)) visit(group, *wants);
            rest = rest.subspan(size);
        }
    }

private:
    static std::optional<MembershipMessage> read_igmp(std::span<const std::byte> message);
    static std::optional<MembershipMessage> read_mld(std::span<const std::byte> message);
    MulticastGroup group_at(std::span<const std::byte> bytes) const;
    // Nothing where the record says nothing about the group itself.
    static std::optional<bool> wish_of(const GroupRecordHeader& header);

    Kind kind_ = Kind::query;
    std::optional<MulticastGroup> asked_ = {};
    Duration response_time_{};
    std::span<const std::byte> records_ = {};
    unsigned record_count_ = 0;
    std::size_t address_size_ = sizeof(Ipv4Address);
};

}  // namespace hairpin::l2

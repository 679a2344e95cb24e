#pragma once
// Which ports want which multicast groups, and until when.
//
//   join(lan, 239.1.1.1, port 3)        port 3 gets what is sent to the group; again is until later
//   leave(lan, 239.1.1.1, port 3)       until soon, so that another host behind the port can still say that it wants it
//   260 s without a word                it is forgotten (RFC 3376 8.4)
//
// Owned by MulticastSnooping. All memory is reserved at the start: at most `capacity` memberships, a port in a group each. When they are
// full a further one is not taken and counted; then its group is known to be incomplete, and for_each_port() says so, so that what is for it
// goes to everybody rather than past somebody.

#include <cstdint>
#include <vector>

#include "net/hash.h"
#include "net/numbers.h"
#include "net/time.h"
#include "switch/multicast/group.h"

namespace hairpin::l2 {

// A LAN: a VLAN of a segment, or its untagged part.
struct LanId {
    SegmentId segment{};
    VlanId vlan;
    friend auto operator<=>(const LanId&, const LanId&) = default;
};

class MembershipTable {
public:
    MembershipTable(std::size_t capacity, const HashKey& hash_key);

    // False when there is no room.
    bool join(const LanId& lan, const MulticastGroup& group, PortId port, Timestamp until);
    // What is there lasts no longer than that.
    void shorten(const LanId& lan, const MulticastGroup& group, Timestamp until);
    void shorten(const LanId& lan, const MulticastGroup& group, PortId port, Timestamp until);
    void forget(PortId port);
    std::size_t expire(Timestamp now);
    void clear();

    struct Membership {
        LanId lan;
        MulticastGroup group;
        PortId port{};
        Timestamp until{}, since{};
        bool used = false;
        std::uint32_t next = 0;  // in its bucket, plus one
    };
    // `visit(PortId)` for each port of the group. How many there are.
    template <class Visit>
    std::size_t for_each_port(const LanId& lan, const MulticastGroup& group, Timestamp now, Visit&& visit) const {
        std::size_t found = 0;
        for (std::uint32_t at = buckets_[bucket_of(lan, group)]; at != 0; at = memberships_[at - 1].next) {
            const Membership& one = memberships_[at - 1];
            if (one.until <= now || !(one.lan == lan) || !(one.group == group)) continue;
            ++found;
            visit(one.port);
        }
        return found;
    }
    template <class Visit>
    void for_each(Timestamp now, Visit&& visit) const {
        for (const Membership& one : memberships_)
            if (one.used && one.until > now) visit(one);
    }
    std::size_t size() const { return size_; }
    std::uint64_t refused() const { return refused_; }  // for want of room
    // Whether some membership may be missing: something has been refused and its time is not over yet.
    bool may_miss_some(Timestamp now) const { return now < incomplete_until_; }

private:
    std::size_t bucket_of(const LanId& lan, const MulticastGroup& group) const;
    Membership* find(const LanId& lan, const MulticastGroup& group, PortId port);
    void remove(std::uint32_t index);

    HashKey hash_key_;
    std::vector<Membership> memberships_;
    std::vector<std::uint32_t> buckets_;  // a power of two; plus one
    std::vector<std::uint32_t> free_;
    std::size_t size_ = 0;
    std::uint64_t refused_ = 0;
    Timestamp incomplete_until_{};
};

}  // namespace hairpin::l2

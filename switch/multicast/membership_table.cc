#include "switch/multicast/membership_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace hairpin::l2 {

MembershipTable::MembershipTable(std::size_t capacity, const HashKey& hash_key)
    : hash_key_(hash_key), memberships_(capacity), buckets_(std::bit_ceil(std::max<std::size_t>(capacity, 2))) {
    clear();
}

void MembershipTable::clear() {
    std::fill(buckets_.begin(), buckets_.end(), 0);
    free_.clear();
    for (std::size_t i = memberships_.size(); i-- > 0;) {
        memberships_[i] = {};
        free_.push_back(static_cast<std::uint32_t>(i));
    }
    size_ = 0;
    incomplete_until_ = {};
}

std::size_t MembershipTable::bucket_of(const LanId& lan, const MulticastGroup& group) const {
    std::uint64_t halves[2];
    std::memcpy(halves, group.ipv6().bytes().data(), sizeof halves);
    const std::uint64_t place = std::uint64_t{index_of(lan.segment)} << 16 | lan.vlan.number();
    return static_cast<std::size_t>(keyed_hash(keyed_hash(halves[0], halves[1], hash_key_), place, hash_key_) &
                                    (buckets_.size() - 1));
}

MembershipTable::Membership* MembershipTable::find(const LanId& lan, const MulticastGroup& group, PortId port) {
    for (std::uint32_t at = buckets_[bucket_of(lan, group)]; at != 0; at = memberships_[at - 1].next) {
        Membership& one = memberships_[at - 1];
        if (one.port == port && one.lan == lan && one.group == group) return &one;
    }
    return nullptr;
}

bool MembershipTable::join(const LanId& lan, const MulticastGroup& group, PortId port, Timestamp until) {
    if (Membership* known = find(lan, group, port)) {
        known->until = std::max(known->until, until);
        return true;
    }
    if (free_.empty()) {
        ++refused_;
        incomplete_until_ = std::max(incomplete_until_, until);
        return false;
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    std::uint32_t& bucket = buckets_[bucket_of(lan, group)];
    memberships_[index] = {.lan = lan, .group = group, .port = port, .until = until, .used = true, .next = bucket};
    bucket = index + 1;
    ++size_;
    return true;
}

void MembershipTable::shorten(const LanId& lan, const MulticastGroup& group, Timestamp until) {
    for (std::uint32_t at = buckets_[bucket_of(lan, group)]; at != 0; at = memberships_[at - 1].next) {
        Membership& one = memberships_[at - 1];
        if (one.lan == lan && one.group == group) one.until = std::min(one.until, until);
    }
}

void MembershipTable::shorten(const LanId& lan, const MulticastGroup& group, PortId port, Timestamp until) {
    if (Membership* known = find(lan, group, port)) known->until = std::min(known->until, until);
}

void MembershipTable::remove(std::uint32_t index) {
    Membership& gone = memberships_[index];
    std::uint32_t* at = &buckets_[bucket_of(gone.lan, gone.group)];
    while (*at != index + 1) at = &memberships_[*at - 1].next;
    *at = gone.next;
    gone = {};
    free_.push_back(index);
    --size_;
}

void MembershipTable::forget(PortId port) {
    for (std::uint32_t i = 0; i < memberships_.size(); ++i)
        if (memberships_[i].used && memberships_[i].port == port) remove(i);
}

std::size_t MembershipTable::expire(Timestamp now) {
    std::size_t expired = 0;
    for (std::uint32_t i = 0; i < memberships_.size(); ++i)
        if (memberships_[i].used && memberships_[i].until <= now) remove(i), ++expired;
    return expired;
}

}  // namespace hairpin::l2

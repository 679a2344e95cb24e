#include "gateway/nat/address_set.h"

#include <algorithm>

#include "net/result.h"

namespace hairpin::gateway {

AddressSet AddressSet::of(const std::vector<AddressRange>& ranges) {
    if (ranges.empty()) return {};
    AddressSet set{ranges.front().first, ranges.back().last};
    if (ranges.size() == 1) return set;
    auto parts = std::make_shared<Parts>();
    parts->ranges = ranges;
    set.size_ = 0;
    for (const AddressRange& range : ranges) {
        parts->before.push_back(set.size_);
        set.size_ += std::uint64_t{range.span()} + 1;
    }
    set.parts_ = std::move(parts);
    return set;
}

bool AddressSet::contains(Ipv4Address address) const {
    if (empty() || !hull_.contains(address)) return false;
    if (!parts_) return true;
    // The last range that begins at or before it: there is one, as the hull holds it.
    const auto behind = std::upper_bound(parts_->ranges.begin(), parts_->ranges.end(), address,
                                         [](Ipv4Address wanted, const AddressRange& range) { return wanted < range.first; });
    return std::prev(behind)->contains(address);
}

Ipv4Address AddressSet::operator[](std::uint64_t nth) const {
    ensure(nth < size_);
    if (!parts_) return Ipv4Address{static_cast<std::uint32_t>(hull_.first.number() + nth)};
    const auto behind = std::upper_bound(parts_->before.begin(), parts_->before.end(), nth);
    const std::size_t part = static_cast<std::size_t>(behind - parts_->before.begin()) - 1;
    return Ipv4Address{static_cast<std::uint32_t>(parts_->ranges[part].first.number() + (nth - parts_->before[part]))};
}

std::span<const AddressRange> AddressSet::ranges() const {
    if (parts_) return parts_->ranges;
    return {&hull_, empty() ? 0U : 1U};
}

bool operator==(const AddressSet& a, const AddressSet& b) { return std::ranges::equal(a.ranges(), b.ranges()); }

}  // namespace hairpin::gateway

#pragma once
// Any set of addresses, as a pool of sources may be one (RFC 6888 REQ-3), numbered upwards without regard to its gaps.
//
//   203.0.113.80-81, 198.51.100.7        size 3      [0] 198.51.100.7   [1] 203.0.113.80   [2] 203.0.113.81
//
// A value that never changes: a copy shares its ranges. A single range, which most are, is held in place.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gateway/firewall/rule.h"

namespace hairpin::gateway {

class AddressSet {
public:
    AddressSet() = default;  // of no address
    AddressSet(AddressRange range) : hull_(range), size_(std::uint64_t{range.span()} + 1) {}
    AddressSet(Ipv4Address first, Ipv4Address last) : AddressSet(AddressRange{first, last}) {}
    // Of ranges that stand upwards and do not overlap.
    static AddressSet of(const std::vector<AddressRange>& ranges);

    bool empty() const { return size_ == 0; }
    std::uint64_t size() const { return size_; }
    bool contains(Ipv4Address address) const;
    // The nth, below size().
    Ipv4Address operator[](std::uint64_t nth) const;
    // Upwards.
    std::span<const AddressRange> ranges() const;

    friend bool operator==(const AddressSet& a, const AddressSet& b);

private:
    struct Parts {
        std::vector<AddressRange> ranges;
        std::vector<std::uint64_t> before;  // how many addresses stand before each range
    };

    AddressRange hull_;  // from the first to the last
    std::uint64_t size_ = 0;
    std::shared_ptr<const Parts> parts_;  // none: the hull is the only range, or there is none
};

}  // namespace hairpin::gateway

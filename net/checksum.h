#pragma once
// The Internet checksum (RFC 1071) and how to change one without reading the data again (RFC 1624).
//
// Sums are kept un-complemented and in memory byte order, where they may be added without swapping (RFC 1071 §2B). A checksum
// on the wire is the complement of the folded sum. A *partial* checksum, as Linux hands one over with a packet whose sum
// somebody else completes, is the un-complemented sum of the pseudo-header alone.

#include <cstddef>
#include <cstdint>
#include <span>

#include "net/big_endian.h"
#include "net/ipv4_address.h"
#include "net/ipv6_address.h"
#include "net/numbers.h"

namespace hairpin {

// A growing ones' complement sum.
class ChecksumSum {
public:
    constexpr ChecksumSum() = default;

    // The data is padded with a zero byte when its length is odd: only the last piece of a sum may be odd.
    ChecksumSum& add(std::span<const std::byte> data);
    constexpr ChecksumSum& add(Be16 word) { return sum_ += word.raw(), *this; }
    constexpr ChecksumSum& add(Be32 word) { return sum_ += word.raw(), *this; }
    constexpr ChecksumSum& add(Ipv4Address address) { return add(address.wire()); }
    constexpr ChecksumSum& add(L4Port port) { return add(Be16{port.number()}); }
    // ~m in RFC 1624's HC' = ~(~HC + ~m + m').
    constexpr ChecksumSum& subtract(Be32 word) { return sum_ += static_cast<std::uint32_t>(~word.raw()), *this; }
    constexpr ChecksumSum& subtract(Be16 word) { return sum_ += static_cast<std::uint16_t>(~word.raw()), *this; }
    constexpr ChecksumSum& subtract(Ipv4Address address) { return subtract(address.wire()); }
    constexpr ChecksumSum& subtract(L4Port port) { return subtract(Be16{port.number()}); }

    constexpr std::uint16_t folded() const {
        std::uint64_t sum = sum_;
        sum = (sum & 0xffff'ffff) + (sum >> 32);
        sum = (sum & 0xffff'ffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return static_cast<std::uint16_t>(sum);
    }
    constexpr Be16 checksum() const { return Be16::from_raw(static_cast<std::uint16_t>(~folded())); }  // for the wire
    constexpr Be16 partial() const { return Be16::from_raw(folded()); }                                // for offload

private:
    std::uint64_t sum_ = 0;
};

// What a rewrite changes in every checksum that covers the changed words: one addition a packet instead of a pass over it.
class ChecksumDelta {
public:
    constexpr ChecksumDelta() = default;
    // The difference between old and new words: a sum with the old ones subtracted and the new ones added.
    constexpr explicit ChecksumDelta(const ChecksumSum& difference) : folded_(difference.folded()) {}

    constexpr ChecksumDelta inverse() const { return ChecksumDelta{static_cast<std::uint16_t>(~folded_)}; }
    // RFC 1624 equation 3: HC' = ~(~HC + ~m + m').
    constexpr Be16 applied_to(Be16 checksum) const {
        return Be16::from_raw(static_cast<std::uint16_t>(~fold(static_cast<std::uint16_t>(~checksum.raw()))));
    }
    // A partial checksum is not complemented: add.
    constexpr Be16 applied_to_partial(Be16 partial) const { return Be16::from_raw(fold(partial.raw())); }
    constexpr std::uint16_t raw() const { return folded_; }
    static constexpr ChecksumDelta from_raw(std::uint16_t raw) { return ChecksumDelta{raw}; }

private:
    constexpr explicit ChecksumDelta(std::uint16_t folded) : folded_(folded) {}
    constexpr std::uint16_t fold(std::uint16_t sum) const {
        const std::uint32_t wide = std::uint32_t{sum} + folded_;
        return static_cast<std::uint16_t>((wide & 0xffff) + (wide >> 16));
    }
    std::uint16_t folded_ = 0;
};

// The pseudo-headers of RFC 9293 §3.1 and RFC 8200 §8.1; `length` is that of L4 header and payload in bytes.
ChecksumSum pseudo_header_sum(Ipv4Address source, Ipv4Address destination, IpProtocol protocol, std::size_t length);
ChecksumSum pseudo_header_sum(const Ipv6Address& source, const Ipv6Address& destination, IpProtocol protocol, std::size_t length);

// The checksum field that makes `data`, whose own field holds zero, sum up.
inline Be16 checksum_of(std::span<const std::byte> data) { return ChecksumSum{}.add(data).checksum(); }
// True when data that contains its checksum is intact.
inline bool checksum_holds(std::span<const std::byte> data) { return ChecksumSum{}.add(data).folded() == 0xffff; }

}  // namespace hairpin

#pragma once
// The addresses that mean the gateway's own links: which are its own, and which are the broadcasts of its subnets. Every packet's source
// is looked up here, so 256 interfaces with 64 addresses each must cost what two cost: one place of a hash table.
//
// Built once from a Ruleset, immutable after that. At most half full, and what it holds is written by whoever configures the gateway, so
// that no stranger can make searches long.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/ruleset.h"

namespace hairpin::gateway {

enum class LocalAddress : std::uint8_t { none, own, broadcast };

class LocalAddresses {
public:
    explicit LocalAddresses(const Ruleset& ruleset);

    LocalAddress find(Ipv4Address address) const {
        std::size_t at = place_of(address);
        while (places_[at].kind != LocalAddress::none && places_[at].address != address) at = (at + 1) & (places_.size() - 1);
        return places_[at].kind;
    }

private:
    struct Place {
        Ipv4Address address;
        LocalAddress kind = LocalAddress::none;
    };

    std::size_t place_of(Ipv4Address address) const { return address.number() * std::uint64_t{0x9e37'79b9'7f4a'7c15} >> shift_; }
    void insert(Ipv4Address address, LocalAddress kind);

    std::vector<Place> places_;  // a power of two of them, and never all taken
    int shift_ = 0;
};

}  // namespace hairpin::gateway

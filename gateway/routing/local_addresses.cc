#include "gateway/routing/local_addresses.h"

namespace hairpin::gateway {

LocalAddresses::LocalAddresses(const Ruleset& ruleset) {
    std::size_t addresses = 0;
    for (const Interface& interface : ruleset.interfaces) addresses += interface.present() ? interface.addresses.size() : 0;
    const std::size_t places = std::bit_ceil(4 * addresses + 2);  // each may have a broadcast
    places_.resize(places);
    shift_ = 64 - std::countr_zero(places);

    for (const Interface& interface : ruleset.interfaces) {
        if (!interface.present()) continue;
        for (const Ipv4InterfaceAddress& address : interface.addresses) insert(address.address, LocalAddress::own);
    }
    // An address that is both is the gateway's own, as it is for who asks whether an interface has it.
    for (const Interface& interface : ruleset.interfaces) {
        if (!interface.present()) continue;
        for (const Ipv4InterfaceAddress& address : interface.addresses)
            if (const auto broadcast = address.subnet.directed_broadcast()) insert(*broadcast, LocalAddress::broadcast);
    }
}

void LocalAddresses::insert(Ipv4Address address, LocalAddress kind) {
    std::size_t at = place_of(address);
    while (places_[at].kind != LocalAddress::none) {
        if (places_[at].address == address) return;
        at = (at + 1) & (places_.size() - 1);
    }
    places_[at] = {address, kind};
}

}  // namespace hairpin::gateway

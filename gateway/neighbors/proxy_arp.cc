#include "gateway/neighbors/proxy_arp.h"

#include <algorithm>
#include <array>

#include "gateway/nat/actions.h"

namespace hairpin::gateway {

namespace {

// RFC 1918, and RFC 6598 of those who share an address further out.
bool is_private(Ipv4Address address) {
    static constexpr std::array kPrivate{Ipv4Prefix{{10, 0, 0, 0}, 8}, Ipv4Prefix{{172, 16, 0, 0}, 12},
                                         Ipv4Prefix{{192, 168, 0, 0}, 16}, Ipv4Prefix{{100, 64, 0, 0}, 10}};
    return std::any_of(kPrivate.begin(), kPrivate.end(), [&](const Ipv4Prefix& prefix) { return prefix.contains(address); });
}

// The addresses of a rule that packets come for by the interface it is applied on: SNAT's answers, DNAT's first packets.
AddressSet addresses_of(const NatRule& rule) {
    const NatActionRow& action = row_of(rule.action);
    if (!rule.enabled || !action.translates) return {};
    return action.side == NatSide::source ? rule.sources() : rule.originals();
}

}  // namespace

ProxyArp::ProxyArp(const Ruleset& ruleset, const RouteTable& routes) : routes_(routes), links_(ruleset.interfaces.size()) {
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const Interface& interface = ruleset.interfaces[i];
        links_[i].proxies = interface.present() && interface.proxy_arp;
        links_[i].role = interface.role;
        if (!links_[i].proxies || !ruleset.firewall_enabled) continue;
        for (const NatRule& rule : ruleset.nat) {
            if (!rule.applied_on.test(i)) continue;
            const AddressSet addresses = addresses_of(rule);
            links_[i].translated.insert(links_[i].translated.end(), addresses.ranges().begin(), addresses.ranges().end());
        }
    }
    for (const Route& route : routes.routes())
        if (route.next_hop) next_hops_.push_back(*route.next_hop);
    std::sort(next_hops_.begin(), next_hops_.end());
    next_hops_.erase(std::unique(next_hops_.begin(), next_hops_.end()), next_hops_.end());
}

bool ProxyArp::answers(InterfaceId interface, const ArpHeader& arp) const {
    const Link& link = links_[index_of(interface)];
    const Ipv4Address wanted = arp.target_address;
    if (!link.proxies || arp.operation != Be16{static_cast<std::uint16_t>(ArpOperation::request)}) return false;
    if (arp.sender_address == wanted) return false;  // an announcement: it asks nobody
    if (wanted.is_multicast() || wanted.is_reserved() || wanted.is_loopback() || wanted.is_this_network()) return false;
    if (wanted.is_link_local() || routes_.local().find(wanted) == LocalAddress::broadcast) return false;
    if (std::binary_search(next_hops_.begin(), next_hops_.end(), wanted)) return false;
    const bool translated = std::any_of(link.translated.begin(), link.translated.end(),
                                        [&](const AddressRange& range) { return range.contains(wanted); });
    return translated || leads_elsewhere(interface, link, wanted);
}

bool ProxyArp::leads_elsewhere(InterfaceId interface, const Link& link, Ipv4Address address) const {
    if (link.role == InterfaceRole::uplink && is_private(address)) return false;
    const Route* route = routes_.find(address);
    return route != nullptr && route->interface != interface && route->prefix.length() > 0;
}

}  // namespace hairpin::gateway

#include "runtime/netlink.h"

#include <fmt/format.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/addr.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

namespace hairpin::runtime {

namespace {

template <class T, void (*put)(T*)>
struct Put {
    void operator()(T* object) const { put(object); }
};
using Link = std::unique_ptr<rtnl_link, Put<rtnl_link, rtnl_link_put>>;
using Address = std::unique_ptr<rtnl_addr, Put<rtnl_addr, rtnl_addr_put>>;
using Route = std::unique_ptr<rtnl_route, Put<rtnl_route, rtnl_route_put>>;
using Bytes = std::unique_ptr<nl_addr, Put<nl_addr, nl_addr_put>>;

Result<void> outcome(int error, std::string what) {
    if (error >= 0) return {};
    return failure(what + ": " + nl_geterror(error) + (error == -NLE_PERM ? " (needs CAP_NET_ADMIN: run as root)" : ""));
}

Bytes bytes_of(Ipv4Address address, unsigned length) {
    Bytes result{nl_addr_build(AF_INET, &address, sizeof address)};
    nl_addr_set_prefixlen(result.get(), static_cast<int>(length));
    return result;
}

int flags_for(Netlink::IfThere if_there) {
    return if_there == Netlink::IfThere::replace ? NLM_F_CREATE | NLM_F_REPLACE : NLM_F_CREATE;
}

}  // namespace

void Netlink::Free::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Result<Netlink> Netlink::open() {
    Netlink netlink{nl_socket_alloc()};
    if (const auto connected = outcome(nl_connect(netlink.socket_.get(), NETLINK_ROUTE), "rtnetlink: connect"); !connected)
        return tl::unexpected(connected.error());
    return netlink;
}

Result<int> Netlink::link_index(const std::string& name) {
    rtnl_link* found = nullptr;
    const int error = rtnl_link_get_kernel(socket_.get(), 0, name.c_str(), &found);
    if (error < 0) return failure(fmt::format("link \"{}\": {}", name, nl_geterror(error)));
    return rtnl_link_get_ifindex(Link{found}.get());
}

Result<void> Netlink::change_link(int index, const LinkChange& wanted) {
    const Link selected{rtnl_link_alloc()}, change{rtnl_link_alloc()};
    rtnl_link_set_ifindex(selected.get(), index);
    if (wanted.mac) {
        const Bytes mac{nl_addr_build(AF_LLC, wanted.mac->bytes().data(), wanted.mac->bytes().size())};
        rtnl_link_set_addr(change.get(), mac.get());
    }
    if (wanted.mtu) rtnl_link_set_mtu(change.get(), *wanted.mtu);
    if (wanted.up) rtnl_link_set_flags(change.get(), IFF_UP);
    return outcome(rtnl_link_change(socket_.get(), selected.get(), change.get(), 0), "change the link");
}

Result<void> Netlink::remove_link(int index) {
    const Link link{rtnl_link_alloc()};
    rtnl_link_set_ifindex(link.get(), index);
    return outcome(rtnl_link_delete(socket_.get(), link.get()), "remove the link");
}

Result<void> Netlink::add_address(int index, const Ipv4InterfaceAddress& address, IfThere if_there) {
    const Address entry{rtnl_addr_alloc()};
    rtnl_addr_set_ifindex(entry.get(), index);
    rtnl_addr_set_local(entry.get(), bytes_of(address.address, address.subnet.length()).get());
    if (const auto broadcast = address.subnet.directed_broadcast())
        rtnl_addr_set_broadcast(entry.get(), bytes_of(*broadcast, 32).get());
    return outcome(rtnl_addr_add(socket_.get(), entry.get(), flags_for(if_there)), "add address " + address.to_string());
}

Result<void> Netlink::add_route(int index, const Ipv4Prefix& prefix, std::optional<Ipv4Address> via, IfThere if_there) {
    const Route route{rtnl_route_alloc()};
    rtnl_route_set_family(route.get(), AF_INET);
    rtnl_route_set_table(route.get(), RT_TABLE_MAIN);
    rtnl_route_set_protocol(route.get(), RTPROT_STATIC);
    rtnl_route_set_scope(route.get(), via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
    rtnl_route_set_dst(route.get(), bytes_of(prefix.network(), prefix.length()).get());
    rtnl_nexthop* hop = rtnl_route_nh_alloc();  // the route takes it over
    rtnl_route_nh_set_ifindex(hop, index);
    if (via) rtnl_route_nh_set_gateway(hop, bytes_of(*via, 32).get());
    rtnl_route_add_nexthop(route.get(), hop);
    return outcome(rtnl_route_add(socket_.get(), route.get(), flags_for(if_there)),
                   fmt::format("add route {}{}", prefix.to_string(), via ? " via " + via->to_string() : std::string{}));
}

}  // namespace hairpin::runtime

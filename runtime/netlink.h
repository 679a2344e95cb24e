#pragma once
// What hairpind asks of the kernel about links, addresses and routes, by rtnetlink (libnl-3). A Netlink belongs to the network
// namespace in which it was opened, wherever its thread goes later.

#include <memory>
#include <optional>
#include <string>

#include "net/ipv4_address.h"
#include "net/mac_address.h"
#include "net/result.h"

struct nl_sock;

namespace hairpin::runtime {

class Netlink {
public:
    // In the current network namespace.
    static Result<Netlink> open();

    Result<int> link_index(const std::string& name);
    struct LinkChange {
        std::optional<MacAddress> mac;
        std::optional<unsigned> mtu;
        bool up = false;
    };
    Result<void> change_link(int index, const LinkChange& change);
    Result<void> remove_link(int index);
    enum class IfThere : std::uint8_t { refuse, replace };
    Result<void> add_address(int index, const Ipv4InterfaceAddress& address, IfThere if_there);
    // By a router, or without one: to hosts on the link.
    Result<void> add_route(int index, const Ipv4Prefix& prefix, std::optional<Ipv4Address> via, IfThere if_there);

private:
    struct Free {
        void operator()(nl_sock* socket) const;
    };
    explicit Netlink(nl_sock* socket) : socket_(socket) {}
    std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace hairpin::runtime

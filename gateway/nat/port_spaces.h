#pragma once
// The ports of the NAT's own addresses: of each address and protocol, which are taken, which must not be, how many sessions stand behind
// it, and how many did when it was most.
//
// Owned by the MappingTable of one gateway. A space comes to be when its first port is asked for; it is a bitmap of 65,536 ports, so that a
// free one is found, or found missing, in a thousand steps at most whatever the load (RFC 4787 REQ-11). There are at most kMostSpaces
// addresses times protocols: beyond, a space that nobody uses makes room, and where there is none, nothing is given out.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/nat/port_blocks.h"
#include "gateway/nat/rule.h"
#include "gateway/sessions/flow_index.h"
#include "net/hash.h"
#include "net/ipv4_address.h"
#include "net/reserved_array.h"

namespace hairpin::gateway {

struct Ruleset;

// Of a port's number, what must agree: everything, or whether it is even or odd.
enum class PortStep : std::uint8_t { any, even, odd };

class PortSpaces {
public:
    static constexpr std::size_t kMostSpaces = 65536;

    struct Use {
        std::uint32_t ports = 0, most_ports = 0;
        std::uint32_t sessions = 0, most_sessions = 0;
    };

    explicit PortSpaces(HashKey secret) : secret_(secret), spaces_(kMostSpaces), index_(kMostSpaces) {}

    // Ports that dnat rules forward are not given out, so that nothing that a client does takes them (all but those of a rule that forwards
    // more than kMostReserved of them: then there would be none left).
    void adopt(const Ruleset& ruleset);
    static constexpr unsigned kMostReserved = 32768;

    // The first free one at or behind `from` that is not `barred`, round to the beginning of `range`. nullopt: there is none.
    std::optional<L4Port> free_port(Ipv4Address address, IpProtocol protocol, PortRange range, L4Port from, PortStep step,
                                    const PortBlocks::OfOthers& barred = {});
    // Whether none of these, whole granules of PortBlocks, is taken by whatever protocol.
    bool all_free(Ipv4Address address, PortRange ports) const;
    // Whether a dnat rule forwards it.
    bool reserved(Ipv4Address address, IpProtocol protocol, L4Port port);

    void take(Ipv4Address address, IpProtocol protocol, L4Port port);
    void give_back(Ipv4Address address, IpProtocol protocol, L4Port port);

    void session_began(Ipv4Address address, IpProtocol protocol);
    void session_ended(Ipv4Address address, IpProtocol protocol);

    // The most of each is what it is now.
    void forget_most();
    // `visit(Ipv4Address, IpProtocol, const Use&)`, of all that were ever used.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::uint32_t i = 0; i < used_; ++i)
            if (spaces_[i].use.most_sessions + spaces_[i].use.most_ports != 0)
                visit(spaces_[i].address, spaces_[i].protocol, spaces_[i].use);
    }

private:
    using Bits = std::array<std::uint64_t, 1024>;
    struct Space {
        Ipv4Address address;
        IpProtocol protocol;
        Use use;
        Bits taken, reserved;
    };
    struct Listening {
        IpProtocol protocol;
        std::optional<AddressRange> addresses;
        PortRange ports;
    };

    std::uint64_t hash_of(Ipv4Address address, IpProtocol protocol) const {
        return keyed_hash(std::uint64_t{address.number()} << 8 | static_cast<std::uint8_t>(protocol), secret_);
    }
    const Space* find(Ipv4Address address, IpProtocol protocol) const;
    Space* find(Ipv4Address address, IpProtocol protocol) {
        return const_cast<Space*>(std::as_const(*this).find(address, protocol));
    }
    // nullptr: all are in use.
    Space* find_or_make(Ipv4Address address, IpProtocol protocol);
    std::optional<std::uint32_t> unused_space() const;
    void reserve(Space& space) const;

    HashKey secret_;
    ReservedArray<Space> spaces_;
    FlowIndex index_;
    std::uint32_t used_ = 0;  // spaces beyond were never in use
    std::vector<Listening> listening_;
};

}  // namespace hairpin::gateway

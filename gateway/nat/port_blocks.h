#pragma once
// Blocks of outside ports that belong to one inside host each, so that one line of a log tells who had any of them (RFC 6888 REQ-14).
//
//   203.0.113.80:1024-1279  =  192.168.255.2, from its first mapping there until its last one ends
//
// A block is of an address and of all protocols whose ports or identifiers are translated. It comes to be with the first mapping that a
// snat rule with `port-allocation block` gives a port of it, and ends with the last one that has a port there, those that rest included: so a
// port rests before another host can have it (RFC 6888 REQ-8). Meanwhile no rule gives its ports to another host.
//
// Owned by the MappingTable of one gateway. There are at most kMostBlocks blocks on kMostAddresses addresses: beyond, none is free. No
// allocation after construction.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "gateway/nat/rule.h"
#include "gateway/sessions/flow_index.h"
#include "net/hash.h"
#include "net/ipv4_address.h"
#include "net/reserved_array.h"
#include "net/time.h"

namespace hairpin::gateway {

struct PortBlock {
    Ipv4Address host;     // inside
    Ipv4Address address;  // outside
    PortRange ports;
    std::uint32_t mappings;  // that have a port of it
    Timestamp since;
    std::uint32_t next;  // of the same host, or of those that are free
};

// Told of blocks. Called from the packet path: must be quick and must not call back.
class PortBlockObserver {
public:
    virtual ~PortBlockObserver() = default;
    virtual void port_block_taken(const PortBlock& block, Timestamp now) = 0;
    virtual void port_block_released(const PortBlock& block, Timestamp now) = 0;
};

class PortBlocks {
public:
    static constexpr std::size_t kMostBlocks = 65536;
    static constexpr std::size_t kMostAddresses = 4096;
    static constexpr unsigned kGranule =
        PortBlockSettings::kSmallest;  // a block is one or several of these, and begins where one does

    explicit PortBlocks(HashKey secret)
        : secret_(secret), blocks_(kMostBlocks), addresses_(kMostAddresses), by_host_(kMostBlocks), by_address_(kMostAddresses) {}

    // How blocks are from now on. Those that are there stay as they are.
    void adopt(const PortBlockSettings& settings) { settings_ = settings; }
    const PortBlockSettings& settings() const { return settings_; }
    // Who is told; nullptr: nobody.
    void observe(PortBlockObserver* observer) { observer_ = observer; }

    std::size_t size() const { return live_; }
    // nullptr: the port is in none.
    const PortBlock* find(Ipv4Address address, L4Port port) const;
    // Whether the host has fewer than it may.
    bool may_have_another(Ipv4Address host) const;
    // `visit(const PortBlock&)` of a host's blocks on this address, until one answers true.
    template <class Visit>
    void find_of_host(Ipv4Address host, Ipv4Address address, Visit&& visit) const {
        for (std::uint32_t number = first_of(host); number != kNone; number = blocks_[number].next)
            if (blocks_[number].address == address && visit(blocks_[number])) return;
    }
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::uint32_t number = 0; number < used_; ++number)
            if (blocks_[number].mappings != 0) visit(blocks_[number]);
    }

    // The next block of which nothing is anybody's and all is in `range`, at or behind `from`, round to the beginning of the range, for which
    // `fits(PortRange)`. nullopt: there is none, or no room for another.
    template <class Fits>
    std::optional<PortRange> find_free(Ipv4Address address, PortRange range, L4Port from, Fits&& fits) const {
        if (live_ == kMostBlocks || (find_address(address) == nullptr && !room_for_address())) return std::nullopt;
        const unsigned size = settings_.size;
        const unsigned first = (range.first.number() + size - 1U) / size, behind = (range.last.number() + 1U) / size;
        if (first >= behind) return std::nullopt;
        const unsigned count = behind - first, begin = std::clamp(from.number() / size, first, behind - 1) - first;
        for (unsigned i = 0; i < count; ++i) {
            const PortRange block = ports_of(first + (begin + i) % count);
            if (is_free(address, block) && fits(block)) return block;
        }
        return std::nullopt;
    }

    // Which ports of an address are not a host's to have, for who looks for one. Good until the next block is taken or released.
    class OfOthers {
    public:
        OfOthers() = default;
        bool operator()(unsigned port) const {
            if (owners_ == nullptr || (*owners_)[port / kGranule] == 0) return false;
            return (*blocks_)[(*owners_)[port / kGranule] - 1].host != host_;
        }

    private:
        friend PortBlocks;
        const std::array<std::uint32_t, 65536 / kGranule>* owners_ = nullptr;
        const ReservedArray<PortBlock>* blocks_ = nullptr;
        Ipv4Address host_;
    };
    OfOthers of_others(Ipv4Address address, Ipv4Address host) const;

    // The block is the host's from now on, if it was nobody's; a mapping on one of its ports begins next.
    void take(Ipv4Address host, Ipv4Address address, PortRange ports, Timestamp now);
    // A mapping begins, or ends, on a port that may be in a block.
    void mapping_began(Ipv4Address address, L4Port port);
    void mapping_ended(Ipv4Address address, L4Port port, Timestamp now);

private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    // Of one address, whose each granule is: a block's number and one, 0 for nobody's.
    using Owners = std::array<std::uint32_t, 65536 / kGranule>;
    struct Address {
        Ipv4Address address;
        std::uint32_t blocks;
        Owners owners;
    };

    PortRange ports_of(unsigned nth) const {
        const unsigned first = nth * settings_.size;
        return {L4Port{static_cast<std::uint16_t>(first)}, L4Port{static_cast<std::uint16_t>(first + settings_.size - 1U)}};
    }
    std::uint64_t hash_of(Ipv4Address address) const { return keyed_hash(address.number(), secret_); }
    std::uint32_t first_of(Ipv4Address host) const;
    const Address* find_address(Ipv4Address address) const;
    Address* find_address(Ipv4Address address) { return const_cast<Address*>(std::as_const(*this).find_address(address)); }
    // The number of a record that another address may have: of one that was never used, or that has no blocks any more.
    std::optional<std::uint32_t> room_for_address() const;
    Address& address_record(Ipv4Address address);
    // Of each granule of these ports. Record: Address, const or not.
    template <class Record>
    static auto owners_of(Record& record, PortRange ports) {
        const std::size_t first = ports.first.number() / kGranule, last = ports.last.number() / kGranule;
        return std::span{record.owners}.subspan(first, last - first + 1);
    }
    bool is_free(Ipv4Address address, PortRange ports) const;
    PortBlock* block_at(Ipv4Address address, L4Port port);
    void release(std::uint32_t number, Timestamp now);

    HashKey secret_;
    PortBlockSettings settings_;
    PortBlockObserver* observer_ = nullptr;
    ReservedArray<PortBlock> blocks_;
    ReservedArray<Address> addresses_;
    FlowIndex by_host_, by_address_;
    std::uint32_t used_ = 0, free_ = kNone, addresses_used_ = 0;
    std::size_t live_ = 0;
};

}  // namespace hairpin::gateway

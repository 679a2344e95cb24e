#pragma once
// All mappings of one gateway: by the inside address and port, by the outside one, and whom each has spoken to.
//
// Sessions hold their mapping from their beginning to their end. When the last has ended the mapping rests for `port_rest`
// (RFC 6888 REQ-8): its port is nobody else's, and if the same inside address and port speaks again, it has it back. Where no other port
// is free the one that has rested longest is taken, unless its filtering lets everybody in (RFC 6888 REQ-8, exception C).
//
// Not shared. Holds as many mappings as it was made for: more than there are sessions, so what runs out first is sessions or ports. No
// allocation after construction, but when rules are adopted.

#include <cstdint>
#include <optional>

#include "gateway/limits/subject_table.h"
#include "gateway/nat/mapping.h"
#include "gateway/nat/port_blocks.h"
#include "gateway/nat/port_spaces.h"
#include "gateway/sessions/flow_index.h"
#include "net/reserved_array.h"

namespace hairpin::gateway {

// A mapping that is to be: what the allocator has chosen.
struct NewMapping {
    Ipv4TransportAddress inside, outside;
    Ipv4Address peer;  // as the inside addresses it
    MappingMode mode = MappingMode::endpoint_independent;
    FilteringMode filtering = FilteringMode::address_dependent;
    FirewallMatch firewall_match = FirewallMatch::as_rules_say;
    RuleId rule = kNoRule;
    InterfaceId outbound{};
    bool shares = false;                  // its port may be other sessions' as well, to other places
    std::optional<PortRange> block = {};  // in which the outside port is to be: the host's, or one that will be
};

class MappingTable {
public:
    MappingTable(std::size_t sessions, HashKey secret);

    // Mappings whose rule is gone, or would not make them, let nobody in from now on.
    void adopt(const Ruleset& ruleset);
    // Ends what has rested long enough.
    void expire(Timestamp now);

    const Mapping& operator[](MappingIndex index) const { return mappings_[index]; }
    std::size_t size() const { return live_; }  // those that rest included

    // The mapping of an inside address and port towards a peer for which `fits(mapping)`. Never that of one session.
    template <class Fits>
    MappingIndex find_inside(const Ipv4TransportAddress& inside, Ipv4Address peer, MappingMode mode, Fits&& fits) const {
        const auto found = by_inside_.find(inside_hash(inside, peer, mode), [&](std::uint32_t candidate) {
            const Mapping& mapping = mappings_[candidate];
            return mapping.inside == inside && mapping.mode == mode &&
                   (mode != MappingMode::address_dependent || mapping.peer == peer) && fits(mapping);
        });
        return found.value_or(kNoMapping);
    }
    // Whose the outside address and port is; kNoMapping: nobody's.
    MappingIndex find_outside(const Ipv4TransportAddress& outside) const;
    // Whether the filtering lets in what comes from `peer`. It is asked of no shared mapping.
    bool lets_in(MappingIndex index, Ipv4Address peer) const;

    // Whether the quota lets an inside host use another outside port; those of its mappings that rest do not count, nor do shared ones.
    bool may_have_another(const Ipv4TransportAddress& inside, Timestamp now) const;
    void count_refusal(const Ipv4TransportAddress& inside);

    // A session begins that the mapping is the source of: of the one that is there, or of a new one.
    void hold(const NewMapping& mapping, Timestamp now);
    // One begins from outside that it has let in.
    void receive(MappingIndex index) { ++mappings_[index].guests; }
    // The inside has answered it: from now on it keeps the mapping.
    void answered(const Ipv4TransportAddress& outside, Ipv4Address peer);

    // They end.
    void release(const Ipv4TransportAddress& outside, Ipv4Address peer);
    void release_guest(const Ipv4TransportAddress& outside);

    // As PortSpaces::free_port(), for a host, which gets none of another's block; where none is free, that of a mapping that rests: it makes
    // room when the port is held.
    std::optional<L4Port> free_port(Ipv4Address host, Ipv4Address address, IpProtocol protocol, PortRange range, L4Port from,
                                    PortStep step);
    // Whether a new mapping of the host may have exactly this one.
    bool is_free(Ipv4Address host, const Ipv4TransportAddress& outside);
    // Whether the port is in a block of another host.
    bool is_barred(Ipv4Address host, const Ipv4TransportAddress& outside) const {
        return blocks_.of_others(outside.address, host)(outside.port.number());
    }
    // A block that would be the host's, in which at least one port of this protocol may be given out. Nothing is taken yet: hold() does.
    std::optional<PortRange> free_block(Ipv4Address address, IpProtocol protocol, PortRange range, L4Port from);

    // What is chosen for a client by a hash is chosen with this: nobody outside can tell, and it stays the same.
    const HashKey& choices() const { return choices_; }

    // Of each inside host and protocol, how many outside ports are in use: as many as there are holds of its record. Nothing is counted
    // without a quota.
    struct NoCount {};
    using Subscribers = SubjectTable<NoCount>;
    const Subscribers& subscribers() const { return subscribers_; }
    const PortQuota& quota() const { return quota_; }

    PortBlocks& blocks() { return blocks_; }
    const PortBlocks& blocks() const { return blocks_; }
    PortSpaces& ports() { return ports_; }
    const PortSpaces& ports() const { return ports_; }

    template <class Visit>
    void for_each(Visit&& visit) const {
        for (MappingIndex index = 0; index < used_; ++index)
            if (mappings_[index].outside.protocol != IpProtocol::any) visit(index, mappings_[index]);
    }

private:
    // Whom a mapping has spoken to, and in how many sessions.
    struct Acquaintance {
        MappingIndex mapping;
        Ipv4Address peer;
        std::uint32_t sessions;
        std::uint32_t next_free;
    };

    std::uint64_t inside_hash(const Ipv4TransportAddress& inside, Ipv4Address peer, MappingMode mode) const;
    std::uint64_t acquaintance_hash(MappingIndex mapping, Ipv4Address peer) const {
        return keyed_hash(std::uint64_t{mapping} << 32 | peer.number(), secret_);
    }
    std::optional<std::uint32_t> find_acquaintance(MappingIndex mapping, Ipv4Address peer) const;
    void meet(MappingIndex mapping, Ipv4Address peer);
    void part(MappingIndex mapping, Ipv4Address peer);

    static Subject subscriber(const Ipv4TransportAddress& inside) {
        return {inside.address, static_cast<std::uint32_t>(inside.protocol)};
    }
    void begin_use(const Mapping& mapping);
    void end_use(const Mapping& mapping);

    MappingIndex take_record();
    void end(MappingIndex index);
    void rest(MappingIndex index);
    void wake(MappingIndex index);

    HashKey secret_, choices_;
    ReservedArray<Mapping> mappings_;
    ReservedArray<Acquaintance> acquaintances_;
    FlowIndex by_inside_, by_outside_, by_acquaintance_;
    PortSpaces ports_;
    PortBlocks blocks_;
    PortQuota quota_;
    Subscribers subscribers_;
    MappingIndex used_ = 0, free_ = kNoMapping;  // linked through next
    std::uint32_t acquaintances_used_ = 0, free_acquaintance_ = kNoMapping;
    MappingIndex rests_longest_ = kNoMapping, rests_shortest_ = kNoMapping;
    std::size_t live_ = 0;
    Timestamp now_{};
    Duration port_rest_{};
};

}  // namespace hairpin::gateway

#include "gateway/nat/port_allocator.h"

#include <algorithm>

#include "net/flow_identifiers.h"

namespace hairpin::gateway {

namespace {

constexpr std::uint64_t kMostAddresses = 16;  // of a pool, that arbitrary pooling tries for one mapping

// Where ports may be taken from when the rule names none. An ICMP identifier has no classes, and any will do; blocks have ports of all.
PortRange port_class(const Ipv4FlowKey& key, PortAllocation allocation) {
    if (key.protocol == IpProtocol::icmp && allocation != PortAllocation::block) return {L4Port{0}, L4Port{65535}};
    if (key.source_port.number() < 1024 && allocation != PortAllocation::block) return {L4Port{1}, L4Port{1023}};
    return {L4Port{1024}, L4Port{65535}};
}

Ipv4FlowKey with_source_port(Ipv4FlowKey key, L4Port port) {
    key.source_port = port;
    if (key.protocol == IpProtocol::icmp) key.destination_port = port;  // the identifier, in both places
    return key;
}

bool within(PortRange inner, PortRange outer) { return outer.contains(inner.first) && outer.contains(inner.last); }

L4Port behind(L4Port port, PortRange range) {
    return port == range.last ? range.first : L4Port{static_cast<std::uint16_t>(port.number() + 1)};
}

PortStep step_of(const SourceChoice& choice, L4Port port) {
    if (choice.allocation != PortAllocation::parity) return PortStep::any;
    return port.number() % 2 == 0 ? PortStep::even : PortStep::odd;
}

}  // namespace

// One flow's search.
class PortAllocator::Search {
public:
    Search(const Ipv4FlowKey& original, const Ipv4FlowKey& to, const SourceChoice& choice, const SessionTable& sessions,
           MappingTable& mappings, Random& random)
        : original_(original),
          to_(to),
          choice_(choice),
          sessions_(sessions),
          mappings_(mappings),
          random_(random),
          range_(choice.ports.value_or(port_class(to, choice.allocation))),
          step_(step_of(choice, to.source_port)) {}

    // The mapping that the inside address and port has already. None either where its flow would look like another session's: two
    // destinations that DNAT makes one.
    std::optional<SourceGrant> of_old() const {
        const MappingIndex index = mappings_.find_inside(
            inside(), original_.destination, choice_.mapping,
            [&](const Mapping& mapping) { return choice_.allows(mapping.outside.address, mapping.outside.port); });
        if (index == kNoMapping) return std::nullopt;
        const Ipv4TransportAddress& outside = mappings_[index].outside;
        Ipv4FlowKey candidate = to_;
        candidate.source = outside.address;
        candidate = with_source_port(candidate, outside.port);
        if (!is_free(candidate)) return std::nullopt;
        return grant(candidate, false);
    }

    // A new one on this address: on a port that is nobody's, or that `shares` it with flows to other places.
    tl::expected<SourceGrant, DropReason> of_new(Ipv4Address address, bool shares) {
        const auto take = [&](PortRange ports) { return shares ? of_shared(address, ports) : of_unused(address, ports); };
        std::optional<SourceGrant> found;
        if (choice_.allocation != PortAllocation::block) {
            found = take(range_);
        } else {
            std::optional<PortRange> block;
            mappings_.blocks().find_of_host(original_.source, address, [&](const PortBlock& own) {
                if (within(own.ports, range_)) found = take(*(block = own.ports));
                return found.has_value();
            });
            if (!found) {
                if (!mappings_.blocks().may_have_another(original_.source)) return tl::unexpected(DropReason::nat_quota);
                block = mappings_.free_block(address, to_.protocol, range_, start(range_));
                if (block) found = take(*block);
            }
            if (found) found->mapping->block = block;
        }
        if (!found) return tl::unexpected(DropReason::nat_exhausted);
        return *found;
    }

    bool is_free(const Ipv4FlowKey& flow) const { return flow.reversed() != original_ && !sessions_.contains(flow.reversed()); }

private:
    Ipv4TransportAddress inside() const { return Ipv4TransportAddress::source_of(original_); }
    std::optional<SourceGrant> of_unused(Ipv4Address address, PortRange ports) {
        Ipv4FlowKey candidate = to_;
        candidate.source = address;
        if (choice_.allocation == PortAllocation::preserve && ports.contains(to_.source_port) && is_free(candidate) &&
            mappings_.is_free(original_.source, Ipv4TransportAddress::source_of(candidate)))
            return grant(candidate, false);
        L4Port from = start(ports);
        for (unsigned tries = 0; tries < kMostTries; ++tries) {
            const auto port = mappings_.free_port(original_.source, address, to_.protocol, ports, from, step_);
            if (!port) return std::nullopt;
            candidate = with_source_port(candidate, *port);
            if (is_free(candidate)) return grant(candidate, false);
            from = behind(*port, ports);
        }
        return std::nullopt;
    }
    std::optional<SourceGrant> of_shared(Ipv4Address address, PortRange ports) {
        Ipv4FlowKey candidate = to_;
        candidate.source = address;
        if (choice_.allocation == PortAllocation::preserve && ports.contains(to_.source_port) && is_free(candidate) &&
            shareable(candidate))
            return grant(candidate, true);
        L4Port port = start(ports);
        for (unsigned tries = 0; tries < std::min(ports.span() + 1, kMostTries); ++tries, port = behind(port, ports)) {
            candidate = with_source_port(candidate, port);
            const bool fits = step_ == PortStep::any || (port.number() % 2 != 0) == (step_ == PortStep::odd);
            if (fits && is_free(candidate) && shareable(candidate)) return grant(candidate, true);
        }
        const auto unused = mappings_.free_port(original_.source, address, to_.protocol, ports, start(ports), step_);
        if (!unused) return std::nullopt;
        candidate = with_source_port(candidate, *unused);
        return is_free(candidate) ? std::optional{grant(candidate, true)} : std::nullopt;
    }

    L4Port start(PortRange ports) {
        return L4Port{static_cast<std::uint16_t>(ports.first.number() + random_.below(ports.span() + 1))};
    }
    bool shareable(const Ipv4FlowKey& flow) const {
        const auto outside = Ipv4TransportAddress::source_of(flow);
        const MappingIndex index = mappings_.find_outside(outside);
        if (index == kNoMapping) return mappings_.is_free(original_.source, outside);
        return mappings_[index].shared() && !mappings_.is_barred(original_.source, outside);
    }
    SourceGrant grant(const Ipv4FlowKey& flow, bool shares) const {
        const MappingMode mode = shares ? MappingMode::address_and_port_dependent : choice_.mapping;
        return {flow, NewMapping{inside(), Ipv4TransportAddress::source_of(flow), original_.destination, mode, choice_.filtering,
                                 choice_.firewall_match, choice_.rule, choice_.outbound, shares}};
    }

    const Ipv4FlowKey& original_;
    const Ipv4FlowKey& to_;
    const SourceChoice& choice_;
    const SessionTable& sessions_;
    MappingTable& mappings_;
    Random& random_;
    PortRange range_;
    PortStep step_;
};

tl::expected<SourceGrant, DropReason> PortAllocator::allocate(const Ipv4FlowKey& original, const Ipv4FlowKey& to,
                                                              const SourceChoice& choice, const SessionTable& sessions,
                                                              MappingTable& mappings, Timestamp now) {
    Search search{original, to, choice, sessions, mappings, random_};
    const std::uint64_t pool = choice.addresses.size();
    const bool paired = choice.pooling == Pooling::paired;
    const std::uint64_t first = (paired ? keyed_hash(to.source.number(), pairing_) : random_.next()) % pool;
    const auto address = [&](std::uint64_t nth) { return choice.addresses[(first + nth) % pool]; };
    if (!rewrites_identifiers(to.protocol)) {
        Ipv4FlowKey candidate = to;
        candidate.source = address(0);
        if (!search.is_free(candidate)) return tl::unexpected(DropReason::nat_conflict);
        return SourceGrant{candidate, std::nullopt};
    }
    // A port that lets nobody in but answers can be several flows'. Where the mapping cannot be used for this flow, though it is there, the
    // flow gets such a one.
    bool shares = choice.filtering == FilteringMode::address_and_port_dependent;
    if (choice.mapping != MappingMode::address_and_port_dependent) {
        if (const auto old = search.of_old()) return *old;
        shares = mappings.find_inside(Ipv4TransportAddress::source_of(original), original.destination, choice.mapping,
                                      [&](const Mapping& mapping) {
                                          return choice.allows(mapping.outside.address, mapping.outside.port);
                                      }) != kNoMapping;
    }
    if (!shares && !mappings.may_have_another(Ipv4TransportAddress::source_of(original), now))
        return tl::unexpected(DropReason::nat_quota);
    for (std::uint64_t nth = 0; nth < (paired ? 1 : std::min(pool, kMostAddresses)); ++nth)
        if (const auto found = search.of_new(address(nth), shares); found || found.error() == DropReason::nat_quota) return found;
    return tl::unexpected(DropReason::nat_exhausted);
}

std::optional<Ipv4FlowKey> PortAllocator::another_port(const Ipv4FlowKey& original, const Ipv4FlowKey& to,
                                                       const SessionTable& sessions) {
    const auto is_free = [&](const Ipv4FlowKey& flow) {
        return flow.reversed() != original && !sessions.contains(flow.reversed());
    };
    if (!rewrites_identifiers(to.protocol)) return is_free(to) ? std::optional{to} : std::nullopt;
    const PortRange range = port_class(to, PortAllocation::random);
    L4Port port{static_cast<std::uint16_t>(range.first.number() + random_.below(range.span() + 1))};
    for (unsigned tries = 0; tries < std::min(range.span() + 1, kMostTries); ++tries, port = behind(port, range))
        if (const Ipv4FlowKey candidate = with_source_port(to, port); is_free(candidate)) return candidate;
    return std::nullopt;
}

}  // namespace hairpin::gateway

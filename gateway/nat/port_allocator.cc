#include "gateway/nat/port_allocator.h"

#include <algorithm>

#include "net/flow_identifiers.h"

namespace hairpin::gateway {

namespace {

constexpr std::uint64_t kMostAddresses = 16;  // of a pool, that arbitrary pooling tries for one mapping

// Where ports may be taken from when the rule names none. An ICMP identifier has no classes, and any will do.
PortRange port_class(const Ipv4FlowKey& key) {
    if (key.protocol == IpProtocol::icmp) return {L4Port{0}, L4Port{65535}};
    if (key.source_port.number() < 1024) return {L4Port{1}, L4Port{1023}};
    return {L4Port{1024}, L4Port{65535}};
}

Ipv4FlowKey with_source_port(Ipv4FlowKey key, L4Port port) {
    key.source_port = port;
    if (key.protocol == IpProtocol::icmp) key.destination_port = port;  // the identifier, in both places
    return key;
}

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
          range_(choice.ports.value_or(port_class(to))),
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
        return grant(candidate, choice_.mapping);
    }

    // A new one, on a port of this address that is nobody's.
    std::optional<SourceGrant> of_new(Ipv4Address address) {
        Ipv4FlowKey candidate = to_;
        candidate.source = address;
        if (choice_.allocation == PortAllocation::preserve && range_.contains(to_.source_port) && is_free(candidate) &&
            mappings_.is_free(Ipv4TransportAddress::source_of(candidate)))
            return grant(candidate, choice_.mapping);
        L4Port from = start();
        for (unsigned tries = 0; tries < kMostTries; ++tries) {
            const auto port = mappings_.free_port(address, to_.protocol, range_, from, step_);
            if (!port) return std::nullopt;
            candidate = with_source_port(candidate, *port);
            if (is_free(candidate)) return grant(candidate, choice_.mapping);
            from = behind(*port, range_);
        }
        return std::nullopt;
    }

    // A port that flows to other places may have as well.
    std::optional<SourceGrant> of_shared(Ipv4Address address) {
        constexpr auto kMode = MappingMode::address_and_port_dependent;
        Ipv4FlowKey candidate = to_;
        candidate.source = address;
        if (choice_.allocation == PortAllocation::preserve && range_.contains(to_.source_port) && is_free(candidate) &&
            shareable(candidate))
            return grant(candidate, kMode);
        L4Port port = start();
        for (unsigned tries = 0; tries < std::min(range_.span() + 1, kMostTries); ++tries, port = behind(port, range_)) {
            candidate = with_source_port(candidate, port);
            const bool fits = step_ == PortStep::any || (port.number() % 2 != 0) == (step_ == PortStep::odd);
            if (fits && is_free(candidate) && shareable(candidate)) return grant(candidate, kMode);
        }
        const auto unused = mappings_.free_port(address, to_.protocol, range_, start(), step_);
        if (!unused) return std::nullopt;
        candidate = with_source_port(candidate, *unused);
        return is_free(candidate) ? std::optional{grant(candidate, kMode)} : std::nullopt;
    }

    bool is_free(const Ipv4FlowKey& flow) const { return flow.reversed() != original_ && !sessions_.contains(flow.reversed()); }

private:
    Ipv4TransportAddress inside() const { return Ipv4TransportAddress::source_of(original_); }
    L4Port start() { return L4Port{static_cast<std::uint16_t>(range_.first.number() + random_.below(range_.span() + 1))}; }
    bool shareable(const Ipv4FlowKey& flow) const {
        const auto outside = Ipv4TransportAddress::source_of(flow);
        const MappingIndex index = mappings_.find_outside(outside);
        return index == kNoMapping ? mappings_.is_free(outside) : mappings_[index].shared();
    }
    SourceGrant grant(const Ipv4FlowKey& flow, MappingMode mode) const {
        return {flow, NewMapping{inside(), Ipv4TransportAddress::source_of(flow), original_.destination, mode, choice_.filtering,
                                 choice_.firewall_match, choice_.rule, choice_.outbound}};
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
    // Where the mapping cannot be used for this flow, though it is there, the flow gets a port for itself.
    bool for_itself = choice.mapping == MappingMode::address_and_port_dependent;
    if (!for_itself) {
        if (const auto old = search.of_old()) return *old;
        for_itself = mappings.find_inside(Ipv4TransportAddress::source_of(original), original.destination, choice.mapping,
                                          [&](const Mapping& mapping) {
                                              return choice.allows(mapping.outside.address, mapping.outside.port);
                                          }) != kNoMapping;
        if (!for_itself && !mappings.may_have_another(Ipv4TransportAddress::source_of(original), now))
            return tl::unexpected(DropReason::nat_quota);
    }
    for (std::uint64_t nth = 0; nth < (paired ? 1 : std::min(pool, kMostAddresses)); ++nth)
        if (const auto found = for_itself ? search.of_shared(address(nth)) : search.of_new(address(nth))) return *found;
    return tl::unexpected(DropReason::nat_exhausted);
}

std::optional<Ipv4FlowKey> PortAllocator::another_port(const Ipv4FlowKey& original, const Ipv4FlowKey& to,
                                                       const SessionTable& sessions) {
    const auto is_free = [&](const Ipv4FlowKey& flow) {
        return flow.reversed() != original && !sessions.contains(flow.reversed());
    };
    if (!rewrites_identifiers(to.protocol)) return is_free(to) ? std::optional{to} : std::nullopt;
    const PortRange range = port_class(to);
    L4Port port{static_cast<std::uint16_t>(range.first.number() + random_.below(range.span() + 1))};
    for (unsigned tries = 0; tries < std::min(range.span() + 1, kMostTries); ++tries, port = behind(port, range))
        if (const Ipv4FlowKey candidate = with_source_port(to, port); is_free(candidate)) return candidate;
    return std::nullopt;
}

}  // namespace hairpin::gateway

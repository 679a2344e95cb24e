#include "gateway/nat/mapping_table.h"

#include <unordered_map>

#include "gateway/alg/expectations.h"
#include "gateway/nat/translate.h"
#include "gateway/ruleset.h"

namespace hairpin::gateway {

namespace {

// A session holds its source's mapping and, where a mapping let it in, that one; and as many may rest.
constexpr std::size_t kMappingsPerSession = 2;
// Besides, flows that are only expected hold some.
constexpr std::size_t most_mappings(std::size_t sessions) { return kMappingsPerSession * sessions + Expectations::kMost; }
// How many of those that rest are asked for a port: who comes when all are taken must not cost much.
constexpr unsigned kMostLooks = 1024;

}  // namespace

MappingTable::MappingTable(std::size_t sessions, HashKey secret)
    : secret_(secret),
      choices_{keyed_hash(1, secret), keyed_hash(2, secret)},
      mappings_(most_mappings(sessions)),
      acquaintances_(most_mappings(sessions)),
      by_inside_(most_mappings(sessions)),
      by_outside_(most_mappings(sessions)),
      by_acquaintance_(most_mappings(sessions)),
      ports_(secret),
      blocks_(secret),
      subscribers_(most_mappings(sessions), secret) {}

void MappingTable::adopt(const Ruleset& ruleset) {
    ports_.adopt(ruleset);
    blocks_.adopt(ruleset.nat_settings.port_blocks);
    port_rest_ = ruleset.nat_settings.port_rest;
    const bool counted = quota_.any();
    quota_ = ruleset.nat_settings.ports_per_host;
    if (counted != quota_.any()) {
        subscribers_.clear();
        for_each([&](MappingIndex, const Mapping& mapping) {
            if (mapping.used()) begin_use(mapping);
        });
    }
    std::unordered_map<RuleId, const NatRule*> rules;
    for (const NatRule& rule : ruleset.nat) rules.emplace(rule.id, &rule);
    for (MappingIndex index = 0; index < used_; ++index) {
        Mapping& mapping = mappings_[index];
        if (mapping.outside.protocol == IpProtocol::any || mapping.shared()) continue;
        const auto found = rules.find(mapping.rule);
        mapping.admits = found != rules.end() && makes(*found->second, mapping, ruleset);
        if (!mapping.admits) continue;
        mapping.filtering = found->second->filtering;
        mapping.firewall_match = found->second->firewall_match;
    }
}

std::uint64_t MappingTable::inside_hash(const Ipv4TransportAddress& inside, Ipv4Address peer, MappingMode mode) const {
    const std::uint64_t hash = hash_of(inside, secret_);
    return mode == MappingMode::address_dependent ? keyed_hash(hash ^ peer.number(), secret_) : hash;
}

MappingIndex MappingTable::find_outside(const Ipv4TransportAddress& outside) const {
    return by_outside_
        .find(hash_of(outside, secret_), [&](std::uint32_t candidate) { return mappings_[candidate].outside == outside; })
        .value_or(kNoMapping);
}

bool MappingTable::lets_in(MappingIndex index, Ipv4Address peer) const {
    const Mapping& mapping = mappings_[index];
    if (!mapping.admits || mapping.keepers == 0) return false;
    switch (mapping.filtering) {
        case FilteringMode::endpoint_independent: return true;
        case FilteringMode::address_dependent: return find_acquaintance(index, peer).has_value();
        case FilteringMode::address_and_port_dependent: break;
    }
    return false;
}

// ---- What a host may have ------------------------------------------------------------------------------------------------------

bool MappingTable::may_have_another(const Ipv4TransportAddress& inside, Timestamp now) const {
    if (!quota_.any()) return true;
    const Subscribers::Record* record = subscribers_.find(subscriber(inside));
    if (record == nullptr) return true;
    const std::uint32_t most = quota_.of(inside.protocol);
    return (most == 0 || record->holds < most) &&
           (quota_.per_second == 0 || record->pace.allows(now, quota_.per_second, quota_.burst));
}

void MappingTable::count_refusal(const Ipv4TransportAddress& inside) {
    if (Subscribers::Record* record = subscribers_.find(subscriber(inside))) ++record->refused;
}

void MappingTable::begin_use(const Mapping& mapping) {
    if (quota_.any() && !mapping.shared()) subscribers_.hold(subscriber(mapping.inside));
}

void MappingTable::end_use(const Mapping& mapping) {
    if (quota_.any() && !mapping.shared()) subscribers_.let_go(*subscribers_.find(subscriber(mapping.inside)));
}

// ---- Who uses them -------------------------------------------------------------------------------------------------------------

void MappingTable::hold(const NewMapping& wanted, Timestamp now) {
    MappingIndex index = find_outside(wanted.outside);
    if (index != kNoMapping && !mappings_[index].used() && mappings_[index].inside != wanted.inside) {
        // It has rested, and no other port was free.
        wake(index);
        end(index);
        index = kNoMapping;
    }
    if (index == kNoMapping) {
        index = take_record();
        Mapping& mapping = mappings_[index];
        mapping = Mapping{};
        mapping.outside = wanted.outside;
        mapping.mode = wanted.mode;
        mapping.shares = wanted.shares;
        by_outside_.insert(hash_of(mapping.outside, secret_), index);
        if (!mapping.shared()) {
            mapping.inside = wanted.inside;
            mapping.peer = wanted.mode == MappingMode::address_dependent ? wanted.peer : Ipv4Address{};
        }
        if (!mapping.of_one_flow()) by_inside_.insert(inside_hash(mapping.inside, mapping.peer, mapping.mode), index);
        ports_.take(mapping.outside.address, mapping.outside.protocol, mapping.outside.port);
        if (wanted.block) blocks_.take(wanted.inside.address, mapping.outside.address, *wanted.block, now);
        blocks_.mapping_began(mapping.outside.address, mapping.outside.port);
        ++live_;
        begin_use(mapping);
        if (quota_.per_second != 0 && !mapping.shared())
            subscribers_.find(subscriber(mapping.inside))->pace.take(now, quota_.per_second);
    } else if (!mappings_[index].used()) {
        wake(index);
        begin_use(mappings_[index]);
    }
    Mapping& mapping = mappings_[index];
    ++mapping.keepers;
    if (mapping.shared()) return;
    mapping.filtering = wanted.filtering;
    mapping.firewall_match = wanted.firewall_match;
    mapping.admits = true;
    mapping.rule = wanted.rule;
    mapping.outbound = wanted.outbound;
    meet(index, wanted.peer);
}

void MappingTable::answered(const Ipv4TransportAddress& outside, Ipv4Address peer) {
    const MappingIndex index = find_outside(outside);
    ensure(index != kNoMapping && mappings_[index].guests > 0);
    --mappings_[index].guests;
    ++mappings_[index].keepers;
    if (!mappings_[index].shared()) meet(index, peer);
}

void MappingTable::release(const Ipv4TransportAddress& outside, Ipv4Address peer) {
    const MappingIndex index = find_outside(outside);
    ensure(index != kNoMapping && mappings_[index].keepers > 0);
    if (!mappings_[index].shared()) part(index, peer);
    --mappings_[index].keepers;
    if (!mappings_[index].used()) rest(index);
}

void MappingTable::release_guest(const Ipv4TransportAddress& outside) {
    const MappingIndex index = find_outside(outside);
    ensure(index != kNoMapping && mappings_[index].guests > 0);
    --mappings_[index].guests;
    if (!mappings_[index].used()) rest(index);
}

// ---- Ports --------------------------------------------------------------------------------------------------------------------

std::optional<L4Port> MappingTable::free_port(Ipv4Address host, Ipv4Address address, IpProtocol protocol, PortRange range,
                                              L4Port from, PortStep step) {
    const PortBlocks::OfOthers barred = blocks_.of_others(address, host);
    if (const auto port = ports_.free_port(address, protocol, range, from, step, barred)) return port;
    unsigned looks = 0;
    for (MappingIndex index = rests_longest_; index != kNoMapping; index = mappings_[index].next) {
        const Mapping& mapping = mappings_[index];
        const Ipv4TransportAddress outside = mapping.outside;
        const bool fits = outside.address == address && outside.protocol == protocol && range.contains(outside.port) &&
                          (step == PortStep::any || (outside.port.number() % 2 != 0) == (step == PortStep::odd)) &&
                          !barred(outside.port.number());
        if (fits && mapping.filtering != FilteringMode::endpoint_independent) return outside.port;
        if (++looks == kMostLooks) break;
    }
    return std::nullopt;
}

bool MappingTable::is_free(Ipv4Address host, const Ipv4TransportAddress& outside) {
    return find_outside(outside) == kNoMapping && !ports_.reserved(outside.address, outside.protocol, outside.port) &&
           !is_barred(host, outside);
}

std::optional<PortRange> MappingTable::free_block(Ipv4Address address, IpProtocol protocol, PortRange range, L4Port from) {
    return blocks_.find_free(address, range, from, [&](PortRange block) {
        return ports_.all_free(address, block) && ports_.free_port(address, protocol, block, block.first, PortStep::any);
    });
}

// ---- Whom they know ------------------------------------------------------------------------------------------------------------

std::optional<std::uint32_t> MappingTable::find_acquaintance(MappingIndex mapping, Ipv4Address peer) const {
    return by_acquaintance_.find(acquaintance_hash(mapping, peer), [&](std::uint32_t candidate) {
        return acquaintances_[candidate].mapping == mapping && acquaintances_[candidate].peer == peer;
    });
}

void MappingTable::meet(MappingIndex mapping, Ipv4Address peer) {
    if (const auto known = find_acquaintance(mapping, peer)) return static_cast<void>(++acquaintances_[*known].sessions);
    std::uint32_t number = free_acquaintance_;
    if (number != kNoMapping)
        free_acquaintance_ = acquaintances_[number].next_free;
    else
        number = acquaintances_used_++;
    ensure(number < acquaintances_.size());  // each session makes at most two
    acquaintances_[number] = {mapping, peer, 1, kNoMapping};
    by_acquaintance_.insert(acquaintance_hash(mapping, peer), number);
}

void MappingTable::part(MappingIndex mapping, Ipv4Address peer) {
    const auto known = find_acquaintance(mapping, peer);
    ensure(known.has_value());
    Acquaintance& acquaintance = acquaintances_[*known];
    if (--acquaintance.sessions > 0) return;
    by_acquaintance_.erase(acquaintance_hash(mapping, peer), *known);
    acquaintance.next_free = free_acquaintance_;
    free_acquaintance_ = *known;
}

// ---- Their life ----------------------------------------------------------------------------------------------------------------

MappingIndex MappingTable::take_record() {
    if (free_ != kNoMapping) {
        const MappingIndex index = free_;
        free_ = mappings_[index].next;
        return index;
    }
    if (used_ < mappings_.size()) return used_++;
    // Those that are used are at most as many as sessions can hold, so one rests.
    ensure(rests_longest_ != kNoMapping);
    const MappingIndex index = rests_longest_;
    wake(index);
    end(index);
    return take_record();
}

void MappingTable::end(MappingIndex index) {
    Mapping& mapping = mappings_[index];
    by_outside_.erase(hash_of(mapping.outside, secret_), index);
    if (!mapping.of_one_flow()) by_inside_.erase(inside_hash(mapping.inside, mapping.peer, mapping.mode), index);
    ports_.give_back(mapping.outside.address, mapping.outside.protocol, mapping.outside.port);
    blocks_.mapping_ended(mapping.outside.address, mapping.outside.port, now_);
    mapping.outside.protocol = IpProtocol::any;
    mapping.next = free_;
    free_ = index;
    --live_;
}

void MappingTable::rest(MappingIndex index) {
    Mapping& mapping = mappings_[index];
    end_use(mapping);
    // Nobody outside was told a port that flows shared.
    if (mapping.shared() || port_rest_ == Duration{0}) return end(index);
    mapping.rests_until = Tick::at(now_ + port_rest_);
    mapping.previous = rests_shortest_;
    mapping.next = kNoMapping;
    (rests_shortest_ == kNoMapping ? rests_longest_ : mappings_[rests_shortest_].next) = index;
    rests_shortest_ = index;
}

void MappingTable::wake(MappingIndex index) {
    const Mapping& mapping = mappings_[index];
    (mapping.previous == kNoMapping ? rests_longest_ : mappings_[mapping.previous].next) = mapping.next;
    (mapping.next == kNoMapping ? rests_shortest_ : mappings_[mapping.next].previous) = mapping.previous;
}

void MappingTable::expire(Timestamp now) {
    now_ = now;
    subscribers_.expire(now);
    while (rests_longest_ != kNoMapping && mappings_[rests_longest_].rests_until < Tick::at(now)) {
        const MappingIndex index = rests_longest_;
        wake(index);
        end(index);
    }
}

}  // namespace hairpin::gateway

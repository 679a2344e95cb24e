#include "gateway/nat/port_spaces.h"

#include "gateway/nat/actions.h"
#include "gateway/ruleset.h"
#include "net/flow_identifiers.h"

namespace hairpin::gateway {

namespace {

constexpr std::uint64_t kEven = 0x5555'5555'5555'5555, kOdd = ~kEven;

std::uint64_t wanted(PortStep step) {
    switch (step) {
        case PortStep::even: return kEven;
        case PortStep::odd: return kOdd;
        case PortStep::any: break;
    }
    return ~std::uint64_t{0};
}

template <class Bits>
void set_all(Bits& bits, PortRange range) {
    for (unsigned port = range.first.number(); port <= range.last.number(); ++port)
        bits[port / 64] |= std::uint64_t{1} << port % 64;
}

}  // namespace

void PortSpaces::adopt(const Ruleset& ruleset) {
    listening_.clear();
    for (const NatRule& rule : ruleset.nat) {
        if (!rule.enabled || rule.action != NatAction::dnat || !rule.original_port) continue;
        if (rule.original_port->span() >= kMostReserved) continue;
        for (const AddressRange& part : rule.original_parts) listening_.push_back({rule.protocol, part, *rule.original_port});
        if (rule.original_parts.empty()) listening_.push_back({rule.protocol, rule.original_address, *rule.original_port});
    }
    for (std::uint32_t i = 0; i < used_; ++i) reserve(spaces_[i]);
}

void PortSpaces::reserve(Space& space) const {
    space.reserved = {};
    for (const Listening& listening : listening_)
        if (listening.protocol == space.protocol && (!listening.addresses || listening.addresses->contains(space.address)))
            set_all(space.reserved, listening.ports);
}

std::optional<L4Port> PortSpaces::free_port(Ipv4Address address, IpProtocol protocol, PortRange range, L4Port from, PortStep step,
                                            const PortBlocks::OfOthers& barred) {
    static_assert(PortBlocks::kGranule == 64, "what is barred is so by the word");
    Space* const space = find_or_make(address, protocol);
    if (space == nullptr) return std::nullopt;
    // Of the ports from `first` to `last`, the lowest that is free.
    const auto lowest = [&](unsigned first, unsigned last) -> std::optional<L4Port> {
        for (unsigned word = first / 64; word <= last / 64; ++word) {
            std::uint64_t free = ~(space->taken[word] | space->reserved[word]) & wanted(step);
            if (word == first / 64) free &= ~std::uint64_t{0} << first % 64;
            if (free == 0 || barred(word * 64)) continue;
            const unsigned port = word * 64 + static_cast<unsigned>(std::countr_zero(free));
            if (port > last) return std::nullopt;
            return L4Port{static_cast<std::uint16_t>(port)};
        }
        return std::nullopt;
    };
    if (const auto port = lowest(from.number(), range.last.number())) return port;
    if (from == range.first) return std::nullopt;
    return lowest(range.first.number(), from.number() - 1U);
}

bool PortSpaces::all_free(Ipv4Address address, PortRange ports) const {
    ensure(ports.first.number() % 64 == 0 && (ports.last.number() + 1) % 64 == 0);
    return std::ranges::all_of(kFlowIdentifiers, [&](const FlowIdentifiersRow& row) {
        const Space* const space = row.rewritable ? find(address, row.protocol) : nullptr;
        if (space == nullptr) return true;
        const auto first = space->taken.begin();
        return std::all_of(first + ports.first.number() / 64, first + (ports.last.number() + 1) / 64,
                           [](std::uint64_t word) { return word == 0; });
    });
}

bool PortSpaces::reserved(Ipv4Address address, IpProtocol protocol, L4Port port) {
    const Space* const space = find_or_make(address, protocol);
    return space != nullptr && (space->reserved[port.number() / 64] >> port.number() % 64 & 1) != 0;
}

void PortSpaces::take(Ipv4Address address, IpProtocol protocol, L4Port port) {
    Space* const space = find_or_make(address, protocol);
    ensure(space != nullptr);  // free_port() has made it
    space->taken[port.number() / 64] |= std::uint64_t{1} << port.number() % 64;
    space->use.most_ports = std::max(space->use.most_ports, ++space->use.ports);
}

void PortSpaces::give_back(Ipv4Address address, IpProtocol protocol, L4Port port) {
    Space* const space = find(address, protocol);
    ensure(space != nullptr);
    space->taken[port.number() / 64] &= ~(std::uint64_t{1} << port.number() % 64);
    --space->use.ports;
}

void PortSpaces::session_began(Ipv4Address address, IpProtocol protocol) {
    if (Space* const space = find_or_make(address, protocol); space != nullptr)
        space->use.most_sessions = std::max(space->use.most_sessions, ++space->use.sessions);
}

void PortSpaces::session_ended(Ipv4Address address, IpProtocol protocol) {
    if (Space* const space = find(address, protocol); space != nullptr && space->use.sessions > 0) --space->use.sessions;
}

void PortSpaces::forget_most() {
    for (std::uint32_t i = 0; i < used_; ++i) {
        Use& use = spaces_[i].use;
        use.most_ports = use.ports;
        use.most_sessions = use.sessions;
    }
}

const PortSpaces::Space* PortSpaces::find(Ipv4Address address, IpProtocol protocol) const {
    const auto found = index_.find(hash_of(address, protocol), [&](std::uint32_t candidate) {
        return spaces_[candidate].address == address && spaces_[candidate].protocol == protocol;
    });
    return found ? &spaces_[*found] : nullptr;
}

std::optional<std::uint32_t> PortSpaces::unused_space() const {
    for (std::uint32_t i = 0; i < used_; ++i)
        if (spaces_[i].use.ports == 0 && spaces_[i].use.sessions == 0) return i;
    return std::nullopt;
}

PortSpaces::Space* PortSpaces::find_or_make(Ipv4Address address, IpProtocol protocol) {
    if (Space* const space = find(address, protocol)) return space;
    std::uint32_t number = used_;
    if (used_ < kMostSpaces) {
        ++used_;
    } else {
        const auto unused = unused_space();
        if (!unused) return nullptr;
        number = *unused;
        index_.erase(hash_of(spaces_[number].address, spaces_[number].protocol), number);
    }
    Space& space = spaces_[number];
    space = Space{};
    space.address = address;
    space.protocol = protocol;
    reserve(space);
    index_.insert(hash_of(address, protocol), number);
    return &space;
}

}  // namespace hairpin::gateway

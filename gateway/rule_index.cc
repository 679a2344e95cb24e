#include "gateway/rule_index.h"

#include <algorithm>
#include <bit>

#include "net/result.h"

namespace hairpin::gateway {

namespace {

constexpr std::size_t words_for(std::size_t bits) { return (bits + 63) / 64; }
constexpr std::size_t kMostRows = 1 << 18;  // more than a configuration may have
constexpr std::size_t kMostSummary = words_for(words_for(kMostRows));

// A bit for each word of so many rows that may not be zero; none is looked at that a column has nothing in.
class Summary {
public:
    explicit Summary(std::size_t rows) : size_(words_for(words_for(rows))) { std::fill_n(bits_, size_, ~std::uint64_t{0}); }

    // Leaves the words in which one of these has something.
    template <class... Bits>
    void narrow(const Bits*... bits) {
        std::uint64_t some[kMostSummary];
        std::fill_n(some, size_, std::uint64_t{0});
        (..., (bits == nullptr ? void() : bits->add_summary(some)));
        for (std::size_t i = 0; i < size_; ++i) bits_[i] &= some[i];
    }

    // Asks `rows_in` for each word that is left, upwards, and `is_it` about each row that has a bit there; the first it says yes to.
    template <class RowsIn, class IsIt>
    std::optional<std::size_t> first(RowsIn&& rows_in, IsIt&& is_it) const {
        for (std::size_t i = 0; i < size_; ++i)
            for (std::uint64_t left = bits_[i]; left != 0; left &= left - 1) {
                const std::size_t word = i * 64 + static_cast<std::size_t>(std::countr_zero(left));
                for (std::uint64_t rows = rows_in(word); rows != 0; rows &= rows - 1) {
                    const std::size_t row = word * 64 + static_cast<std::size_t>(std::countr_zero(rows));
                    if (is_it(row)) return row;
                }
            }
        return std::nullopt;
    }

private:
    std::size_t size_;
    std::uint64_t bits_[kMostSummary];
};

void add_ranges(const std::vector<AddressRange>& ranges, std::size_t row, RangeColumn& column) {
    for (const AddressRange& range : ranges) column.add(range.first.number(), range.last.number(), row);
}

}  // namespace

// ---- Services -------------------------------------------------------------------------------------------------------------------

void ServiceColumns::add_everything(std::size_t row) {
    for (RangeColumn* column : {&tcp_, &udp_, &others_}) column->add_everything(row);
    empty_ = false;
}

void ServiceColumns::add(const Service& service, std::size_t row) {
    empty_ = false;
    const auto add_ports = [&](RangeColumn& column) {
        if (service.destination_ports.empty()) return column.add(0, 0xffff, row);
        for (const PortRange& range : service.destination_ports) column.add(range.first.number(), range.last.number(), row);
    };
    const bool any = service.protocol == IpProtocol::any;
    if (any || service.protocol == IpProtocol::tcp) add_ports(tcp_);
    if (any || service.protocol == IpProtocol::udp) add_ports(udp_);
    const auto number = static_cast<std::uint8_t>(service.protocol);
    const bool ported = service.protocol == IpProtocol::tcp || service.protocol == IpProtocol::udp;
    if (!ported) others_.add(any ? 0 : number, any ? 0xff : number, row);
}

void ServiceColumns::finish(std::size_t rows) {
    for (RangeColumn* column : {&tcp_, &udp_, &others_}) column->finish(rows);
}

RangeColumn::Bits ServiceColumns::at(IpProtocol protocol, L4Port destination_port) const {
    switch (protocol) {
        case IpProtocol::tcp: return tcp_.at(destination_port.number());
        case IpProtocol::udp: return udp_.at(destination_port.number());
        default: return others_.at(static_cast<std::uint8_t>(protocol));
    }
}

// ---- The firewall ---------------------------------------------------------------------------------------------------------------

FirewallIndex::FirewallIndex(const std::vector<FirewallRule>& rules)
    : rows_(rules.size()), enabled_(rows_), source_(rows_), destination_(rows_) {
    ensure(rows_ <= kMostRows);
    for (std::size_t row = 0; row < rows_; ++row) {
        const FirewallRule& rule = rules[row];
        if (!rule.enabled) continue;
        enabled_.add(row);
        add(rule.source, rule.match, row, source_);
        add(rule.destination, rule.match, row, destination_);
        ServiceColumns& services = services_[static_cast<std::size_t>(rule.match)];
        if (rule.services.empty()) services.add_everything(row);
        for (const Service& service : rule.services) services.add(service, row);
    }
    for (Side* side : {&source_, &destination_})
        for (RangeColumn& column : side->addresses) column.finish(rows_);
    for (ServiceColumns& columns : services_) columns.finish(rows_);
}

void FirewallIndex::add(const Endpoint& endpoint, MatchTuple match, std::size_t row, Side& side) const {
    RangeColumn& addresses = side.addresses[static_cast<std::size_t>(match)];
    // Everybody with another MAC than these: whoever it is.
    if (endpoint.negated && !endpoint.macs.empty()) return addresses.add_everything(row);
    if (endpoint.negated) side.negated.add(row);
    if (endpoint.any()) return addresses.add_everything(row);
    add_ranges(endpoint.addresses, row, addresses);
    const auto lies = [&](std::size_t interface) {
        auto& rows = side.lying[interface];
        if (!rows) rows = std::make_unique<RowSet>(rows_);
        rows->add(row);
    };
    std::size_t left = endpoint.interfaces.count();
    for (std::size_t i = 0; left > 0; ++i)
        if (endpoint.interfaces.test(i)) lies(i), --left;
    if (endpoint.gateway_itself) lies(kMaxInterfaces);
}

// A side's bits for one packet.
class FirewallIndex::SideBits {
public:
    SideBits(const Side& side, Ipv4Address original, Ipv4Address translated, std::optional<InterfaceId> interface)
        : negated_(side.negated),
          lying_(side.lying[interface ? index_of(*interface) : kMaxInterfaces].get()),
          original_(side.addresses[0].at(original.number())) {
        if (!side.addresses[1].empty()) translated_ = side.addresses[1].at(translated.number());
    }
    void narrow(Summary& summary) const { summary.narrow(&original_, translated(), lying_, &negated_); }
    std::uint64_t word(std::size_t place) const {
        std::uint64_t bits = original_.word(place);
        if (translated_) bits |= translated_->word(place);
        if (lying_ != nullptr) bits |= lying_->word(place);
        return bits ^ negated_.word(place);
    }

private:
    const RangeColumn::Bits* translated() const { return translated_ ? &*translated_ : nullptr; }

    const RowSet& negated_;
    const RowSet* lying_;
    RangeColumn::Bits original_;
    std::optional<RangeColumn::Bits> translated_;
};

std::size_t FirewallIndex::find(const std::vector<FirewallRule>& rules, const FirewallQuestion& question) const {
    const Ipv4FlowKey &original = question.original, &translated = question.translated;
    const SideBits source{source_, original.source, translated.source, question.inbound};
    const SideBits destination{destination_, original.destination, translated.destination, question.outbound};
    const RangeColumn::Bits services = services_[0].at(original.protocol, original.destination_port);
    std::optional<RangeColumn::Bits> translated_services;
    if (!services_[1].empty()) translated_services = services_[1].at(translated.protocol, translated.destination_port);

    Summary summary{rows_};
    source.narrow(summary);
    destination.narrow(summary);
    summary.narrow(&services, translated_services ? &*translated_services : nullptr);
    const auto rows_in = [&](std::size_t place) {
        std::uint64_t rows = enabled_.word(place) & destination.word(place);
        if (rows != 0) rows &= services.word(place) | (translated_services ? translated_services->word(place) : 0);
        return rows == 0 ? rows : rows & source.word(place);
    };
    return summary.first(rows_in, [&](std::size_t row) { return rules[row].in_force() && matches(rules[row], question); })
        .value_or(rules.size());
}

// ---- NAT ------------------------------------------------------------------------------------------------------------------------

NatIndex::NatIndex(const std::vector<NatRule>& rules, NatSide side) : side_(side) {
    for (std::size_t i = 0; i < rules.size(); ++i)
        if (rules[i].enabled && row_of(rules[i].action).side == side) positions_.push_back(static_cast<std::uint32_t>(i));
    ensure(positions_.size() <= kMostRows);
    for (std::size_t row = 0; row < positions_.size(); ++row) {
        const NatRule& rule = rules[positions_[row]];
        if (!rule.original_parts.empty())
            add_ranges(rule.original_parts, row, addresses_);
        else if (rule.original_address)
            add_ranges({*rule.original_address}, row, addresses_);
        else
            addresses_.add_everything(row);
        Service service{rule.protocol, {}, {}, {}};
        // Only the destination's port is looked at here, which is the original of the one side and the peer's of the other.
        if (side == NatSide::source) service.destination_ports = rule.peer_ports;
        if (rule.original_port && side == NatSide::destination) service.destination_ports.push_back(*rule.original_port);
        services_.add(service, row);
        std::size_t left = rule.applied_on.count();
        for (std::size_t i = 0; left > 0; ++i) {
            if (!rule.applied_on.test(i)) continue;
            --left;
            if (!applied_on_[i]) applied_on_[i] = std::make_unique<RowSet>(positions_.size());
            applied_on_[i]->add(row);
        }
    }
    addresses_.finish(positions_.size());
    services_.finish(positions_.size());
}

const NatRule* NatIndex::find(const std::vector<NatRule>& rules, const NatQuestion& question, InterfaceId interface) const {
    const RowSet* applied = index_of(interface) < kMaxInterfaces ? applied_on_[index_of(interface)].get() : nullptr;
    if (applied == nullptr) return nullptr;
    const Ipv4FlowKey& key = question.key;
    const RangeColumn::Bits addresses = addresses_.at((side_ == NatSide::destination ? key.destination : key.source).number());
    const RangeColumn::Bits services = services_.at(key.protocol, key.destination_port);
    Summary summary{positions_.size()};
    summary.narrow(&addresses);
    summary.narrow(&services);
    summary.narrow(applied);
    const auto row = summary.first(
        [&](std::size_t place) {
            const std::uint64_t rows = applied->word(place) & addresses.word(place);
            return rows == 0 ? rows : rows & services.word(place);
        },
        [&](std::size_t place) { return matches(rules[positions_[place]], question, interface, side_); });
    return row ? &rules[positions_[*row]] : nullptr;
}

// ---- Both -----------------------------------------------------------------------------------------------------------------------

RuleIndex::RuleIndex(const Ruleset& ruleset) {
    if (ruleset.firewall.size() >= kWorthwhile) firewall_ = std::make_unique<FirewallIndex>(ruleset.firewall);
    if (ruleset.nat.size() < kWorthwhile) return;
    dnat_ = std::make_unique<NatIndex>(ruleset.nat, NatSide::destination);
    snat_ = std::make_unique<NatIndex>(ruleset.nat, NatSide::source);
}

void index_rules(Ruleset& ruleset) { ruleset.index.set(std::make_shared<const RuleIndex>(ruleset)); }

}  // namespace hairpin::gateway

#include "tests/properties/translation_model.h"

namespace hairpin::testing {

using plain::Ends;
using std::chrono::seconds;

namespace {

bool has_mapping(unsigned protocol) {
    return protocol == plain::kTcp || protocol == plain::kUdp || protocol == plain::kUdpLite || protocol == plain::kDccp ||
           protocol == plain::kIcmp;
}

}  // namespace

Duration TranslationModel::life(unsigned protocol) {
    switch (protocol) {
        case plain::kTcp: return seconds{240};  // of a connection that is up it is more
        case plain::kUdp:
        case plain::kUdpLite: return seconds{300};
        case plain::kDccp: return seconds{480};
        case plain::kSctp: return seconds{240};
        case plain::kEsp: return seconds{600};
        default: return seconds{60};
    }
}

std::string TranslationModel::port_kept(const Ends& in, const Ends& out, const Policy& policy) const {
    if (in.protocol == plain::kIcmp) return "";  // any identifier will do
    const unsigned before = in.source_port, after = out.source_port;
    if (policy.last_port != 0) {
        if (after < policy.first_port || after > policy.last_port) return "the outside port is not one of the rule's";
        return "";
    }
    if (after == 0 || (before < 1024) != (after < 1024)) return "the outside port is not of the inside one's class";
    if (policy.parity && before % 2 != after % 2) return "the outside port has not the inside one's parity";
    return "";
}

std::string TranslationModel::unique(const Ends& in, const Ends& out, const Policy& policy, Timestamp now) {
    const End inside = end_of(in.protocol, in.source, in.source_port),
              outside = end_of(out.protocol, out.source, out.source_port);
    const Duration sure = life(in.protocol) - kSlack;
    const Both rule{inside, policy.first + policy.exactly};
    if (const auto old = by_inside_.find(rule);
        old != by_inside_.end() && old->second.outside != outside && now < old->second.spoke + sure)
        return "the inside address and port has another outside one, and speaks with both";
    const auto [place, fresh] = by_outside_.try_emplace(outside, Outside{inside, now, policy.lets_everybody, policy.scarce});
    if (fresh) outsides_.push_back(outside);
    Outside& owner = place->second;
    if (owner.inside != inside) {
        if (now < owner.spoke + sure) return "somebody else has this outside address and port";
        if (!policy.scarce && now < owner.spoke + sure + kRest)
            return "somebody else had this outside address and port, and it has not rested";
    }
    owner = {inside, now, policy.lets_everybody, policy.scarce};
    by_inside_[rule] = {outside, now};
    peers_[{outside, out.destination}] = now;
    peers_[{outside, end_of(out.protocol, out.destination, out.destination_port)}] = now;
    return "";
}

std::string TranslationModel::unique_flow(const Ends& in, const Ends& out, Timestamp now) {
    const End inside = end_of(in.protocol, in.source, in.source_port),
              outside = end_of(out.protocol, out.source, out.source_port);
    const Both flow{outside, end_of(out.protocol, out.destination, out.destination_port)};
    const auto old = flows_.find(flow);
    if (old != flows_.end() && old->second.outside != inside && now < old->second.spoke + life(in.protocol) - kSlack)
        return "somebody else speaks to the same with this outside address and port";
    flows_[flow] = {inside, now};
    return "";
}

std::string TranslationModel::left(const Ends& in, const Ends& out, const Policy& policy, Timestamp now) {
    const bool right_address =
        policy.exactly != 0 ? out.source == policy.exactly : out.source >= policy.first && out.source <= policy.last;
    if (!right_address) return "the outside address is none of the rule's";
    if (const auto [place, fresh] = address_of_.try_emplace(Both{in.source, policy.first + policy.exactly}, out.source);
        place->second != out.source)
        return "the host has another address of the pool already";
    if (!has_mapping(in.protocol))
        return in.source_port == out.source_port ? "" : "a port that a checksum covers which nobody can change has changed";
    if (auto wrong = port_kept(in, out, policy); !wrong.empty()) return wrong;
    return policy.independent ? unique(in, out, policy, now) : unique_flow(in, out, now);
}

std::string TranslationModel::entered(const Ends& in, const Ends& out, Timestamp now) {
    if (!has_mapping(in.protocol)) return "";
    const End outside = end_of(in.protocol, in.destination, in.destination_port);
    const End inside = end_of(out.protocol, out.destination, out.destination_port);
    const Both from{outside, end_of(in.protocol, in.source, in.source_port)};
    const Duration most = life(in.protocol) + kSlack;
    if (const auto flow = flows_.find(from); flow != flows_.end())
        return flow->second.outside == inside ? "" : "it has reached another than who speaks to its sender";
    const auto owner = by_outside_.find(outside);
    if (owner == by_outside_.end()) return "it has come in by an outside address and port that nobody has";
    if (owner->second.inside != inside) return "it has reached another than whose outside address and port it was sent to";
    // Connections live longer, as the state says that they are in.
    if (in.protocol == plain::kTcp || in.protocol == plain::kDccp) return "";
    const auto lately = [&](const auto& times, const Both& who) {
        const auto found = times.find(who);
        return found != times.end() && now <= found->second + most;
    };
    if (lately(peers_, from) || lately(guests_, from)) return "";
    if (now > owner->second.spoke + most)
        return "it has come in though the inside has not spoken for " +
               std::to_string(std::chrono::duration<double>(now - owner->second.spoke).count()) + " s";
    if (!owner->second.everybody && !lately(peers_, {outside, in.source}))
        return "it has come in from where the inside has not sent to lately";
    guests_[from] = now;
    return "";
}

void TranslationModel::answered(const Ends& in, Timestamp now) {
    const End outside = end_of(in.protocol, in.destination, in.destination_port);
    const auto owner = by_outside_.find(outside);
    if (owner == by_outside_.end()) return;
    owner->second.spoke = now;
    peers_[{outside, in.source}] = now;
    peers_[{outside, end_of(in.protocol, in.source, in.source_port)}] = now;
}

std::optional<Ends> TranslationModel::some_outside(std::uint64_t choice) const {
    if (outsides_.empty()) return std::nullopt;
    // Rather one of the last, which may be alive.
    const End end = outsides_[outsides_.size() - 1 - choice % std::min<std::size_t>(outsides_.size(), 4000)];
    return Ends{static_cast<unsigned>(end & 0xff), 0, static_cast<std::uint32_t>(end >> 24), 0,
                static_cast<unsigned>(end >> 8 & 0xffff)};
}

}  // namespace hairpin::testing

#include "runtime/session_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace hairpin::runtime {

using gateway::Session;
using Condition = SessionFilter::Condition;

namespace {

// A parameter: what it is called, what it wants to be told, and what it makes of that; no condition when it cannot be read.
struct FilterField {
    std::string_view name, wants;
    std::optional<Condition> (*read)(const std::string& text, const gateway::Ruleset& ruleset);
};

using Text = const std::string&;
using Rules = const gateway::Ruleset&;

std::optional<Condition> by_protocol(Text text, Rules) {
    const auto protocol = parse_ip_protocol(text);
    if (!protocol) return std::nullopt;
    if (*protocol == IpProtocol::any) return Condition{[](const Session&) { return true; }};
    return Condition{[wanted = *protocol](const Session& session) { return session.original_key.protocol == wanted; }};
}

std::optional<Condition> by_state(Text text, Rules) {
    const auto found = std::find_if(gateway::kTimeoutRows.begin(), gateway::kTimeoutRows.end(),
                                    [&](const gateway::TimeoutRow& row) { return row.name == text; });
    if (found == gateway::kTimeoutRows.end()) return std::nullopt;
    return Condition{[wanted = found->state](const Session& session) { return session.state == wanted; }};
}

std::optional<Condition> by_interface(Text text, Rules ruleset) {
    const auto id = text == "vse" ? std::optional{gateway::kGatewayItself} : ruleset.interface_id(text);
    if (!id) return std::nullopt;
    return Condition{
        [wanted = *id](const Session& session) { return session.inbound() == wanted || session.outbound() == wanted; }};
}

std::optional<Condition> by_rule(Text text, Rules) {
    const auto number = parse_number(text, 0xffff'ffff);
    if (!number) return std::nullopt;
    return Condition{[wanted = static_cast<gateway::RuleId>(*number)](const Session& session) {
        return session.firewall_rule == wanted || session.dnat_rule == wanted || session.snat_rule == wanted;
    }};
}

std::optional<Condition> by_id(Text text, Rules) {
    const auto number = parse_number(text, ~std::uint64_t{0} >> 1);
    if (!number) return std::nullopt;
    return Condition{[wanted = *number](const Session& session) { return session.id() == wanted; }};
}

// The side of a tuple that a function picks out of a session.
template <auto Side>
std::optional<Condition> by_endpoint(Text text, Rules) {
    const auto endpoint = EndpointFilter::parse(text);
    if (!endpoint) return std::nullopt;
    return Condition{[wanted = *endpoint](const Session& session) {
        const auto [address, port] = Side(session);
        return wanted.holds(address, port);
    }};
}

using Endpoint = std::pair<Ipv4Address, L4Port>;
Endpoint source(const Session& session) { return {session.original_key.source, session.original_key.source_port}; }
Endpoint destination(const Session& session) { return {session.original_key.destination, session.original_key.destination_port}; }
Endpoint translated_source(const Session& session) { return {session.reply_key.destination, session.reply_key.destination_port}; }
Endpoint translated_destination(const Session& session) { return {session.reply_key.source, session.reply_key.source_port}; }

std::optional<Condition> by_any_endpoint(Text text, Rules) {
    const auto endpoint = EndpointFilter::parse(text);
    if (!endpoint) return std::nullopt;
    return Condition{[wanted = *endpoint](const Session& session) {
        constexpr std::array kSides{source, destination, translated_source, translated_destination};
        return std::any_of(kSides.begin(), kSides.end(), [&](auto side) {
            const auto [address, port] = side(session);
            return wanted.holds(address, port);
        });
    }};
}

std::optional<Condition> by_translation(Text text, Rules) {
    if (text != "true" && text != "false") return std::nullopt;
    return Condition{[wanted = text == "true"](const Session& session) { return session.translated() == wanted; }};
}

constexpr auto kFields = std::to_array<FilterField>({
    {"protocol", "a protocol's name, as tcp, or its number", by_protocol},
    {"source", "an address or address:port", by_endpoint<source>},
    {"destination", "an address or address:port", by_endpoint<destination>},
    {"translated_source", "an address or address:port", by_endpoint<translated_source>},
    {"translated_destination", "an address or address:port", by_endpoint<translated_destination>},
    {"address", "an address or address:port, on any side", by_any_endpoint},
    {"state", "a state, as established or udp-stream", by_state},
    {"interface", "the name of an interface of the gateway, or vse for its own sessions", by_interface},
    {"rule", "a rule's number", by_rule},
    {"id", "a session's number", by_id},
    {"translated", "true or false", by_translation},
});

std::string names() {
    std::string text;
    for (const FilterField& field : kFields) text += (text.empty() ? "" : ", ") + std::string{field.name};
    return text;
}

}  // namespace

std::optional<EndpointFilter> EndpointFilter::parse(std::string_view text) {
    const auto colon = text.find(':');
    const auto address = Ipv4Address::parse(text.substr(0, colon));
    if (!address) return std::nullopt;
    if (colon == std::string_view::npos) return EndpointFilter{*address, std::nullopt};
    const auto port = parse_number(text.substr(colon + 1), 65535);
    if (!port) return std::nullopt;
    return EndpointFilter{*address, L4Port{static_cast<std::uint16_t>(*port)}};
}

Result<SessionFilter> SessionFilter::parse(const nlohmann::json& parameters, const gateway::Ruleset& ruleset) {
    SessionFilter filter;
    if (!parameters.is_object()) return filter;
    for (const auto& [name, value] : parameters.items()) {
        const auto field =
            std::find_if(kFields.begin(), kFields.end(), [&name = name](const FilterField& row) { return row.name == name; });
        if (field == kFields.end())
            return failure(fmt::format("sessions are filtered by {}, not by \"{}\"", names(), name), name);
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        auto condition = field->read(text, ruleset);
        if (!condition) return failure(fmt::format("{} \"{}\" will not do: wants {}", name, text, field->wants), name);
        filter.conditions_.push_back(std::move(*condition));
    }
    return filter;
}

bool SessionFilter::holds(const Session& session) const {
    return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) { return condition(session); });
}

}  // namespace hairpin::runtime

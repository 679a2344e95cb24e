#include "runtime/rule_record_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/rule_or_null.h"

namespace hairpin::runtime {

using gateway::RuleRecord;
using nlohmann::json;

namespace {

constexpr std::string_view kBegin = "event=rule ";

std::string_view prefix_word(const RuleRecord& record) {
    if (record.logged_by == record.dnat_rule) return "DNAT";
    if (record.logged_by == record.snat_rule) return "SNAT";
    switch (record.action) {
        case gateway::FirewallAction::accept: return "ACCEPT";
        case gateway::FirewallAction::drop: return "DROP";
        case gateway::FirewallAction::reject: return "REJECT";
    }
    return "";
}

std::string prefix_of(const RuleRecord& record) { return fmt::format("{}_{}", prefix_word(record), record.logged_by); }

std::string source_of(const Ipv4FlowKey& key) { return endpoint_text(key.source, key.source_port); }
std::string destination_of(const Ipv4FlowKey& key) { return endpoint_text(key.destination, key.destination_port); }

std::string tuple_of(const Ipv4FlowKey& key, bool destination) {
    return destination ? source_of(key) + "->" + destination_of(key) : source_of(key);
}

}  // namespace

std::string rule_record_line(const RuleRecord& record, const gateway::Ruleset& ruleset) {
    std::string line = fmt::format("{}{} in={} out={} protocol={}", kBegin, prefix_of(record), ruleset.name_of(record.inbound),
                                   ruleset.name_of(record.outbound), to_string(record.original.protocol));
    if (record.icmp_type) line += fmt::format(" icmp-type={}", *record.icmp_type);
    line += fmt::format(" original={} translated={} firewall={}", tuple_of(record.original, record.destinations),
                        tuple_of(record.translated, record.destinations), record.firewall_rule);
    if (record.dnat_rule != gateway::kNoRule) line += fmt::format(" dnat={}", record.dnat_rule);
    if (record.snat_rule != gateway::kNoRule) line += fmt::format(" snat={}", record.snat_rule);
    return line;
}

json rule_record_row(const RuleRecord& record, const gateway::Ruleset& ruleset) {
    const auto destination = [&](const Ipv4FlowKey& key) {
        return record.destinations ? json(destination_of(key)) : json(nullptr);
    };
    return {{"prefix", prefix_of(record)},
            {"action", name_of(record.action)},
            {"inbound", ruleset.name_of(record.inbound)},
            {"outbound", ruleset.name_of(record.outbound)},
            {"protocol", to_string(record.original.protocol)},
            {"icmp_type", record.icmp_type ? json(*record.icmp_type) : json(nullptr)},
            {"original_source", source_of(record.original)},
            {"original_destination", destination(record.original)},
            {"translated_source", source_of(record.translated)},
            {"translated_destination", destination(record.translated)},
            {"firewall_rule", rule_or_null(record.firewall_rule)},
            {"dnat_rule", rule_or_null(record.dnat_rule)},
            {"snat_rule", rule_or_null(record.snat_rule)}};
}

bool is_record_of(std::string_view line, gateway::RuleId rule) {
    if (!line.starts_with(kBegin)) return false;
    const std::string padded = std::string{line} + " ";
    for (const char* field : {"firewall", "dnat", "snat"})
        if (padded.find(fmt::format(" {}={} ", field, rule)) != std::string::npos) return true;
    return false;
}

}  // namespace hairpin::runtime

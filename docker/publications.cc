#include "docker/publications.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace hairpin::docker {

using nlohmann::json;

namespace {

std::uint16_t number_in(const json& binding, const char* key) {
    const auto found = binding.find(key);
    return found != binding.end() && found->is_number_unsigned() && found->get<std::uint64_t>() <= 65535
               ? found->get<std::uint16_t>()
               : std::uint16_t{0};
}

Result<std::string> protocol_of(const json& binding) {
    switch (number_in(binding, "Proto")) {
        case 6: return "tcp";
        case 17: return "udp";
        case 132: return "sctp";
        default:
            return failure("only ports of tcp, udp and sctp can be published, and not of protocol " +
                           std::to_string(number_in(binding, "Proto")));
    }
}

// A port of the outside, which one rule alone has.
using Outside = std::tuple<std::string, std::string, std::uint16_t>;

class Choice {
public:
    explicit Choice(const Records& records) {
        for (const auto& [id, endpoint] : records.endpoints)
            for (const Publication& each : endpoint.published) take(each, endpoint.port);
    }
    void take(const Publication& each, const std::string& port) {
        rules_.insert(each.rule);
        taken_.insert_or_assign(Outside{each.protocol, each.host_address, each.host_port}, port);
    }
    Result<std::uint32_t> rule() const {
        std::uint32_t rule = kFirstDnatRule;
        for (const std::uint32_t taken : rules_) {
            if (taken != rule) break;
            ++rule;
        }
        if (rule <= kLastDnatRule) return rule;
        return failure(fmt::format("{} ports are published already", kLastDnatRule - kFirstDnatRule + 1));
    }
    Result<std::uint16_t> host_port(const AskedPort& asked) const {
        const unsigned first = asked.first != 0 ? asked.first : kFirstFreePort,
                       last = asked.first != 0 ? asked.last : kLastFreePort;
        const std::string* who = nullptr;
        for (unsigned port = first; port <= last; ++port) {
            const auto found = taken_.find({asked.protocol, asked.host_address, static_cast<std::uint16_t>(port)});
            if (found == taken_.end()) return static_cast<std::uint16_t>(port);
            who = &found->second;
        }
        return failure(
            fmt::format("port {}/{} is published by {} already", first, asked.protocol, who == nullptr ? "nobody" : *who));
    }

private:
    std::set<std::uint32_t> rules_;
    std::map<Outside, std::string> taken_;
};

}  // namespace

Result<std::vector<AskedPort>> asked_ports(const json& request) {
    std::vector<AskedPort> asked;
    const json options = request.value("Options", json());
    const json bindings = options.is_object() ? options.value("com.docker.network.portmap", json()) : json();
    if (!bindings.is_array()) return asked;
    for (const json& binding : bindings) {
        if (!binding.is_object()) return failure("a port that is to be published is no JSON object");
        const auto protocol = protocol_of(binding);
        if (!protocol) return tl::unexpected(protocol.error());
        std::string address =
            binding.contains("HostIP") && binding["HostIP"].is_string() ? binding["HostIP"].get<std::string>() : "";
        if (address == "0.0.0.0") address.clear();
        if (address.find(':') != std::string::npos) continue;  // of IPv6, which the engine names beside IPv4's
        const std::uint16_t first = number_in(binding, "HostPort"), last = number_in(binding, "HostPortEnd");
        asked.push_back({*protocol, address, number_in(binding, "Port"), first, last < first ? first : last});
    }
    return asked;
}

Result<std::vector<Publication>> publications_of(const std::vector<AskedPort>& asked, const Records& records) {
    Choice choice{records};
    std::vector<Publication> published;
    for (const AskedPort& each : asked) {
        const auto rule = choice.rule();
        if (!rule) return tl::unexpected(rule.error());
        const auto host_port = choice.host_port(each);
        if (!host_port) return tl::unexpected(host_port.error());
        published.push_back({*rule, each.protocol, each.host_address, *host_port, each.port});
        choice.take(published.back(), "this container");
    }
    return published;
}

}  // namespace hairpin::docker

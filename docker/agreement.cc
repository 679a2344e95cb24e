#include "docker/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "net/ipv4_address.h"

namespace hairpin::docker {

using nlohmann::json;

namespace {

constexpr const char* kSwitch = "hairpin:switch";
constexpr const char* kGateway = "hairpin:gateway";

// An entry of a list of the configuration, or null.
const json& at(const json& whole, std::initializer_list<const char*> path) {
    static const json nothing;
    const json* place = &whole;
    for (const char* key : path) {
        if (!place->is_object() || !place->contains(key)) return nothing;
        place = &(*place)[key];
    }
    return *place;
}

const json* find_in(const json& list, const char* key, const json& value) {
    if (!list.is_array()) return nullptr;
    const auto found = std::find_if(list.begin(), list.end(), [&](const json& entry) {
        return entry.is_object() && entry.contains(key) && entry[key] == value;
    });
    return found == list.end() ? nullptr : &*found;
}

std::string text_at(const json& entry, const char* key, const char* otherwise = "") {
    const auto found = entry.find(key);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

// In place of the entry with this key, or behind all others: so what is right already stays where it is.
void put(json& list, const char* key, json entry) {
    if (!list.is_array()) list = json::array();
    for (json& there : list)
        if (there.contains(key) && there[key] == entry[key]) {
            there = std::move(entry);
            return;
        }
    list.push_back(std::move(entry));
}

void take_away(json& list, const std::function<bool(const json& entry)>& is_unwanted) {
    if (!list.is_array()) return;
    json kept = json::array();
    for (json& entry : list)
        if (!is_unwanted(entry)) kept.push_back(std::move(entry));
    list = std::move(kept);
}

// A list that is empty now is not shown, nor the container that had nothing else in it.
void tidy(json& whole, const char* key) {
    if (whole.is_object() && whole.contains(key) && whole[key].empty()) whole.erase(key);
}

bool is_in(const json& id, std::uint32_t first, std::uint32_t last) {
    return id.is_number_unsigned() && id.get<std::uint64_t>() >= first && id.get<std::uint64_t>() <= last;
}

json port_entry(const Endpoint& endpoint, const Network& network) {
    json tap{{"origin", "passed"}, {"mac", endpoint.mac}};
    if (network.mtu != 0) tap["mtu"] = network.mtu;
    return {{"name", endpoint.port}, {"segment", network.segment}, {"tap", tap}};
}

json interface_entry(const Network& network) {
    json entry{{"name", network.interface},
               {"role", network.role},
               {"segment", network.segment},
               {"address", json::array({network.address})}};
    if (network.mtu != 0) entry["mtu"] = network.mtu;
    return entry;
}

json dnat_entry(const Publication& published, const Endpoint& endpoint, const Network& network, const Uplink& uplink) {
    json entry{{"id", published.rule},
               {"description", fmt::format("docker: {} port {}/{}", endpoint.port, published.port, published.protocol)},
               {"action", "dnat"},
               {"applied-on", uplink.interface},
               {"protocol", published.protocol},
               {"original-address", published.host_address.empty() ? uplink.address : published.host_address},
               {"original-port", std::to_string(published.host_port)},
               {"translated-address", endpoint.address.substr(0, endpoint.address.find('/'))},
               {"hairpin", network.hairpin},
               {"firewall-match", network.firewall}};
    if (published.protocol != "sctp") entry["translated-port"] = std::to_string(published.port);
    return entry;
}

json snat_entry(const Network& network) {
    return {{"id", kFirstSnatRule + network.number},
            {"description", fmt::format("docker: {} to the outside", network.segment)},
            {"action", "snat"},
            {"applied-on", "external"},
            {"original-address", network.subnet},
            {"translated-address", "interface"},
            {"protocol", "any"}};
}

json firewall_entry(const Network& network) {
    return {{"id", kFirstFirewallRule + network.number},
            {"name", fmt::format("docker: {} to the outside", network.segment)},
            {"source", {{"address", json::array({network.subnet})}}},
            {"destination", {{"interface", json::array({"external"})}}},
            {"action", "accept"}};
}

bool leads_out(const Network& network) { return network.gateway && network.masquerade && network.role == "internal"; }

Result<void> agree_on_segments(json& document, Records& records, std::set<std::string>& wanted) {
    json& list = document[kSwitch]["segment"];
    for (const auto& [id, network] : records.networks) {
        wanted.insert(network.segment);
        if (find_in(list, "name", network.segment) != nullptr) continue;
        records.segments.insert(network.segment);
        put(list, "name", json{{"name", network.segment}});
    }
    return {};
}

Result<void> agree_on_interfaces(json& document, Records& records, std::set<std::string>& wanted) {
    json& list = document[kGateway]["interface"];
    for (const auto& [id, network] : records.networks) {
        if (!network.gateway || interface_there(document, records, network)) continue;
        if (find_in(list, "name", network.interface) != nullptr && !records.interfaces.contains(network.interface))
            return failure(
                fmt::format("the gateway has an interface \"{}\" already, and not with {} on segment \"{}\" (choose another "
                            "with the driver option hairpin.interface, give the network its subnet and gateway, or say "
                            "hairpin.gateway: \"false\")",
                            network.interface, network.address, network.segment));
        wanted.insert(network.interface);
        records.interfaces.insert(network.interface);
        put(list, "name", interface_entry(network));
    }
    return {};
}

Result<void> agree_on_ports(json& document, Records& records, std::set<std::string>& wanted) {
    json& list = document[kSwitch]["port"];
    for (const auto& [id, endpoint] : records.endpoints) {
        const Network& network = records.networks.at(endpoint.network);
        const json* there = find_in(list, "name", endpoint.port);
        if (there != nullptr && !records.ports.contains(endpoint.port)) {
            // Somebody has prepared it, with a VLAN say: so be it.
            if (text_at(*there, "segment") == network.segment && at(*there, {"tap", "origin"}) == "passed") continue;
            return failure(
                fmt::format("the switch has a port \"{}\" already, and not with `tap origin passed` on segment \"{}\" "
                            "(remove it: delete switch port {})",
                            endpoint.port, network.segment, endpoint.port));
        }
        wanted.insert(endpoint.port);
        records.ports.insert(endpoint.port);
        json entry = port_entry(endpoint, network);
        if (there != nullptr)  // what somebody has added to it, as its VLAN, stays
            for (const auto& [key, value] : there->items())
                if (!entry.contains(key)) entry[key] = value;
        put(list, "name", std::move(entry));
    }
    return {};
}

Result<void> agree_on_rules(json& document, const Records& records) {
    std::set<std::uint32_t> wanted;
    for (const auto& [id, endpoint] : records.endpoints) {
        const Network& network = records.networks.at(endpoint.network);
        for (const Publication& published : endpoint.published) {
            const auto uplink = uplink_of(document, network);
            if (!uplink) return tl::unexpected(uplink.error());
            wanted.insert(published.rule);
            put(document[kGateway]["nat"]["rule"], "id", dnat_entry(published, endpoint, network, *uplink));
        }
    }
    for (const auto& [id, network] : records.networks) {
        if (!leads_out(network)) continue;
        wanted.insert({kFirstSnatRule + network.number, kFirstFirewallRule + network.number});
        put(document[kGateway]["nat"]["rule"], "id", snat_entry(network));
        put(document[kGateway]["firewall"]["rule"], "id", firewall_entry(network));
    }
    const auto is_unwanted = [&](const json& entry) {
        const json id = entry.value("id", json());
        const bool ours = is_in(id, kFirstDnatRule, kLastDnatRule) || is_in(id, kFirstSnatRule, kLastSnatRule) ||
                          is_in(id, kFirstFirewallRule, kLastFirewallRule);
        return ours && !wanted.contains(id.get<std::uint32_t>());
    };
    take_away(document[kGateway]["nat"]["rule"], is_unwanted);
    take_away(document[kGateway]["firewall"]["rule"], is_unwanted);
    return {};
}

// What we have made and is no longer wanted. What others rely on stays, and is theirs from then on.
void take_away_what_is_over(json& document, Records& records, const std::set<std::string>& segments,
                            const std::set<std::string>& interfaces, const std::set<std::string>& ports) {
    const auto is_over = [](const std::set<std::string>& made, const std::set<std::string>& wanted) {
        return [&](const json& entry) {
            const std::string name = text_at(entry, "name");
            return made.contains(name) && !wanted.contains(name);
        };
    };
    take_away(document[kGateway]["interface"], is_over(records.interfaces, interfaces));
    take_away(document[kSwitch]["port"], is_over(records.ports, ports));
    take_away(document[kSwitch]["segment"], [&](const json& entry) {
        const std::string name = text_at(entry, "name");
        return records.segments.contains(name) && !segments.contains(name) &&
               find_in(document[kSwitch]["port"], "segment", name) == nullptr &&
               find_in(document[kGateway]["interface"], "segment", name) == nullptr;
    });
}

}  // namespace

bool forget_what_is_over(Records& records) {
    std::set<std::string> segments, interfaces, ports;
    for (const auto& [id, network] : records.networks) segments.insert(network.segment), interfaces.insert(network.interface);
    for (const auto& [id, endpoint] : records.endpoints) ports.insert(endpoint.port);
    const auto forget = [](std::set<std::string>& made, const std::set<std::string>& wanted) {
        return std::erase_if(made, [&](const std::string& name) { return !wanted.contains(name); }) != 0;
    };
    const bool fewer_segments = forget(records.segments, segments), fewer_interfaces = forget(records.interfaces, interfaces),
               fewer_ports = forget(records.ports, ports);
    return fewer_segments || fewer_interfaces || fewer_ports;
}

std::optional<std::string> interface_there(const json& configuration, const Records& records, const Network& network) {
    const json& list = at(configuration, {kGateway, "interface"});
    if (!list.is_array()) return std::nullopt;
    const std::string address = network.address.substr(0, network.address.find('/') + 1);  // with the stroke
    for (const json& entry : list) {
        const json& addresses = at(entry, {"address"});
        if (records.interfaces.contains(text_at(entry, "name")) || text_at(entry, "segment") != network.segment ||
            !addresses.is_array())
            continue;
        for (const json& each : addresses)
            if (each.is_string() && each.get<std::string>().starts_with(address)) return text_at(entry, "name");
    }
    return std::nullopt;
}

Result<Uplink> uplink_of(const json& configuration, const Network& network) {
    const json& list = at(configuration, {kGateway, "interface"});
    if (list.is_array())
        for (const json& entry : list) {
            const bool is_it = network.uplink.empty() ? text_at(entry, "role", "internal") == "uplink"
                                                      : text_at(entry, "name") == network.uplink;
            const json& addresses = at(entry, {"address"});
            if (!is_it || !addresses.is_array() || addresses.empty() || !addresses[0].is_string()) continue;
            const std::string address = addresses[0];
            return Uplink{text_at(entry, "name"), address.substr(0, address.find('/'))};
        }
    return failure(
        network.uplink.empty()
            ? std::string{"ports are published on the uplink, and the gateway has none (give an interface the role: set "
                          "gateway interface NAME role uplink)"}
            : fmt::format("ports are published on \"{}\", and the gateway has no interface of that name with an address "
                          "(driver option hairpin.uplink)",
                          network.uplink));
}

Result<json> agreeing(const json& configuration, Records& records) {
    json document = configuration;
    std::set<std::string> segments, interfaces, ports;
    if (auto done = agree_on_segments(document, records, segments); !done) return tl::unexpected(done.error());
    if (auto done = agree_on_interfaces(document, records, interfaces); !done) return tl::unexpected(done.error());
    if (auto done = agree_on_ports(document, records, ports); !done) return tl::unexpected(done.error());
    if (auto done = agree_on_rules(document, records); !done) return tl::unexpected(done.error());
    take_away_what_is_over(document, records, segments, interfaces, ports);
    tidy(document[kSwitch], "segment");
    tidy(document[kSwitch], "port");
    tidy(document[kGateway], "interface");
    for (const char* part : {"nat", "firewall"}) {
        tidy(document[kGateway][part], "rule");
        tidy(document[kGateway], part);
    }
    return document;
}

}  // namespace hairpin::docker

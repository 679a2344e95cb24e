#include "docker/record_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runtime/durable_file.h"

namespace hairpin::docker {

using nlohmann::json;

namespace {

constexpr int kVersion = 1;

json json_of(const Network& network) {
    return {{"segment", network.segment},
            {"gateway", network.gateway},
            {"interface", network.interface},
            {"role", network.role},
            {"subnet", network.subnet},
            {"address", network.address},
            {"uplink", network.uplink},
            {"hairpin", network.hairpin},
            {"firewall", network.firewall},
            {"masquerade", network.masquerade},
            {"mtu", network.mtu},
            {"number", network.number}};
}

Network network_of(const json& entry) {
    return {.segment = entry.at("segment"),
            .gateway = entry.at("gateway"),
            .interface = entry.at("interface"),
            .role = entry.at("role"),
            .subnet = entry.at("subnet"),
            .address = entry.at("address"),
            .uplink = entry.at("uplink"),
            .hairpin = entry.at("hairpin"),
            .firewall = entry.at("firewall"),
            .masquerade = entry.at("masquerade"),
            .mtu = entry.at("mtu"),
            .number = entry.at("number")};
}

json json_of(const Endpoint& endpoint) {
    json published = json::array();
    for (const Publication& each : endpoint.published)
        published.push_back({{"rule", each.rule},
                             {"protocol", each.protocol},
                             {"host-address", each.host_address},
                             {"host-port", each.host_port},
                             {"port", each.port}});
    return {{"network", endpoint.network}, {"address", endpoint.address}, {"mac", endpoint.mac},   {"port", endpoint.port},
            {"device", endpoint.device},   {"sandbox", endpoint.sandbox}, {"published", published}};
}

Endpoint endpoint_of(const json& entry) {
    Endpoint endpoint{.network = entry.at("network"),
                      .address = entry.at("address"),
                      .mac = entry.at("mac"),
                      .port = entry.at("port"),
                      .device = entry.at("device"),
                      .sandbox = entry.at("sandbox"),
                      .published = {}};
    for (const json& each : entry.at("published"))
        endpoint.published.push_back({.rule = each.at("rule"),
                                      .protocol = each.at("protocol"),
                                      .host_address = each.at("host-address"),
                                      .host_port = each.at("host-port"),
                                      .port = each.at("port")});
    return endpoint;
}

}  // namespace

std::string text_of(const Records& records) {
    json networks = json::object(), endpoints = json::object();
    for (const auto& [id, network] : records.networks) networks[id] = json_of(network);
    for (const auto& [id, endpoint] : records.endpoints) endpoints[id] = json_of(endpoint);
    return json{{"version", kVersion},
                {"networks", networks},
                {"endpoints", endpoints},
                {"made", {{"segments", records.segments}, {"interfaces", records.interfaces}, {"ports", records.ports}}},
                {"leftover-devices", records.leftover_devices}}
               .dump(1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

Result<Records> read_records(const std::string& text) {
    try {
        const json all = json::parse(text);
        if (all.at("version") != kVersion)
            return failure("it is of version " + all.at("version").dump() + ", and 1 is known here");
        Records records;
        for (const auto& [id, network] : all.at("networks").items()) records.networks[id] = network_of(network);
        for (const auto& [id, endpoint] : all.at("endpoints").items()) {
            records.endpoints[id] = endpoint_of(endpoint);
            if (!records.networks.contains(records.endpoints[id].network)) return failure("endpoint " + id + " is of no network");
        }
        const json& made = all.at("made");
        made.at("segments").get_to(records.segments);
        made.at("interfaces").get_to(records.interfaces);
        made.at("ports").get_to(records.ports);
        all.at("leftover-devices").get_to(records.leftover_devices);
        return records;
    } catch (const json::exception& problem) {
        return failure(std::string{"it cannot be read: "} + problem.what());
    }
}

Result<Records> load_records(const std::string& file) {
    std::error_code none;
    if (!std::filesystem::exists(file, none)) return Records{};
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) return failure("cannot read " + file + ": " + std::strerror(errno));
    auto records = read_records(text.str());
    if (!records) return failure(file + ": " + records.error().message + " (put it aside, and make the networks anew)");
    return records;
}

Result<void> keep_records(const std::string& file, const Records& records) {
    std::error_code problem;
    std::filesystem::create_directories(std::filesystem::path{file}.parent_path(), problem);
    if (problem) return failure("cannot make the folder of " + file + ": " + problem.message());
    return runtime::replace_durably(file, text_of(records));
}

}  // namespace hairpin::docker

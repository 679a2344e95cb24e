#include "runtime/connectivity/question.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "control/suggest.h"
#include "runtime/clock.h"
#include "runtime/worker.h"

namespace hairpin::runtime::connectivity {

using nlohmann::json;

namespace {

constexpr std::uint16_t kFirstSourcePort = 40000;
constexpr std::uint16_t kSourcePortsTried = 1024;

// The address of somebody with one of these MACs, as ARP knows it.
std::optional<Ipv4Address> address_by_arp(Worker& worker, const std::vector<MacAddress>& stations) {
    std::optional<Ipv4Address> address;
    worker.gateway().neighbors().for_each(monotonic_now(), [&](const gateway::NeighborTable::Row& neighbor) {
        const bool ours = neighbor.mac && std::find(stations.begin(), stations.end(), *neighbor.mac) != stations.end();
        if (ours && (!address || neighbor.address < *address)) address = neighbor.address;
    });
    return address;
}

// Of the host behind a port: what the port gives it, or else what the gateway has learned from it.
std::optional<Ipv4Address> address_behind(Worker& worker, const Worker::PortEntry& port) {
    const auto* tap = std::get_if<l2::TapSettings>(&port.settings.device);
    if (tap != nullptr && !tap->addresses.empty()) return tap->addresses.front().address;
    std::vector<MacAddress> stations;
    worker.bridge().stations().for_each(monotonic_now(), [&](const l2::MacTable::Row& row) {
        if (row.port == port.id) stations.push_back(row.station.mac);
    });
    return address_by_arp(worker, stations);
}

Result<Ipv4Address> find_host(Worker& worker, const std::string& text, const char* parameter) {
    if (const auto address = Ipv4Address::parse(text)) return *address;
    std::vector<std::string> names;
    for (const auto& [name, port] : worker.ports()) {
        names.push_back(name);
        if (name != text) continue;
        if (const auto address = address_behind(worker, port)) return *address;
        return failure(fmt::format("nothing is known of the address behind port \"{}\" yet: name the address itself", text),
                       parameter);
    }
    const auto meant = control::nearest_word(text, names);
    return failure(fmt::format("\"{}\" is neither an address, as 192.0.2.1, nor a port of the switch{}", text,
                               meant ? fmt::format(" (did you mean {}?)", *meant) : ""),
                   parameter);
}

Result<L4Port> read_port(const json& value, const char* parameter) {
    const auto number = value.is_number_integer() ? value.get<std::int64_t>() : 0;
    if (number < 1 || number > 65535) return failure(fmt::format("{} wants a number from 1 to 65535", parameter), parameter);
    return L4Port{static_cast<std::uint16_t>(number)};
}

std::string text_in(const json& parameters, const char* name) {
    return parameters.contains(name) && parameters[name].is_string() ? parameters[name].get<std::string>() : std::string{};
}

Result<void> read_source(Worker& worker, std::string text, Question& question) {
    std::optional<std::uint64_t> port;
    if (const auto colon = text.find(':'); colon != std::string::npos) {
        port = parse_number(std::string_view{text}.substr(colon + 1), 65535);
        if (!port || *port == 0) return failure(fmt::format("source \"{}\" has no port behind the colon", text), "source");
        text.resize(colon);
    }
    const auto host = find_host(worker, text, "source");
    if (!host) return tl::unexpected(host.error());
    question.key.source = *host;
    question.key.source_port = L4Port{static_cast<std::uint16_t>(port.value_or(0))};
    return {};
}

void set_source_port(Question& question, L4Port port) {
    question.key.source_port = port;
    if (question.key.protocol == IpProtocol::icmp) question.key.destination_port = port;
}

// A connection that lives already goes by what was decided then, and the question is what would be decided now.
void choose_source_port(Worker& worker, Question& question) {
    if (question.key.source_port != L4Port{}) return set_source_port(question, question.key.source_port);
    for (std::uint16_t i = 0; i < kSourcePortsTried; ++i) {
        set_source_port(question, L4Port{static_cast<std::uint16_t>(kFirstSourcePort + i)});
        if (!worker.gateway().sessions().contains(question.key)) return;
    }
}

}  // namespace

std::string Question::target() const {
    const std::string text = key.destination.to_string() + " " + to_string(key.protocol);
    return key.protocol == IpProtocol::icmp ? text : fmt::format("{} {}", text, key.destination_port.number());
}

Result<Question> read_question(Worker& worker, const json& parameters) {
    if (!parameters.is_object()) return failure("this wants source, destination and protocol");
    Question question;
    question.interface = text_in(parameters, "interface");
    const auto protocol = parse_ip_protocol(text_in(parameters, "protocol"));
    if (protocol != IpProtocol::tcp && protocol != IpProtocol::udp && protocol != IpProtocol::icmp)
        return failure(fmt::format("protocol \"{}\" cannot be tested: tcp, udp or icmp", text_in(parameters, "protocol")),
                       "protocol");
    question.key.protocol = *protocol;
    if (auto read = read_source(worker, text_in(parameters, "source"), question); !read) return tl::unexpected(read.error());
    const auto destination = find_host(worker, text_in(parameters, "destination"), "destination");
    if (!destination) return tl::unexpected(destination.error());
    question.key.destination = *destination;
    if (protocol != IpProtocol::icmp) {
        const auto port = read_port(parameters.value("port", json()), "port");
        if (!port) return tl::unexpected(port.error());
        question.key.destination_port = *port;
    }
    choose_source_port(worker, question);
    return question;
}

}  // namespace hairpin::runtime::connectivity

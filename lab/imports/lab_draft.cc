#include "lab/imports/lab_draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <nlohmann/json.hpp>

#include "lab/did_you_mean.h"
#include "lab/imports/startup_script.h"
#include "lab/imports/word_list.h"
#include "lab/quoted.h"
#include "lab/topology.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr unsigned kFirstNatRule = 196609;

bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// What hairpind takes for a segment, too: it begins with a letter or a digit.
std::string node_name_of(const std::string& name) {
    std::string result{std::find_if(name.begin(), name.end(), is_letter_or_digit), name.end()};
    result.resize(std::min(result.size(), kNameLimit));
    for (char& c : result)
        if (!is_letter_or_digit(c) && c != '-') c = '_';
    if (result.empty()) return "node";
    if (result.back() == '-') result.back() = '_';
    return result;
}

// A name as a key or a value of YAML: between quotes where, as null, it would be none, or, as 007 and on, readers differ.
std::string yaml_name(const std::string& name) {
    constexpr auto kOtherwise = std::to_array<std::string_view>({"null", "true", "false", "yes", "no", "on", "off", "y", "n"});
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool is_number = std::isdigit(static_cast<unsigned char>(name.front())) != 0;
    return is_number || is_word_of(lower, kOtherwise) ? quoted(name) : name;
}

// Why no host may have this address; "" where one may.
std::string wrong_as_address(const Ipv4InterfaceAddress& address) {
    if (address.address.is_no_hosts() || address.subnet.reserves(address.address))
        return fmt::format("no host may have the address {}, which is not taken over", address.to_string());
    return {};
}

OrderedJson interface_json(const DraftInterface& interface) {
    OrderedJson json = {
        {"name", interface.name}, {"role", interface.is_uplink ? "uplink" : "internal"}, {"segment", interface.segment}};
    if (interface.vlan) json["vlan"] = *interface.vlan;
    if (interface.mac) json["mac"] = interface.mac->to_string();
    for (const Ipv4InterfaceAddress& address : interface.addresses) json["address"].push_back(address.to_string());
    return json;
}

OrderedJson firewall_json(const std::vector<DraftFirewallRule>& rules) {
    OrderedJson list = OrderedJson::array();
    for (const DraftFirewallRule& rule : rules) {
        OrderedJson json = {{"id", list.size() + 1}, {"name", rule.name}};
        if (!rule.source_interfaces.empty()) json["source"]["interface"] = rule.source_interfaces;
        if (!rule.destination_interfaces.empty()) json["destination"]["interface"] = rule.destination_interfaces;
        if (!rule.destination_address.empty()) json["destination"]["address"] = {rule.destination_address};
        if (!rule.protocol.empty()) json["service"] = OrderedJson::array({{{"protocol", rule.protocol}, {"port", {rule.port}}}});
        json["action"] = "accept";
        list.push_back(std::move(json));
    }
    return list;
}

OrderedJson nat_json(const std::vector<DraftNatRule>& rules) {
    OrderedJson list = OrderedJson::array();
    for (const DraftNatRule& rule : rules) {
        OrderedJson json = {{"id", kFirstNatRule + list.size()}};
        const auto add = [&](const char* key, const std::string& value) {
            if (!value.empty()) json[key] = value;
        };
        add("description", rule.description);
        add("action", rule.action);
        add("applied-on", rule.applied_on);
        add("original-address", rule.original_address);
        add("original-port", rule.original_port);
        add("translated-address", rule.translated_address);
        add("translated-port", rule.translated_port);
        add("protocol", rule.protocol);
        list.push_back(std::move(json));
    }
    return list;
}

std::string host_text(const DraftHost& host) {
    std::string text = fmt::format("    {}:\n      kind: linux\n", yaml_name(host.name));
    if (!host.image.empty()) text += fmt::format("      image: {}\n", quoted(host.image));
    if (!host.environment.empty()) text += "      env:\n";
    for (const auto& [name, value] : host.environment) text += fmt::format("        {}: {}\n", quoted(name), quoted(value));
    if (!host.commands.empty()) text += "      exec:\n";
    for (const std::string& command : host.commands) text += fmt::format("        - {}\n", quoted(command));
    return text;
}

std::vector<std::string> vars_of(const DraftLink& link) {
    std::vector<std::string> vars;
    if (link.mac) vars.push_back(fmt::format("mac: \"{}\"", link.mac->to_string()));
    if (link.gateway) vars.push_back("gateway: " + link.gateway->to_string());
    vars.insert(vars.end(), link.vars.begin(), link.vars.end());
    return vars;
}

}  // namespace

std::optional<Ipv4InterfaceAddress> with_length(const std::string& address, unsigned length) {
    return Ipv4InterfaceAddress::parse(address + "/" + std::to_string(length));
}

std::optional<unsigned> netmask_length(const std::string& netmask) {
    const auto mask = Ipv4Address::parse(netmask);
    if (!mask) return std::nullopt;
    const unsigned length = static_cast<unsigned>(std::popcount(mask->number()));
    return Ipv4Prefix{*mask, length}.mask() == mask->number() ? std::optional{length} : std::nullopt;
}

std::string NodeNames::give(const std::string& name) {
    const std::string wanted = node_name_of(name);
    std::string given = wanted;
    for (unsigned number = 2; !taken_.insert(given).second; ++number) {
        const std::string ending = fmt::format("_{}", number);
        given = wanted.substr(0, kNameLimit - ending.size()) + ending;
    }
    return given;
}

std::string lab_name_of(const std::string& name) {
    std::string result;
    for (const char c : name.substr(0, kNameLimit)) {
        const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const bool allowed = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        if (allowed || !result.empty()) result += allowed ? lower : '-';
    }
    while (result.ends_with('-')) result.pop_back();
    return result.empty() ? "imported" : result;
}

Result<std::string> imported_name(const std::string& wanted, const std::string& own) {
    if (wanted.empty()) return lab_name_of(own);
    if (const auto wrong = wrong_lab_name(wanted)) return failure(fmt::format("\"{}\": {}", wanted, *wrong));
    return wanted;
}

Result<std::string> choose_gateway(const std::string& wanted, const std::vector<std::string>& nodes,
                                   const std::vector<std::string>& candidates, const std::string& kind) {
    if (!wanted.empty()) {
        if (std::find(nodes.begin(), nodes.end(), wanted) != nodes.end()) return wanted;
        return failure(fmt::format("--gateway {}: there is no such node{} (there are {})", wanted, did_you_mean(wanted, nodes),
                                   fmt::join(nodes, ", ")));
    }
    if (candidates.size() == 1) return candidates.front();
    if (candidates.empty())
        return failure(fmt::format("no node is {}, so none is taken for the gateway; say which one with --gateway NODE ({})",
                                   kind, fmt::join(nodes, ", ")));
    return failure(fmt::format("several nodes are {}; say which one is the gateway with --gateway NODE ({})", kind,
                               fmt::join(candidates, ", ")));
}

void LabDraft::add_internet(const std::string& host, const std::string& segment, const std::string& interface) {
    if (std::find(segments.begin(), segments.end(), segment) == segments.end()) segments.insert(segments.begin(), segment);
    hosts.insert(hosts.begin(), DraftHost{.name = host});
    links.insert(links.begin(), DraftLink{.host = host,
                                          .interface = "eth1",
                                          .segment = segment,
                                          .address = with_length(kImportedUplinkNeighbor, kImportedUplinkLength)});
    gateway.interfaces.insert(gateway.interfaces.begin(),
                              DraftInterface{.name = interface,
                                             .segment = segment,
                                             .is_uplink = true,
                                             .addresses = {*with_length(kImportedUplinkAddress, kImportedUplinkLength)}});
    gateway.routes.push_back({"0.0.0.0/0", kImportedUplinkNeighbor});
}

void LabDraft::translate(const std::string& what, const std::string& uplink, const std::string& address,
                         std::optional<Ipv4Prefix> network) {
    gateway.nat_rules.push_back({.description = what,
                                 .action = "snat",
                                 .applied_on = uplink,
                                 .original_address = network ? network->to_string() : "",
                                 .translated_address = address});
}

void LabDraft::take_gateway_address(const std::string& file, Position at, const Ipv4InterfaceAddress& address,
                                    DraftInterface& interface) {
    if (const auto wrong = wrong_as_address(address); !wrong.empty()) return remark(file, at, wrong);
    for (const DraftInterface& other : gateway.interfaces)
        for (const Ipv4InterfaceAddress& theirs : other.addresses)
            if (&other != &interface && theirs.subnet.overlaps(address.subnet))
                return remark(file, at,
                              fmt::format("{} of the gateway's {} is not taken over: {} of its {} is in the same network",
                                          address.to_string(), interface.name, theirs.to_string(), other.name));
    for (const Ipv4InterfaceAddress& own : interface.addresses) {
        if (own == address) return;
        if (own.address == address.address)
            return remark(file, at,
                          fmt::format("{} of the gateway's {} is not taken over: it has {} already", address.to_string(),
                                      interface.name, own.to_string()));
    }
    interface.addresses.push_back(address);
}

void LabDraft::take_host_address(const std::string& file, Position at, const Ipv4InterfaceAddress& address, DraftLink& link) {
    if (const auto wrong = wrong_as_address(address); !wrong.empty()) return remark(file, at, wrong);
    link.address = address;
}

void LabDraft::add_gateway_test(const DraftLink& link, Ipv4Address gateway_address) {
    tests.push_back({.name = fmt::format("{}-{}", link.host, link.interface),
                     .description = fmt::format("{} reaches the gateway by {}", link.host, link.interface),
                     .node = link.host,
                     .command = "ping -c 1 -W 1 " + gateway_address.to_string(),
                     .waits = true});
}

void LabDraft::remark_image(const std::string& file, Position at, const std::string& host) {
    remark(file, at,
           fmt::format(
               "the host {} has the programs of this machine, and those of its image only with `hairpin lab up --runtime docker`",
               host));
}

void LabDraft::take_command(const std::string& file, const PlacedText& command, DraftHost& host) {
    if (is_of_own_network(command.text))
        host.commands.push_back(command.text);
    else
        remark(
            file, command.at,
            fmt::format("`{}` is not taken over: a host has this machine's files and services; write what is meant to run there "
                        "as `exec` of {}",
                        command.text.substr(0, command.text.find('\n')), host.name));
}

void LabDraft::remark(const std::string& file, Position at, const std::string& text) {
    remarks_.push_back(fmt::format("{}:{}:{}: {}", file, at.line, at.column, text));
}

ImportedLab LabDraft::finish() && {
    ImportedLab lab{.name = name, .files = {}, .remarks = std::move(remarks_)};
    lab.files.emplace(name + ".clab.yml", topology());
    lab.files.emplace(fmt::format("configs/{}.json", gateway.name), config());
    if (!tests.empty()) lab.files.emplace(name + ".tests.yml", tests_file());
    return lab;
}

std::string LabDraft::topology() const {
    std::string text;
    for (const std::string& line : heading) text += fmt::format("# {}\n", line);
    text += fmt::format(
        "name: {}\n\ntopology:\n  nodes:\n    {}:\n      kind: linux\n      labels: {{hairpin.role: gateway}}\n      "
        "binds: [\"configs/{}.json:/etc/hairpin/startup.json:ro\"]\n",
        yaml_name(name), yaml_name(gateway.name), gateway.name);
    for (const std::string& segment : segments) text += fmt::format("    {}: {{kind: bridge}}\n", yaml_name(segment));
    for (const DraftHost& host : hosts) text += host_text(host);
    text += links.empty() && gateway.interfaces.empty() ? "\n  links: []\n" : "\n  links:\n";
    // The names of ports are unique in the whole switch, and short.
    unsigned port = 0;
    for (const DraftInterface& interface : gateway.interfaces)
        text += fmt::format("    - {{endpoints: [\"{}:{}\", \"{}:gw{}\"]}}\n", gateway.name, interface.name, interface.segment,
                            ++port);
    port = 0;
    for (const DraftLink& link : links) {
        text += fmt::format("    - {{endpoints: [\"{}:{}\", \"{}:p{}\"]", link.host, link.interface, link.segment, ++port);
        if (link.address) text += fmt::format(", ipv4: [\"{}\"]", link.address->to_string());
        if (const std::vector<std::string> vars = vars_of(link); !vars.empty())
            text += fmt::format(", vars: {{{}}}", fmt::join(vars, ", "));
        text += "}\n";
    }
    return text;
}

std::string LabDraft::config() const {
    OrderedJson interfaces = OrderedJson::array(), routes = OrderedJson::array();
    for (const DraftInterface& interface : gateway.interfaces) interfaces.push_back(interface_json(interface));
    for (const DraftRoute& route : gateway.routes) routes.push_back({{"prefix", route.prefix}, {"next-hop", route.next_hop}});
    OrderedJson json = {
        {"interface", std::move(interfaces)},
        {"route", std::move(routes)},
        {"firewall", {{"default-action", gateway.default_action}, {"rule", firewall_json(gateway.firewall_rules)}}},
        {"nat", {{"rule", nat_json(gateway.nat_rules)}}}};
    return OrderedJson{{"hairpin:gateway", std::move(json)}}.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string LabDraft::tests_file() const {
    std::string text = "tests:\n";
    for (const DraftTest& test : tests) {
        text += fmt::format("  {}:\n    description: {}\n    nodes: [{}]\n    exec: {}\n", yaml_name(test.name), test.description,
                            yaml_name(test.node), quoted(test.command));
        if (test.waits) text += "    wait: 5\n";
    }
    return text;
}

}  // namespace hairpin::lab

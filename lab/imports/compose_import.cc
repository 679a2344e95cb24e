#include "lab/imports/compose_import.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>

#include "lab/complaints.h"
#include "lab/imports/word_list.h"
#include "lab/topology.h"
#include "lab/variables.h"
#include "lab/yaml_tree.h"
#include "net/ipv4_address.h"
#include "net/numbers.h"

namespace hairpin::lab {
namespace {

// Keys of a service that are taken over, or say nothing about a network, so that nobody misses them.
constexpr auto kSilentServiceKeys = std::to_array<std::string_view>(
    {"networks", "ports", "environment", "network_mode", "container_name", "expose", "labels", "healthcheck"});

// Why other keys are not taken over; of those that are not here there is nothing to say.
struct UntakenKey {
    std::string_view key, why;
};
constexpr auto kUntakenKeys = std::to_array<UntakenKey>({
    {"depends_on", ": hosts come up in the order of the file, each when the `exec` of the one before has ended"},
    {"restart", ": what `exec` starts is not started again when it ends"},
});

struct ComposeNetwork {
    std::string segment;
    Ipv4Prefix subnet;
    Ipv4Address gateway;
    bool internal = false;   // nothing leads out of it, and nothing in
    std::uint32_t next = 2;  // the host number that is tried next for a service without an address
};

struct ComposePort {
    std::string published, target, protocol;
};

struct ComposeService {
    std::string host;
    std::vector<std::pair<std::string, Ipv4Address>> networks;  // by the network's name in the file
    std::vector<ComposePort> ports;
    std::vector<std::pair<std::string, std::string>> environment;
};

struct PortNumbers {
    std::uint64_t first, last;
    // "80" or "8000-8009".
    static std::optional<PortNumbers> parse(const std::string& text) {
        constexpr unsigned kHighest = 65535;
        const std::size_t dash = text.find('-');
        const auto first = parse_number(text.substr(0, dash), kHighest);
        const auto last = dash == std::string::npos ? first : parse_number(text.substr(dash + 1), kHighest);
        if (!first || !last || *first == 0 || *first > *last) return std::nullopt;
        return PortNumbers{.first = *first, .last = *last};
    }
    std::uint64_t count() const { return last - first + 1; }
    std::string to_string() const { return count() == 1 ? std::to_string(first) : fmt::format("{}-{}", first, last); }
};

// Writes the numbers as we do, where a NAT rule can translate them: to one port, or to as many as there are.
bool can_be_published(ComposePort& port) {
    constexpr auto kProtocols = std::to_array<std::string_view>({"tcp", "udp", "sctp"});
    const auto published = PortNumbers::parse(port.published), target = PortNumbers::parse(port.target);
    if (!published || !target || !is_word_of(port.protocol, kProtocols)) return false;
    if (target->count() != 1 && target->count() != published->count()) return false;
    port.published = published->to_string();
    port.target = target->to_string();
    return true;
}

std::string_view why_untaken(const std::string& key) {
    const auto row =
        std::find_if(kUntakenKeys.begin(), kUntakenKeys.end(), [&](const UntakenKey& each) { return each.key == key; });
    return row == kUntakenKeys.end() ? "" : row->why;
}

class ComposeReader {
public:
    ComposeReader(const std::string& file, Complaints& complaints) : file_(file), complaints_(complaints) {}

    ImportedLab read(const YamlNode& root, const std::string& name) {
        read_networks(root);
        read_services(root);
        draft_.name = name;
        draft_.heading = {fmt::format("Imported from {}.", std::filesystem::path{file_}.filename().string())};
        draft_networks();
        for (const ComposeService& service : services_) draft_service(service);
        draft_.add_internet("internet", "outside", "uplink");
        return std::move(draft_).finish();
    }

    static std::string name_in(const YamlNode& root, const std::string& file) {
        if (const YamlNode* name = root.find("name"); name != nullptr && name->is_scalar()) return name->text;
        return std::filesystem::absolute(file).parent_path().filename();
    }

private:
    void remark(Position at, const std::string& text) { draft_.remark(file_, at, text); }

    void read_networks(const YamlNode& root) {
        if (const YamlNode* networks = root.find("networks"))
            for (const YamlEntry& entry : read_entries(*networks, "networks", complaints_))
                add_network(entry.key, entry.at, &entry.value);
    }

    void add_network(const std::string& name, Position at, const YamlNode* settings) {
        ComposeNetwork network{.segment = names_.give(name), .subnet = {}, .gateway = {}};
        const YamlNode* ipam = settings == nullptr ? nullptr : settings->find("ipam");
        const YamlNode* list = ipam == nullptr ? nullptr : ipam->find("config");
        const YamlNode* first = list == nullptr || list->items.empty() ? nullptr : &list->items.front();
        const YamlNode* subnet = first == nullptr ? nullptr : first->find("subnet");
        const std::string text = subnet != nullptr ? subnet->text : free_pool().to_string();
        const auto prefix = Ipv4Prefix::parse(text);
        if (!prefix) {
            complaints_.error(subnet == nullptr ? at : subnet->at, fmt::format("\"{}\" is no IPv4 network", text));
            return;
        }
        if (const auto in_the_way = overlapping(*prefix); !in_the_way.empty())
            complaints_.error(subnet == nullptr ? at : subnet->at,
                              fmt::format("the network {} of `{}` overlaps with {}", text, name, in_the_way));
        if (subnet == nullptr) remark(at, fmt::format("network `{}` has no subnet; it gets {}", name, text));
        network.subnet = *prefix;
        network.gateway = Ipv4Address{prefix->network().number() + 1};
        if (const YamlNode* gateway = first == nullptr ? nullptr : first->find("gateway")) {
            if (const auto address = Ipv4Address::parse(gateway->text))
                network.gateway = *address;
            else
                complaints_.error(gateway->at, fmt::format("\"{}\" is no IPv4 address", gateway->text));
        }
        if (!prefix->contains(network.gateway) || prefix->reserves(network.gateway) || network.gateway.is_no_hosts())
            complaints_.error(first == nullptr ? at : first->at,
                              fmt::format("{} cannot be the gateway of the network {}", network.gateway.to_string(), text));
        taken_.insert(network.gateway);
        if (settings != nullptr) {
            for (const YamlEntry& entry : settings->entries) {
                if (entry.key == "internal")
                    network.internal = entry.value.text == "true" || entry.value.text == "yes";
                else if (entry.key != "ipam" && entry.key != "name")
                    remark(entry.at, fmt::format("`{}` of a network is not taken over", entry.key));
            }
        }
        networks_.emplace(name, network);
    }

    // What a network cannot be beside; "" where there is nothing of the kind.
    std::string overlapping(const Ipv4Prefix& subnet) const {
        const auto outside = with_length(kImportedUplinkAddress, kImportedUplinkLength);
        if (subnet.overlaps(outside->subnet))
            return fmt::format("{}, which is what is outside of the gateway here", outside->subnet.to_string());
        for (const auto& [name, other] : networks_)
            if (subnet.overlaps(other.subnet)) return fmt::format("{} of `{}`", other.subnet.to_string(), name);
        return {};
    }

    // As Docker chooses.
    Ipv4Prefix free_pool() {
        for (;; ++next_pool_)
            if (const Ipv4Prefix pool{Ipv4Address{172, next_pool_, 0, 0}, 16}; next_pool_ == 255 || overlapping(pool).empty())
                return pool;
    }

    void read_services(const YamlNode& root) {
        const YamlNode* services = root.find("services");
        if (services == nullptr) {
            complaints_.error(root.at, "a compose file has `services`");
            return;
        }
        // Addresses that stand in the file first, so that none is given away before.
        for (const YamlEntry& entry : read_entries(*services, "services", complaints_)) note_fixed_addresses(entry.value);
        for (const YamlEntry& entry : services->entries) read_service(entry);
        remark_on_names(root);
    }

    // Docker answers for the names of services.
    void remark_on_names(const YamlNode& root) {
        std::vector<std::string> addresses;
        for (const ComposeService& service : services_)
            for (const auto& [network, address] : service.networks)
                addresses.push_back(fmt::format("{} {}", service.host, address.to_string()));
        const auto at = std::find_if(root.entries.begin(), root.entries.end(),
                                     [](const YamlEntry& entry) { return entry.key == "services"; });
        if (services_.size() > 1)
            remark(at->at,
                   fmt::format("names of services do not resolve in the lab; write addresses ({})", fmt::join(addresses, ", ")));
    }

    // Where a service is reached from outside, and gets out: its first network that is not internal.
    const std::pair<std::string, Ipv4Address>* way_out(const ComposeService& service) const {
        for (const auto& place : service.networks)
            if (!networks_.at(place.first).internal) return &place;
        return nullptr;
    }

    void note_fixed_addresses(const YamlNode& service) {
        if (const YamlNode* networks = service.find("networks"))
            for (const YamlEntry& entry : networks->entries)
                if (const YamlNode* fixed = entry.value.find("ipv4_address"))
                    if (const auto address = Ipv4Address::parse(fixed->text)) taken_.insert(*address);
    }

    void read_service(const YamlEntry& entry) {
        if (const YamlNode* mode = entry.value.find("network_mode")) {
            remark(mode->at, fmt::format("service `{}` is not taken over: network_mode {} gives it no network of its own",
                                         entry.key, mode->text));
            return;
        }
        ComposeService service{.host = names_.give(entry.key), .networks = {}, .ports = {}, .environment = {}};
        if (service.host != entry.key)
            remark(entry.at, fmt::format("service `{}` is the host {}, whose name has letters, digits, - and _ here", entry.key,
                                         service.host));
        read_service_networks(entry, service);
        read_ports(entry.value, service);
        read_environment(entry.value, service);
        for (const YamlEntry& key : entry.value.entries) {
            if (is_word_of(key.key, kSilentServiceKeys) || key.key.starts_with("x-")) continue;
            if (key.key == "image" || key.key == "build")
                remark(key.at,
                       fmt::format(
                           "`{}`: the host {} has the programs of this machine, and not an image's; write what it runs as `exec`",
                           key.key, service.host));
            else if (key.key == "command" || key.key == "entrypoint")
                remark(key.at,
                       fmt::format("`{}` of {} is not taken over; write it as `exec`, so that it goes into the background",
                                   key.key, service.host));
            else
                remark(key.at, fmt::format("`{}` of {} is not taken over{}", key.key, service.host, why_untaken(key.key)));
        }
        services_.push_back(std::move(service));
    }

    void read_service_networks(const YamlEntry& entry, ComposeService& service) {
        const YamlNode* networks = entry.value.find("networks");
        std::vector<std::pair<std::string, const YamlNode*>> wanted;
        if (networks != nullptr && networks->is_list()) {
            for (const YamlNode& item : networks->items) wanted.emplace_back(item.text, &item);
        } else if (networks != nullptr) {
            for (const YamlEntry& each : networks->entries) wanted.emplace_back(each.key, &each.value);
        }
        if (wanted.empty()) wanted.emplace_back("default", &entry.value);
        for (const auto& [name, settings] : wanted) {
            if (name == "default" && !networks_.contains(name)) add_network(name, settings->at, nullptr);
            const auto network = networks_.find(name);
            if (network == networks_.end()) {
                complaints_.error(settings->at, fmt::format("service `{}`: there is no network `{}`", entry.key, name));
                continue;
            }
            const YamlNode* fixed = settings->find("ipv4_address");
            const auto address = fixed != nullptr ? Ipv4Address::parse(fixed->text) : next_address(network->second);
            const Ipv4Prefix& subnet = network->second.subnet;
            if (!address || !subnet.contains(*address) || subnet.reserves(*address))
                complaints_.error(fixed != nullptr ? fixed->at : settings->at,
                                  fmt::format("service `{}` has no address in {}", entry.key, subnet.to_string()));
            else
                service.networks.emplace_back(name, *address);
        }
    }

    std::optional<Ipv4Address> next_address(ComposeNetwork& network) {
        for (;;) {
            const Ipv4Address address{network.subnet.network().number() + network.next++};
            if (!network.subnet.contains(address) || network.subnet.reserves(address)) return std::nullopt;
            if (taken_.insert(address).second) return address;
        }
    }

    // "8080:80", "127.0.0.1:8080:80/udp", or a map.
    void read_ports(const YamlNode& from, ComposeService& service) {
        const YamlNode* ports = from.find("ports");
        if (ports == nullptr) return;
        for (const YamlNode& item : ports->items) {
            ComposePort port{.published = "", .target = "", .protocol = "tcp"};
            if (item.is_map()) {
                if (const YamlNode* published = item.find("published")) port.published = published->text;
                if (const YamlNode* target = item.find("target")) port.target = target->text;
                if (const YamlNode* protocol = item.find("protocol")) port.protocol = protocol->text;
            } else {
                std::string text = item.text;
                if (const std::size_t slash = text.find('/'); slash != std::string::npos) {
                    port.protocol = text.substr(slash + 1);
                    text.resize(slash);
                }
                const std::size_t last = text.rfind(':');
                port.target = last == std::string::npos ? text : text.substr(last + 1);
                if (last != std::string::npos) {
                    const std::size_t before = last == 0 ? std::string::npos : text.rfind(':', last - 1);
                    port.published = text.substr(before == std::string::npos ? 0 : before + 1,
                                                 last - (before == std::string::npos ? 0 : before + 1));
                }
            }
            if (port.published.empty() || port.target.empty())
                remark(item.at,
                       fmt::format("`{}` of {} is not taken over: no port is published for it", item.text, service.host));
            else if (!can_be_published(port))
                remark(item.at, fmt::format("port {} of {} is not published: {}/{} is no port, or range of ports, that {} can be "
                                            "translated to",
                                            port.published, service.host, port.target, port.protocol, port.published));
            else if (way_out(service) == nullptr)
                remark(item.at,
                       fmt::format("port {} of {} is not published: its networks are internal", port.published, service.host));
            else
                service.ports.push_back(port);
        }
    }

    void read_environment(const YamlNode& from, ComposeService& service) {
        const YamlNode* environment = from.find("environment");
        if (environment == nullptr) return;
        const auto add = [&](const std::string& name, const std::string& value) {
            service.environment.emplace_back(name, value);
        };
        for (const YamlEntry& entry : environment->entries) add(entry.key, entry.value.text);
        for (const YamlNode& item : environment->items) {
            const std::size_t equals = item.text.find('=');
            if (equals != std::string::npos) add(item.text.substr(0, equals), item.text.substr(equals + 1));
        }
    }

    static std::string interface_of(const ComposeNetwork& network) { return network.segment.substr(0, kInterfaceNameLimit); }

    // The interfaces of networks that are not internal, by one word where none is.
    std::vector<std::string> open_interfaces() const {
        std::vector<std::string> open;
        bool all = true;
        for (const auto& [name, network] : networks_) {
            all = all && !network.internal;
            if (!network.internal) open.push_back(interface_of(network));
        }
        return all ? std::vector<std::string>{"internal"} : open;
    }

    void draft_networks() {
        if (const std::vector<std::string> open = open_interfaces(); !open.empty())
            draft_.gateway.firewall_rules.push_back(
                {.name = "From inside to outside", .source_interfaces = open, .destination_interfaces = {"external"}});
        for (const auto& [name, network] : networks_) {
            draft_.segments.push_back(network.segment);
            draft_.gateway.interfaces.push_back({.name = interface_of(network),
                                                 .segment = network.segment,
                                                 .addresses = {{.address = network.gateway, .subnet = network.subnet}}});
            if (!network.internal)
                draft_.translate("network " + network.segment, "uplink", kImportedUplinkAddress, network.subnet);
        }
    }

    void draft_service(const ComposeService& service) {
        draft_.hosts.push_back({.name = service.host, .environment = service.environment});
        const auto* out = way_out(service);
        unsigned interface = 0;
        for (const auto& [name, address] : service.networks) {
            const ComposeNetwork& network = networks_.at(name);
            DraftLink link{.host = service.host,
                           .interface = fmt::format("eth{}", interface++),
                           .segment = network.segment,
                           .address = Ipv4InterfaceAddress{.address = address, .subnet = network.subnet}};
            if (out != nullptr && out->first == name) link.gateway = network.gateway;
            draft_.links.push_back(std::move(link));
        }
        if (out != nullptr)
            for (const ComposePort& port : service.ports) publish(service.host, out->second, port);
        draft_test(service);
    }

    void publish(const std::string& host, Ipv4Address address, const ComposePort& port) {
        draft_.gateway.nat_rules.push_back({.description = "published by " + host,
                                            .action = "dnat",
                                            .applied_on = "uplink",
                                            .original_address = kImportedUplinkAddress,
                                            .original_port = port.published,
                                            .translated_address = address.to_string(),
                                            .translated_port = port.target,
                                            .protocol = port.protocol});
        draft_.gateway.firewall_rules.push_back({.name = "Published by " + host,
                                                 .destination_address = kImportedUplinkAddress,
                                                 .protocol = port.protocol,
                                                 .port = port.published});
    }

    // What every container can, or on internal networks must not: reach what is outside.
    void draft_test(const ComposeService& service) {
        const std::string ping = fmt::format("ping -c 1 -W 1 {}", kImportedUplinkNeighbor);
        if (way_out(service) == nullptr)
            draft_.tests.push_back({.name = service.host + "-inside",
                                    .description = service.host + " does not reach the outside",
                                    .node = service.host,
                                    .command = "! " + ping});
        else
            draft_.tests.push_back({.name = service.host + "-outside",
                                    .description = service.host + " reaches the outside",
                                    .node = service.host,
                                    .command = ping,
                                    .waits = true});
    }

    std::string file_;
    Complaints& complaints_;
    std::map<std::string, ComposeNetwork> networks_;
    std::vector<ComposeService> services_;
    std::set<Ipv4Address> taken_;
    NodeNames names_{{"edge", "outside", "internet"}};
    std::uint8_t next_pool_ = 18;
    LabDraft draft_ = {};
};

}  // namespace

Result<ImportedLab> lab_from_compose(const std::string& text, const std::string& file, const std::string& name) {
    Complaints complaints{file};
    YamlNode root = parse_yaml(text, complaints);
    if (complaints.first_error()) return tl::unexpected(*complaints.first_error());
    expand_variables(root, process_environment(), complaints);
    const auto given = imported_name(name, ComposeReader::name_in(root, file));
    if (!given) return tl::unexpected(given.error());
    ImportedLab lab = ComposeReader{file, complaints}.read(root, *given);
    if (complaints.first_error()) return tl::unexpected(*complaints.first_error());
    return lab;
}

}  // namespace hairpin::lab

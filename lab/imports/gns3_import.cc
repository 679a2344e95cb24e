#include "lab/imports/gns3_import.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "lab/impairment_keys.h"
#include "lab/imports/gns3_addresses.h"
#include "lab/imports/gns3_project.h"
#include "lab/imports/gns3_segments.h"
#include "lab/imports/word_list.h"
#include "lab/topology.h"
#include "net/numbers.h"

namespace hairpin::lab {
namespace {

// What can be the gateway of itself, and what is a host where it is not.
constexpr auto kRouterTypes = std::to_array<std::string_view>({"qemu", "dynamips", "iou", "docker", "virtualbox", "vmware"});
constexpr auto kHostTypes = std::to_array<std::string_view>({"vpcs", "docker", "traceng"});

// What GNS3 gives to those behind its NAT node.
constexpr const char* kNatAddress = "192.168.122.1/24";

// A filter's values in their order, and what they are called here.
struct FilterRow {
    std::string_view filter, key, unit;
    std::size_t value;
};
constexpr auto kFilters = std::to_array<FilterRow>({
    {"packet_loss", "loss", "%", 0},
    {"delay", "delay", "ms", 0},
    {"delay", "jitter", "ms", 1},
    {"corrupt", "corrupt", "%", 0},
    {"frequency_drop", "loss-every", "", 0},
});

// A name with a / is that of no folder in the project's.
bool is_plain_name(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; });
}

Result<std::size_t> gateway_in(const Gns3Project& project, const std::string& wanted) {
    std::vector<unsigned> cables(project.nodes.size(), 0);
    for (const Gns3Link& link : project.links)
        for (const Gns3End& end : {link.first, link.second}) ++cables[end.node];
    std::vector<std::string> all, routers, internets;
    for (std::size_t i = 0; i < project.nodes.size(); ++i) {
        const Gns3Node& node = project.nodes[i];
        if (is_gns3_switch(node.type)) continue;
        all.push_back(node.name);
        if (is_word_of(node.type, kRouterTypes) && cables[i] > 1) routers.push_back(node.name);
        if (node.type == "nat") internets.push_back(node.name);
    }
    const auto chosen = choose_gateway(wanted, all, routers.empty() ? internets : routers, "a router with several links");
    if (!chosen) return tl::unexpected(chosen.error());
    const auto node = std::find_if(project.nodes.begin(), project.nodes.end(),
                                   [&](const Gns3Node& each) { return each.name == *chosen && !is_gns3_switch(each.type); });
    return static_cast<std::size_t>(node - project.nodes.begin());
}

class Gns3Reader {
public:
    Gns3Reader(const Gns3Project& project, const std::string& file, const Gns3Files& files, std::size_t gateway,
               Complaints& complaints)
        : project_(project), file_(file), files_(files), gateway_(gateway), complaints_(complaints) {}

    ImportedLab read(const std::string& name) {
        draft_.name = name;
        draft_.heading = {fmt::format("Imported from {}.", std::filesystem::path{file_}.filename().string())};
        if (project_.drawings)
            remark(project_.drawings->at, fmt::format("the drawings ({}) are not taken over", project_.drawings->text));
        read_addresses();
        name_nodes();
        segments_ = find_segments(project_, gateway_, file_, names_, draft_);
        draft_.segments = segments_.names;
        for (std::size_t node = 0; node < project_.nodes.size(); ++node) draft_node(node);
        for (const Gns3Attachment& each : segments_.attachments) draft_link(each);
        draft_gateway();
        draft_tests();
        return std::move(draft_).finish();
    }

private:
    void remark(Position at, const std::string& text) { draft_.remark(file_, at, text); }
    // Where the node's addresses stand.
    std::string addresses_file_of(const Gns3Node& node) const {
        return (std::filesystem::path{file_}.parent_path() / gns3_addresses_file(node.type, node.id)).string();
    }

    // -- nodes

    void read_addresses() {
        addresses_.resize(project_.nodes.size());
        for (std::size_t i = 0; i < project_.nodes.size(); ++i) {
            const Gns3Node& node = project_.nodes[i];
            const std::string name = gns3_addresses_file(node.type, node.id);
            const auto text = files_.find(name);
            if (name.empty() || text == files_.end()) continue;
            addresses_[i] = node.type == "vpcs" ? read_vpcs_script(text->second) : read_interfaces_file(text->second);
            for (const PlacedText& line : addresses_[i].untaken)
                draft_.remark(addresses_file_of(node), line.at, fmt::format("`{}` is not taken over", line.text));
        }
    }

    // Hosts before segments. VPCS's own name is what its prompt shows.
    void name_nodes() {
        names_.give("internet");
        nodes_.resize(project_.nodes.size());
        for (std::size_t i = 0; i < project_.nodes.size(); ++i) {
            const Gns3Node& node = project_.nodes[i];
            if (is_gns3_switch(node.type)) continue;
            nodes_[i] = names_.give(addresses_[i].name.empty() ? node.name : addresses_[i].name);
            if (nodes_[i] != node.name) remark(node.at, fmt::format("\"{}\" is called {} here", node.name, nodes_[i]));
        }
    }

    bool is_internet(std::size_t node) const { return node != gateway_ && is_gns3_internet(project_.nodes[node].type); }

    void draft_node(std::size_t number) {
        const Gns3Node& node = project_.nodes[number];
        for (const PlacedText& untaken : node.untaken)
            remark(untaken.at, fmt::format("`{}` of {} is not taken over", untaken.text, node.name));
        if (is_gns3_switch(node.type)) return;
        if (number == gateway_) {
            draft_.gateway.name = nodes_[number];
            for (const PlacedText& command : addresses_[number].commands)
                remark_on_line(node, command, "the gateway runs no commands");
            return remark(
                node.at,
                fmt::format("what {} is configured to do is not read: the gateway lets hosts out, translates towards the "
                            "Internet, and has the addresses that hosts have for their default route",
                            node.name));
        }
        if (is_internet(number)) return draft_internet(node);
        if (!is_word_of(node.type, kHostTypes))
            remark(node.at,
                   fmt::format("{} of the type {} is a host without its disk and its configuration", node.name, node.type));
        DraftHost host{.name = nodes_[number], .image = node.image};
        if (!node.image.empty()) draft_.remark_image(file_, node.at, host.name);
        if (!node.start_command.empty())
            remark(
                node.at,
                fmt::format("the start command of {} is not taken over; write it as `exec`, so that it goes into the background",
                            node.name));
        for (const std::string& variable : node.environment) add_variable(node, variable, host);
        for (const PlacedText& command : addresses_[number].commands) draft_.take_command(addresses_file_of(node), command, host);
        draft_.hosts.push_back(std::move(host));
    }

    void draft_internet(const Gns3Node& node) {
        if (internet_ != nullptr) {
            remark(node.at, fmt::format("{} is a second way to the Internet, and not taken over", node.name));
            return;
        }
        internet_ = &node;
    }

    void remark_on_line(const Gns3Node& node, const PlacedText& line, const std::string& why) {
        draft_.remark(addresses_file_of(node), line.at, fmt::format("`{}` is not taken over: {}", line.text, why));
    }

    void add_variable(const Gns3Node& node, const std::string& variable, DraftHost& host) {
        const std::size_t equals = variable.find('=');
        if (equals == std::string::npos || equals == 0 || variable.find("${") != std::string::npos)
            return remark(node.at, fmt::format("the variable `{}` of {} is not taken over", variable, node.name));
        host.environment.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
    }

    // -- links

    void draft_link(const Gns3Attachment& from) {
        const Gns3Node& node = project_.nodes[from.node];
        if (from.port.type != "access" && from.port.type != "dot1q")
            remark(from.link->at,
                   fmt::format("a port of the type {} is taken for one that is in VLAN {}", from.port.type, from.port.vlan));
        if (from.node == gateway_ || (is_internet(from.node) && &node == internet_)) return draft_cable_of_none(from);
        if (is_internet(from.node)) return;
        DraftLink link{.host = nodes_[from.node], .interface = from.interface, .segment = from.segment};
        if (const auto own = addresses_[from.node].by_interface.find(from.interface);
            own != addresses_[from.node].by_interface.end()) {
            draft_.take_host_address(addresses_file_of(node), own->second.at, own->second.address, link);
            if (link.address) add_default_route(own->second, node, link);
        } else {
            remark(node.at,
                   fmt::format("no address of {}:{} is found; write it as `ipv4` of its link", link.host, link.interface));
        }
        add_vlans(from, link);
        if (from.has_cable) add_impairment(*from.link, link);
        if (from.has_cable && from.link->suspended) link.vars.emplace_back("state: down");
        draft_.links.push_back(std::move(link));
    }

    void add_default_route(const Gns3Address& from, const Gns3Node& node, DraftLink& link) {
        if (!from.gateway) return;
        if (from.address.subnet.contains(*from.gateway))
            link.gateway = from.gateway;
        else
            remark(node.at, fmt::format("the gateway {} of {} is not in its network, and not taken over",
                                        from.gateway->to_string(), node.name));
    }

    // The gateway's links and the Internet's are perfect.
    void draft_cable_of_none(const Gns3Attachment& from) {
        if (!from.has_cable) return;
        for (const Gns3Filter& filter : from.link->filters)
            remark(filter.at, fmt::format("the filter {} is not taken over: the links of {} have no faults", filter.type,
                                          project_.nodes[from.node].name));
        if (from.link->suspended) remark(from.link->at, "a suspended link is taken for one that works");
    }

    void add_vlans(const Gns3Attachment& from, DraftLink& link) {
        const auto vlans = segments_.vlans.find(from.segment);
        if (vlans == segments_.vlans.end()) return;
        std::vector<unsigned> tagged;
        for (const unsigned vlan : vlans->second)
            if (vlan != from.port.vlan) tagged.push_back(vlan);
        if (from.port.type != "dot1q" || tagged.empty())
            link.vars.push_back(fmt::format("vlan: {}", from.port.vlan));
        else
            link.vars.push_back(fmt::format("trunk: [{}], native: {}", fmt::join(tagged, ", "), from.port.vlan));
    }

    void add_impairment(const Gns3Link& from, DraftLink& link) {
        std::vector<std::string> impair;
        for (const Gns3Filter& filter : from.filters) {
            bool known = false;
            for (const FilterRow& row : kFilters) {
                if (row.filter != filter.type) continue;
                known = true;
                if (const std::string value = value_of(filter, row); !value.empty()) impair.push_back(value);
            }
            if (!known) remark(filter.at, fmt::format("the filter {} has no counterpart, and is not taken over", filter.type));
        }
        if (!impair.empty()) link.vars.push_back(fmt::format("impair: {{{}}}", fmt::join(impair, ", ")));
    }

    // 0 is none; -1 of frequency_drop is every packet.
    std::string value_of(const Gns3Filter& filter, const FilterRow& row) {
        if (filter.values.size() <= row.value || filter.values[row.value] == "0") return {};
        const std::string value = filter.values[row.value];
        if (filter.type == "frequency_drop" && value == "-1") return "loss: 100%";
        const std::string text = value + std::string{row.unit};
        if (const auto wrong = wrong_value(*find_impairment_key(row.key), text)) {
            complaints_.error(filter.at, fmt::format("{}: {}", filter.type, *wrong));
            return {};
        }
        return fmt::format("{}: {}", row.key, text);
    }

    // -- the gateway

    void draft_gateway() {
        std::vector<const Gns3Attachment*> own;
        const Gns3Attachment* outside = nullptr;
        for (const Gns3Attachment& each : segments_.attachments) {
            if (each.node == gateway_) own.push_back(&each);
            if (&project_.nodes[each.node] == internet_ && outside == nullptr) outside = &each;
        }
        const bool is_nat = is_gns3_internet(project_.nodes[gateway_].type);
        const auto beside = std::find_if(own.begin(), own.end(), [&](const Gns3Attachment* each) {
            return outside != nullptr && each->segment == outside->segment;
        });
        std::string uplink;
        if (beside != own.end()) {
            uplink = (*beside)->interface;
            draft_.add_internet("internet", outside->segment, uplink);
        } else if (is_nat) {
            uplink = "uplink";
            draft_.add_internet("internet", names_.give("outside"), uplink);
        }
        if (internet_ != nullptr && beside == own.end())
            remark(internet_->at, fmt::format("{} is not beside the gateway, and not taken over", internet_->name));
        for (const Gns3Attachment* each : own)
            if (beside == own.end() || each != *beside) draft_internal(*each, is_nat);
        if (uplink.empty()) {
            draft_.gateway.default_action = "accept";
            return;
        }
        draft_.gateway.firewall_rules.push_back({.name = "From inside to everywhere", .source_interfaces = {"internal"}});
        draft_.translate("to the Internet", uplink, kImportedUplinkAddress);
    }

    // One interface, or of a trunk one for each VLAN.
    void draft_internal(const Gns3Attachment& from, bool is_nat) {
        const auto vlans = segments_.vlans.find(from.segment);
        if (vlans == segments_.vlans.end()) return add_interface(from, from.interface, {}, is_nat);
        if (from.port.type != "dot1q") return add_interface(from, from.interface, from.port.vlan, is_nat);
        for (const unsigned vlan : vlans->second) add_interface(from, fmt::format("{}.{}", from.interface, vlan), vlan, is_nat);
    }

    void add_interface(const Gns3Attachment& from, const std::string& name, std::optional<unsigned> vlan, bool is_nat) {
        DraftInterface interface { .name = name, .segment = from.segment, .vlan = vlan };
        const Gns3Node& gateway = project_.nodes[gateway_];
        const auto own = addresses_[gateway_].by_interface.find(name);
        if (own != addresses_[gateway_].by_interface.end())
            draft_.take_gateway_address(addresses_file_of(gateway), own->second.at, own->second.address, interface);
        else
            for (const Ipv4InterfaceAddress& address : default_routes_in(from.segment, vlan))
                draft_.take_gateway_address(file_, gateway.at, address, interface);
        if (interface.addresses.empty() && is_nat)
            draft_.take_gateway_address(file_, gateway.at, *Ipv4InterfaceAddress::parse(kNatAddress), interface);
        if (interface.addresses.empty())
            remark(gateway.at, fmt::format("no host has its default route by {} of the gateway, which has no address there; "
                                           "write it in configs/{}.json",
                                           name, draft_.gateway.name));
        draft_.gateway.interfaces.push_back(std::move(interface));
    }

    // What hosts in this network take for their gateway.
    std::vector<Ipv4InterfaceAddress> default_routes_in(const std::string& segment, std::optional<unsigned> vlan) const {
        std::vector<Ipv4InterfaceAddress> found;
        for (const Gns3Attachment& each : segments_.attachments) {
            const auto& own = addresses_[each.node].by_interface;
            const auto place = own.find(each.interface);
            if (each.segment != segment || (vlan && each.port.vlan != *vlan) || place == own.end() || !place->second.gateway)
                continue;
            const Ipv4InterfaceAddress address{.address = *place->second.gateway, .subnet = place->second.address.subnet};
            const bool is_new = std::none_of(found.begin(), found.end(),
                                             [&](const Ipv4InterfaceAddress& other) { return other.subnet == address.subnet; });
            if (is_new && address.subnet.contains(address.address)) found.push_back(address);
        }
        return found;
    }

    void draft_tests() {
        for (const DraftLink& link : draft_.links) {
            const bool is_perfect = std::none_of(link.vars.begin(), link.vars.end(), [](const std::string& each) {
                return each.starts_with("impair:") || each.starts_with("state:");
            });
            for (const DraftInterface& interface : draft_.gateway.interfaces)
                for (const Ipv4InterfaceAddress& address : interface.addresses)
                    if (is_perfect && interface.segment == link.segment && address.address == link.gateway)
                        draft_.add_gateway_test(link, address.address);
        }
    }

    const Gns3Project& project_;
    const std::string& file_;
    const Gns3Files& files_;
    std::size_t gateway_;
    Complaints& complaints_;
    NodeNames names_;
    std::vector<std::string> nodes_;        // what each of the project's is called here; empty of switches
    std::vector<Gns3Addresses> addresses_;  // of each of the project's nodes
    Gns3Segments segments_;
    const Gns3Node* internet_ = nullptr;
    LabDraft draft_ = {};
};

}  // namespace

std::string gns3_addresses_file(const std::string& node_type, const std::string& node_id) {
    if (!is_plain_name(node_id)) return {};
    if (node_type == "vpcs") return fmt::format("project-files/vpcs/{}/startup.vpc", node_id);
    if (node_type == "docker") return fmt::format("project-files/docker/{}/etc/network/interfaces", node_id);
    return {};
}

Result<ImportedLab> lab_from_gns3(const std::string& text, const std::string& file, const Gns3Files& files,
                                  const ImportOptions& options) {
    Complaints complaints{file};
    const Gns3Project project = read_gns3_project(text, complaints);
    if (complaints.first_error()) return tl::unexpected(*complaints.first_error());
    const auto gateway = gateway_in(project, options.gateway);
    if (!gateway) return failure(fmt::format("{}: {}", file, gateway.error().message));
    const auto name =
        imported_name(options.name, project.name.empty() ? std::filesystem::path{file}.stem().string() : project.name);
    if (!name) return tl::unexpected(name.error());
    ImportedLab lab = Gns3Reader{project, file, files, *gateway, complaints}.read(*name);
    if (complaints.first_error()) return tl::unexpected(*complaints.first_error());
    return lab;
}

}  // namespace hairpin::lab

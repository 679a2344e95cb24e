#include "lab/imports/kathara_import.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "lab/imports/kathara_conf.h"
#include "lab/imports/startup_script.h"
#include "lab/shell_words.h"

namespace hairpin::lab {
namespace {

constexpr const char* kConf = "lab.conf";
constexpr std::string_view kStartup = ".startup";
constexpr const char* kShared = "shared";  // its script is run at every device, before the device's own

std::string interface_name(unsigned number) { return fmt::format("eth{}", number); }

// A device's scripts joined, with the file that each command is of.
struct DeviceScript {
    std::string file;
    StartupScript script;
};

class KatharaReader {
public:
    KatharaReader(const KatharaFiles& files, const std::string& folder, const KatharaConf& conf, std::string gateway)
        : files_(files), folder_(folder), conf_(conf), gateway_(std::move(gateway)) {
        names_.give("internet");
    }

    ImportedLab read(const std::string& name) {
        draft_.name = name;
        draft_.heading = {"Imported from a lab of Kathara."};
        for (const auto& [key, value] : conf_.about) draft_.heading.push_back(fmt::format("{}: {}", key, value));
        name_nodes();
        for (const KatharaDevice& device : conf_.devices) {
            if (device.name == gateway_)
                draft_gateway(device);
            else
                draft_host(device);
        }
        give_up_shared_macs();
        for (const DraftLink& link : draft_.links) draft_test(link);
        remark_on_files();
        return std::move(draft_).finish();
    }

private:
    std::string place_of(const std::string& file) const { return (std::filesystem::path{folder_} / file).string(); }
    void remark(const std::string& file, Position at, const std::string& text) { draft_.remark(place_of(file), at, text); }

    // Devices first: their names are what people type.
    void name_nodes() {
        for (const KatharaDevice& device : conf_.devices) {
            nodes_[device.name] = names_.give(device.name);
            if (nodes_[device.name] != device.name)
                remark(kConf, device.at, fmt::format("the device {} is called {} here", device.name, nodes_[device.name]));
        }
        draft_.gateway.name = nodes_.at(gateway_);
        for (const KatharaDevice& device : conf_.devices)
            for (const auto& [number, interface] : device.interfaces) {
                if (segments_.contains(interface.domain)) continue;
                const std::string& segment = segments_[interface.domain] = names_.give(interface.domain);
                draft_.segments.push_back(segment);
                if (segment != interface.domain)
                    remark(kConf, interface.at,
                           fmt::format("the collision domain {} is called {} here", interface.domain, segment));
            }
    }

    std::vector<DeviceScript> scripts_of(const std::string& device) const {
        std::vector<DeviceScript> scripts;
        for (const std::string& name : {std::string{kShared}, device})
            if (const auto file = files_.find(name + std::string{kStartup}); file != files_.end())
                scripts.push_back({file->first, read_startup_script(file->second)});
        return scripts;
    }

    // -- hosts

    void draft_host(const KatharaDevice& device) {
        DraftHost host{.name = nodes_.at(device.name)};
        std::map<std::string, DraftLink> links;
        for (const auto& [number, interface] : device.interfaces) {
            DraftLink link{.host = host.name, .interface = interface_name(number), .segment = segments_.at(interface.domain)};
            link.mac = interface.mac;
            links.emplace(link.interface, std::move(link));
        }
        // Kathara's devices forward what is not for them.
        if (device.interfaces.size() > 1) host.commands.emplace_back("sysctl -qw net.ipv4.ip_forward=1");
        read_host_options(device, host);
        for (const DeviceScript& each : scripts_of(device.name)) {
            take_addresses(each, links, host);
            take_routes(each.script, links, host);
            for (const PlacedText& command : each.script.rest) draft_.take_command(place_of(each.file), command, host);
        }
        for (const auto& [number, interface] : device.interfaces) draft_.links.push_back(links.at(interface_name(number)));
        draft_.hosts.push_back(std::move(host));
    }

    void read_host_options(const KatharaDevice& device, DraftHost& host) {
        for (const KatharaOption& option : device.options) {
            const std::size_t equals = option.value.find('=');
            if (option.value.find("${") != std::string::npos)
                remark(kConf, option.at,
                       fmt::format("{}[{}] is not taken over: ${{...}} means the environment of this machine here", device.name,
                                   option.key));
            else if (option.key == "image") {
                host.image = option.value;
                draft_.remark_image(place_of(kConf), option.at, host.name);
            } else if (option.key == "env" && equals != std::string::npos && equals != 0)
                host.environment.emplace_back(option.value.substr(0, equals), option.value.substr(equals + 1));
            else if (option.key == "sysctl" && option.value.starts_with("net."))
                host.commands.push_back("sysctl -qw " + shell_quoted(option.value));
            else if (option.key == "exec")
                draft_.take_command(place_of(kConf), {.text = option.value, .at = option.at}, host);
            else
                remark(kConf, option.at, fmt::format("{}[{}] is not taken over", device.name, option.key));
        }
    }

    // The first address of an interface is its link's, others are added by a command.
    void take_addresses(const DeviceScript& from, std::map<std::string, DraftLink>& links, DraftHost& host) {
        const auto& [file, script] = from;
        for (const ScriptMac& mac : script.macs) {
            const auto link = links.find(mac.interface);
            if (link == links.end() || link->second.mac || !mac.mac.is_station())
                host.commands.push_back(
                    fmt::format("ip link set dev {} address {}", shell_quoted(mac.interface), mac.mac.to_string()));
            else
                link->second.mac = mac.mac;
        }
        for (const ScriptAddress& each : script.addresses) {
            const auto link = links.find(each.interface);
            if (link != links.end() && !link->second.address)
                draft_.take_host_address(place_of(file), each.at, each.address, link->second);
            else
                host.commands.push_back(
                    fmt::format("ip address add {} dev {}", each.address.to_string(), shell_quoted(each.interface)));
        }
    }

    static void take_routes(const StartupScript& script, std::map<std::string, DraftLink>& links, DraftHost& host) {
        for (const ScriptRoute& route : script.routes) {
            const bool is_default = route.prefix.length() == 0;
            const bool has_one =
                std::any_of(links.begin(), links.end(), [](const auto& each) { return each.second.gateway.has_value(); });
            const auto link = std::find_if(links.begin(), links.end(), [&](const auto& each) {
                return each.second.address && each.second.address->subnet.contains(route.next_hop);
            });
            if (is_default && !has_one && link != links.end())
                link->second.gateway = route.next_hop;
            else
                host.commands.push_back(
                    fmt::format("ip route add {} via {}", route.prefix.to_string(), route.next_hop.to_string()));
        }
        for (const PlacedText& out : script.masquerades)
            host.commands.push_back(fmt::format("iptables -t nat -A POSTROUTING -o {} -j MASQUERADE", shell_quoted(out.text)));
    }

    // -- the gateway

    void draft_gateway(const KatharaDevice& device) {
        for (const auto& [number, interface] : device.interfaces)
            draft_.gateway.interfaces.push_back(
                {.name = interface_name(number), .segment = segments_.at(interface.domain), .mac = interface.mac});
        // As Kathara's devices do, it lets everything pass.
        draft_.gateway.default_action = "accept";
        for (const KatharaOption& option : device.options)
            remark(kConf, option.at,
                   fmt::format("{}[{}] is not taken over: {} is the gateway, which is a part of hairpind", device.name,
                               option.key, device.name));
        const std::vector<DeviceScript> scripts = scripts_of(device.name);
        for (const DeviceScript& each : scripts) take_gateway_addresses(each);
        for (const DeviceScript& each : scripts) take_gateway_routes(each);
        for (const DraftInterface& interface : draft_.gateway.interfaces)
            if (interface.addresses.empty())
                remark(kConf, device.at,
                       fmt::format("{} of {} has no address; write it in configs/{}.json", interface.name, device.name,
                                   draft_.gateway.name));
    }

    DraftInterface* gateway_interface(const std::string& name) {
        std::vector<DraftInterface>& interfaces = draft_.gateway.interfaces;
        const auto found =
            std::find_if(interfaces.begin(), interfaces.end(), [&](const DraftInterface& each) { return each.name == name; });
        return found == interfaces.end() ? nullptr : &*found;
    }

    void take_gateway_addresses(const DeviceScript& from) {
        const auto interface_of = [&](const std::string& name, Position at) {
            DraftInterface* interface = gateway_interface(name);
            if (interface == nullptr)
                remark(from.file, at, fmt::format("the gateway has no interface {}; this line is not taken over", name));
            return interface;
        };
        for (const ScriptAddress& each : from.script.addresses)
            if (DraftInterface* interface = interface_of(each.interface, each.at))
                draft_.take_gateway_address(place_of(from.file), each.at, each.address, *interface);
        for (const ScriptMac& each : from.script.macs)
            if (DraftInterface* interface = interface_of(each.interface, each.at)) interface->mac = each.mac;
        for (const PlacedText& command : from.script.rest)
            remark(from.file, command.at,
                   fmt::format("`{}` is not taken over: the gateway runs no commands",
                               command.text.substr(0, command.text.find('\n'))));
    }

    // The uplink is where addresses are translated, or else where the default route leads.
    void take_gateway_routes(const DeviceScript& from) {
        for (const PlacedText& out : from.script.masquerades) {
            DraftInterface* interface = gateway_interface(out.text);
            if (interface == nullptr || interface->addresses.empty()) {
                remark(from.file, out.at,
                       fmt::format("{} has no address that others could share; this line is not taken over", out.text));
                continue;
            }
            if (interface->is_uplink) continue;
            interface->is_uplink = true;
            draft_.translate("masquerade", interface->name, interface->addresses.front().address.to_string());
        }
        for (const ScriptRoute& route : from.script.routes) take_gateway_route(from.file, route);
    }

    void take_gateway_route(const std::string& file, const ScriptRoute& route) {
        std::vector<DraftRoute>& routes = draft_.gateway.routes;
        std::vector<DraftInterface>& interfaces = draft_.gateway.interfaces;
        const std::string prefix = route.prefix.to_string();
        const auto leads_to = [&](const DraftInterface& each) {
            return std::any_of(each.addresses.begin(), each.addresses.end(),
                               [&](const Ipv4InterfaceAddress& address) { return address.subnet.contains(route.next_hop); });
        };
        const auto has_next_hop = [&](const DraftInterface& each) {
            return std::any_of(each.addresses.begin(), each.addresses.end(),
                               [&](const Ipv4InterfaceAddress& address) { return address.address == route.next_hop; });
        };
        if (route.next_hop.is_no_hosts() || std::any_of(interfaces.begin(), interfaces.end(), has_next_hop))
            return remark(file, route.at,
                          fmt::format("the next hop {} is the gateway itself, or no host's address; the route is not taken over",
                                      route.next_hop.to_string()));
        const auto out = std::find_if(interfaces.begin(), interfaces.end(), leads_to);
        if (out == interfaces.end())
            return remark(file, route.at,
                          fmt::format("the next hop {} is on no network of the gateway; the route is not taken over",
                                      route.next_hop.to_string()));
        if (std::any_of(routes.begin(), routes.end(), [&](const DraftRoute& each) { return each.prefix == prefix; }))
            return remark(file, route.at, fmt::format("a second route to {} is not taken over", prefix));
        routes.push_back({prefix, route.next_hop.to_string()});
        const bool has_uplink =
            std::any_of(interfaces.begin(), interfaces.end(), [](const DraftInterface& each) { return each.is_uplink; });
        if (route.prefix.length() == 0 && !has_uplink) out->is_uplink = true;
    }

    // A MAC that is nobody's alone is not the gateway's, which has one of its own then.
    void give_up_shared_macs() {
        for (DraftInterface& interface : draft_.gateway.interfaces) {
            const auto has_it = [&](const auto& other) {
                return other.segment == interface.segment && other.mac == interface.mac;
            };
            const bool is_shared = std::any_of(draft_.links.begin(), draft_.links.end(), has_it) ||
                                   std::count_if(draft_.gateway.interfaces.begin(), draft_.gateway.interfaces.end(), has_it) > 1;
            if (!interface.mac || (interface.mac->is_station() && !is_shared)) continue;
            remark(kConf, {},
                   fmt::format(
                       "the MAC {} of the gateway's {} is not taken over: it is no station's, or another's in the same segment",
                       interface.mac->to_string(), interface.name));
            interface.mac.reset();
        }
    }

    // -- what is left

    void draft_test(const DraftLink& link) {
        for (const DraftInterface& interface : draft_.gateway.interfaces)
            for (const Ipv4InterfaceAddress& address : interface.addresses)
                if (interface.segment == link.segment && link.address && link.address->subnet.contains(address.address))
                    return draft_.add_gateway_test(link, address.address);
    }

    void remark_on_files() {
        for (const auto& [name, text] : files_) {
            const bool is_script = name.ends_with(kStartup);
            const std::string device = is_script ? name.substr(0, name.size() - kStartup.size()) : "";
            if (name == kConf || name == kShared + std::string{kStartup} || nodes_.contains(device)) continue;
            if (is_script)
                remark(name, {}, fmt::format("is not taken over: lab.conf has no device {}", device));
            else if (name.ends_with('/'))
                remark(name, {}, "what is in this folder is not copied: a host has the files of this machine");
            else
                remark(name, {}, "is not taken over");
        }
    }

    const KatharaFiles& files_;
    const std::string& folder_;
    const KatharaConf& conf_;
    std::string gateway_;
    NodeNames names_;
    std::map<std::string, std::string> nodes_;     // by the device
    std::map<std::string, std::string> segments_;  // by the collision domain
    LabDraft draft_ = {};
};

Result<std::string> gateway_of(const KatharaConf& conf, const std::string& wanted) {
    std::vector<std::string> all, candidates;
    for (const KatharaDevice& device : conf.devices) {
        all.push_back(device.name);
        if (device.interfaces.size() > 1) candidates.push_back(device.name);
    }
    return choose_gateway(wanted, all, candidates, "attached to several collision domains");
}

}  // namespace

bool is_read_of_kathara(const std::string& name) { return name == kConf || name.ends_with(kStartup); }

Result<ImportedLab> lab_from_kathara(const KatharaFiles& files, const std::string& folder, const ImportOptions& options) {
    const std::string place = (std::filesystem::path{folder} / kConf).string();
    const auto text = files.find(kConf);
    if (text == files.end()) return failure(fmt::format("{}: there is no {}, so this is no lab of Kathara", folder, kConf));
    Complaints complaints{place};
    const KatharaConf conf = read_kathara_conf(text->second, complaints);
    if (complaints.first_error()) return tl::unexpected(*complaints.first_error());
    const auto gateway = gateway_of(conf, options.gateway);
    if (!gateway) return failure(fmt::format("{}: {}", place, gateway.error().message));
    const auto named = conf.about.find("LAB_NAME");
    const auto name = imported_name(options.name, named != conf.about.end()
                                                      ? named->second
                                                      : std::filesystem::absolute(folder).lexically_normal().filename().string());
    if (!name) return tl::unexpected(name.error());
    return KatharaReader{files, folder, conf, *gateway}.read(*name);
}

}  // namespace hairpin::lab

#include "runtime/tunnel_remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "runtime/network_namespace.h"
#include "switch/ports/path_mtu.h"
#include "switch/ports/vxlan_port.h"

namespace hairpin::runtime {

namespace {

// Who on a segment may send the longest IP packets, and how long they are.
struct Longest {
    unsigned mtu = 0;
    std::string who = {};  // "interface \"lan\" has MTU 1500"

    void look_at(std::string_view kind, const std::string& name, unsigned other) {
        if (other <= mtu) return;
        mtu = other;
        who = fmt::format("{} \"{}\" has MTU {}", kind, name, other);
    }
};

Longest longest_on(const std::string& segment, const config::Configuration& configuration) {
    Longest longest;
    for (const gateway::Interface& interface : configuration.ruleset->interfaces)
        if (interface.present() && interface.segment == segment) longest.look_at("interface", interface.name, interface.mtu);
    for (const l2::PortSettings& port : configuration.switching.ports) {
        if (port.segment != segment) continue;
        if (const auto* tap = std::get_if<l2::TapSettings>(&port.device)) longest.look_at("port", port.name, tap->mtu);
    }
    return longest;
}

std::optional<l2::PathMtu> ask_in(const l2::VxlanSettings& vxlan) {
    std::optional<NamespaceVisit> visit;
    if (!vxlan.network_namespace.empty()) {
        const auto target = open_network_namespace(vxlan.network_namespace);
        if (!target) return std::nullopt;
        auto entered = NamespaceVisit::enter(*target, vxlan.network_namespace);
        if (!entered) return std::nullopt;
        visit.emplace(std::move(*entered));
    }
    auto asks = l2::PathMtu::open(vxlan.local);
    return asks ? std::optional{std::move(*asks)} : std::nullopt;
}

// What of the tunnel's remote is in the way; nothing where all is well.
std::optional<std::string> remark_on(const l2::VxlanSettings& vxlan, Ipv4Address remote, std::optional<unsigned> outer,
                                     const std::string& segment, const Longest& longest) {
    if (!outer)
        return fmt::format(
            "there is no way from {} to {} yet: nothing passes until an interface has the address, and a route leads "
            "there",
            vxlan.local.to_string(), remote.to_string());
    const unsigned fits = std::min(vxlan.mtu, *outer - std::min(*outer, l2::VxlanPort::kOverhead));
    if (longest.mtu <= fits) return std::nullopt;
    return fmt::format(
        "{}; the tunnel to {} takes {} (its own MTU is {}, the outer MTU {} less {}), and what is longer is dropped "
        "(tunnel-too-big): set MTU {} on the hosts and interfaces of segment \"{}\"",
        longest.who, remote.to_string(), fits, vxlan.mtu, *outer, l2::VxlanPort::kOverhead, fits, segment);
}

}  // namespace

std::vector<std::string> tunnel_remarks(const config::Configuration& configuration) {
    std::vector<std::string> remarks;
    for (const l2::PortSettings& port : configuration.switching.ports) {
        const auto* vxlan = std::get_if<l2::VxlanSettings>(&port.device);
        if (vxlan == nullptr) continue;
        const std::string path = fmt::format("/hairpin:switch/port[name='{}']/vxlan: ", port.name);
        const auto asks = ask_in(*vxlan);
        if (!asks) continue;
        const Longest longest = longest_on(port.segment, configuration);
        for (const l2::VxlanRemote& remote : vxlan->remotes)
            if (const auto remark = remark_on(*vxlan, remote.address, asks->ask(remote.address), port.segment, longest))
                remarks.push_back(path + *remark);
    }
    return remarks;
}

}  // namespace hairpin::runtime

#include "lab/imports/gns3_segments.h"

#include <fmt/format.h>

#include <numeric>
#include <set>

namespace hairpin::lab {
namespace {

std::string interface_of(const Gns3End& end) {
    return end.port == 0 ? fmt::format("eth{}", end.adapter) : fmt::format("eth{}p{}", end.adapter, end.port);
}

class SegmentFinder {
public:
    SegmentFinder(const Gns3Project& project, std::size_t gateway, const std::string& file, NodeNames& names, LabDraft& draft)
        : project_(project), gateway_(gateway), file_(file), names_(names), draft_(draft), joined_with_(project.nodes.size()) {
        std::iota(joined_with_.begin(), joined_with_.end(), std::size_t{0});
    }

    Gns3Segments find() {
        for (const Gns3Link& link : project_.links)
            if (is_switch(link.first) && is_switch(link.second)) join(link);
        for (std::size_t node = 0; node < project_.nodes.size(); ++node)
            if (is_gns3_switch(project_.nodes[node].type)) (void)segment_of(node);
        for (const Gns3Link& link : project_.links) attach_ends(link);
        collect_vlans();
        return std::move(found_);
    }

private:
    bool is_switch(const Gns3End& end) const { return is_gns3_switch(project_.nodes[end.node].type); }

    std::size_t root_of(std::size_t node) {
        while (joined_with_[node] != node) node = joined_with_[node] = joined_with_[joined_with_[node]];
        return node;
    }

    Gns3SwitchPort port_of(const Gns3End& end) const {
        const auto& ports = project_.nodes[end.node].ports;
        const auto port = ports.find(end.port);
        if (port != ports.end()) return port->second;
        const auto hub = hubs_.find(end.node);
        return hub == hubs_.end() ? Gns3SwitchPort{} : hub->second;
    }

    // The one that stands first in the project gives the segment its name.
    void join(const Gns3Link& link) {
        const std::size_t first = root_of(link.first.node), second = root_of(link.second.node);
        joined_with_[std::max(first, second)] = std::min(first, second);
        const Gns3Node &one = project_.nodes[link.first.node], &other = project_.nodes[link.second.node];
        const bool one_is_hub = one.ports.empty(), other_is_hub = other.ports.empty();
        if (one_is_hub && !other_is_hub) hubs_.emplace(link.first.node, port_of(link.second));
        if (other_is_hub && !one_is_hub) hubs_.emplace(link.second.node, port_of(link.first));
        draft_.remark(file_, link.at,
                      fmt::format("{} and {} are one segment, so this link between them is none", one.name, other.name));
        const Gns3SwitchPort a = port_of(link.first), b = port_of(link.second);
        if (a.type != b.type || a.vlan != b.vlan || (a.type == "access" && a.vlan != 1))
            draft_.remark(file_, link.at,
                          fmt::format("the link carries VLAN {} of {} to VLAN {} of {}; here both have all VLANs", a.vlan,
                                      one.name, b.vlan, other.name));
        for (const Gns3Filter& filter : link.filters)
            draft_.remark(file_, filter.at,
                          fmt::format("the filter {} of a link between switches is not taken over", filter.type));
        if (link.suspended) draft_.remark(file_, link.at, "a suspended link between switches is taken for one that works");
    }

    const std::string& segment_of(std::size_t node) {
        const std::size_t root = root_of(node);
        const auto [place, is_new] = segments_.emplace(root, "");
        if (is_new) place->second = add_segment(project_.nodes[root].name, project_.nodes[root].at);
        return place->second;
    }

    std::string add_segment(const std::string& name, Position at) {
        std::string given = names_.give(name);
        if (given != name) draft_.remark(file_, at, fmt::format("\"{}\" is called {} here", name, given));
        found_.names.push_back(given);
        return given;
    }

    void attach_ends(const Gns3Link& link) {
        const bool first_is_switch = is_switch(link.first), second_is_switch = is_switch(link.second);
        if (first_is_switch && second_is_switch) return;
        if (first_is_switch) return attach(link.second, segment_of(link.first.node), port_of(link.first), link, true);
        if (second_is_switch) return attach(link.first, segment_of(link.second.node), port_of(link.second), link, true);
        std::string segment =
            names_.give(fmt::format("{}-{}", project_.nodes[link.first.node].name, project_.nodes[link.second.node].name));
        found_.names.push_back(segment);
        const bool first_has_cable = link.first.node != gateway_;
        attach(link.first, segment, {}, link, first_has_cable);
        attach(link.second, segment, {}, link, !first_has_cable);
    }

    void attach(const Gns3End& end, const std::string& segment, Gns3SwitchPort port, const Gns3Link& link, bool has_cable) {
        std::string interface = interface_of(end);
        if (!ends_.emplace(end.node, interface).second)
            return draft_.remark(
                file_, link.at,
                fmt::format("{}:{} is cabled already; this link is not taken over", project_.nodes[end.node].name, interface));
        found_.attachments.push_back({.node = end.node,
                                      .interface = std::move(interface),
                                      .segment = segment,
                                      .port = std::move(port),
                                      .link = &link,
                                      .has_cable = has_cable});
    }

    // A segment has VLANs where one of the ports in use is in another than the first, or a trunk.
    void collect_vlans() {
        std::map<std::string, std::set<unsigned>> used;
        std::set<std::string> with_vlans;
        for (const Gns3Attachment& each : found_.attachments) {
            used[each.segment].insert(each.port.vlan);
            if (each.port.type == "dot1q" || each.port.vlan != 1) with_vlans.insert(each.segment);
        }
        for (const std::string& segment : with_vlans) found_.vlans[segment] = {used[segment].begin(), used[segment].end()};
    }

    const Gns3Project& project_;
    std::size_t gateway_;
    const std::string& file_;
    NodeNames& names_;
    LabDraft& draft_;
    std::vector<std::size_t> joined_with_;         // of each node that is a switch, another of its segment or itself
    std::map<std::size_t, Gns3SwitchPort> hubs_;   // the port of the switch that a hub hangs on
    std::map<std::size_t, std::string> segments_;  // by the root of the switches
    std::set<std::pair<std::size_t, std::string>> ends_;
    Gns3Segments found_;
};

}  // namespace

bool is_gns3_switch(const std::string& type) { return type == "ethernet_switch" || type == "ethernet_hub"; }
bool is_gns3_internet(const std::string& type) { return type == "nat" || type == "cloud"; }

Gns3Segments find_segments(const Gns3Project& project, std::size_t gateway, const std::string& file, NodeNames& names,
                           LabDraft& draft) {
    return SegmentFinder{project, gateway, file, names, draft}.find();
}

}  // namespace hairpin::lab

#include "lab/node_filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "lab/did_you_mean.h"

namespace hairpin::lab {

Result<void> keep_nodes(Topology& topology, const std::vector<std::string>& hosts) {
    const std::set<std::string> wanted{hosts.begin(), hosts.end()};
    std::vector<std::string> all;
    std::set<std::string> leaving;
    for (const Node& node : topology.nodes) {
        all.push_back(node.name);
        if (node.role == NodeRole::host && !wanted.contains(node.name)) leaving.insert(node.name);
    }
    for (const std::string& host : hosts)
        if (topology.find(host) == nullptr)
            return failure(fmt::format("the topology has no node \"{}\"{} (it has {})", host, did_you_mean(host, all),
                                       fmt::join(all, ", ")));
    std::erase_if(topology.nodes, [&](const Node& node) { return leaving.contains(node.name); });
    std::erase_if(topology.attachments, [&](const Attachment& each) { return leaving.contains(each.node); });
    return {};
}

}  // namespace hairpin::lab

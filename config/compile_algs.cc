// Application layer gateways: which are on, and at which ports of servers.

#include "config/compile_parts.h"

namespace hairpin::config {

gateway::AlgSettings compile_algs(const NodeReader& node) {
    gateway::AlgSettings settings;
    for (const gateway::AlgRow& row : gateway::kAlgRows) {
        const NodeReader alg = node.child("alg").child(row.name);
        gateway::AlgSettings::One& one = settings.of(row.kind);
        one.enabled = alg.flag("enabled");
        for (const std::string& port : alg.texts("port"))
            one.ports.push_back(L4Port{static_cast<std::uint16_t>(*parse_number(port, 65535))});
    }
    return settings;
}

}  // namespace hairpin::config

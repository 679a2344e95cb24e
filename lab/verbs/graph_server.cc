#include "lab/verbs/graph_server.h"

#include <fmt/format.h>

#include <cstdio>

#include "lab/enclave.h"
#include "lab/graph_server.h"
#include "lab/live_graph.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {

ExitCode serve_graph(const std::string& topology, const std::string& place) {
    const auto at = parse_web_address(place);
    if (!at) return report(ExitCode::usage, "--srv: " + at.error().message);
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    auto graph = LiveGraph::of(topology);
    if (!graph) return report(ExitCode::not_found, graph.error().message);
    auto listener = listen_for_web(*at);
    if (!listener) return report(ExitCode::failed, listener.error().message);
    fmt::print("http://{}:{}/ shows the lab {}; Ctrl-C ends it\n", listener->at.address.to_string(), listener->at.port.number(),
               graph->lab());
    std::fflush(stdout);
    const auto served = serve_picture(std::move(*listener), graph->lab(), [&] { return graph->svg(); });
    return served ? ExitCode::ok : report(ExitCode::failed, served.error().message);
}

}  // namespace hairpin::lab

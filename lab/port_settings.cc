#include "lab/port_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "control/client.h"
#include "control/protocol.h"
#include "lab/daemon.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/live_view.h"

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;

// How often somebody else may be faster.
constexpr int kAttempts = 5;

std::string text_in(const Json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Result<std::string> find_port(const std::string& lab, const std::string& link) {
    const auto answer = ask_daemon(lab, control::method::kShowPorts, Json::object());
    if (!answer) return tl::unexpected(answer.error());
    const LabState state = read_state(lab).value_or(LabState{});
    std::vector<std::string> names, of_node;
    for (const Json& row : answer->at("rows")) {
        const LinkEnd end = end_behind(state, row);
        if (end.is_called(link)) return end.port;
        names.push_back(end.port);
        if (end.node == link) of_node.push_back(end.port);
    }
    if (of_node.size() == 1) return of_node.front();
    if (of_node.size() > 1)
        return failure(fmt::format("\"{}\" has {} ports: {}", link, of_node.size(), fmt::join(of_node, ", ")));
    return failure(fmt::format("the lab \"{}\" has no link \"{}\" whose cable is the switch's (ports: {})", lab, link,
                               fmt::join(names, ", ")));
}

Result<void> change_port(const std::string& lab, const std::string& port, const std::string& comment,
                         const std::function<Result<void>(Json& port)>& edit) {
    auto client = control::Client::connect(LabPaths{lab}.control_socket());
    if (!client) return tl::unexpected(client.error());
    for (int attempt = 0;; ++attempt) {
        auto running = client->call(control::method::kConfigGet, Json::object());
        if (!running) return failure(running.error().message);
        Json document = running->at("config");
        Json& ports = document["hairpin:switch"]["port"];
        const auto entry =
            std::find_if(ports.begin(), ports.end(), [&](const Json& each) { return text_in(each, "name") == port; });
        if (entry == ports.end()) return failure(fmt::format("there is no port \"{}\" any more", port));
        const Json before = *entry;
        if (auto edited = edit(*entry); !edited) return edited;
        if (*entry == before) return {};
        const auto committed = client->call(control::method::kConfigCommit,
                                            {{"config", document}, {"base", running->at("generation")}, {"comment", comment}});
        if (committed) return {};
        if (committed.error().code != control::kConflict || attempt + 1 == kAttempts) return failure(committed.error().message);
    }
}

}  // namespace hairpin::lab

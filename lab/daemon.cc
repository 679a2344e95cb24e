#include "lab/daemon.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "control/client.h"
#include "control/protocol.h"
#include "lab/lab_paths.h"

namespace hairpin::lab {

Result<nlohmann::json> ask_daemon(const std::string& lab, const std::string& method, const nlohmann::json& parameters) {
    auto client = control::Client::connect(LabPaths{lab}.control_socket());
    if (!client) return tl::unexpected(client.error());
    auto answer = client->call(method, parameters);
    if (!answer) return failure(fmt::format("{}: {}", method, answer.error().sentence()));
    return *std::move(answer);
}

bool daemon_answers(const std::string& lab) {
    return ask_daemon(lab, control::method::kVersion, nlohmann::json::object()).has_value();
}

}  // namespace hairpin::lab

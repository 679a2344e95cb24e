#include "cli/shell/daemon_link.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hairpin::cli {

using control::CallError;
using nlohmann::json;

tl::expected<json, CallError> DaemonLink::call(std::string_view method, const json& parameters) {
    const bool anew = !client_;
    if (anew) {
        auto connected = connect();
        if (!connected) return tl::unexpected(connected.error());
        client_.emplace(std::move(*connected));
    }
    auto answer = client_->call(std::string{method}, parameters);
    if (answer || answer.error().failure == control::CallFailure::refused) return answer;
    client_.reset();
    // A connection from before may have lost its daemon since; the next daemon is asked, once.
    if (!anew && answer.error().failure == control::CallFailure::unreachable) return call(method, parameters);
    return answer;
}

tl::expected<json, CallError> DaemonLink::call(std::string_view method) { return call(method, json::object()); }

std::vector<std::string> DaemonLink::column(std::string_view method, std::string_view name) {
    std::vector<std::string> values;
    const auto answer = call(method);
    if (!answer || !answer->contains("rows")) return values;
    for (const json& row : (*answer)["rows"]) {
        const auto found = row.find(name);
        if (found == row.end() || found->is_null()) continue;
        std::string value = found->is_string() ? found->get<std::string>() : found->dump();
        if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
    }
    return values;
}

}  // namespace hairpin::cli

#pragma once
// The shell's line to its daemon: made when it is first needed, and again after the daemon was restarted.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/failure.h"
#include "control/client.h"

namespace hairpin::cli {

class DaemonLink {
public:
    explicit DaemonLink(std::string socket) : socket_(std::move(socket)) {}

    tl::expected<nlohmann::json, control::CallError> call(std::string_view method, const nlohmann::json& parameters);
    tl::expected<nlohmann::json, control::CallError> call(std::string_view method);
    // A connection of its own, for what goes on.
    tl::expected<control::Client, control::CallError> connect() const { return control::Client::connect(socket_); }

    // For completion: the distinct texts of a column of the rows that a method answers; none when it does not answer at once.
    std::vector<std::string> column(std::string_view method, std::string_view name);

    const std::string& socket() const { return socket_; }

private:
    std::string socket_;
    std::optional<control::Client> client_;
};

}  // namespace hairpin::cli

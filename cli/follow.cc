#include "cli/follow.h"

#include <nlohmann/json.hpp>

namespace hairpin::cli {

using nlohmann::json;

Outcome<void> follow(control::Client& daemon, const std::function<bool(const json& event)>& put) {
    bool succeeded = true;
    const auto ended = daemon.listen([&](const json& event) {
        const bool is_final = event.value("final", json()) == true;
        if (is_final) succeeded = event.value("succeeded", json()) != false;
        return put(event) && !is_final;
    });
    if (!ended) return tl::unexpected(failure_of(ended.error(), ""));
    if (!succeeded) return failed_with(ExitCode::failed, "");
    return {};
}

}  // namespace hairpin::cli

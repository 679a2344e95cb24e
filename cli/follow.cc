#include "cli/follow.h"

#include <nlohmann/json.hpp>

namespace hairpin::cli {

using nlohmann::json;

Outcome<void> follow(control::Client& daemon, const std::function<bool(const json& event)>& put) {
    bool succeeded = true;
    const auto ended = daemon.listen([&](const json& event) {
        const bool last = event.value("last", false);
        if (last) succeeded = event.value("succeeded", true);
        return put(event) && !last;
    });
    if (!ended) return tl::unexpected(failure_of(ended.error(), ""));
    if (!succeeded) return failed_with(ExitCode::failed, "");
    return {};
}

}  // namespace hairpin::cli

#include "lab/namespace_limits.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "lab/files.h"

namespace hairpin::lab {
namespace {

struct LimitRow {
    std::string_view file, forbidding, name, allowing;
};
constexpr LimitRow kNetworkNamespaces{"user/max_net_namespaces", "0", "user.max_net_namespaces", "10000"};
constexpr auto kLimits = std::to_array<LimitRow>({
    {"kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone", "1"},
    {"user/max_user_namespaces", "0", "user.max_user_namespaces", "10000"},
    kNetworkNamespaces,
    {"kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns", "0"},
});

std::string setting(const std::string& settings, std::string_view name) {
    std::string text = read_file(fmt::format("{}/{}", settings, name)).value_or("");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string forbidden_by(const LimitRow& row) {
    return fmt::format("{} is {} here; root allows it with  sysctl {}={}", row.name, row.forbidding, row.name, row.allowing);
}

}  // namespace

std::string what_forbids_enclaves(const std::string& settings) {
    for (const LimitRow& row : kLimits)
        if (setting(settings, row.file) == row.forbidding) return forbidden_by(row);
    return "";
}

std::string what_limits_network_namespaces(const std::string& settings) {
    if (setting(settings, kNetworkNamespaces.file) == kNetworkNamespaces.forbidding) return forbidden_by(kNetworkNamespaces);
    return fmt::format("there are as many as {} of this machine allows; root allows more with  sysctl {}={}",
                       kNetworkNamespaces.name, kNetworkNamespaces.name, kNetworkNamespaces.allowing);
}

}  // namespace hairpin::lab

#include "runtime/methods/method.h"

#include <pwd.h>

#include <array>
#include <nlohmann/json.hpp>

namespace hairpin::runtime {

using nlohmann::json;

tl::unexpected<RpcError> refusal(int code, const Error& error) {
    if (error.path.empty()) return tl::unexpected(RpcError{code, error.message});
    return tl::unexpected(RpcError{code, error.message, json{{"path", error.path}, {"reason", error.message}}});
}

Answer answer_or(int code, Result<json> result) {
    if (!result) return refusal(code, result.error());
    return std::move(*result);
}

json no_rows() { return {{"rows", json::array()}}; }

json vlan_or_null(VlanId vlan) { return vlan.tagged() ? json(vlan.number()) : json(nullptr); }

std::string user_of(const Caller& caller) {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(caller.uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
    return std::to_string(caller.uid);
}

}  // namespace hairpin::runtime

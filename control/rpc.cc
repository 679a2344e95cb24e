#include "control/rpc.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "control/protocol.h"

namespace hairpin::control {

using nlohmann::json;

namespace {

json error_response(const json& id, const RpcError& error) {
    json body{{"code", error.code}, {"message", error.message}};
    if (!error.data.empty()) body["data"] = error.data;
    return {{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(body)}};
}

// How many letters must change to make one word the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

bool is_id(const json& id) { return id.is_string() || id.is_number() || id.is_null(); }

}  // namespace

void Dispatcher::add(Method method) {
    const std::string name = method.name;
    const bool is_new = methods_.emplace(name, std::move(method)).second;
    ensure(is_new);
}

std::string Dispatcher::handle(std::string_view line, Caller& caller) const {
    const json request = json::parse(line, nullptr, false);
    json response;
    if (request.is_discarded()) {
        response = error_response(nullptr, {kParseError, "the line is no JSON", {}});
    } else if (request.is_array() && !request.empty()) {
        for (const json& part : request)
            if (json answer = handle_one(part, caller); !answer.is_null()) response.push_back(std::move(answer));
    } else {
        response = handle_one(request, caller);
    }
    // A string that is no UTF-8 is replaced, not thrown over.
    return response.is_null() ? std::string{} : response.dump(-1, ' ', false, json::error_handler_t::replace);
}

json Dispatcher::handle_one(const json& request, Caller& caller) const {
    if (!request.is_object() || request.value("jsonrpc", json{}) != "2.0" || !request.contains("method") || !request["method"].is_string() ||
        (request.contains("id") && !is_id(request["id"])))
        return error_response(nullptr, {kInvalidRequest, "no request: wants {\"jsonrpc\": \"2.0\", \"id\", \"method\", \"params\"}", {}});
    const bool wants_answer = request.contains("id");
    const json id = wants_answer ? request["id"] : json{};
    const json parameters = request.value("params", json::object());
    const auto failed = [&](const RpcError& error) { return wants_answer ? error_response(id, error) : json{}; };

    const auto method = methods_.find(request["method"].get<std::string>());
    if (method == methods_.end()) return failed(unknown_method(request["method"].get<std::string>()));
    try {
        auto answer = method->second.handler(parameters, caller);
        if (!answer) return failed(answer.error());
        return wants_answer ? json{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(*answer)}} : json{};
    } catch (const json::exception& problem) {
        // A parameter of another type than the method reads.
        return failed({kInvalidParams, std::string{"parameters of "} + method->first + ": " + problem.what(), {}});
    }
}

RpcError Dispatcher::unknown_method(std::string_view name) const {
    std::string nearest;
    std::size_t least = 4;  // further away is no slip of the keys
    for (const auto& [known, method] : methods_)
        if (const std::size_t d = distance(name, known); d < least) least = d, nearest = known;
    RpcError error{kMethodNotFound, "there is no method \"" + std::string{name} + "\"", {}};
    if (!nearest.empty()) error.data = {{"hint", "did you mean \"" + nearest + "\"?"}};
    return error;
}

}  // namespace hairpin::control

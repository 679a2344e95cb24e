#include "control/rpc.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/nesting.h"
#include "control/suggest.h"
#include "net/json_text.h"

namespace hairpin::control {

using nlohmann::json;

namespace {

// A discarded value stands for "there is no answer".
json no_answer() { return json(json::value_t::discarded); }

json error_answer(const json& id, const RpcError& error) {
    json answer{{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", error.code}, {"message", error.message}}}};
    if (!error.data.empty()) answer["error"]["data"] = json::parse(error.data);
    return answer;
}

// A name that came out of the system need not be UTF-8; a client must be able to read the answer even so.
std::string text_of(const json& message) { return message.dump(-1, ' ', false, json::error_handler_t::replace); }

bool is_identifier(const json& id) { return id.is_string() || id.is_number() || id.is_null(); }

// What makes a message no request (section 4), or null.
const char* complaint_about(const json& request) {
    if (!request.is_object()) return "a request is an object";
    if (request.contains("id") && !is_identifier(request["id"])) return "id must be a string, a number or null";
    if (!request.contains("jsonrpc") || request["jsonrpc"] != "2.0") return "jsonrpc must be \"2.0\"";
    if (!request.contains("method") || !request["method"].is_string()) return "method must be a string";
    if (request.contains("params") && !request["params"].is_structured()) return "params must be an object";
    return nullptr;
}

}  // namespace

RpcError::RpcError(int code_of_error, std::string what, const json& more)
    : code(code_of_error), message(std::move(what)), data(more.empty() ? std::string{} : text_of(more)) {}

void Dispatcher::add(Method method) {
    ensure(std::none_of(methods_.begin(), methods_.end(), [&](const Method& known) { return known.name == method.name; }));
    methods_.push_back(std::move(method));
}

const Dispatcher::Method* Dispatcher::find(std::string_view name) const {
    const auto method = std::find_if(methods_.begin(), methods_.end(), [&](const Method& known) { return known.name == name; });
    return method == methods_.end() ? nullptr : &*method;
}

// Of a request that is written plainly. Others, such as one with a member twice, are read as a whole.
std::optional<Dispatcher::Verbatim> Dispatcher::find_verbatim(std::string_view line) const {
    std::string_view method_name;
    std::vector<Verbatim> parameters;
    bool plain = true;
    JsonCursor request{line};
    if (!request.enter_object()) return std::nullopt;
    while (const auto member = request.next_member()) {
        if (*member == "params" && request.enter_object()) {
            plain = plain && parameters.empty();
            while (const auto parameter = request.next_member()) parameters.push_back({*parameter, request.skip_value()});
            continue;
        }
        const std::string_view value = request.skip_value();
        plain = plain && *member != "params" && (*member != "method" || method_name.empty());
        if (*member == "method") method_name = value;
    }
    if (!request.at_end() || !plain || !method_name.starts_with('"')) return std::nullopt;
    const Method* method = find(method_name.substr(1, method_name.size() - 2));
    const auto wanted = [&](const Verbatim& parameter) { return method != nullptr && parameter.name == method->verbatim; };
    if (std::count_if(parameters.begin(), parameters.end(), wanted) != 1) return std::nullopt;
    return *std::find_if(parameters.begin(), parameters.end(), wanted);
}

json Dispatcher::read(std::string_view line) const {
    if (const auto verbatim = find_verbatim(line)) {
        const auto begin = static_cast<std::size_t>(verbatim->text.data() - line.data());
        std::string rest{line.substr(0, begin)};
        rest.append("null").append(line.substr(begin + verbatim->text.size()));
        json message = json::parse(rest);
        message["params"][std::string{verbatim->name}] = verbatim->text;
        return message;
    }
    json message = json::parse(line);
    if (!message.is_array())
        make_verbatim(message);
    else
        for (json& request : message) make_verbatim(request);
    return message;
}

void Dispatcher::make_verbatim(json& request) const {
    if (complaint_about(request) != nullptr || !request.contains("params") || !request["params"].is_object()) return;
    const Method* method = find(request["method"].get<std::string>());
    if (method == nullptr || !request["params"].contains(method->verbatim)) return;
    json& parameter = request["params"][method->verbatim];
    parameter = parameter.dump();
}

std::string Dispatcher::handle(std::string_view line, Caller& caller) const {
    if (line.find_first_not_of(" \t\r\n") == std::string_view::npos) return {};
    if (nested_too_deeply(line))
        return text_of(error_answer(nullptr, {kParseError, "parse error: nested deeper than " + std::to_string(kMaxNesting)}));

    json message;
    try {
        message = read(line);
    } catch (const json::exception& problem) {
        return text_of(error_answer(nullptr, {kParseError, std::string{"parse error: "} + problem.what()}));
    }
    if (!message.is_array()) {
        const json answer = handle_request(message, caller);
        return answer.is_discarded() ? std::string{} : text_of(answer);
    }

    if (message.empty() || message.size() > kMaxBatch)
        return text_of(error_answer(nullptr, {kInvalidRequest, "a batch holds 1 to " + std::to_string(kMaxBatch) + " requests"}));
    json answers = json::array();
    for (const json& request : message)
        if (json answer = handle_request(request, caller); !answer.is_discarded()) answers.push_back(std::move(answer));
    return answers.empty() ? std::string{} : text_of(answers);
}

json Dispatcher::handle_request(const json& request, Caller& caller) const {
    if (const char* complaint = complaint_about(request)) {
        const bool named = request.is_object() && request.contains("id") && is_identifier(request["id"]);
        return error_answer(named ? request["id"] : json(nullptr),
                            {kInvalidRequest, std::string{"invalid request: "} + complaint});
    }
    static const json kNoParameters = json::object();
    const auto params = request.find("params");
    const Answer answer = call(request["method"], params == request.end() ? kNoParameters : *params, caller);
    if (!request.contains("id")) return no_answer();
    if (!answer) return error_answer(request["id"], answer.error());
    return {{"jsonrpc", "2.0"}, {"id", request["id"]}, {"result", *answer}};
}

Dispatcher::Answer Dispatcher::call(const std::string& name, const json& params, Caller& caller) const {
    const Method* method = find(name);
    if (method == nullptr) {
        std::vector<std::string> names;
        for (const Method& known : methods_) names.push_back(known.name);
        const auto meant = nearest_word(name, names);
        const json data = meant ? json{{"hint", "did you mean \"" + *meant + "\"?"}} : json();
        return tl::unexpected(RpcError{kMethodNotFound, "there is no method \"" + name + "\"", data});
    }
    if (params.is_array() && !params.empty())
        return tl::unexpected(RpcError{kInvalidParams, "params are given by name, in an object"});
    try {
        return method->handler(params.is_array() ? json::object() : params, caller);
    } catch (const std::exception& problem) {
        return tl::unexpected(RpcError{kInternalError, "internal error in " + name + ": " + problem.what()});
    }
}

}  // namespace hairpin::control

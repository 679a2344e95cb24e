#include "cli/attachment.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "control/protocol.h"
#include "lab/containers/container_namespace.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

std::string name_of_attachment(const json& parameters) {
    return parameters.at("container").get<std::string>() + "-" + parameters.at("device").get<std::string>();
}

tl::unexpected<Failure> failure_from(const lab::ContainerProblem& problem) {
    Failure failure{problem.code, problem.message};
    if (!problem.is_in_name) return tl::unexpected<Failure>(std::move(failure));
    return wrong_at(0, std::move(failure));
}

// Unless another port of the switch is in there.
Outcome<void> let_go_if_unused(const std::string& place, const Ask& ask) {
    const auto shown = ask(control::method::kShowPorts, json::object());
    if (!shown) return tl::unexpected(shown.error());
    for (const json& row : shown->value("rows", json::array()))
        if (row.value("namespace", json()) == place) return {};
    if (const auto gone = lab::let_namespace_go(place); !gone) return failure_from(gone.error());
    return {};
}

}  // namespace

Outcome<json> attach_container(const json& parameters, const Ask& ask) {
    const auto place = lab::name_namespace_of(parameters.at("container"));
    if (!place) return failure_from(place.error());
    json tap{{"device", parameters.at("device")}, {"namespace", *place}};
    for (const char* key : {"mac", "mtu"})
        if (parameters.contains(key)) tap[key] = parameters[key];
    if (parameters.contains("address")) tap["address"] = json::array({parameters["address"]});
    if (parameters.contains("via")) tap["route"] = json::array({{{"prefix", "0.0.0.0/0"}, {"via", parameters["via"]}}});
    auto added = ask(control::method::kPortAdd,
                     {{"port", {{"name", name_of_attachment(parameters)}, {"segment", parameters.at("segment")}, {"tap", tap}}}});
    if (!added) (void)let_go_if_unused(*place, ask);  // why it was not added is what is told
    return added;
}

Outcome<json> detach_container(const json& parameters, const Ask& ask) {
    auto removed = ask(control::method::kPortRemove, {{"name", name_of_attachment(parameters)}});
    if (!removed) return removed;
    const auto place = lab::named_namespace_of(parameters.at("container"));
    if (!place) return removed;  // it has gone already
    if (const auto gone = let_go_if_unused(*place, ask); !gone) return tl::unexpected(gone.error());
    return removed;
}

}  // namespace hairpin::cli

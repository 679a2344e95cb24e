#include "docker/contract.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "docker/driver.h"
#include "docker/network_options.h"

namespace hairpin::docker {

using nlohmann::json;

namespace {

struct Row {
    std::string_view path;
    Result<json> (*handle)(Driver& driver, const json& request);
};

Result<json> nothing(Driver&, const json&) { return json::object(); }

Result<json> gateway_allocation(Driver&, const json& request) {
    const bool skip = !wants_gateway(request.value("Options", json::object()));
    return json{{"SkipIPv4", skip}, {"SkipIPv6", true}};
}

constexpr auto kRows = std::to_array<Row>({
    {"/Plugin.Activate",
     [](Driver&, const json&) -> Result<json> {
         return json{{"Implements", {"NetworkDriver"}}};
     }},
    {"/NetworkDriver.GetCapabilities",
     [](Driver&, const json&) -> Result<json> {
         return json{{"Scope", "local"}, {"ConnectivityScope", "local"}, {"GwAllocChecker", true}};
     }},
    {"/NetworkDriver.GwAllocCheck", gateway_allocation},
    {"/NetworkDriver.CreateNetwork", [](Driver& driver, const json& request) { return driver.create_network(request); }},
    {"/NetworkDriver.DeleteNetwork", [](Driver& driver, const json& request) { return driver.delete_network(request); }},
    // Of Swarm, where a manager allocates what the nodes have: there is nothing to allocate here.
    {"/NetworkDriver.AllocateNetwork",
     [](Driver&, const json&) -> Result<json> {
         return json{{"Options", json::object()}};
     }},
    {"/NetworkDriver.FreeNetwork", nothing},
    {"/NetworkDriver.CreateEndpoint", [](Driver& driver, const json& request) { return driver.create_endpoint(request); }},
    {"/NetworkDriver.EndpointOperInfo", [](Driver& driver, const json& request) { return driver.endpoint_info(request); }},
    {"/NetworkDriver.DeleteEndpoint", [](Driver& driver, const json& request) { return driver.delete_endpoint(request); }},
    {"/NetworkDriver.Join", [](Driver& driver, const json& request) { return driver.join(request); }},
    {"/NetworkDriver.Leave", [](Driver& driver, const json& request) { return driver.leave(request); }},
    {"/NetworkDriver.ProgramExternalConnectivity", [](Driver& driver, const json& request) { return driver.publish(request); }},
    {"/NetworkDriver.RevokeExternalConnectivity", [](Driver& driver, const json& request) { return driver.withdraw(request); }},
    {"/NetworkDriver.DiscoverNew", nothing},
    {"/NetworkDriver.DiscoverDelete", nothing},
});

std::string line_of(const json& answered) { return answered.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }
Answer refusal(int status, const std::string& why) { return {status, line_of({{"Err", why}})}; }

}  // namespace

Answer answer(Driver& driver, std::string_view path, const std::string& body) {
    const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) { return each.path == path; });
    if (row == kRows.end()) return refusal(404, "there is no " + std::string{path});
    const json request = body.empty() ? json::object() : json::parse(body, nullptr, false);
    if (!request.is_object()) return refusal(400, "the request is no JSON object");
    try {
        const auto answered = row->handle(driver, request);
        if (!answered) return refusal(200, answered.error().message);
        return {200, line_of(*answered)};
    } catch (const json::exception& problem) {  // of another type than the contract says
        return refusal(400, std::string{"the request is not as the contract says: "} + problem.what());
    }
}

}  // namespace hairpin::docker

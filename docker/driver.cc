#include "docker/driver.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "docker/agreement.h"
#include "docker/devices.h"
#include "docker/network_options.h"
#include "docker/publications.h"
#include "docker/record_file.h"
#include "net/ipv4_address.h"
#include "net/mac_address.h"

namespace hairpin::docker {

using nlohmann::json;

namespace {

constexpr std::chrono::milliseconds kRetry{250};  // while no daemon is there

std::string text_in(const json& request, const char* key) {
    const auto found = request.is_object() ? request.find(key) : request.end();
    return request.is_object() && found != request.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

void say(const std::string& what) { std::fprintf(stderr, "hairpin-docker: %s\n", what.c_str()); }

Result<std::string> id_in(const json& request, const char* key) {
    std::string id = text_in(request, key);
    if (id.empty()) return failure(fmt::format("the request has no {}", key));
    return id;
}

// A number that no other network has, for its rules.
Result<std::uint32_t> free_number(const Records& records) {
    std::set<std::uint32_t> taken;
    for (const auto& [id, network] : records.networks) taken.insert(network.number);
    for (std::uint32_t number = 0; number < kMostNetworks; ++number)
        if (!taken.contains(number)) return number;
    return failure(fmt::format("there are {} networks already", kMostNetworks));
}

// The segment's, and where another network of ours is on the same segment one that is told apart by the number.
std::string interface_name(const Records& records, const Network& network) {
    for (const auto& [id, other] : records.networks)
        if (other.interface == network.segment) return fmt::format("{}-{}", network.segment.substr(0, 27), network.number);
    return network.segment;
}

// A port is known by its place in the network, because endpoints are new at every start: so it keeps its counters, and its MAC the ARP
// entries of neighbours.
std::string place_of(const std::string& address, const std::string& mac) {
    return address.empty() ? mac : address.substr(0, address.find('/'));
}

std::string port_name(const std::string& segment, const std::string& place) {
    std::string name = segment + "-" + place;
    for (char& each : name)
        if (each == ':') each = '-';
    if (name.size() <= 32) return name;
    return fmt::format("{}-{:010x}", segment.substr(0, 21), MacAddress::from_name(name).number() & 0xff'ffff'ffff);
}

}  // namespace

Result<Driver> Driver::begin(std::string record_file, RouterSockets sockets) {
    auto records = load_records(record_file);
    if (!records) return tl::unexpected(records.error());
    return Driver{std::move(record_file), std::move(sockets), *std::move(records)};
}

Result<void> Driver::keep(const Records& records) const { return keep_records(record_file_, records); }

Result<void> Driver::settle(Records next, const std::string& comment) {
    if (const auto kept = keep(next); !kept) return kept;
    const auto agreed = router_.agree(next, comment, [&](const Records& records) { return keep(records); });
    if (!agreed && !agreed.error().is_absence) {
        if (const auto kept = keep(records_); !kept) say(kept.error().message);
        return failure(agreed.error().message);
    }
    remove_leftovers(next);
    records_ = std::move(next);
    if (!agreed) say(fmt::format("{}: later: {}", comment, agreed.error().message));
    return {};
}

// What cannot be removed now is tried again with the next call.
void Driver::remove_leftovers(Records& records) const {
    const auto before = records.leftover_devices.size();
    std::erase_if(records.leftover_devices, [](const std::string& name) { return remove_device(name).has_value(); });
    if (records.leftover_devices.size() != before) (void)keep(records);  // a name too many does no harm
}

Result<json> Driver::create_network(const json& request) {
    const auto id = id_in(request, "NetworkID");
    if (!id) return tl::unexpected(id.error());
    auto network = network_of_request(*id, request);
    if (!network) return tl::unexpected(network.error());
    const std::lock_guard turn{*turn_};
    Records next = records_;
    next.networks.erase(*id);
    const auto number = free_number(next);
    if (!number) return tl::unexpected(number.error());
    network->number = *number;
    if (network->gateway && network->interface.empty()) network->interface = interface_name(next, *network);
    next.networks[*id] = *network;
    if (const auto done = settle(std::move(next), "docker: network " + network->segment); !done)
        return tl::unexpected(done.error());
    return json::object();
}

Result<json> Driver::delete_network(const json& request) {
    const auto id = id_in(request, "NetworkID");
    if (!id) return tl::unexpected(id.error());
    const std::lock_guard turn{*turn_};
    const auto found = records_.networks.find(*id);
    if (found == records_.networks.end()) return json::object();
    const std::string segment = found->second.segment;
    Records next = records_;
    next.networks.erase(*id);
    std::erase_if(next.endpoints, [&](const auto& entry) {
        if (entry.second.network != *id) return false;
        if (!entry.second.device.empty()) next.leftover_devices.insert(entry.second.device);
        return true;
    });
    if (const auto done = settle(std::move(next), "docker: no network " + segment); !done) return tl::unexpected(done.error());
    return json::object();
}

Result<json> Driver::create_endpoint(const json& request) {
    const auto id = id_in(request, "EndpointID"), network_id = id_in(request, "NetworkID");
    if (!id) return tl::unexpected(id.error());
    if (!network_id) return tl::unexpected(network_id.error());
    const json interface = request.contains("Interface") ? request["Interface"] : json();
    const std::string address = text_in(interface, "Address");
    std::string mac = text_in(interface, "MacAddress");
    const bool mac_is_given = !mac.empty();

    const std::lock_guard turn{*turn_};
    const auto network = records_.networks.find(*network_id);
    if (network == records_.networks.end())
        return failure(
            fmt::format("network {} is not known here (make it anew: docker network rm, docker network create)", *network_id));
    const std::string& segment = network->second.segment;
    if (mac_is_given && !MacAddress::parse(mac)) return failure(fmt::format("\"{}\" is no MAC", mac));
    if (!mac_is_given) mac = MacAddress::from_name(segment + "/" + (address.empty() ? *id : place_of(address, ""))).to_string();
    const std::string name = port_name(segment, place_of(address, mac));

    Records next = records_;
    // Whoever had this place before has gone without a word: the engine was killed.
    std::erase_if(next.endpoints, [&](const auto& entry) {
        if (entry.second.port != name && entry.first != *id) return false;
        if (!entry.second.device.empty()) next.leftover_devices.insert(entry.second.device);
        return true;
    });
    next.endpoints[*id] = {
        .network = *network_id, .address = address, .mac = mac, .port = name, .device = {}, .sandbox = {}, .published = {}};
    if (const auto done = settle(std::move(next), "docker: port " + name); !done) return tl::unexpected(done.error());
    return json{{"Interface", mac_is_given ? json::object() : json{{"MacAddress", mac}}}};
}

Result<json> Driver::endpoint_info(const json& request) {
    const auto id = id_in(request, "EndpointID");
    if (!id) return tl::unexpected(id.error());
    const std::lock_guard turn{*turn_};
    const auto found = records_.endpoints.find(*id);
    json value = json::object();
    if (found != records_.endpoints.end()) {
        value["hairpin.port"] = found->second.port;
        value["hairpin.segment"] = records_.networks.at(found->second.network).segment;
    }
    return json{{"Value", value}};
}

Result<json> Driver::delete_endpoint(const json& request) {
    const auto id = id_in(request, "EndpointID");
    if (!id) return tl::unexpected(id.error());
    const std::lock_guard turn{*turn_};
    const auto found = records_.endpoints.find(*id);
    if (found == records_.endpoints.end()) return json::object();
    const std::string name = found->second.port;
    Records next = records_;
    if (!found->second.device.empty()) next.leftover_devices.insert(found->second.device);
    next.endpoints.erase(*id);
    if (const auto done = settle(std::move(next), "docker: no port " + name); !done) return tl::unexpected(done.error());
    return json::object();
}

Result<void> Driver::plug(const Endpoint& endpoint, unsigned mtu) const {
    // The engine asks again when we were killed before we could answer: then the daemon has it, and it is not moved yet.
    if (device_is_here(endpoint.device))
        if (const auto ports = router_.ports(); ports && ports->contains(endpoint.port) && ports->at(endpoint.port)) return {};
    const auto device = make_device(endpoint.device, mtu);
    if (!device) return tl::unexpected(device.error());
    const auto passed = router_.pass(endpoint.port, device->descriptor());
    if (!passed && !passed.error().is_absence) return failure(passed.error().message);
    if (!passed) say(fmt::format("port {}: later: {}", endpoint.port, passed.error().message));
    return {};
}

Result<json> Driver::join(const json& request) {
    const auto id = id_in(request, "EndpointID");
    if (!id) return tl::unexpected(id.error());
    const std::lock_guard turn{*turn_};
    const auto found = records_.endpoints.find(*id);
    if (found == records_.endpoints.end()) return failure(fmt::format("endpoint {} is not known here", *id));
    const Network network = records_.networks.at(found->second.network);

    // Written down first: a device of which nobody knows would stay.
    Records next = records_;
    Endpoint& endpoint = next.endpoints.at(*id);
    endpoint.device = "hp" + id->substr(0, 12);
    endpoint.sandbox = text_in(request, "SandboxKey");
    if (const auto kept = keep(next); !kept) return tl::unexpected(kept.error());
    records_ = next;
    if (const auto plugged = plug(endpoint, network.mtu); !plugged) return tl::unexpected(plugged.error());

    json answer{{"InterfaceName", {{"SrcName", endpoint.device}, {"DstPrefix", "eth"}}}};
    // Without a gateway of ours the engine must not think of one of its own: that would be another network card, past the firewall.
    if (network.gateway && network.role == "internal")
        answer["Gateway"] = network.address.substr(0, network.address.find('/'));
    else
        answer["DisableGatewayService"] = true;
    return answer;
}

Result<json> Driver::leave(const json& request) {
    const auto id = id_in(request, "EndpointID");
    if (!id) return tl::unexpected(id.error());
    const std::lock_guard turn{*turn_};
    const auto found = records_.endpoints.find(*id);
    if (found == records_.endpoints.end() || found->second.sandbox.empty()) return json::object();
    Records next = records_;
    Endpoint& endpoint = next.endpoints.at(*id);
    // The engine takes the device out of the container now. It goes with the endpoint.
    endpoint.sandbox.clear();
    const bool was_published = !endpoint.published.empty();
    endpoint.published.clear();
    const std::string comment = "docker: nothing of port " + endpoint.port + " is published";
    if (was_published) {
        if (const auto done = settle(std::move(next), comment); !done) return tl::unexpected(done.error());
    } else {
        if (const auto kept = keep(next); !kept) return tl::unexpected(kept.error());
        records_ = std::move(next);
    }
    return json::object();
}

Result<json> Driver::publish(const json& request) {
    const auto id = id_in(request, "EndpointID");
    if (!id) return tl::unexpected(id.error());
    const auto asked = asked_ports(request);
    if (!asked) return tl::unexpected(asked.error());
    const std::lock_guard turn{*turn_};
    const auto found = records_.endpoints.find(*id);
    if (found == records_.endpoints.end()) return failure(fmt::format("endpoint {} is not known here", *id));
    if (asked->empty() && found->second.published.empty()) return json::object();
    if (found->second.address.empty())
        return failure("a container without an address publishes nothing (its network has --ipam-driver null)");
    Records next = records_;
    next.endpoints.at(*id).published.clear();
    auto published = publications_of(*asked, next);
    if (!published) return tl::unexpected(published.error());
    next.endpoints.at(*id).published = *std::move(published);
    if (const auto done = settle(std::move(next), "docker: ports of " + found->second.port); !done)
        return tl::unexpected(done.error());
    return json::object();
}

Result<json> Driver::withdraw(const json& request) {
    const auto id = id_in(request, "EndpointID");
    if (!id) return tl::unexpected(id.error());
    const std::lock_guard turn{*turn_};
    const auto found = records_.endpoints.find(*id);
    if (found == records_.endpoints.end() || found->second.published.empty()) return json::object();
    Records next = records_;
    next.endpoints.at(*id).published.clear();
    if (const auto done = settle(std::move(next), "docker: nothing of port " + found->second.port + " is published"); !done)
        return tl::unexpected(done.error());
    return json::object();
}

void Driver::pass_devices() {
    const auto ports = router_.ports();
    if (!ports) return;
    for (const auto& [id, endpoint] : records_.endpoints) {
        const auto port = ports->find(endpoint.port);
        if (endpoint.device.empty() || port == ports->end() || port->second) continue;
        const auto mac = MacAddress::parse(endpoint.mac);
        const auto device = find_device(endpoint.device, mac.value_or(MacAddress{}), endpoint.sandbox);
        if (!device) {
            say(fmt::format("port {}: {}", endpoint.port, device.error().message));
            continue;
        }
        if (const auto passed = router_.pass(endpoint.port, device->descriptor()); !passed)
            say(fmt::format("port {}: {}", endpoint.port, passed.error().message));
    }
}

void Driver::follow() {
    std::string said;
    while (true) {
        {
            const std::lock_guard turn{*turn_};
            Records next = records_;
            const auto agreed =
                router_.agree(next, "docker: networks and ports", [&](const Records& records) { return keep(records); });
            const std::string problem = agreed ? std::string{} : agreed.error().message;
            if (problem != said && !problem.empty()) say(problem);
            said = problem;
            if (agreed) {
                remove_leftovers(next);
                records_ = std::move(next);
                pass_devices();
            }
        }
        router_.wait_for_its_end();
        // Where it was not there, or refuses: again in a while.
        std::this_thread::sleep_for(kRetry);
    }
}

}  // namespace hairpin::docker

#include "sidecar/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

namespace hairpin::sidecar {

namespace {

tl::unexpected<Error> wrong(const char* option, const std::string& value, const char* wanted) {
    return failure(fmt::format("{} {}: {}", option, value, wanted));
}

Result<Route> route_of(const std::string& text) {
    constexpr const char* kWanted =
        "a route is PREFIX=ROUTER, as in 10.0.0.0/8=192.0.2.1, or PREFIX where its hosts are on the link";
    const std::size_t equals = text.find('=');
    const auto prefix = Ipv4Prefix::parse(text.substr(0, equals));
    if (!prefix) return wrong("--route", text, kWanted);
    if (equals == std::string::npos) return Route{*prefix, std::nullopt};
    const auto via = Ipv4Address::parse(text.substr(equals + 1));
    if (!via) return wrong("--route", text, kWanted);
    return Route{*prefix, via};
}

std::optional<User> user_of(const std::string& text) {
    User user;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, user.user);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, user.group);
    if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
    return user;
}

// A name becomes one of a file in places that this program may write to.
bool is_port_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 && name.front() != '.' && name.find_first_of("/ \t\n") == std::string::npos;
}

}  // namespace

void describe_options(CLI::App& app, Options& options) {
    app.description(
        "Makes this network namespace a host of Hairpin: opens a TAP device in it, sets it up, and passes it to a port of the "
        "switch, now and "
        "whenever the gateway is a new one.");
    app.add_option("--port", options.ports,
                   "Port of the switch (tap origin passed); of several, the first that no other hairpin-port has, for replicas")
        ->type_name("NAME,...")
        ->delimiter(',');
    app.add_option("--address", options.addresses, "Address of the host, with its length; of several ports, one for each")
        ->type_name("ADDRESS/LENGTH,...")
        ->delimiter(',');
    app.add_option("--gateway", options.gateway, "Default route")->type_name("ADDRESS");
    app.add_option("--route", options.routes, "Another route: by a router, or to hosts on the link")
        ->type_name("PREFIX[=ROUTER],...")
        ->delimiter(',');
    app.add_option("--device", options.device, "What the host calls its interface")->type_name("NAME")->capture_default_str();
    app.add_option("--socket", options.socket, "The gateway's port socket")->type_name("PATH")->capture_default_str();
    app.add_flag("--healthy", options.healthy, "Only say whether the gateway has the interface: ends with 0 or 1");
    app.add_option("--user", options.user, "Whom the command runs as, as UID:GID in numbers; wants CAP_SETUID and CAP_SETGID")
        ->type_name("NUMBERS");
    app.add_option("command", options.command, "Run this beside it, without any capability, and end with it")
        ->type_name("COMMAND...");
    app.set_version_flag("--version", std::string{"hairpin-port "} + HAIRPIN_VERSION, "Print the version");
}

std::vector<Ipv4InterfaceAddress> Plan::addresses_of(std::size_t port) const {
    if (ports.size() == 1) return addresses;
    return {addresses.at(port)};
}

Result<Plan> plan_of(const Options& options) {
    Plan plan{.socket = options.socket,
              .ports = options.ports,
              .addresses = {},
              .routes = {},
              .device = options.device,
              .user = {},
              .command = options.command};
    if (plan.ports.empty()) return failure("--port is missing: which port of the switch this host is (hairpin-port --help)");
    for (const std::string& port : plan.ports)
        if (!is_port_name(port)) return wrong("--port", port, "a port's name has 1 to 64 characters and no blank or \"/\"");
    for (const std::string& text : options.addresses) {
        const auto address = Ipv4InterfaceAddress::parse(text);
        if (!address) return wrong("--address", text, "an address has a length, as in 192.0.2.10/24");
        plan.addresses.push_back(*address);
    }
    if (plan.ports.size() > 1 && plan.addresses.size() != plan.ports.size())
        return failure(
            fmt::format("{} ports want an address each, and --address has {}", plan.ports.size(), plan.addresses.size()));
    for (const std::string& text : options.routes) {
        const auto route = route_of(text);
        if (!route) return tl::unexpected(route.error());
        plan.routes.push_back(*route);
    }
    if (!options.gateway.empty()) {
        const auto gateway = Ipv4Address::parse(options.gateway);
        if (!gateway) return wrong("--gateway", options.gateway, "an address, as in 192.0.2.1");
        plan.routes.push_back({Ipv4Prefix{}, gateway});
    }
    if (!options.user.empty()) {
        plan.user = user_of(options.user);
        if (!plan.user) return wrong("--user", options.user, "a user and a group, in numbers, as in 101:101");
    }
    return plan;
}

}  // namespace hairpin::sidecar

#pragma once
// What hairpin-port is told: which port of the switch it is to be, and how the host's interface is set up.

#include <optional>
#include <string>
#include <vector>

#include "net/ipv4_address.h"
#include "net/result.h"

namespace CLI {
class App;
}

namespace hairpin::sidecar {

// To a prefix by a router, or without one where the hosts of the prefix are on the link.
struct Route {
    Ipv4Prefix prefix;
    std::optional<Ipv4Address> via;
    friend bool operator==(const Route&, const Route&) = default;
};

// Whom the application runs as.
struct User {
    unsigned user = 0, group = 0;
    friend bool operator==(const User&, const User&) = default;
};

// As typed.
struct Options {
    std::string socket = "/run/hairpin/ports/ports.sock";
    std::vector<std::string> ports;
    std::vector<std::string> addresses;
    std::string gateway;
    std::vector<std::string> routes;  // PREFIX or PREFIX=VIA
    std::string device = "eth1";
    bool healthy = false;
    std::string user;  // UID:GID
    std::vector<std::string> command;
};
void describe_options(CLI::App& app, Options& options);

// As meant. One port has all the addresses; of several, which replicas of one service share out among themselves, each has the address that
// stands at its place.
struct Plan {
    std::string socket;
    std::vector<std::string> ports;
    std::vector<Ipv4InterfaceAddress> addresses;
    std::vector<Route> routes;
    std::string device;
    std::optional<User> user;
    std::vector<std::string> command;  // to be run without any capability; none: only the port is kept

    std::vector<Ipv4InterfaceAddress> addresses_of(std::size_t port) const;
};
// An Error says which option is wrong, and how it is written.
Result<Plan> plan_of(const Options& options);

}  // namespace hairpin::sidecar

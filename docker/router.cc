#include "docker/router.h"

#include <fmt/format.h>
#include <poll.h>

#include <nlohmann/json.hpp>

#include "control/client.h"
#include "control/protocol.h"
#include "docker/agreement.h"
#include "sidecar/port_client.h"

namespace hairpin::docker {

using nlohmann::json;

namespace {

tl::unexpected<Trouble> trouble(const control::CallError& error) {
    Trouble told;
    told.message = error.sentence();
    told.is_absence = error.failure != control::CallFailure::refused;
    return tl::unexpected(told);
}

tl::unexpected<Trouble> trouble(const Error& error, bool is_absence = false) {
    Trouble told;
    told.message = error.message;
    told.is_absence = is_absence;
    return tl::unexpected(told);
}

}  // namespace

tl::expected<void, Trouble> Router::agree(Records& records, const std::string& comment, const Keep& keep) const {
    auto daemon = control::Client::connect(sockets_.control, kPatience);
    if (!daemon) return trouble(daemon.error());
    const auto settled = [&]() -> tl::expected<void, Trouble> {
        if (!forget_what_is_over(records)) return {};
        if (const auto kept = keep(records); !kept) return trouble(kept.error());
        return {};
    };
    for (int tries = 0; tries < kMostTries; ++tries) {
        auto current = daemon->call(control::method::kConfigGet);
        if (!current) return trouble(current.error());
        auto wanted = agreeing(current->at("config"), records);
        if (!wanted) return trouble(wanted.error());
        if (*wanted == current->at("config")) return settled();
        if (const auto kept = keep(records); !kept) return trouble(kept.error());
        const auto done = daemon->call(control::method::kConfigCommit,
                                       {{"config", *wanted}, {"base", current->at("generation")}, {"comment", comment}});
        if (done) return settled();
        if (done.error().failure != control::CallFailure::refused || done.error().code != control::kConflict)
            return trouble(done.error());
    }
    return trouble(Error{fmt::format("somebody else has committed {} times meanwhile", kMostTries)});
}

tl::expected<json, Trouble> Router::configuration() const {
    auto daemon = control::Client::connect(sockets_.control, kPatience);
    if (!daemon) return trouble(daemon.error());
    auto current = daemon->call(control::method::kConfigGet);
    if (!current) return trouble(current.error());
    return current->at("config");
}

tl::expected<std::map<std::string, bool>, Trouble> Router::ports() const {
    auto daemon = control::Client::connect(sockets_.control, kPatience);
    if (!daemon) return trouble(daemon.error());
    const auto shown = daemon->call(control::method::kShowPorts);
    if (!shown) return trouble(shown.error());
    std::map<std::string, bool> ports;
    for (const json& row : shown->at("rows")) ports[row.at("name")] = row.at("state") == "up";
    return ports;
}

tl::expected<void, Trouble> Router::pass(const std::string& port, int device) const {
    auto socket = sidecar::PortClient::connect(sockets_.ports);
    if (!socket) return trouble(socket.error(), true);
    if (const auto passed = socket->pass(port, device, sidecar::PortClient::Stays::for_good); !passed)
        return trouble(passed.error(), true);
    pollfd waits{socket->descriptor(), POLLIN, 0};
    if (::poll(&waits, 1, static_cast<int>(kPatience.count())) <= 0)
        return trouble(Error{fmt::format("{}: the daemon does not answer", sockets_.ports)}, true);
    const auto answer = socket->answer();
    if (!answer) return trouble(answer.error(), true);
    if (!*answer) return trouble(Error{fmt::format("{}: the daemon does not answer", sockets_.ports)}, true);
    if (!(*answer)->ok) return trouble(Error{fmt::format("port {}: {}", port, (*answer)->error)});
    return {};
}

void Router::wait_for_its_end() const {
    auto daemon = control::Client::connect(sockets_.control, kPatience);
    // Events of a topic that are few: what is waited for is the end of the connection.
    if (!daemon || !daemon->call(control::method::kMonitor, {{"topics", json::array({"configuration"})}})) return;
    (void)daemon->listen([](const json&) { return true; });
}

}  // namespace hairpin::docker

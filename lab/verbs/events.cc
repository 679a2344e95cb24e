#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "control/client.h"
#include "control/protocol.h"
#include "lab/enclave.h"
#include "lab/event_log.h"
#include "lab/lab_paths.h"
#include "lab/live_view.h"
#include "lab/lookup.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

using Clock = std::chrono::steady_clock;

// A line at a time, so that two threads' lines do not mix.
void tell(const nlohmann::ordered_json& event, Format format) {
    const std::string line =
        (format == Format::json ? event.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                                : event_line(event)) +
        "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
}

std::string now() { return timestamp(std::chrono::system_clock::now()); }

// Until hairpind does not answer any more; the other thread tells that.
void tell_statistics(const LabState& lab, std::chrono::milliseconds interval, Format format) {
    std::optional<Rows> before;
    auto asked = Clock::now();
    for (;;) {
        const auto rows = interfaces_of(lab);
        const auto at = Clock::now();
        if (!rows) return;
        for (const auto& event : stats_events(lab, *rows, before ? &*before : nullptr, at - asked, now())) tell(event, format);
        before = *rows;
        asked = at;
        std::this_thread::sleep_until(at + interval);
    }
}

}  // namespace

ExitCode events(const EventsOptions& options) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    const auto name = find_lab(options.lab);
    if (!name) return report(ExitCode::not_found, name.error().message);
    const auto lab = read_state(*name);
    if (!lab || lab->gateway() == nullptr)
        return report(ExitCode::failed, fmt::format("of the lab \"{}\" only remains are there", *name));

    auto client = control::Client::connect(LabPaths{lab->lab}.control_socket());
    if (!client) return report(ExitCode::unreachable, client.error().sentence());
    // First the subscription and then the state, so that nothing falls between them.
    if (const auto subscribed = client->call(control::method::kMonitor); !subscribed)
        return report(ExitCode::unreachable, subscribed.error().sentence());
    const auto rows = interfaces_of(*lab);
    if (!rows) return report(ExitCode::unreachable, rows.error().message);
    if (options.initial_state)
        for (const auto& event : initial_events(*lab, *rows, now())) tell(event, options.format);
    PortOwners owners = owners_in(*rows);
    if (options.statistics) std::thread{tell_statistics, *lab, *options.statistics, options.format}.detach();
    const auto ended = client->listen([&](const nlohmann::json& told) {
        // Of a port that has gone, what is known of it goes on to say whose it was.
        if (told.value("event", "") == "port_added")
            if (const auto more = interfaces_of(*lab)) owners.merge(owners_in(*more));
        tell(event_of(*lab, told, owners), options.format);
        return true;
    });
    return ended ? ExitCode::ok : report(ExitCode::unreachable, ended.error().sentence());
}

}  // namespace hairpin::lab

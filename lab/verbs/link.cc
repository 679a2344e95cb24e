#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "lab/enclave.h"
#include "lab/impairment_keys.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/machines/monitor.h"
#include "lab/machines/qemu.h"
#include "lab/port_settings.h"
#include "lab/verbs/impair.h"
#include "lab/verbs/link_place.h"

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;

std::string wrong_flap(const LinkOptions& options) {
    for (const auto& [name, time] : {std::pair{"--up", options.up}, std::pair{"--down", options.down}})
        if (const auto wrong = wrong_time(time)) return fmt::format("{}: {}", name, *wrong);
    if (!options.jitter.empty())
        if (const auto wrong = wrong_time(options.jitter)) return fmt::format("--jitter: {}", *wrong);
    return "";
}

// A TAP's carrier is the daemon's to take away; of a machine's cable QEMU tells the guest.
Result<void> tell_guest(const LinkPlace& place, bool is_up) {
    const auto lab = read_state(place.lab);
    if (!lab) return {};
    const auto end = lab->end_of(place.port);
    if (!end || end->node->role != NodeRole::machine) return {};
    return set_link(end->node->monitor, netdev_id(place.port), is_up);
}

}  // namespace

Result<LinkPlace> find_link(const LinkChoice& choice) {
    const bool by_option = !choice.node.empty();
    if (by_option != !choice.interface.empty()) return failure("a link by its node wants both: -n NODE -i INTERFACE");
    if (choice.place.size() > (by_option ? 1U : 2U)) return failure("too many words: [LAB] LINK");
    LinkPlace place;
    if (by_option) {
        place.link = choice.node + ":" + choice.interface;
    } else if (!choice.place.empty()) {
        place.link = choice.place.back();
    }
    // One word is a link, or else a lab, of all of whose links something is asked.
    const bool one_word = !by_option && choice.place.size() == 1 && choice.topology.empty();
    if (one_word && is_known_lab(choice.place.front())) {
        if (const auto only = find_lab(""))
            if (const auto port = find_port(*only, choice.place.front()))
                return LinkPlace{.lab = *only, .port = *port, .link = choice.place.front()};
        return LinkPlace{.lab = choice.place.front(), .port = {}, .link = {}};
    }
    const bool lab_is_typed = choice.place.size() == (by_option ? 1U : 2U);
    const auto lab = find_lab(lab_is_typed ? choice.place.front() : choice.topology);
    if (!lab) return tl::unexpected(lab.error());
    place.lab = *lab;
    if (place.link.empty()) return place;
    auto port = find_port(place.lab, place.link);
    if (!port) return tl::unexpected(port.error());
    place.port = std::move(*port);
    return place;
}

ExitCode link_state(LinkState state, const LinkOptions& options) {
    if (const std::string wrong = wrong_flap(options); state == LinkState::flap && !wrong.empty())
        return report(ExitCode::usage, wrong);
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    const auto place = find_link(options.link);
    if (!place) return report(ExitCode::not_found, place.error().message);
    if (place->port.empty()) return report(ExitCode::usage, kWhichLink);
    constexpr const char* kStates[] = {"up", "down", "flap"};
    const std::string what = fmt::format("link {} {}", kStates[static_cast<int>(state)], place->link);
    const auto changed = change_port(place->lab, place->port, "hairpin lab " + what, [&](Json& port) -> Result<void> {
        port.erase("state");
        port.erase("flap");
        if (state == LinkState::down) port["state"] = "down";
        if (state == LinkState::flap) {
            port["flap"] = {{"up", options.up}, {"down", options.down}};
            if (!options.jitter.empty()) port["flap"]["jitter"] = options.jitter;
        }
        return {};
    });
    if (!changed) return report(ExitCode::failed, fmt::format("{}: {}", what, changed.error().message));
    if (const auto told = tell_guest(*place, state != LinkState::down); !told)
        return report(ExitCode::warnings,
                      fmt::format("{}: done at the switch, but the guest does not see it: {}", what, told.error().message));
    if (state == LinkState::flap)
        fmt::print("The link {} of the lab \"{}\" flaps: {} up, {} down.\n", place->link, place->lab, options.up, options.down);
    else
        fmt::print("The link {} of the lab \"{}\" is {}.\n", place->link, place->lab, kStates[static_cast<int>(state)]);
    return ExitCode::ok;
}

}  // namespace hairpin::lab

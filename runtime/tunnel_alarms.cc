#include "runtime/tunnel_alarms.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/log.h"
#include "switch/ports/vxlan_port.h"

namespace hairpin::runtime {

namespace {

std::string alarm_text(const std::string& port, const std::string& segment, const l2::VxlanPort& tunnel,
                       const l2::VxlanPort::Remote& remote, std::uint64_t refused) {
    const auto outer = tunnel.endpoint().path_mtu(remote.settings.address);
    const unsigned overhead = l2::VxlanPort::kOverhead;
    const unsigned fits = std::min(tunnel.mtu(), outer.value_or(overhead) - std::min(overhead, outer.value_or(overhead)));
    const std::string advice =
        outer && *outer > overhead
            ? fmt::format("outer_mtu={} mtu={} fits={} advice=\"set MTU {} on the hosts and interfaces of segment {}\"", *outer,
                          tunnel.mtu(), fits, fits, segment)
            : std::string{"advice=\"nobody knows the way there now\""};
    return fmt::format("event=tunnel_too_big port={} remote={} refused={} longest={} {}", port,
                       remote.settings.address.to_string(), refused, remote.longest_refused, advice);
}

}  // namespace

void TunnelAlarms::look(Timestamp now) {
    for (const auto& [name, entry] : worker_.ports()) {
        const l2::VxlanPort* tunnel = tunnel_of(entry);
        if (tunnel == nullptr) continue;
        for (const auto& remote : tunnel->remotes()) {
            if (remote.too_big == 0) continue;
            Told& told = told_[name + " " + remote.settings.address.to_string()];
            if (remote.too_big < told.refused) told = {};  // the port has come anew
            if (remote.too_big == told.refused || now < told.quiet_until) continue;
            log::warn(alarm_text(name, entry.settings.segment, *tunnel, remote, remote.too_big - told.refused));
            told = {remote.too_big, now + kBetweenAlarms};
        }
    }
}

}  // namespace hairpin::runtime

// VXLAN endpoints, whose sockets many ports share: what is readable is the endpoint, which tells its ports.

#include <utility>
#include <variant>

#include "runtime/clock.h"
#include "runtime/worker.h"
#include "switch/ports/vxlan_port.h"

namespace hairpin::runtime {

namespace {
// How many bursts one readable endpoint may take before the others get their turn.
constexpr int kBurstsPerEndpoint = 4;
}  // namespace

const l2::VxlanPort* tunnel_of(const Worker::PortEntry& entry) {
    if (!std::holds_alternative<l2::VxlanSettings>(entry.settings.device)) return nullptr;
    return static_cast<const l2::VxlanPort*>(entry.port.get());
}

l2::VxlanPort* tunnel_of(Worker::PortEntry& entry) { return const_cast<l2::VxlanPort*>(tunnel_of(std::as_const(entry))); }

std::size_t Worker::clear_tunnel_stations(const std::string& port) {
    std::size_t cleared = 0;
    for (auto& [name, entry] : ports_)
        if (l2::VxlanPort* tunnel = tunnel_of(entry); tunnel != nullptr && (port.empty() || port == name))
            cleared += tunnel->clear_stations();
    return cleared;
}

void Worker::watch_endpoints() {
    endpoints_.watch({.opened = [this](l2::VxlanEndpoint& endpoint) -> Result<void> {
                          auto poller =
                              Poller::watch(loop_, endpoint.readable_descriptor(), [this, &endpoint] { on_readable(endpoint); });
                          if (!poller) return tl::unexpected(poller.error());
                          endpoint_pollers_[&endpoint] = std::move(*poller);
                          return {};
                      },
                      .closing = [this](l2::VxlanEndpoint& endpoint) { endpoint_pollers_.erase(&endpoint); }});
}

// The endpoint tells the ports that it has something for.
void Worker::on_readable(l2::VxlanEndpoint& endpoint) {
    for (int bursts = 0; bursts < kBurstsPerEndpoint; ++bursts) {
        ledger_.recorder.begin_burst(monotonic_now());
        if (!endpoint.receive()) break;
    }
}

}  // namespace hairpin::runtime

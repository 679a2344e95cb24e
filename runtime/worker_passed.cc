// Ports whose devices come and go, because somebody else opens them.

#include <fmt/format.h>

#include "runtime/worker.h"
#include "switch/port_catalog.h"
#include "switch/ports/tap_port.h"

namespace hairpin::runtime {

namespace {

bool gets_passed_devices(const l2::PortSettings& settings) {
    const auto* tap = std::get_if<l2::TapSettings>(&settings.device);
    return tap != nullptr && tap->origin == l2::TapSettings::Origin::passed;
}

// The catalog opens a TapPort for what gets_passed_devices().
l2::TapPort& tap_port(const Worker::PortEntry& entry) { return static_cast<l2::TapPort&>(*entry.port); }

}  // namespace

Result<void> Worker::takes_a_passed_device(const std::string& port) const {
    const auto found = ports_.find(port);
    if (found == ports_.end())
        return failure(
            fmt::format("there is no port \"{}\" (`show ports` lists them; to add it: set switch port {} tap origin passed)",
                        port, port),
            "port");
    const l2::PortSettings& settings = found->second.settings;
    if (gets_passed_devices(settings)) return {};
    return failure(fmt::format("port \"{}\" gets no device from others{} (set switch port {} tap origin passed)", port,
                               std::holds_alternative<l2::TapSettings>(settings.device)
                                   ? std::string{": the daemon opens its TAP itself"}
                                   : fmt::format(": it is of kind {}", l2::kind_of(settings).name),
                               port),
                   "port");
}

Result<Worker::Plugged> Worker::plug(const std::string& port, l2::TapDevice device, std::string_view why) {
    if (const auto takes = takes_a_passed_device(port); !takes) return tl::unexpected(takes.error());
    PortEntry& entry = ports_.at(port);
    const auto& settings = std::get<l2::TapSettings>(entry.settings.device);
    const auto its_own = device.mac();
    if (!its_own) return tl::unexpected(its_own.error());
    const MacAddress mac = settings.mac.value_or(entry.host_mac.value_or(*its_own));
    if (mac != *its_own)
        if (const auto changed = device.set_mac(mac); !changed) return tl::unexpected(changed.error());

    l2::TapPort& tap = tap_port(entry);
    entry.poller = {};  // before the descriptor that it watches is closed
    entry.passed_device = device.name();
    entry.host_mac = mac;
    tap.plug(std::move(device));
    auto poller = Poller::watch(loop_, tap.readable_descriptor(), [this, &entry] { on_readable(entry); });
    if (!poller) {
        unplug(port, poller.error().message);
        return tl::unexpected(poller.error());
    }
    entry.poller = std::move(*poller);
    entry.was_attached = true;
    if (observer_ != nullptr) observer_->port_changed(port, "attached", why);
    return Plugged{mac, tap.mtu()};
}

void Worker::unplug(const std::string& port, std::string_view why) {
    const auto found = ports_.find(port);
    if (found == ports_.end() || !gets_passed_devices(found->second.settings)) return;
    if (found->second.was_attached) detached(found->second, why);
}

std::optional<l2::TapDevice> Worker::take_device(const std::string& port) {
    const auto found = ports_.find(port);
    if (found == ports_.end() || !gets_passed_devices(found->second.settings) || !found->second.port->attached())
        return std::nullopt;
    PortEntry& entry = found->second;
    entry.was_attached = false;
    entry.poller = {};
    entry.passed_device.clear();
    return tap_port(entry).unplug();
}

// What was passed is closed at once: an open descriptor would keep alive the namespace that it is from.
void Worker::detached(PortEntry& entry, std::string_view why) {
    entry.was_attached = false;
    if (!entry.port->may_return()) entry.poller = {};
    entry.passed_device.clear();
    if (gets_passed_devices(entry.settings)) tap_port(entry).unplug();
    if (observer_ != nullptr) observer_->port_changed(entry.settings.name, "detached", why);
}

}  // namespace hairpin::runtime

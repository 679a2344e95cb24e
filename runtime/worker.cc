#include "runtime/worker.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/clock.h"
#include "runtime/port_opener.h"
#include "switch/ports/vxlan_port.h"

namespace hairpin::runtime {

namespace {
constexpr auto kTickInterval = std::chrono::milliseconds{125};  // one Tick of net/time.h
// How many bursts one readable port may take before the others get their turn.
constexpr int kBurstsPerTurn = 4;
constexpr unsigned kAnyMtu = 65535;
}  // namespace

Worker::Worker(EventLoop& loop, const l2::SwitchSettings& switching, std::size_t session_capacity)
    : loop_(loop),
      bridge_({switching.mac_age, switching.mac_capacity, switching.mac_port_limit}, random_key(), pool_, ledger_),
      gateway_(pool_, ledger_, session_capacity, {random_key(), random_key()}),
      endpoints_(random_key(), ledger_) {
    watch_endpoints();
    for (const auto& segment : switching.segments) add_segment(segment.name);
    auto ticker = Ticker::start(loop, kTickInterval, [this] { tick(); });
    ensure(ticker.has_value());
    ticker_ = std::move(*ticker);
}

Worker::~Worker() = default;

void Worker::add_segment(const std::string& name) {
    if (!bridge_.find_segment(name)) bridge_.add_segment(name);
}

Result<void> Worker::add_port(const l2::PortSettings& settings) {
    if (ports_.contains(settings.name))
        return failure(fmt::format("port \"{}\" exists already: choose another name or remove it first", settings.name));
    const auto segment = bridge_.find_segment(settings.segment);
    if (!segment) return failure(fmt::format("port \"{}\": there is no segment \"{}\"", settings.name, settings.segment));
    auto port = open_configured_port(settings, pool_, ledger_, endpoints_);
    if (!port) return tl::unexpected(port.error());

    PortEntry& entry = ports_[settings.name];
    entry.settings = settings;
    entry.port = std::move(*port);
    entry.was_attached = entry.port->attached();
    // A tunnel says itself what is too long for it, and to which remote.
    entry.id = bridge_.add_port(*segment, settings.vlan, tunnel_of(entry) != nullptr ? kAnyMtu : entry.port->mtu());
    occupy(entry.id, {&entry, kNoInterface});
    give_features(entry);

    if (l2::VxlanPort* tunnel = tunnel_of(entry)) {
        tunnel->when_something_comes([this, &entry] { on_readable(entry); });
    } else if (const int descriptor = entry.port->readable_descriptor(); descriptor >= 0) {
        auto poller = Poller::watch(loop_, descriptor, [this, &entry] { on_readable(entry); });
        if (!poller) {
            const Error error = poller.error();
            remove_port(settings.name);
            return tl::unexpected(error);
        }
        entry.poller = std::move(*poller);
    }
    if (auto cabled = set_cable(settings.name, settings.cable); !cabled) {
        remove_port(settings.name);
        return cabled;
    }
    if (tunnel_of(entry) == nullptr && entry.port->readable_descriptor() < 0)
        on_readable(entry);  // a capture file is played when it is opened
    if (observer_ != nullptr) observer_->port_changed(settings.name, "added", "");
    return {};
}

Result<void> Worker::remove_port(const std::string& name) {
    const auto found = ports_.find(name);
    if (found == ports_.end()) return failure(fmt::format("there is no port \"{}\"", name));
    if (found->second.cable != nullptr) found->second.cable->cable.drop_all(DropReason::port_detached);
    bridge_.remove_port(found->second.id);
    forget(found->second.id);
    found->second.port->discard();
    ports_.erase(found);
    if (observer_ != nullptr) observer_->port_changed(name, "removed", "");
    return {};
}

Result<void> Worker::move_port(const l2::PortSettings& settings) {
    const auto found = ports_.find(settings.name);
    if (found == ports_.end()) return failure(fmt::format("there is no port \"{}\"", settings.name));
    const auto segment = bridge_.find_segment(settings.segment);
    if (!segment) return failure(fmt::format("port \"{}\": there is no segment \"{}\"", settings.name, settings.segment));
    PortEntry& entry = found->second;
    entry.settings.segment = settings.segment;
    entry.settings.vlan = settings.vlan;
    bridge_.move_port(entry.id, *segment, settings.vlan);
    give_features(entry);
    return {};
}

Result<void> Worker::add_static_station(const l2::StaticStationSettings& station) {
    const auto port = ports_.find(station.port);
    if (port == ports_.end())
        return failure(fmt::format("static station {}: there is no port \"{}\"", station.mac.to_string(), station.port));
    if (!bridge_.add_static_station(station.vlan, station.mac, port->second.id))
        return failure(fmt::format("static station {}: the MAC table is full of static stations", station.mac.to_string()));
    return {};
}

void Worker::remove_static_station(const l2::StaticStationSettings& station) {
    if (const auto port = ports_.find(station.port); port != ports_.end())
        bridge_.remove_static_station(station.vlan, station.mac, port->second.id);
}

Result<void> Worker::adopt(gateway::RulesetPtr ruleset) {
    for (const gateway::Interface& interface : ruleset->interfaces)
        if (interface.present() && !bridge_.find_segment(interface.segment))
            return failure(fmt::format("interface \"{}\": there is no segment \"{}\"", interface.name, interface.segment));

    std::vector<Attachment> wanted(std::max(attachments_.size(), ruleset->interfaces.size()));
    std::vector<InterfaceId> news;
    attachments_.resize(wanted.size());
    for (std::size_t i = 0; i < ruleset->interfaces.size(); ++i) {
        const gateway::Interface& interface = ruleset->interfaces[i];
        if (!interface.present()) continue;
        wanted[i] = {interface.name, interface.segment, interface.vlan, interface.mac, interface.mtu};
        if (is_news(static_cast<InterfaceId>(i), interface)) news.push_back(static_cast<InterfaceId>(i));
    }
    const std::vector<Attachment> before = attachments_;
    if (auto attached = attach(wanted); !attached) {
        ensure(attach(before).has_value());
        return attached;
    }
    for (std::size_t i = 0; i < before.size(); ++i)
        if (before[i].interface != wanted[i].interface) ledger_.recorder.forget(static_cast<InterfaceId>(i));
    const Timestamp now = monotonic_now();
    ledger_.recorder.begin_burst(now);
    gateway_.adopt(std::move(ruleset), now);
    for (const InterfaceId id : news) gateway_.announce(id, now, routed_);
    deliver(now);
    return {};
}

// Whether neighbours must be told of the interface: it is new to its segment, or speaks from other addresses than before.
bool Worker::is_news(InterfaceId id, const gateway::Interface& interface) const {
    const Attachment& attachment = attachments_[index_of(id)];
    if (!attachment.wanted() || attachment.segment != interface.segment || attachment.mac != interface.mac) return true;
    return gateway_.ruleset().interfaces[index_of(id)].addresses != interface.addresses;
}

// Sees to it that every interface of the gateway stands where it is wanted. Those that move leave first, so that two may change
// places. After a failure some are nowhere.
Result<void> Worker::attach(const std::vector<Attachment>& wanted) {
    for (std::size_t i = 0; i < attachments_.size(); ++i) {
        Attachment& attachment = attachments_[i];
        if (!attachment.port || attachment.same_place(wanted[i])) continue;
        bridge_.remove_port(*attachment.port);
        forget(*attachment.port);
        attachment = {};
    }
    for (std::size_t i = 0; i < attachments_.size(); ++i) {
        const Attachment& place = wanted[i];
        if (attachments_[i].port || !place.wanted()) continue;
        const auto port = bridge_.add_internal_port(*bridge_.find_segment(place.segment), place.vlan, place.mac, place.mtu);
        if (!port)
            return failure(fmt::format("interface \"{}\": MAC {} is another interface's on segment \"{}\"", place.interface,
                                       place.mac.to_string(), place.segment));
        attachments_[i] = place;
        attachments_[i].port = *port;
        occupy(*port, {nullptr, static_cast<InterfaceId>(i)});
    }
    return {};
}

void Worker::occupy(PortId port, Occupant occupant) {
    if (occupants_.size() <= index_of(port)) occupants_.resize(index_of(port) + 1);
    occupants_[index_of(port)] = occupant;
}

// A port that is gone from the bridge is gone from everywhere else, too.
void Worker::forget(PortId port) {
    occupants_[index_of(port)] = {};
    ledger_.recorder.forget(port);
    for (std::size_t i = audience_.size(); i-- > 0;) audience_[i]->gone(port);
}

void Worker::show_traffic(TrafficObserver& observer) {
    if (std::find(audience_.begin(), audience_.end(), &observer) == audience_.end()) audience_.push_back(&observer);
}

void Worker::hide_traffic(TrafficObserver& observer) { std::erase(audience_, &observer); }

const std::string* Worker::port_name(PortId id) const {
    if (index_of(id) >= occupants_.size() || occupants_[index_of(id)].port == nullptr) return nullptr;
    return &occupants_[index_of(id)].port->settings.name;
}

const std::string* Worker::interface_name(InterfaceId id) const {
    if (index_of(id) >= attachments_.size() || !attachments_[index_of(id)].port) return nullptr;
    return &attachments_[index_of(id)].interface;
}

const std::string* Worker::interface_at(PortId id) const {
    return index_of(id) < occupants_.size() ? interface_name(occupants_[index_of(id)].interface) : nullptr;
}

std::optional<PortId> Worker::find_place(const std::string& name) const {
    if (const auto port = ports_.find(name); port != ports_.end()) return port->second.id;
    const auto at = std::find_if(attachments_.begin(), attachments_.end(),
                                 [&](const Attachment& attachment) { return attachment.port && attachment.interface == name; });
    return at == attachments_.end() ? std::nullopt : at->port;
}

const std::string* Worker::egress_port(InterfaceId interface, MacAddress station) const {
    if (index_of(interface) >= attachments_.size() || !attachments_[index_of(interface)].port) return nullptr;
    const Attachment& attachment = attachments_[index_of(interface)];
    const auto port =
        bridge_.stations().find({*bridge_.find_segment(attachment.segment), attachment.vlan, station}, monotonic_now());
    return port ? port_name(*port) : nullptr;
}

void Worker::receive_at(const std::string& port) {
    if (const auto found = ports_.find(port); found != ports_.end()) on_readable(found->second);
}

void Worker::on_readable(PortEntry& entry) {
    for (int bursts = 0; bursts < kBurstsPerTurn; ++bursts) {
        const Timestamp now = monotonic_now();
        ledger_.recorder.begin_burst(now, entry.id);
        const bool more = entry.port->receive(burst_, now);
        if (entry.cable != nullptr) arrive_by_cable(entry, now);
        if (!burst_.empty()) switch_burst(entry, now);
        if (!more) break;
    }
    notice(entry);
}

void Worker::notice(PortEntry& entry) {
    if (l2::VhostUserPort* guest = guest_of(entry)) return follow_guest(entry, *guest);
    if (entry.was_attached == entry.port->attached()) return;
    if (entry.was_attached) return detached(entry, "its device has gone");
    entry.was_attached = true;
    if (observer_ != nullptr) observer_->port_changed(entry.settings.name, "attached", "its device has come");
}

void Worker::switch_burst(PortEntry& entry, Timestamp now) {
    show(entry.id, TrafficObserver::Way::in, burst_, now);
    bridge_.forward(entry.id, burst_, now, switched_);
    deliver(now);
}

std::optional<gateway::EdgeGateway::OwnRefusal> Worker::send_own(PacketPtr packet, Timestamp now) {
    ledger_.recorder.begin_burst(now);
    const auto refused = gateway_.send_own(std::move(packet), now, routed_);
    deliver(now);
    return refused;
}

void Worker::request_arp(InterfaceId interface, Ipv4Address address, Timestamp now) {
    gateway_.request_arp(interface, address, now, routed_);
    deliver(now);
}

void Worker::tick() {
    const Timestamp now = monotonic_now();
    ledger_.recorder.begin_burst(now);
    bridge_.expire(now);
    bridge_.tick(now, switched_);
    endpoints_.let_go_of_unused();
    for (auto& [name, entry] : ports_) notice(entry);  // where it showed in what was sent
    gateway_.expire(now, routed_);
    deliver(now);
    for (auto& [name, entry] : ports_)
        if (entry.cable != nullptr) look_at_cable(entry);
}

void Worker::deliver(Timestamp now) {
    while (!switched_.empty() || !routed_.empty()) {
        switched_.drain([&](PortId destination, Batch& batch) { to_destination(destination, batch, now); });
        routed_.drain([&](InterfaceId interface, Batch& batch) {
            const PortId place = *attachments_[index_of(interface)].port;
            gateway_.count_departures(interface, batch);
            show(place, TrafficObserver::Way::out, batch, now);
            bridge_.forward(place, batch, now, switched_);
        });
    }
}

void Worker::to_destination(PortId destination, Batch& batch, Timestamp now) {
    const Occupant& occupant = occupants_[index_of(destination)];
    show(destination, occupant.port != nullptr ? TrafficObserver::Way::out : TrafficObserver::Way::in, batch, now);
    if (occupant.port != nullptr && occupant.port->cable != nullptr) return send_by_cable(*occupant.port, batch, now);
    if (occupant.port != nullptr) return occupant.port->port->send(batch, now);
    gateway_.forward(occupant.interface, batch, now, routed_);
}

}  // namespace hairpin::runtime

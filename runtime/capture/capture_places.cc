#include "runtime/capture/capture_places.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hairpin::runtime {

namespace {

constexpr std::string_view kGateway = "gateway";

std::string as_interface(const std::string& name) { return fmt::format("{}:{}", kGateway, name); }

const gateway::Interface* find_interface(const Worker& worker, const std::string& name) {
    if (!worker.gateway().has_rules()) return nullptr;
    const gateway::Ruleset& rules = worker.gateway().ruleset();
    const auto id = rules.interface_id(name);
    return id ? &rules.interfaces[index_of(*id)] : nullptr;
}

}  // namespace

Result<CapturePlaces> CapturePlaces::of(const Worker& worker, const std::vector<std::string>& names) {
    CapturePlaces places{worker};
    places.asked_ = names;
    places.everything_ = names.empty();
    for (const std::string& name : names)
        if (auto chosen = places.choose(name); !chosen) return tl::unexpected(chosen.error());
    for (const auto& [name, entry] : worker.ports()) places.at(entry.id);
    if (worker.gateway().has_rules())
        for (std::size_t i = 0; i < worker.gateway().ruleset().interfaces.size(); ++i) places.at(static_cast<InterfaceId>(i));
    return places;
}

Result<void> CapturePlaces::choose(const std::string& text) {
    const auto colon = text.find(':');
    const std::string kind = colon == std::string::npos ? "" : text.substr(0, colon);
    const bool knows_kind = kind == "port" || kind == kGateway || kind == "segment";
    const std::string name = knows_kind ? text.substr(colon + 1) : text;
    if (!knows_kind && name == kGateway) return gateway_ = true, Result<void>{};
    if ((!knows_kind || kind == "port") && worker_->ports().contains(name)) return names_.insert(name), Result<void>{};
    if ((!knows_kind || kind == kGateway) && find_interface(*worker_, name) != nullptr)
        return names_.insert(as_interface(name)), Result<void>{};
    if ((!knows_kind || kind == "segment") && worker_->bridge().find_segment(name)) return segments_.insert(name), Result<void>{};
    return failure(
        knows_kind
            ? fmt::format("there is no {} \"{}\"", kind == kGateway ? "interface of the gateway" : kind, name)
            : fmt::format("there is no port, no interface of the gateway and no segment \"{}\" (a filter is said as filter "
                          "\"tcp port 80\")",
                          name),
        "places");
}

bool CapturePlaces::wants(const Candidate& candidate) const {
    const bool interface = candidate.interface != kNoInterface;
    return everything_ || (interface && gateway_) || names_.contains(candidate.name) || segments_.contains(candidate.segment);
}

std::uint16_t CapturePlaces::place_of(PortId port) {
    if (const std::string* name = worker_->interface_at(port)) {
        const auto id = worker_->gateway().ruleset().interface_id(*name);
        const auto place = id ? at(*id) : std::nullopt;
        return place.value_or(kNotHere);
    }
    const std::string* name = worker_->port_name(port);
    if (name == nullptr) return kUnknown;
    const std::string& segment = worker_->ports().at(*name).settings.segment;
    return enter({*name, segment, fmt::format("port of segment {}", segment)});
}

std::uint16_t CapturePlaces::place_of(InterfaceId interface) {
    const gateway::Ruleset& rules = worker_->gateway().ruleset();
    if (index_of(interface) >= rules.interfaces.size() || !rules.interfaces[index_of(interface)].present()) return kUnknown;
    const gateway::Interface& link = rules.interfaces[index_of(interface)];
    std::string addresses;
    for (const auto& address : link.addresses) addresses += ", " + address.to_string();
    return enter({as_interface(link.name), link.segment,
                  fmt::format("interface {} of the gateway on segment {}{}", link.name, link.segment, addresses), interface});
}

std::uint16_t CapturePlaces::enter(const Candidate& candidate) {
    if (!wants(candidate)) return kNotHere;
    const auto known =
        std::find_if(places_.begin(), places_.end(), [&](const Place& place) { return place.name == candidate.name; });
    if (known != places_.end()) {
        known->interface = candidate.interface;
        return static_cast<std::uint16_t>(known - places_.begin());
    }
    if (places_.size() == kMostPlaces) return kNotHere;
    places_.push_back({candidate.name, candidate.description, candidate.interface});
    return static_cast<std::uint16_t>(places_.size() - 1);
}

std::optional<std::uint16_t> CapturePlaces::nowhere() {
    const std::uint16_t place =
        everything_ ? enter({"elsewhere", "", "packets of which nobody knows where they were"}) : kNotHere;
    return place == kNotHere ? std::nullopt : std::optional{place};
}

// An interface that is gone has its number no more, either.
void CapturePlaces::forget(PortId port) {
    if (index_of(port) < of_ports_.size()) of_ports_[index_of(port)] = kUnknown;
    of_interfaces_.clear();
}

std::string CapturePlaces::text() const { return everything_ ? "everything" : fmt::format("{}", fmt::join(asked_, " ")); }

}  // namespace hairpin::runtime

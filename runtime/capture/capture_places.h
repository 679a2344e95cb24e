#pragma once
// Where a capture looks: ports of the switch and interfaces of the gateway, chosen by name. Each is an interface of the file, in the order in
// which they became known; one that comes while the capture runs is added when its first packet is seen, and one that goes and comes again under
// its name is the same.
//
//   workstation       a port of that name; else an interface of the gateway; else a segment
//   port:X  gateway:X  segment:X   which of the three it is; a segment is all of its ports and interfaces
//   gateway           all interfaces of the gateway
//   (none)            everything

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/worker.h"

namespace hairpin::runtime {

class CapturePlaces {
public:
    struct Place {
        std::string name;         // "workstation", "gateway:lan"
        std::string description;  // "port of segment lan"
        InterfaceId interface = kNoInterface;
        std::uint64_t seen = 0;       // that matched, those that were lost among them
        std::uint64_t lost = 0;       // did not fit
        std::uint64_t lost_last = 0;  // of these, since the last one that did
    };
    static constexpr std::size_t kMostPlaces = 4096;  // what comes beyond is not captured

    // Fails, with the path "places", at a name that nobody has.
    static Result<CapturePlaces> of(const Worker& worker, const std::vector<std::string>& names);

    // The place that a port of the switch, or the gateway's interface there, is; nothing when nobody looks there.
    std::optional<std::uint16_t> at(PortId port) {
        return look_up(of_ports_, index_of(port), [&] { return place_of(port); });
    }
    // The same of an interface by its own number.
    std::optional<std::uint16_t> at(InterfaceId interface) {
        return look_up(of_interfaces_, index_of(interface), [&] { return place_of(interface); });
    }
    // Of packets of which nobody knows where they were: only where everything is captured.
    std::optional<std::uint16_t> nowhere();
    void forget(PortId port);

    std::vector<Place>& all() { return places_; }
    const std::vector<Place>& all() const { return places_; }
    // As they were asked for; "everything" without any.
    std::string text() const;

private:
    static constexpr std::uint16_t kUnknown = 0xffff, kNotHere = 0xfffe;
    struct Candidate {
        std::string name, segment, description;
        InterfaceId interface = kNoInterface;
    };

    explicit CapturePlaces(const Worker& worker) : worker_(&worker) {}
    Result<void> choose(const std::string& name);
    bool wants(const Candidate& candidate) const;
    // kUnknown of a number that nobody has yet, kNotHere where nobody looks.
    std::uint16_t place_of(PortId port);
    std::uint16_t place_of(InterfaceId interface);
    std::uint16_t enter(const Candidate& candidate);
    template <class Find>
    std::optional<std::uint16_t> look_up(std::vector<std::uint16_t>& known, std::size_t index, Find&& find) {
        if (index >= known.size()) known.resize(index + 1, kUnknown);
        if (known[index] == kUnknown) known[index] = find();
        return known[index] >= kNotHere ? std::nullopt : std::optional{known[index]};
    }

    const Worker* worker_;
    std::vector<std::string> asked_;
    bool everything_ = false, gateway_ = false;
    std::set<std::string> names_;     // of places
    std::set<std::string> segments_;  // all of whose places are wanted
    std::vector<Place> places_;
    std::vector<std::uint16_t> of_ports_, of_interfaces_;  // by number
};

}  // namespace hairpin::runtime

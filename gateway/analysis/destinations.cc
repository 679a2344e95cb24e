#include "gateway/analysis/destinations.h"

#include <algorithm>

namespace hairpin::gateway::analysis {

namespace {

// Where the answer may change: at the ends of every network, and around single addresses.
std::vector<std::uint32_t> borders_of(const RouteTable& routes, const IntervalSet& singles) {
    std::vector<std::uint32_t> borders{0};
    const auto add = [&](std::uint32_t first, std::uint32_t last) {
        borders.push_back(first);
        if (last != ~std::uint32_t{0}) borders.push_back(last + 1);
    };
    for (const Route& route : routes.routes()) add(route.prefix.first().number(), route.prefix.last().number());
    for (const Interval& interval : singles.intervals()) add(interval.first, interval.last);
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    return borders;
}

}  // namespace

Destinations::Destinations(const Ruleset& ruleset, const RouteTable& routes) {
    std::vector<Interval> own, broadcasts;
    for (const Interface& interface : ruleset.interfaces)
        for (const Ipv4InterfaceAddress& address : interface.addresses) {
            own.push_back({address.address.number(), address.address.number()});
            const auto broadcast = address.subnet.directed_broadcast();
            if (broadcast && interface.present()) broadcasts.push_back({broadcast->number(), broadcast->number()});
        }
    itself_ = IntervalSet::of(std::move(own));
    const IntervalSet singles = itself_.united(IntervalSet::of(std::move(broadcasts)));  // no route is asked about these

    std::array<std::vector<Interval>, kMaxInterfaces> intervals;
    const auto borders = borders_of(routes, singles);
    for (std::size_t i = 0; i < borders.size(); ++i) {
        if (singles.contains(borders[i])) continue;
        const Route* route = routes.find(Ipv4Address{borders[i]});
        const std::uint32_t last = i + 1 < borders.size() ? borders[i + 1] - 1 : ~std::uint32_t{0};
        if (route != nullptr) intervals[index_of(route->interface)].push_back({borders[i], last});
    }
    reachable_ = itself_;
    for (std::size_t i = 0; i < kMaxInterfaces; ++i) {
        behind_[i] = IntervalSet::of(std::move(intervals[i]));
        reachable_ = reachable_.united(behind_[i]);
    }
}

IntervalSet Destinations::behind(const InterfaceSet& interfaces) const {
    IntervalSet all;
    std::size_t left = interfaces.count();
    for (std::size_t i = 0; left > 0; ++i) {
        if (!interfaces.test(i)) continue;
        all = all.united(behind_[i]);
        --left;
    }
    return all;
}

}  // namespace hairpin::gateway::analysis

#include "config/host_addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hairpin::config {

namespace {

// What Ipv4Address::is_no_hosts() says yes to, as ranges.
constexpr auto kNoHosts = std::to_array<gateway::AddressRange>({
    {Ipv4Address{0, 0, 0, 0}, Ipv4Address{0, 255, 255, 255}},
    {Ipv4Address{127, 0, 0, 0}, Ipv4Address{127, 255, 255, 255}},
    {Ipv4Address{224, 0, 0, 0}, Ipv4Address{255, 255, 255, 255}},
});

}  // namespace

std::string wrong_as_hosts(const std::vector<gateway::AddressRange>& ranges) {
    for (const gateway::AddressRange& range : ranges)
        for (const gateway::AddressRange& none : kNoHosts) {
            if (range.last < none.first || none.last < range.first) continue;
            if (range.single()) return fmt::format("{} is no address of a host", range.first.to_string());
            return fmt::format("{}-{} are no addresses of hosts", std::max(range.first, none.first).to_string(),
                               std::min(range.last, none.last).to_string());
        }
    return {};
}

}  // namespace hairpin::config

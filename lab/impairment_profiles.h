#pragma once
// Links that people know, as impairments: what `hairpin lab impair profile apply NAME LINK` sets. Down is from the switch to the host, up from
// the host. Each is somebody's usual day and no promise of anybody's product.

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace hairpin::lab {

struct ImpairmentProfile {
    using Direction = std::vector<std::pair<std::string_view, std::string_view>>;
    std::string_view name, description;
    Direction down, up;
};

inline const auto kImpairmentProfiles = std::to_array<ImpairmentProfile>({
    {"satellite",
     "geostationary: a round trip of 600 ms, 20 Mbit/s down and 3 up, a little loss",
     {{"delay", "300ms"}, {"jitter", "5ms"}, {"rate", "20mbit"}, {"loss", "0.1%"}},
     {{"delay", "300ms"}, {"jitter", "10ms"}, {"rate", "3mbit"}, {"loss", "0.1%"}}},
    {"3g",
     "a mobile network: a round trip of 100 ms and more, 2 Mbit/s down and 512 kbit/s up",
     {{"delay", "50ms"}, {"jitter", "15ms"}, {"distribution", "pareto"}, {"rate", "2mbit"}, {"loss", "0.5%"}},
     {{"delay", "50ms"}, {"jitter", "20ms"}, {"distribution", "pareto"}, {"rate", "512kbit"}, {"loss", "0.5%"}}},
    {"dsl",
     "a telephone line: 16 Mbit/s down and 1 up, a round trip of 20 ms, and a modem with a large buffer",
     {{"delay", "10ms"}, {"jitter", "1ms"}, {"rate", "16mbit"}, {"limit", "500"}},
     {{"delay", "10ms"}, {"jitter", "1ms"}, {"rate", "1mbit"}, {"limit", "500"}}},
    {"lossy-wifi",
     "too far from the access point: losses in bursts, jitter, 30 Mbit/s",
     {{"delay", "3ms"}, {"jitter", "3ms"}, {"distribution", "pareto"}, {"rate", "30mbit"}, {"loss", "3%"}, {"loss-burst", "5"}},
     {{"delay", "3ms"}, {"jitter", "5ms"}, {"distribution", "pareto"}, {"rate", "20mbit"}, {"loss", "3%"}, {"loss-burst", "5"}}},
});

}  // namespace hairpin::lab

#include "gateway/syn_proxy/syn_cookies.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "net/siphash.h"

namespace hairpin::gateway {

namespace {

constexpr Duration kPeriod = std::chrono::seconds{32};
constexpr unsigned kKnownBits = 9, kNoWindowScale = 15;
constexpr std::array<std::uint16_t, 8> kSizes{216, 536, 1200, 1360, 1400, 1440, 1460, 8960};

std::uint32_t period_of(Timestamp now) { return static_cast<std::uint32_t>(now.time_since_epoch() / kPeriod); }

}  // namespace

std::uint32_t SynCookies::mask(const Ipv4FlowKey& key, std::uint32_t sequence, std::uint32_t period) const {
    const std::array<std::uint32_t, 5> words{key.source.number(), key.destination.number(),
                                             std::uint32_t{key.source_port.number()} << 16 | key.destination_port.number(),
                                             sequence, period};
    return static_cast<std::uint32_t>(siphash(std::as_bytes(std::span{words}), secret_));
}

std::uint32_t SynCookies::make(const Ipv4FlowKey& key, const ClientSyn& syn, Timestamp now) const {
    const std::uint32_t period = period_of(now);
    const auto above = std::upper_bound(kSizes.begin() + 1, kSizes.end(), syn.mss);
    const auto size = static_cast<std::uint32_t>(above - kSizes.begin()) - 1;
    const std::uint32_t scale = syn.window_scale.value_or(kNoWindowScale);
    const std::uint32_t known = size << 6 | scale << 2 | (syn.selective_acknowledgments ? 2U : 0U) | (period & 1);
    return mask(key, syn.sequence, period) ^ known;
}

std::optional<ClientSyn> SynCookies::read(const Ipv4FlowKey& key, std::uint32_t sequence, std::uint32_t cookie,
                                          Timestamp now) const {
    for (const std::uint32_t period : {period_of(now), period_of(now) - 1}) {
        const std::uint32_t known = mask(key, sequence, period) ^ cookie;
        if (known >> kKnownBits != 0 || (known & 1) != (period & 1)) continue;
        const std::uint32_t scale = known >> 2 & 15;
        return ClientSyn{sequence, kSizes[known >> 6],
                         scale == kNoWindowScale ? std::nullopt : std::optional{static_cast<std::uint8_t>(scale)},
                         (known & 2) != 0};
    }
    return std::nullopt;
}

}  // namespace hairpin::gateway

#pragma once
// How long a session lives without packets, by protocol and state. The profile `rfc` is the default.

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "net/time.h"

namespace hairpin::gateway {

enum class SessionState : std::uint8_t { opening, established, closing, closed, reset, udp, icmp, other };

struct TimeoutRow {
    SessionState state;
    std::string_view name;     // what `show sessions` prints
    std::string_view setting;  // the leaf of the configuration that changes it
    std::chrono::seconds idle;
    std::string_view source;
};

// Indexed by SessionState.
inline constexpr auto kTimeoutRows = std::to_array<TimeoutRow>({
    {SessionState::opening, "opening", "tcp-opening", std::chrono::seconds{240}, "RFC 5382 REQ-5"},
    {SessionState::established, "established", "tcp-established", std::chrono::seconds{7440}, "RFC 5382 REQ-5"},
    {SessionState::closing, "closing", "tcp-closing", std::chrono::seconds{240}, "RFC 5382 REQ-5"},
    {SessionState::closed, "closed", "tcp-closed", std::chrono::seconds{240}, "RFC 7857 §2.1"},
    {SessionState::reset, "reset", "tcp-reset", std::chrono::seconds{240}, "RFC 7857 §2.2"},
    {SessionState::udp, "udp", "udp", std::chrono::seconds{300}, "RFC 4787 REQ-5"},
    {SessionState::icmp, "icmp", "icmp", std::chrono::seconds{60}, "RFC 5508 REQ-2"},
    {SessionState::other, "other", "other", std::chrono::seconds{600}, "as Linux does"},
});

constexpr const TimeoutRow& row_of(SessionState state) { return kTimeoutRows[static_cast<std::size_t>(state)]; }

consteval bool timeout_rows_stand_in_order() {
    for (std::size_t i = 0; i < kTimeoutRows.size(); ++i)
        if (static_cast<std::size_t>(kTimeoutRows[i].state) != i) return false;
    return kTimeoutRows.back().state == SessionState::other;
}
static_assert(timeout_rows_stand_in_order());

// The durations in force; starts as the table's defaults.
class Timeouts {
public:
    constexpr Timeouts() {
        for (std::size_t i = 0; i < kTimeoutRows.size(); ++i) idle_[i] = kTimeoutRows[i].idle;
    }
    constexpr Duration idle(SessionState state) const { return idle_[static_cast<std::size_t>(state)]; }
    constexpr void set(SessionState state, std::chrono::seconds idle) { idle_[static_cast<std::size_t>(state)] = idle; }
    friend bool operator==(const Timeouts&, const Timeouts&) = default;

private:
    std::array<std::chrono::seconds, kTimeoutRows.size()> idle_{};
};

}  // namespace hairpin::gateway

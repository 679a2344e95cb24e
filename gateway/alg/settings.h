#pragma once
// Which application layer gateways are on, and at which ports they listen. All are off unless somebody asks (RFC 4787 REQ-10, RFC 5382
// REQ-6), and each has a switch of its own (REQ-10a).

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "net/numbers.h"
#include "net/time.h"

namespace hairpin::gateway {

// A row each in what is shown.
enum class AlgKind : std::uint8_t { ftp, tftp, sip };
inline constexpr std::size_t kAlgKinds = 3;

struct AlgRow {
    AlgKind kind;
    std::string_view name;
    IpProtocol protocol;       // of its control session
    Duration patience;         // for what was announced
    std::size_t most_awaited;  // of one control session, whose oldest makes room
};
inline constexpr auto kAlgRows = std::to_array<AlgRow>({
    {AlgKind::ftp, "ftp", IpProtocol::tcp, std::chrono::seconds{30}, 8},
    {AlgKind::tftp, "tftp", IpProtocol::udp, std::chrono::seconds{30}, 8},
    // A telephone may ring for as long as timer C lets it (RFC 3261 §16.6), and all calls of an exchange may pass by one session: a call awaits four
    // flows, RTP and RTCP of both sides.
    {AlgKind::sip, "sip", IpProtocol::udp, std::chrono::seconds{180}, 128},
});
static_assert(kAlgRows.size() == kAlgKinds);
constexpr const AlgRow& row_of(AlgKind kind) { return kAlgRows[static_cast<std::size_t>(kind)]; }
constexpr std::string_view name_of(AlgKind kind) { return row_of(kind).name; }

struct AlgSettings {
    struct One {
        bool enabled = false;
        std::vector<L4Port> ports;  // the server's own, behind DNAT
        friend bool operator==(const One&, const One&) = default;
    };
    std::array<One, kAlgKinds> each;

    const One& of(AlgKind kind) const { return each[static_cast<std::size_t>(kind)]; }
    One& of(AlgKind kind) { return each[static_cast<std::size_t>(kind)]; }
    bool any() const {
        return std::any_of(each.begin(), each.end(), [](const One& one) { return one.enabled; });
    }
    bool listens(AlgKind kind, IpProtocol protocol, L4Port port) const {
        const One& one = of(kind);
        return one.enabled && protocol == row_of(kind).protocol &&
               std::find(one.ports.begin(), one.ports.end(), port) != one.ports.end();
    }
    friend bool operator==(const AlgSettings&, const AlgSettings&) = default;
};

}  // namespace hairpin::gateway

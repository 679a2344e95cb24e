#pragma once
// Which application layer gateways are on, and at which ports they listen. All are off unless somebody asks (RFC 4787 REQ-10, RFC 5382
// REQ-6), and each has a switch of its own (REQ-10a).

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "net/numbers.h"

namespace hairpin::gateway {

// A row each in what is shown.
enum class AlgKind : std::uint8_t { ftp, tftp };
inline constexpr std::size_t kAlgKinds = 2;

struct AlgRow {
    AlgKind kind;
    std::string_view name;
    IpProtocol protocol;  // of its control session
};
inline constexpr auto kAlgRows = std::to_array<AlgRow>({
    {AlgKind::ftp, "ftp", IpProtocol::tcp},
    {AlgKind::tftp, "tftp", IpProtocol::udp},
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

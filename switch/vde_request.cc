#include "switch/vde_request.h"

#include <algorithm>
#include <cstring>

namespace hairpin::l2 {

namespace {

constexpr std::uint32_t kMagic = 0xfeedface;
constexpr std::uint32_t kVersion = 3;
constexpr std::uint16_t kUnixFamily = 1;  // AF_UNIX

struct Fixed {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t type_and_port;
    std::uint16_t family;
    char path[108];
    char padding[2];  // the description begins here
};
constexpr std::size_t kPathOffset = offsetof(Fixed, path);
static_assert(kPathOffset + sizeof(Fixed::path) == VdeRequest::kFixedSize);

// The bits below the port: a new plug, or one that asks for the switch's port 0.
constexpr std::uint32_t kTypeMask = 0xff;
constexpr std::uint32_t kLastType = 1;

}  // namespace

std::optional<VdeRequest> VdeRequest::read(std::span<const std::byte> bytes) {
    if (bytes.size() < kFixedSize) return std::nullopt;
    Fixed fixed{};
    std::memcpy(&fixed, bytes.data(), kFixedSize);
    if (fixed.magic != kMagic || fixed.version != kVersion || (fixed.type_and_port & kTypeMask) > kLastType) return std::nullopt;
    const char* end = std::find(std::begin(fixed.path), std::end(fixed.path), '\0');
    if (fixed.family != kUnixFamily || fixed.path[0] != '/' || end == std::end(fixed.path)) return std::nullopt;

    VdeRequest request{.socket = std::string(static_cast<const char*>(fixed.path), end), .description = {}};
    for (const std::byte byte : bytes.subspan(kFixedSize, std::min(bytes.size(), kLongest) - kFixedSize)) {
        const char letter = static_cast<char>(byte);
        if (letter == '\0') break;
        request.description += letter >= ' ' && letter <= '~' ? letter : '?';
    }
    return request;
}

}  // namespace hairpin::l2

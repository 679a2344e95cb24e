#include "gateway/alg/tftp_request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "gateway/alg/letters.h"

namespace hairpin::gateway {

namespace {

constexpr std::size_t kLongest = 512;  // RFC 2347: a request with its options
constexpr auto kModes = std::to_array<std::string_view>({"netascii", "octet", "mail"});

// Takes a string and its zero off the front; nothing where there is no zero.
std::optional<std::string_view> take_string(std::span<const std::byte>& bytes) {
    const auto end = std::find(bytes.begin(), bytes.end(), std::byte{0});
    if (end == bytes.end()) return std::nullopt;
    const auto length = static_cast<std::size_t>(end - bytes.begin());
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), length};
    bytes = bytes.subspan(length + 1);
    return text;
}

bool is_mode(std::string_view text) {
    return std::any_of(kModes.begin(), kModes.end(), [&](std::string_view mode) { return same_ignoring_case(text, mode); });
}

}  // namespace

bool is_tftp_request(std::span<const std::byte> datagram) {
    if (datagram.size() < 2 || datagram.size() > kLongest || datagram[0] != std::byte{0}) return false;
    if (datagram[1] != std::byte{1} && datagram[1] != std::byte{2}) return false;
    datagram = datagram.subspan(2);
    const auto name = take_string(datagram);
    const auto mode = name ? take_string(datagram) : std::nullopt;
    if (!mode || name->empty() || !is_mode(*mode)) return false;
    while (!datagram.empty()) {
        const auto option = take_string(datagram);
        if (!option || option->empty() || !take_string(datagram)) return false;
    }
    return true;
}

}  // namespace hairpin::gateway

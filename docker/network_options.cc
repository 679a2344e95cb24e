#include "docker/network_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "net/ipv4_address.h"

namespace hairpin::docker {

using nlohmann::json;

namespace {

Result<bool> truth_of(const std::string& name, const std::string& text) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return failure(fmt::format("{}: \"{}\" is neither true nor false", name, text));
}

Result<std::string> one_of(const std::string& name, const std::string& text, std::initializer_list<std::string_view> words) {
    if (std::find(words.begin(), words.end(), text) != words.end()) return text;
    return failure(fmt::format("{}: \"{}\" is none of {}", name, text, fmt::join(words, ", ")));
}

Result<std::string> name_of(const std::string& name, const std::string& text) {
    const auto is_good = [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-'); };
    if (!text.empty() && text.size() <= 32 && std::isalnum(static_cast<unsigned char>(text.front())) != 0 &&
        std::all_of(text.begin(), text.end(), is_good))
        return text;
    return failure(fmt::format("{}: \"{}\" is no name of letters, digits, dots, dashes and underscores, at most 32", name, text));
}

template <class T>
Result<void> put(Result<T> value, T& into) {
    if (!value) return tl::unexpected(value.error());
    into = *std::move(value);
    return {};
}

Result<void> put_mtu(const std::string& name, const std::string& text, Network& into) {
    const char* end = text.data() + text.size();
    const auto [stopped, problem] = std::from_chars(text.data(), end, into.mtu);
    if (problem == std::errc{} && stopped == end && into.mtu >= 576 && into.mtu <= 9216) return {};
    return failure(fmt::format("{}: \"{}\" is no MTU from 576 to 9216", name, text));
}

struct Option {
    std::string_view name;
    Result<void> (*read)(const std::string& name, const std::string& text, Network& into);
};
// docs/docker.md says what each means.
constexpr auto kOptions = std::to_array<Option>({
    {"hairpin.segment", [](const auto& name, const auto& text, Network& into) { return put(name_of(name, text), into.segment); }},
    {"hairpin.gateway",
     [](const auto& name, const auto& text, Network& into) { return put(truth_of(name, text), into.gateway); }},
    {"hairpin.interface",
     [](const auto& name, const auto& text, Network& into) { return put(name_of(name, text), into.interface); }},
    {"hairpin.role",
     [](const auto& name, const auto& text, Network& into) {
         return put(one_of(name, text, {"internal", "uplink"}), into.role);
     }},
    {"hairpin.uplink", [](const auto& name, const auto& text, Network& into) { return put(name_of(name, text), into.uplink); }},
    {"hairpin.hairpin",
     [](const auto& name, const auto& text, Network& into) {
         return put(one_of(name, text, {"auto", "internal-address", "external-address", "off"}), into.hairpin);
     }},
    {"hairpin.firewall",
     [](const auto& name, const auto& text, Network& into) {
         return put(one_of(name, text, {"bypass", "original", "translated"}), into.firewall);
     }},
    {"hairpin.masquerade",
     [](const auto& name, const auto& text, Network& into) { return put(truth_of(name, text), into.masquerade); }},
    {"hairpin.mtu", put_mtu},
    {"com.docker.network.driver.mtu", put_mtu},
});

std::string names_of_options() {
    std::string names;
    for (const Option& option : kOptions)
        if (option.name.starts_with("hairpin.")) names += (names.empty() ? "" : ", ") + std::string{option.name};
    return names;
}

const json& part(const json& whole, const char* key) {
    static const json nothing;
    const auto found = whole.is_object() ? whole.find(key) : whole.end();
    return whole.is_object() && found != whole.end() ? *found : nothing;
}

// Values are strings, as people and the engine write them; a plain true or 1400 is understood, too.
std::string text_of_value(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

Result<void> read_driver_options(const json& options, Network& network) {
    if (!options.is_object()) return {};
    for (const auto& entry : options.items()) {
        const std::string& name = entry.key();
        const json& value = entry.value();
        const auto option = std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& each) { return each.name == name; });
        if (option != kOptions.end()) {
            if (auto read = option->read(name, text_of_value(value), network); !read) return read;
        } else if (name.starts_with("hairpin.")) {
            return failure(fmt::format("there is no driver option \"{}\" (there are {})", name, names_of_options()));
        }
    }
    return {};
}

Result<void> read_addresses(const json& pools, Network& network) {
    if (!pools.is_array() || pools.empty()) return {};
    if (pools.size() > 1) return failure("a network of Hairpin has one IPv4 subnet, and not several");
    const std::string pool = text_of_value(part(pools[0], "Pool")), gateway = text_of_value(part(pools[0], "Gateway"));
    const auto subnet = Ipv4Prefix::parse(pool);
    if (!subnet) return failure(fmt::format("\"{}\" is no IPv4 subnet", pool));
    if (subnet->length() == 0) return {};  // --ipam-driver null: nobody gives addresses
    network.subnet = subnet->to_string();
    if (const auto address = Ipv4InterfaceAddress::parse(gateway); address && subnet->contains(address->address))
        network.address = Ipv4InterfaceAddress{address->address, *subnet}.to_string();
    return {};
}

}  // namespace

Result<Network> network_of_request(const std::string& id, const json& request) {
    Network network;
    network.segment = "docker-" + id.substr(0, 12);
    const json& options = part(request, "Options");
    if (const auto read = read_driver_options(part(options, "com.docker.network.generic"), network); !read)
        return tl::unexpected(read.error());
    if (const json& others = part(request, "IPv6Data"); others.is_array() && !others.empty())
        return failure("Hairpin forwards IPv4 only: leave enable_ipv6 and the IPv6 subnet out");
    if (const auto read = read_addresses(part(request, "IPv4Data"), network); !read) return tl::unexpected(read.error());
    if (const json& internal = part(options, "com.docker.network.internal"); internal.is_boolean() && internal.get<bool>())
        network.gateway = false;  // the engine's word for a network that nothing leads out of
    if (network.address.empty()) network.gateway = false;
    if (!network.gateway) network.interface.clear();
    return network;
}

bool wants_gateway(const json& options) {
    Network network;
    const json& ours = part(options, "com.docker.network.generic");
    return !read_driver_options(ours.is_object() ? ours : options, network) || network.gateway;
}

}  // namespace hairpin::docker

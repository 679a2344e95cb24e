#include "runtime/parameters.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace hairpin::runtime {

using nlohmann::json;

Result<std::uint64_t> number_in(const json& parameters, const char* name, std::uint64_t least, std::uint64_t most,
                                std::uint64_t otherwise) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) return otherwise;
    if (!found->is_number_unsigned() || found->get<std::uint64_t>() < least || found->get<std::uint64_t>() > most)
        return failure(fmt::format("{} {} will not do: wants {} to {}", name, found->dump(), least, most), name);
    return found->get<std::uint64_t>();
}

Result<Ipv4Address> address_in(const json& parameters, const char* name) {
    const auto found = parameters.find(name);
    const std::string text = found != parameters.end() && found->is_string() ? found->get<std::string>() : "";
    const auto address = Ipv4Address::parse(text);
    if (!address) return failure(fmt::format("{} \"{}\" is no IPv4 address", name, text), name);
    return *address;
}

Result<InterfaceId> interface_in(const json& parameters, const char* name, const gateway::Ruleset& ruleset) {
    const auto found = parameters.find(name);
    const json named = found == parameters.end() ? json("") : *found;
    const auto id = named.is_string() ? ruleset.interface_id(named.get<std::string>()) : std::nullopt;
    if (!id) return failure("there is no interface " + named.dump() + " (show interfaces lists them)", name);
    return *id;
}

}  // namespace hairpin::runtime

#pragma once
// An end of a link as people call it, the same for every verb and file: NODE:INTERFACE as the topology file has it, SEGMENT:PORT, or the port's name alone.

#include <string>
#include <string_view>

namespace hairpin::lab {

struct LinkEnd {
    std::string node, interface;  // empty where nobody is known behind the port
    std::string segment, port;

    bool is_called(std::string_view name) const {
        const std::size_t colon = name.find(':');
        if (colon == std::string_view::npos) return name == port;
        const std::string_view left = name.substr(0, colon), right = name.substr(colon + 1);
        return (left == node && right == interface) || (left == segment && right == port);
    }
};

}  // namespace hairpin::lab

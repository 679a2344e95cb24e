#include "lab/imports/gns3_addresses.h"

#include <sstream>
#include <string_view>
#include <utility>

#include "lab/imports/lab_draft.h"
#include "net/numbers.h"

namespace hairpin::lab {
namespace {

using Words = std::vector<std::string>;

constexpr unsigned kVpcsLength = 24;  // of an address without one, as VPCS has it

struct ScriptLine {
    PlacedText whole;  // without the blanks around it
    Words words;
};

// The lines that say something.
std::vector<ScriptLine> lines_of(const std::string& text) {
    std::vector<ScriptLine> lines;
    std::istringstream from{text};
    std::string line;
    for (unsigned number = 1; std::getline(from, line); ++number) {
        ScriptLine read;
        std::istringstream words{line};
        for (std::string word; words >> word;) read.words.push_back(std::move(word));
        if (read.words.empty() || read.words.front().starts_with('#')) continue;
        const std::size_t first = line.find_first_not_of(" \t\r");
        read.whole = {.text = line.substr(first, line.find_last_not_of(" \t\r") - first + 1),
                      .at = {.line = number, .column = static_cast<unsigned>(first + 1)}};
        lines.push_back(std::move(read));
    }
    return lines;
}

// "24" or "255.255.255.0".
std::optional<unsigned> length_in(const std::string& text) {
    if (const auto number = parse_number(text, 32)) return static_cast<unsigned>(*number);
    return netmask_length(text);
}

// ip ADDRESS[/LENGTH] and, in any order, a length or netmask and a gateway.
std::optional<Gns3Address> vpcs_address(const Words& words) {
    if (words.size() < 2 || words.size() > 4) return std::nullopt;
    Gns3Address read;
    const std::size_t slash = words[1].find('/');
    std::optional<unsigned> length;
    if (slash != std::string::npos) length = length_in(words[1].substr(slash + 1));
    if (slash != std::string::npos && !length) return std::nullopt;
    for (std::size_t i = 2; i < words.size(); ++i) {
        if (!length && length_in(words[i]))
            length = length_in(words[i]);
        else if (const auto gateway = Ipv4Address::parse(words[i]); gateway && !read.gateway)
            read.gateway = gateway;
        else
            return std::nullopt;
    }
    const auto address = with_length(words[1].substr(0, slash), length.value_or(kVpcsLength));
    if (!address) return std::nullopt;
    read.address = *address;
    return read;
}

class InterfacesReader {
public:
    Gns3Addresses read(const std::string& text) {
        for (const ScriptLine& line : lines_of(text))
            if (!take(line)) read_.untaken.push_back(line.whole);
        finish_interface();
        return std::move(read_);
    }

private:
    bool take(const ScriptLine& line) {
        const Words& words = line.words;
        if (words[0] == "auto" || words[0] == "allow-hotplug") return true;
        if (words[0] == "iface") {
            finish_interface();
            const bool is_static = words.size() == 4 && words[2] == "inet" && words[3] == "static";
            if (is_static) interface_ = words[1];
            return is_static || (words.size() == 4 && words[1] == "lo");
        }
        if (interface_.empty() || words.size() < 2) return false;
        if (words[0] == "up" || words[0] == "post-up") {
            read_.commands.push_back(
                {.text = line.whole.text.substr(line.whole.text.find(words[1], words[0].size())), .at = line.whole.at});
            return true;
        }
        if (words.size() > 2) return false;
        if (words[0] == "gateway") return (gateway_ = Ipv4Address::parse(words[1])).has_value();
        if (words[0] == "netmask") {
            length_ = length_in(words[1]);
            return length_.has_value();
        }
        if (words[0] != "address") return words[0] == "broadcast" || words[0] == "network";
        address_ = words[1];
        place_ = line.whole;
        return true;
    }

    void finish_interface() {
        const auto address = address_.find('/') != std::string::npos || !length_ ? Ipv4InterfaceAddress::parse(address_)
                                                                                 : with_length(address_, *length_);
        if (address)
            read_.by_interface[interface_] = {.address = *address, .gateway = gateway_, .at = place_.at};
        else if (!address_.empty())
            read_.untaken.push_back(place_);
        interface_.clear();
        address_.clear();
        gateway_.reset();
        length_.reset();
    }

    Gns3Addresses read_;
    std::string interface_, address_;
    PlacedText place_;  // of the address
    std::optional<Ipv4Address> gateway_;
    std::optional<unsigned> length_;
};

}  // namespace

Gns3Addresses read_vpcs_script(const std::string& text) {
    Gns3Addresses read;
    for (const ScriptLine& line : lines_of(text)) {
        if (line.words.size() == 3 && line.words[0] == "set" && line.words[1] == "pcname")
            read.name = line.words[2];
        else if (auto address = line.words[0] == "ip" ? vpcs_address(line.words) : std::nullopt) {
            address->at = line.whole.at;
            read.by_interface["eth0"] = *address;
        } else
            read.untaken.push_back(line.whole);
    }
    return read;
}

Gns3Addresses read_interfaces_file(const std::string& text) { return InterfacesReader{}.read(text); }

}  // namespace hairpin::lab

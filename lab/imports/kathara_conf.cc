#include "lab/imports/kathara_conf.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "net/numbers.h"

namespace hairpin::lab {
namespace {

constexpr std::uint64_t kHighestInterface = 999;
constexpr std::string_view kBlanks = " \t\r";

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    });
}

class ConfReader {
public:
    explicit ConfReader(Complaints& complaints) : complaints_(complaints) {}

    KatharaConf read(std::string_view text) {
        for (unsigned number = 1; !text.empty(); ++number) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            read_line(text.substr(0, end), number);
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return std::move(conf_);
    }

private:
    void read_line(std::string_view line, unsigned number) {
        const std::size_t start = line.find_first_not_of(kBlanks);
        if (start == std::string_view::npos || line[start] == '#') return;
        const Position at{.line = number, .column = static_cast<unsigned>(start + 1)};
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            return complaints_.error(at,
                                     "this is neither DEVICE[INTERFACE]=DOMAIN, nor DEVICE[OPTION]=VALUE, nor LAB_NAME=\"...\"");
        std::string_view left = line.substr(start, equals - start);
        left = left.substr(0, left.find_last_not_of(kBlanks) + 1);
        const auto value = read_value(line, equals + 1, number);
        if (!value) return;
        const std::size_t bracket = left.find('[');
        if (bracket == std::string_view::npos) return read_about(left, *value, at);
        const std::string name{left.substr(0, bracket)};
        if (!left.ends_with(']') || !is_name(name) || !is_name(left.substr(bracket + 1, left.size() - bracket - 2)))
            return complaints_.error(at, fmt::format("\"{}\" is not of the form DEVICE[INTERFACE] or DEVICE[OPTION]", left));
        const std::string key{left.substr(bracket + 1, left.size() - bracket - 2)};
        KatharaDevice& device = device_of(name, at);
        if (std::isdigit(static_cast<unsigned char>(key.front())) != 0)
            read_interface(device, key, *value, at);
        else
            device.options.push_back({.key = key, .value = value->text, .at = at});
    }

    // Between quotes, or up to a blank; a comment may follow.
    std::optional<PlacedText> read_value(std::string_view line, std::size_t from, unsigned number) {
        const std::size_t start = std::min(line.find_first_not_of(kBlanks, from), line.size());
        const Position at{.line = number, .column = static_cast<unsigned>(start + 1)};
        const char quote = start < line.size() && (line[start] == '"' || line[start] == '\'') ? line[start] : '\0';
        const std::size_t first = start + (quote == '\0' ? 0 : 1);
        std::size_t end = quote == '\0' ? line.find_first_of(" \t\r#", first) : line.find(quote, first);
        if (end == std::string_view::npos && quote != '\0') {
            complaints_.error(at, fmt::format("the quotation mark {} has no counterpart in this line", quote));
            return std::nullopt;
        }
        end = std::min(end, line.size());
        const std::size_t after = line.find_first_not_of(kBlanks, end + (quote == '\0' ? 0 : 1));
        if (after != std::string_view::npos && after < line.size() && line[after] != '#') {
            complaints_.error({.line = number, .column = static_cast<unsigned>(after + 1)},
                              fmt::format("\"{}\" behind the value is not understood", line.substr(after)));
            return std::nullopt;
        }
        return PlacedText{.text = std::string{line.substr(first, end - first)}, .at = at};
    }

    void read_about(std::string_view key, const PlacedText& value, Position at) {
        if (!key.starts_with("LAB_"))
            return complaints_.error(at, fmt::format("\"{}\" is unknown (expected LAB_NAME and the like, or DEVICE[...])", key));
        conf_.about[std::string{key}] = value.text;
    }

    void read_interface(KatharaDevice& device, const std::string& key, const PlacedText& value, Position at) {
        const auto number = parse_number(key, kHighestInterface);
        if (!number)
            return complaints_.error(at, fmt::format("\"{}\" is no number of an interface, 0 to {}", key, kHighestInterface));
        const std::size_t slash = value.text.find('/');
        KatharaInterface interface { .domain = value.text.substr(0, slash), .mac = {}, .at = at };
        if (!is_name(interface.domain))
            return complaints_.error(value.at, fmt::format("\"{}\" is no name of a collision domain", interface.domain));
        if (slash != std::string::npos) {
            interface.mac = MacAddress::parse(value.text.substr(slash + 1));
            if (!interface.mac || !interface.mac->is_station())
                return complaints_.error(value.at, fmt::format("\"{}\" is no unicast Ethernet address, such as 02:00:00:00:00:01",
                                                               value.text.substr(slash + 1)));
        }
        const auto [there, is_new] = device.interfaces.emplace(static_cast<unsigned>(*number), interface);
        if (!is_new)
            complaints_.error(at, fmt::format("{}[{}] is attached to {} already in line {}", device.name, key,
                                              there->second.domain, there->second.at.line));
    }

    KatharaDevice& device_of(const std::string& name, Position at) {
        const auto [place, is_new] = places_.emplace(name, conf_.devices.size());
        if (is_new) conf_.devices.push_back({.name = name, .interfaces = {}, .options = {}, .at = at});
        return conf_.devices[place->second];
    }

    Complaints& complaints_;
    KatharaConf conf_;
    std::map<std::string, std::size_t> places_;
};

}  // namespace

KatharaConf read_kathara_conf(const std::string& text, Complaints& complaints) {
    ConfReader reader{complaints};
    KatharaConf conf = reader.read(text);
    if (conf.devices.empty()) complaints.error({}, "no device is here: a line is DEVICE[INTERFACE]=DOMAIN");
    return conf;
}

}  // namespace hairpin::lab

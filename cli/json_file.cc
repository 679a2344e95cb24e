#include "cli/json_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <vector>

#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

// "12:3": where a byte of a text stands, both counted from 1.
std::string place_of(std::size_t byte, std::string_view text) {
    const std::string_view before = text.substr(0, std::min(byte == 0 ? 0 : byte - 1, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto newline = before.rfind('\n');
    return std::to_string(line) + ":" + std::to_string(before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1);
}

// "[json.exception...] parse error at line 1, column 2: reason" without what stands before the reason.
std::string reason_in(const std::string& what) {
    const auto column = what.find(", column ");
    const auto colon = what.find(": ", column == std::string::npos ? 0 : column);
    return colon == std::string::npos ? what : what.substr(colon + 2);
}

// Notices, while the parser goes by, keys that an object has twice, and nesting that nobody who recurses would survive.
class KeyWatch {
public:
    bool operator()(int depth, json::parse_event_t event, const json& parsed) {
        if (depth > static_cast<int>(control::kMaxNesting) / 2) too_deep_ = true;
        if (event == json::parse_event_t::object_start) objects_.emplace_back();
        if (event == json::parse_event_t::object_end) objects_.pop_back();
        if (event == json::parse_event_t::key && !objects_.back().insert(parsed.get<std::string>()).second)
            twice_ = parsed.get<std::string>();
        return true;
    }
    const std::string& twice() const { return twice_; }
    bool too_deep() const { return too_deep_; }

private:
    std::vector<std::set<std::string>> objects_;
    std::string twice_;
    bool too_deep_ = false;
};

Outcome<std::string> read_text(const std::string& file) {
    if (file == "-") return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
    errno = 0;
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    text << stream.rdbuf();
    const int answer = errno;  // a folder opens, and fails to be read; an empty file is no failure
    if (stream.is_open() && answer == 0) return text.str();
    return failed_with(answer == ENOENT   ? ExitCode::not_found
                       : answer == EACCES ? ExitCode::denied
                                          : ExitCode::failed,
                       "cannot read " + file + ": " + std::strerror(answer));
}

}  // namespace

Outcome<json> read_json_file(const std::string& file) {
    const auto text = read_text(file);
    if (!text) return tl::unexpected(text.error());
    if (text->size() > control::kMaxLine / 2)
        return failed_with(ExitCode::rejected, file + ": is larger than " + std::to_string(control::kMaxLine / 2) + " bytes");
    KeyWatch keys;
    try {
        json document = json::parse(*text, std::ref(keys));
        if (keys.too_deep()) return failed_with(ExitCode::rejected, file + ": is nested too deeply");
        if (!keys.twice().empty())
            return failed_with(ExitCode::rejected, file + ": the key \"" + keys.twice() + "\" stands twice in one object");
        return document;
    } catch (const json::parse_error& problem) {
        return failed_with(ExitCode::rejected, file + ":" + place_of(problem.byte, *text) + ": " + reason_in(problem.what()));
    }
}

}  // namespace hairpin::cli

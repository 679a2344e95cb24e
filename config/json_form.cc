#include "config/json_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hairpin::config {

namespace {

using nlohmann::json;

// "[json.exception.parse_error.101] parse error at line 1, column 8: syntax error while parsing object key - invalid literal; last
// read: '{xy'; expected string literal" -> "invalid literal; expected string literal". What was read last may be no valid text.
std::string reason_of(std::string message) {
    constexpr std::string_view kLastRead = "; last read: '", kExpected = "; expected ";
    if (const auto last = message.find(kLastRead); last != std::string::npos) {
        const auto expected = message.rfind(kExpected);
        message.erase(last, expected != std::string::npos && expected > last ? expected - last : std::string::npos);
    }
    for (const std::string_view before : {"] ", " - "})
        if (const auto end = message.find(before); end != std::string::npos) message.erase(0, end + before.size());
    return message;
}

// "line 3, column 17" of the last of so many bytes.
std::string place_of(std::string_view text, std::size_t bytes) {
    const std::string_view before = text.substr(0, bytes);
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    return fmt::format("line {}, column {}", 1 + std::count(before.begin(), before.end(), '\n'), before.size() - line_begin);
}

// Follows the document without building it; nlohmann keeps the nesting on the heap, so depth costs no stack.
class FormCheck : public nlohmann::json_sax<json> {
public:
    explicit FormCheck(std::string_view text) : text_(text) {}
    const Error& error() const { return error_; }

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t) override { return true; }
    bool number_unsigned(std::uint64_t) override { return true; }
    bool number_float(double, const std::string&) override { return true; }
    bool string(std::string&) override { return true; }
    bool binary(json::binary_t&) override { return true; }
    bool key(std::string&) override { return true; }
    bool start_object(std::size_t) override { return deeper(); }
    bool end_object() override { return --depth_, true; }
    bool start_array(std::size_t) override { return deeper(); }
    bool end_array() override { return --depth_, true; }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) override {
        error_.message = fmt::format("no JSON at {}: {}", place_of(text_, position), reason_of(problem.what()));
        return false;
    }

private:
    bool deeper() {
        if (++depth_ <= kDeepestJson) return true;
        error_.message = fmt::format("objects and arrays are nested more than {} deep", kDeepestJson);
        return false;
    }

    std::string_view text_;
    std::size_t depth_ = 0;
    Error error_;
};

}  // namespace

Result<void> check_json_form(std::string_view text) {
    if (const auto end = text.find('\0'); end != std::string_view::npos)  // nlohmann takes a NUL for the end, as libyang does
        return failure(fmt::format("no JSON at {}: a NUL", place_of(text, end + 1)));
    FormCheck check{text};
    if (json::sax_parse(text.begin(), text.end(), &check)) return {};
    return tl::unexpected(check.error());
}

}  // namespace hairpin::config

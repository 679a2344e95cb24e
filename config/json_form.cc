#include "config/json_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/text_place.h"

namespace hairpin::config {

namespace {

using nlohmann::json;

// "[json.exception.parse_error.101] parse error at line 1, column 8: syntax error while parsing object key - invalid literal; last
// read: '{xy'; expected string literal" -> "invalid literal; expected string literal". What was read last may be no valid text.
std::string reason_of(std::string message) {
    constexpr std::string_view kLastRead = "; last read: '", kExpected = "'; expected ";
    if (const auto last = message.find(kLastRead); last != std::string::npos) {
        // What was read may itself say so; what the parser says ends the message, and is ASCII.
        const auto expected = message.rfind(kExpected);
        const bool said = expected != std::string::npos && expected > last &&
                          std::all_of(message.begin() + static_cast<std::ptrdiff_t>(expected), message.end(),
                                      [](unsigned char letter) { return letter < 0x80; });
        message.erase(last, said ? expected + 1 - last : std::string::npos);
    }
    for (const std::string_view before : {"] ", " - "})
        if (const auto end = message.find(before); end != std::string::npos) message.erase(0, end + before.size());
    return message;
}

// Follows the document without building it; nlohmann keeps the nesting on the heap, so depth costs no stack.
class FormCheck : public nlohmann::json_sax<json> {
public:
    const JsonFault& fault() const { return fault_; }

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
        fault_ = {position > 0 ? position - 1 : 0, reason_of(problem.what())};
        return false;
    }

private:
    bool deeper() {
        if (++depth_ <= kDeepestJson) return true;
        fault_.reason = fmt::format("objects and arrays are nested more than {} deep", kDeepestJson);
        return false;
    }

    std::size_t depth_ = 0;
    JsonFault fault_;
};

}  // namespace

std::optional<JsonFault> find_json_fault(std::string_view text) {
    if (const auto end = text.find('\0'); end != std::string_view::npos)  // nlohmann takes a NUL for the end, as libyang does
        return JsonFault{end, "a NUL"};
    FormCheck check;
    if (json::sax_parse(text.begin(), text.end(), &check)) return std::nullopt;
    return check.fault();
}

Result<void> check_json_form(std::string_view text) {
    if (const auto fault = find_json_fault(text))
        return failure(fmt::format("no JSON at {}: {}", place_of(text, fault->byte), fault->reason));
    return {};
}

}  // namespace hairpin::config

#include "config/candidate/json_source.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "config/document.h"
#include "config/json_form.h"
#include "config/text_place.h"

namespace hairpin::config {

namespace {

using nlohmann::json;

// Goes over a text for nlohmann's parser, which does not say where it is, and leaves that in `reached`.
class Cursor {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    Cursor(const char* at, const char*& reached) : at_(at), reached_(&reached) {}
    reference operator*() const { return *at_; }
    Cursor& operator++() { return *reached_ = ++at_, *this; }
    Cursor operator++(int) {
        const Cursor before = *this;
        ++*this;
        return before;
    }
    bool operator==(const Cursor& other) const { return at_ == other.at_; }
    bool operator!=(const Cursor& other) const { return at_ != other.at_; }

private:
    const char* at_;
    const char** reached_;
};

class Builder : public nlohmann::json_sax<json> {
public:
    using Kind = JsonSource::Kind;

    Builder(const char* begin, const char*& reached) : begin_(begin), reached_(reached) {}
    JsonSource take() { return std::move(top_); }

    bool null() override { return add(Kind::null, {}), true; }
    bool boolean(bool value) override { return add(Kind::boolean, value ? "true" : "false"), true; }
    bool number_integer(std::int64_t value) override { return add(Kind::number, std::to_string(value), 1), true; }
    bool number_unsigned(std::uint64_t value) override { return add(Kind::number, std::to_string(value), 1), true; }
    bool number_float(double, const std::string& written) override { return add(Kind::number, written, 1), true; }
    bool string(std::string& value) override { return add(Kind::string, std::move(value)), true; }
    bool binary(json::binary_t&) override { return false; }
    bool key(std::string& name) override { return name_ = std::move(name), true; }
    bool start_object(std::size_t) override { return open_.push_back(&add(Kind::object, {})), true; }
    bool end_object() override { return open_.pop_back(), true; }
    bool start_array(std::size_t) override { return open_.push_back(&add(Kind::array, {})), true; }
    bool end_array() override { return open_.pop_back(), true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

private:
    // Of a number the parser has read one byte more, to see that it ends.
    JsonSource& add(Kind kind, std::string text, std::size_t ahead = 0) {
        JsonSource& value = open_.empty() ? top_ : open_.back()->members.emplace_back();
        value.kind = kind;
        value.byte = static_cast<std::size_t>(reached_ - begin_) - 1 - ahead;
        value.name = std::exchange(name_, {});
        value.text = std::move(text);
        return value;
    }

    const char* begin_;
    const char*& reached_;
    JsonSource top_;
    std::vector<JsonSource*> open_;  // a member that is open is the last of its array or object, so it does not move
    std::string name_;
};

}  // namespace

Result<JsonSource> read_json_source(const std::string& text) {
    if (text.size() > Document::kLargest)
        return failure(fmt::format("the configuration has {} bytes, more than {}", text.size(), Document::kLargest));
    if (const auto fault = find_json_fault(text)) return failure_at(text, fault->byte, "no JSON: " + fault->reason);
    const char* begin = text.data();
    const char* reached = begin;
    Builder builder{begin, reached};
    ensure(json::sax_parse(Cursor{begin, reached}, Cursor{begin + text.size(), reached}, &builder));
    return builder.take();
}

}  // namespace hairpin::config

#pragma once
// Finds the parts of a JSON text without building anything of it, in one pass: of a document of megabytes only what is new need be
// read by somebody who understands it.
//
//   {"a": 1, "b": [true, {"c": "}"}]}     enter_object()      begins
//                                         next_member()  ->   "a"       skip_value()  ->  "1"
//                                         next_member()  ->   "b"       enter_array()
//                                           next_element()              skip_value()  ->  "true"
//                                           next_element()              skip_value()  ->  "{"c": "}"}"
//                                           next_element()  ->  false
//                                         next_member()  ->   nothing   at_end()
//
// It follows brackets, strings and what stands between parts, and fails where these are wrong; what stands within a part it does not
// judge. So a text that it takes apart to the end is JSON (RFC 8259) exactly when the values that it skipped are.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace hairpin {

class JsonCursor {
public:
    explicit JsonCursor(std::string_view text) : text_(text) {}

    // At a value: whether it is an object, or array, that is now begun.
    bool enter_object() { return enter('{'); }
    bool enter_array() { return enter('['); }
    // The name of the next member, as it is written, without its quotes; the cursor is then at its value. Nothing: the object is over.
    std::optional<std::string_view> next_member();
    bool next_element();
    // The text of the value that the cursor is at.
    std::string_view skip_value();

    std::size_t position() const { return at_; }
    bool failed() const { return failed_; }
    // Nothing was wrong, everything that was entered is over, and nothing follows.
    bool at_end();
    // How many objects and arrays were within each other, at most.
    std::size_t deepest() const { return deepest_; }

private:
    bool enter(char bracket);
    // The comma before a part, or the bracket that ends them all.
    bool next_part(char closing);
    void skip_space();
    void skip_string();
    bool take(char wanted);
    void deeper(std::size_t depth);
    void fail() { failed_ = true; }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<bool> begun_;  // of what was entered: whether a part has come yet
    std::size_t deepest_ = 0;
    bool failed_ = false;
};

}  // namespace hairpin

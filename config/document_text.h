#pragma once
// A document's text with its two long lists taken apart: the firewall's rules and NAT's. Nothing of it is checked.
//
//   {"hairpin:gateway": {"firewall": {"rule": [A, B]}, "nat": {"rule": [C]}}}        firewall A, B   nat C
//
// From one commit to the next most rules stay as they are, letter by letter, and need not be understood again. A text that cannot be
// taken apart, or names a list twice or in another way (hairpin:rule), has no rules here: all of it must be understood.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hairpin::config {

class DocumentText {
public:
    // Shared, because rules are views into it and others keep them.
    static std::shared_ptr<const DocumentText> take_apart(std::string text);
    DocumentText(const DocumentText&) = delete;
    DocumentText& operator=(const DocumentText&) = delete;

    const std::string& text() const { return text_; }
    const std::vector<std::string_view>& firewall_rules() const { return firewall_.rules; }
    const std::vector<std::string_view>& nat_rules() const { return nat_.rules; }

    // The document with only some of its rules.
    using Wanted = std::function<bool(std::size_t position)>;
    std::string with_only(const Wanted& firewall, const Wanted& nat) const;

private:
    struct List {
        std::size_t begin = 0, end = 0;  // what stands between its brackets
        std::vector<std::string_view> rules;
        bool found = false;
    };
    explicit DocumentText(std::string text) : text_(std::move(text)) {}
    bool find_lists();

    std::string text_;
    List firewall_, nat_;
};

}  // namespace hairpin::config

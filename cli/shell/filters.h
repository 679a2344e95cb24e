#pragma once
// What may stand behind a command and a `|`: `show sessions | match 192.0.2 | count`. The first few say in which form the answer is
// made; the others work on its lines, one after the other.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/expected.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/terms.h"

namespace hairpin::cli {

// A filter, for help and the manual.
struct FilterRow {
    std::string_view word, value;  // "match", "REGEX"; without a value where it stands alone
    std::string_view description, example;
};
std::span<const FilterRow> filter_rows();

class Filters {
public:
    // `words`: everything behind the first `|`, with the `|` of further filters among them. Keywords may be abbreviated. An error
    // names the word, counted from the first of `words`.
    static Outcome<Filters> parse(Words words);
    static Expectations expected_after(Words words);
    // What is wrong with `words`, if it is one of them: nothing when they may go on.
    static std::optional<Failure> mistake_in(Words words);

    Form form(Form otherwise) const { return form_ ? *form_ : otherwise; }
    bool paged() const { return paged_; }
    // Whether it works on lines, each of which must then be a record.
    bool by_lines() const { return counts_ || !patterns_.empty(); }
    // Whether the answer must be there as a whole before anything of it can be shown.
    bool whole() const { return counts_; }
    // The lines of `text` that are left, or their number.
    std::string applied_to(std::string_view text) const;
    // The same for one line of an answer that goes on.
    bool passes(std::string_view line) const;

private:
    class Pattern;
    std::optional<Form> form_;
    std::vector<std::shared_ptr<const Pattern>> patterns_;
    bool counts_ = false, paged_ = true;
};

}  // namespace hairpin::cli

#pragma once
// What stands behind the words of a command, and what it means to the method that is asked:
//
//   trace tcp 192.0.2.1:40000 203.0.113.80:80 in lan ttl 1
//         {"protocol":"tcp","source":"192.0.2.1:40000","destination":"203.0.113.80:80","interface":"lan","ttl":1}
//
// Values without a keyword come first and in their order; those with one follow in any order. One that may be left out gives way to a
// keyword that is typed in full. Of several that stand together and set the same parameter only one can be said: [df|no-df]. Usage
// line, `?`, completion and
// reading are all made of the one table. `--source X` and `--source=X` are the same as `source X`, and of some `-s X` as well.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "cli/expected.h"
#include "cli/failure.h"
#include "cli/value_type.h"

namespace hairpin::cli {

using Words = std::span<const std::string>;

struct Term {
    enum class How : std::uint8_t { optional, required, repeated };  // repeated: none or more, and all are kept as an array

    std::string_view keyword;          // empty: the value stands alone
    const ValueType* value = nullptr;  // nullptr: the keyword says it all, and means `constant`
    std::string_view key;              // of the parameters
    How how = How::optional;
    std::string_view description = {};  // empty: the value's
    bool constant = true;
    std::string_view letter = {};  // "-w": the same as the keyword
};

// An error names the word that it is about: failure.word, counted from the first of `words`.
Outcome<nlohmann::json> read_terms(Words words, std::span<const Term> terms);

// What is wrong with `words`, if it is one of them: nothing when they may go on.
std::optional<Failure> mistake_in(Words words, std::span<const Term> terms);

// The word that a parameter was read from, so that a daemon's complaint about it can be pointed at; words.size() when there is none.
std::size_t word_of(std::string_view key, Words words, std::span<const Term> terms);

// What may follow `words`, which are complete. Nothing is expected after what cannot be read.
Expectations expected_terms(Words words, std::span<const Term> terms, const KnownValues& known);
// The values of a type: its choices, or those in use and its shape.
Expectations expected_values(const ValueType& type, std::string_view description, const KnownValues& known);

// "PROTOCOL SOURCE in INTERFACE [ttl NUMBER]", and of one of them "ttl NUMBER".
std::string usage_of(std::span<const Term> terms);
std::string usage_of(const Term& term);
// The term's own description, or else its value's.
std::string_view description_of(const Term& term);

}  // namespace hairpin::cli

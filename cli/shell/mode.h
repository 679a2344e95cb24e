#pragma once
// A language of the shell: which words it knows, what may follow them, and what they do. There are two: the operational mode looks
// and asks, the configuration mode edits a candidate.

#include <optional>

#include "cli/expected.h"
#include "cli/failure.h"
#include "cli/shell/output_stream.h"
#include "cli/terms.h"

namespace hairpin::cli {

// Where the shell goes on after a command.
enum class Next : std::uint8_t { here, configure, back };

class Mode {
public:
    virtual ~Mode() = default;
    // What stands before the cursor; the last line of it on the cursor's own.
    virtual std::string prompt() const = 0;
    // What may follow `words`, all of which are complete.
    virtual Expectations expect(Words words) = 0;
    // What is wrong with `words`, all of which are complete; nothing when they may go on or end.
    virtual std::optional<Failure> mistake(Words words) const = 0;
    // Whether `words` are enough for a command.
    virtual bool may_end(Words words) = 0;
    // An error names the word, counted from the first of `words`.
    virtual Outcome<Next> run(Words words, OutputStream& out) = 0;
};

}  // namespace hairpin::cli

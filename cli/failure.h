#pragma once
// Why a command did not do what it was asked: how the program exits, and the one sentence that it says.

#include <cstddef>
#include <optional>
#include <string>

#include "control/client.h"
#include "lab/exit_code.h"
#include "net/result.h"

namespace hairpin::cli {

using lab::ExitCode;

struct Failure {
    ExitCode code = ExitCode::failed;
    std::string sentence;
    std::optional<std::size_t> word = {};  // of what was typed, the one that is wrong; one beyond the last: something is missing
};

template <class T>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> failed_with(ExitCode code, std::string sentence) {
    return tl::unexpected<Failure>(Failure{code, std::move(sentence)});
}
// What was typed cannot be meant.
inline tl::unexpected<Failure> misused(std::string sentence) { return failed_with(ExitCode::usage, std::move(sentence)); }

// The same of one word; a failure that knew a word of its own forgets it.
inline tl::unexpected<Failure> wrong_at(std::size_t word, Failure failure) {
    failure.word = word;
    return tl::unexpected<Failure>(std::move(failure));
}
inline tl::unexpected<Failure> wrong_at(std::size_t word, std::string sentence) {
    return wrong_at(word, Failure{ExitCode::usage, std::move(sentence)});
}

// What the client says when a call went wrong. `command` as it was typed stands before what the daemon refused.
Failure failure_of(const control::CallError& error, const std::string& command);

}  // namespace hairpin::cli

#pragma once
// How an operation that can fail says so: Result<T> holds a T or an Error whose message names what was tried, on what, what
// the system answered, and what to do: `tap "lan0": TUNSETIFF: Operation not permitted (needs CAP_NET_ADMIN)`.
//
// A packet that is not wanted is not an error: it has a DropReason (net/drop_reason.h).

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace hairpin {

struct Error {
    std::string message;
    std::string path = {};  // where in a configuration, file or topology, when there is a where; else empty
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> failure(std::string message, std::string path = {}) {
    return tl::unexpected<Error>(Error{std::move(message), std::move(path)});
}

// What must hold whatever comes in, ensure(condition), and where nobody can come as long as it does, unreachable_because("reason"):
// a breach is our own mistake, not the caller's. Always on; stops the program with a line on stderr.
[[noreturn]] void broken_invariant(const char* condition, const char* file, int line);

}  // namespace hairpin

#define ensure(condition) \
    (__builtin_expect(!!(condition), 1) ? void(0) : ::hairpin::broken_invariant(#condition, __FILE__, __LINE__))
#define unreachable_because(reason) ::hairpin::broken_invariant(reason, __FILE__, __LINE__)

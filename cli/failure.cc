#include "cli/failure.h"

#include "cli/style.h"

namespace hairpin::cli {

namespace {

ExitCode exit_code_of(int rpc_code) {
    switch (rpc_code) {
        case control::kConfigurationRefused: return ExitCode::rejected;
        case control::kNotFound: return ExitCode::not_found;
        case control::kInvalidParams: return ExitCode::usage;
        default: return ExitCode::failed;
    }
}

// Where in a configuration is said as it is; which parameter of a method was meant, the message says in its own words.
std::string reason_in(const control::CallError& error) {
    if (error.code != control::kInvalidParams && error.code != control::kNotFound) return error.sentence();
    control::CallError without_path = error;
    without_path.path.clear();
    return without_path.sentence();
}

}  // namespace

Failure failure_of(const control::CallError& error, const std::string& command) {
    switch (error.failure) {
        case control::CallFailure::denied: return {ExitCode::denied, error.sentence()};
        case control::CallFailure::refused:
            return {exit_code_of(error.code), printable((command.empty() ? "" : command + ": ") + reason_in(error))};
        case control::CallFailure::unreachable:
        case control::CallFailure::timed_out:
        case control::CallFailure::protocol: break;
    }
    return {ExitCode::unreachable, error.sentence()};
}

}  // namespace hairpin::cli

#include "cli/failure.h"

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

}  // namespace

Failure failure_of(const control::CallError& error, const std::string& command) {
    switch (error.failure) {
        case control::CallFailure::denied: return {ExitCode::denied, error.sentence()};
        case control::CallFailure::refused: return {exit_code_of(error.code), command + ": " + error.sentence()};
        case control::CallFailure::unreachable:
        case control::CallFailure::timed_out:
        case control::CallFailure::protocol: break;
    }
    return {ExitCode::unreachable, error.sentence()};
}

}  // namespace hairpin::cli

#pragma once
// What daemon and clients agree on: JSON-RPC 2.0, one message a line, over a Unix stream socket. docs/control.md lists the methods.

#include <cstddef>

namespace hairpin::control {

inline constexpr const char* kDefaultSocketPath = "/run/hairpin/control.sock";
// The longest message, newline included: a configuration of some hundred thousand rules. A longer one ends the connection.
inline constexpr std::size_t kLongestLine = 16 * 1024 * 1024;

// JSON-RPC 2.0 §5.1.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
// Ours.
inline constexpr int kConfigurationRefused = -32010;  // data: {"path", "reason"}
inline constexpr int kNotFound = -32011;
inline constexpr int kOperationFailed = -32012;

}  // namespace hairpin::control

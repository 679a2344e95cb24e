#pragma once
// What is known of a session besides its tuples and its state, in words; those of Linux's conntrack where it knows the same.

#include <span>
#include <string_view>
#include <vector>

#include "gateway/edge_gateway.h"

namespace hairpin::runtime {

struct SessionFlag {
    std::string_view name, description;
    bool (*holds)(const gateway::Session& session);
};
std::span<const SessionFlag> session_flags();

// The names of those that hold, in the order of the table.
std::vector<std::string_view> flags_of(const gateway::Session& session);

// The application layer gateway that listens to it or has announced it; empty for none, or when the rules have changed so that nobody knows.
std::string_view alg_of(const gateway::Session& session, const gateway::EdgeGateway& edge);

}  // namespace hairpin::runtime

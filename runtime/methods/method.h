#pragma once
// What a method of the daemon is: a name on the control socket, a few words, and the function that does it. Each area of methods is a
// file of this folder that ends with its table; to add a method is to add its row there.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "control/protocol.h"
#include "control/rpc.h"
#include "net/numbers.h"
#include "runtime/methods.h"

namespace hairpin::runtime {

using control::Caller;
using control::RpcError;
using Answer = control::Dispatcher::Answer;

struct MethodRow {
    const char* name;
    const char* description;
    Answer (*method)(DaemonParts& parts, const nlohmann::json& parameters, Caller& caller);
};

std::span<const MethodRow> switch_methods();
std::span<const MethodRow> switch_feature_methods();
std::span<const MethodRow> switch_protocol_methods();
std::span<const MethodRow> impairment_methods();
std::span<const MethodRow> tunnel_methods();
std::span<const MethodRow> gateway_methods();
std::span<const MethodRow> rule_methods();
std::span<const MethodRow> pool_methods();
std::span<const MethodRow> alg_methods();
std::span<const MethodRow> limit_methods();
std::span<const MethodRow> session_methods();
std::span<const MethodRow> packet_methods();
std::span<const MethodRow> watching_methods();
std::span<const MethodRow> replay_methods();
std::span<const MethodRow> capture_methods();
std::span<const MethodRow> configuration_methods();
std::span<const MethodRow> debug_methods();
std::span<const MethodRow> daemon_methods();

// An error of ours as JSON-RPC carries it: the path, where there is one, goes into the data.
tl::unexpected<RpcError> refusal(int code, const Error& error);
Answer answer_or(int code, Result<nlohmann::json> result);

// What most `show` methods answer: {"rows": []}, to be filled.
nlohmann::json no_rows();
nlohmann::json vlan_or_null(VlanId vlan);

// Who calls, by name where the system has one.
std::string user_of(const Caller& caller);

}  // namespace hairpin::runtime

#include "runtime/methods.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "runtime/methods/method.h"

namespace hairpin::runtime {

namespace {

// A document is handed on as the text that it came as: it is config/ that reads it.
constexpr char kDocument[] = "config";

}  // namespace

void register_methods(control::Dispatcher& dispatcher, DaemonParts parts) {
    const auto shared = std::make_shared<DaemonParts>(std::move(parts));
    for (const auto area :
         {switch_methods(), switch_feature_methods(), switch_protocol_methods(), impairment_methods(), tunnel_methods(),
          gateway_methods(), rule_methods(), pool_methods(), limit_methods(), alg_methods(), session_methods(), packet_methods(),
          watching_methods(), replay_methods(), capture_methods(), configuration_methods(), debug_methods(), daemon_methods()})
        for (const MethodRow& row : area)
            dispatcher.add({row.name, row.description,
                            [shared, method = row.method](const nlohmann::json& parameters, Caller& caller) {
                                return method(*shared, parameters, caller);
                            },
                            kDocument});
}

}  // namespace hairpin::runtime

#pragma once
// A port as its users see it: one row of `show ports`.

#include <nlohmann/json_fwd.hpp>

#include "runtime/worker.h"

namespace hairpin::runtime {

nlohmann::json port_row(const Worker::PortEntry& entry, const l2::Bridge& bridge);

}  // namespace hairpin::runtime

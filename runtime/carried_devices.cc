#include "runtime/carried_devices.h"

#include <utility>

#include "runtime/log.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

void CarriedDevices::take_from(const std::string& port) {
    if (auto device = worker_.take_device(port)) devices_.insert_or_assign(port, std::move(*device));
}

void CarriedDevices::give_to(const std::string& port) {
    auto found = devices_.extract(port);
    if (found.empty() || !worker_.takes_a_passed_device(port)) return;
    if (const auto plugged = worker_.plug(port, std::move(found.mapped()), "kept over the commit"); !plugged)
        log::warn("event=device_not_kept port=" + port + " reason=\"" + plugged.error().message + "\"");
}

}  // namespace hairpin::runtime

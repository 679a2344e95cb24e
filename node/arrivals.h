#pragma once
// Waiting for network devices that somebody puts into this container after it has been started.

#include <optional>
#include <string>
#include <vector>

#include "net/result.h"

namespace hairpin::node {

// The names of the devices besides the management's. With a number it waits until so many of them are up: who makes them gives them their names
// first. Says on standard error what it waits for.
Result<std::vector<std::string>> wait_for_devices(std::optional<unsigned> number, const std::string& management);

}  // namespace hairpin::node

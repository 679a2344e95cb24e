#pragma once
// Why this system gives no namespaces, as far as its settings say, and what root may do about it.

#include <string>

namespace hairpin::lab {

// Of user namespaces for somebody who is not root: a clause that names the setting and what changes it; empty when none is in the way.
// `settings` is /proc/sys, or in tests a folder that looks like it.
std::string what_forbids_enclaves(const std::string& settings = "/proc/sys");

// Of a network namespace that was refused with ENOSPC. Never empty: where the setting is not 0 it is used up, here or in a user namespace around
// this one, whose settings are not to be seen.
std::string what_limits_network_namespaces(const std::string& settings = "/proc/sys");

}  // namespace hairpin::lab

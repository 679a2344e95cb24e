#pragma once
// The network namespace of a container that runs, under a name that the daemon knows it by (/run/netns).
//
// A container is what `ip netns` lists by that name; or else a process, by its number; or else what the Docker engine runs by that name or id, which
// is asked at its socket (DOCKER_HOST, or /var/run/docker.sock). The last two are given the name ns-CONTAINER. It keeps the namespace
// alive until it is let go.

#include <string>

#include "cli/failure.h"

namespace hairpin::cli {

Outcome<std::string> name_namespace_of(const std::string& container);
// The name that it has, if it has one. An Error where it has none.
Outcome<std::string> named_namespace_of(const std::string& container);
// Only of names that name_namespace_of() has given.
Outcome<void> let_namespace_go(const std::string& name);

}  // namespace hairpin::cli

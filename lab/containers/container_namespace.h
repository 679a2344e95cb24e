#pragma once
// The network namespace of a container that runs, under a name that the daemon knows it by (/run/netns).
//
// A container is what the Docker engine runs by that name or id, which is asked at its socket (DOCKER_HOST, or /var/run/docker.sock); podman has no
// engine that could be asked, so its program is. A name
// that is given to a namespace keeps it alive until it is let go.

#include <string>

#include "lab/containers/container_image.h"
#include "lab/exit_code.h"
#include "lab/namespaces.h"
#include "net/result.h"

namespace hairpin::lab {

struct ContainerProblem {
    ExitCode code = ExitCode::failed;
    std::string message;
    bool is_in_name = false;  // it is who was asked for that is wrong
};
template <class T>
using ContainerResult = tl::expected<T, ContainerProblem>;

// The file of the namespace that the container has now, /proc/PID/ns/net: by the process's number, or by what the engine calls it. The machine's own
// network is none.
ContainerResult<std::string> namespace_file_of(const std::string& container, Runtime runtime = Runtime::docker);
// Whether it may stand in a path of the engine's and in the name of a file.
bool is_container_name(const std::string& text);

// Gives the namespace of the file a name, unless it has that already. Another one's loses it: that of a container that has been started anew.
ContainerResult<void> name_namespace(const std::string& file, const std::string& name);

// What follows is what `port attach` takes: what `ip netns` lists by that name, or else a process, by its number, or else a container. The last
// two are given the name ns-CONTAINER.
ContainerResult<std::string> name_namespace_of(const std::string& container);
// The name that it has, if it has one. A problem where it has none.
ContainerResult<std::string> named_namespace_of(const std::string& container);
// Only of names that name_namespace_of() has given.
ContainerResult<void> let_namespace_go(const std::string& name);

}  // namespace hairpin::lab

#pragma once
// Network namespaces with names, kept the way iproute2 keeps them: a namespace mounted on the file /run/netns/<name>, so that
// `ip netns exec` and everything that knows it finds them. Made in this process, without a program started for each.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::lab {

inline constexpr std::string_view kNamespaceFolder = "/run/netns";

// Which namespace a file such as /run/netns/x or /proc/1/ns/net is.
struct NamespaceId {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const NamespaceId&, const NamespaceId&) = default;
};

// Makes an empty namespace whose loopback interface is up and which speaks no IPv6 unless it is told to. It is an error when the name is taken.
Result<void> create_namespace(const std::string& name);
// Takes the name away; the namespace goes with its last process. No error when there is none.
Result<void> remove_namespace(const std::string& name);
Result<FileDescriptor> open_namespace(const std::string& name);
bool namespace_exists(const std::string& name);

// Nullopt when the file is no namespace: not there, or left by somebody who was stopped before the mount.
std::optional<NamespaceId> namespace_id(const std::string& file);

// The names of all of a lab's namespaces, found by name alone: hp-<lab>-<node>.
std::vector<std::string> namespaces_of_lab(std::string_view lab);
// Those of containers that are nodes of it, hc-<lab>-<node>: names that the lab has given to namespaces of others.
std::vector<std::string> container_namespaces_of_lab(std::string_view lab);

}  // namespace hairpin::lab

#pragma once
// Network namespaces by name, as `ip netns` keeps them: a file in /run/netns for each.

#include <string>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::runtime {

// An open handle on a namespace; an empty name is the one we are in.
Result<FileDescriptor> open_network_namespace(const std::string& name);

// What `ip netns` calls the one that this thread stands in; "" where it has no name there.
std::string name_of_this_network_namespace();

// While it lives, this thread stands in another network namespace. Sockets opened meanwhile stay there.
class NamespaceVisit {
public:
    static Result<NamespaceVisit> enter(const FileDescriptor& target, const std::string& name);
    NamespaceVisit(NamespaceVisit&&) = default;
    ~NamespaceVisit();  // back home

private:
    explicit NamespaceVisit(FileDescriptor home) : home_(std::move(home)) {}
    FileDescriptor home_;
};

}  // namespace hairpin::runtime

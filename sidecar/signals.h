#pragma once
// Signals as something to wait for together with sockets (signalfd(2)). As the first process of a container nobody else reaps children, and a
// signal that is not asked for does nothing.

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::sidecar {

class Signals {
public:
    // Blocks in this thread every signal that people and container engines send, and SIGCHLD.
    static Result<Signals> watch();
    // What a child does before it becomes another program: signals are as they were.
    static void restore_in_child();

    int descriptor() const { return descriptor_.get(); }
    // The next one that has come, or none. Never waits.
    std::optional<int> next() const;

private:
    explicit Signals(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}
    FileDescriptor descriptor_;
};

// Waits until a signal has come, the descriptor is readable, or the time is over.
void wait_for(const Signals& signals, int descriptor, std::optional<std::chrono::milliseconds> at_most);

}  // namespace hairpin::sidecar

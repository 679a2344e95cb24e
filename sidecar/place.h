#pragma once
// Which of several ports a replica has. Replicas of one service are started alike, with the same list of ports; they agree by locks (flock(2))
// on files beside the gateway's socket, which all of them see. The kernel gives a lock back when its process ends, however it ends.

#include <string>
#include <vector>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::sidecar {

struct Place {
    std::size_t index = 0;
    FileDescriptor lock;  // none where there is but one port, whose last comer has it
};
// The first port that nobody has. An Error when all are taken, or the folder cannot be written to.
Result<Place> take_place(const std::string& folder, const std::vector<std::string>& ports);

}  // namespace hairpin::sidecar

#pragma once
// The same commands at several nodes: the nodes at the same time, the commands of one after the other.

#include <functional>
#include <string>
#include <vector>

#include "lab/lab_state.h"
#include "lab/processes.h"
#include "net/result.h"

namespace hairpin::lab {

struct NodeAnswers {
    const NodeState* node = nullptr;
    std::vector<Finished> commands = {};  // in the order in which they were typed
};

// `run` is called in a process of its own for each command, whose status it returns unless the process becomes the command. These processes stay
// among those of the terminal, so that Ctrl-C ends them all, and end when this one does. `done` is told of the nodes in their order, each as soon as
// it and those before it have answered. At most so many nodes work at a time.
inline constexpr std::size_t kNodesAtOnce = 64;
Result<void> exec_at_nodes(const std::vector<const NodeState*>& nodes, const std::vector<std::vector<std::string>>& commands,
                           const std::function<int(const NodeState& node, const std::vector<std::string>& command)>& run,
                           const std::function<void(const NodeAnswers& answers)>& done);

}  // namespace hairpin::lab

#pragma once
// What goes on until it is interrupted runs in a process of its own, so that Ctrl-C ends it and not the shell.

#include <functional>

namespace hairpin::cli {

// The status of `work`, done in a child. The shell waits and ignores Ctrl-C meanwhile; an interrupted child is an orderly end, 0.
int in_child(const std::function<int()>& work);

}  // namespace hairpin::cli

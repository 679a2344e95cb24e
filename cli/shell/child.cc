#include "cli/shell/child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>

namespace hairpin::cli {

int in_child(const std::function<int()>& work) {
    std::fflush(nullptr);
    std::cout.flush();
    const pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
        std::signal(SIGINT, SIG_DFL);
        const int status = work();
        std::cout.flush();
        std::fflush(nullptr);
        _exit(status);
    }
    const auto before = std::signal(SIGINT, SIG_IGN);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    std::signal(SIGINT, before);
    if (WIFSIGNALED(status)) {
        std::cout << std::endl;
        return WTERMSIG(status) == SIGINT ? 0 : 128 + WTERMSIG(status);
    }
    return WEXITSTATUS(status);
}

}  // namespace hairpin::cli

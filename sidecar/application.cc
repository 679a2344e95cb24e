#include "sidecar/application.h"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "sidecar/signals.h"

namespace hairpin::sidecar {

namespace {

constexpr int kCannotRun = 126, kNotFound = 127;  // as shells end then

// No capability is left, and no program that is run from here on gets one, not even from its file or by being root.
// Dropping from the bounding set itself wants CAP_SETPCAP, which is not ours: no_new_privs and empty sets do the same.
bool give_up_capabilities() {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> none{};
    return syscall(SYS_capset, &header, none.data()) == 0;
}

bool become_user(const User& user) { return setgroups(0, nullptr) == 0 && setgid(user.group) == 0 && setuid(user.user) == 0; }

[[noreturn]] void cannot(const char* what) {
    std::fprintf(stderr, "hairpin-port: error: %s: %s\n", what, std::strerror(errno));
    _exit(kCannotRun);
}

[[noreturn]] void become(const std::vector<std::string>& command, const std::optional<User>& user) {
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    Signals::restore_in_child();
    if (user && !become_user(*user)) cannot("become the user of --user (it wants CAP_SETUID and CAP_SETGID)");
    if (!give_up_capabilities()) cannot("give up capabilities");
    ::execvp(words.front(), words.data());
    const int problem = errno;
    std::fprintf(stderr, "hairpin-port: error: run %s: %s\n", words.front(), std::strerror(problem));
    _exit(problem == ENOENT ? kNotFound : kCannotRun);
}

}  // namespace

Result<Application> Application::start(const std::vector<std::string>& command, const std::optional<User>& user) {
    const pid_t process = ::fork();
    if (process < 0) return failure(fmt::format("start {}: fork: {}", command.front(), std::strerror(errno)));
    if (process == 0) become(command, user);
    return Application{process};
}

void Application::send(int signal) const { ::kill(process_, signal); }

std::optional<int> Application::reap() const {
    std::optional<int> outcome;
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;)
        if (ended == process_) outcome = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

}  // namespace hairpin::sidecar

#include "lab/verbs/exec_at_nodes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <map>
#include <utility>

#include "lab/files.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {
namespace {

// What one command says, in memory: a program that it leaves in the background may keep it open without anybody waiting for that.
struct Said {
    FileDescriptor output{::memfd_create("stdout", MFD_CLOEXEC)}, error_output{::memfd_create("stderr", MFD_CLOEXEC)};
    bool is_open() const { return output && error_output; }
};

std::string content_of(const FileDescriptor& memory) {
    return read_file(fmt::format("/proc/self/fd/{}", memory.get())).value_or("");
}

void speak_into(const Said& said) {
    const FileDescriptor nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    ::dup2(nothing.get(), STDIN_FILENO);
    ::dup2(said.output.get(), STDOUT_FILENO);
    ::dup2(said.error_output.get(), STDERR_FILENO);
}

class Crew {
public:
    using Run = std::function<int(const NodeState& node, const std::vector<std::string>& command)>;

    Crew(const std::vector<const NodeState*>& nodes, const std::vector<std::vector<std::string>>& commands, const Run& run)
        : commands_(commands), run_(run) {
        for (const NodeState* node : nodes) answers_.push_back({.node = node});
    }

    Result<void> work(const std::function<void(const NodeAnswers& answers)>& done) {
        std::size_t begun = 0, told = 0;
        while (told < answers_.size()) {
            for (; begun < answers_.size() && working_.size() < kNodesAtOnce; ++begun)
                if (auto started = start(begun); !started) return started;
            const auto place = wait_for_one();
            if (!place) return tl::unexpected(place.error());
            if (!has_answered(*place))
                if (auto started = start(*place); !started) return started;
            for (; told < answers_.size() && has_answered(told); ++told) done(answers_[told]);
        }
        return {};
    }

private:
    struct Working {
        std::size_t place;  // of the node
        Said said;
    };

    bool has_answered(std::size_t place) const { return answers_[place].commands.size() == commands_.size(); }

    // The next command of this node.
    Result<void> start(std::size_t place) {
        Said said;
        if (!said.is_open()) return failure("memfd_create: " + system_error());
        std::fflush(nullptr);  // what waits to be written is not the child's
        const pid_t parent = ::getpid();
        const pid_t child = ::fork();
        if (child < 0) return failure("fork: " + system_error());
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (::getppid() != parent) ::_exit(128 + SIGTERM);
            speak_into(said);
            const NodeAnswers& answers = answers_[place];
            const int status = run_(*answers.node, commands_[answers.commands.size()]);
            std::fflush(nullptr);
            ::_exit(status);
        }
        working_.emplace(child, Working{.place = place, .said = std::move(said)});
        return {};
    }

    Result<std::size_t> wait_for_one() {
        int status = 0;
        pid_t child = -1;
        while ((child = ::waitpid(-1, &status, 0)) < 0)
            if (errno != EINTR) return failure("cannot wait for a command: " + system_error());
        const auto ended = working_.find(child);
        if (ended == working_.end()) return failure(fmt::format("process {} is none of the commands", child));
        const Working worked = std::move(ended->second);
        working_.erase(ended);
        answers_[worked.place].commands.push_back({.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                                                   .output = content_of(worked.said.output),
                                                   .error_output = content_of(worked.said.error_output)});
        return worked.place;
    }

    const std::vector<std::vector<std::string>>& commands_;
    const Run& run_;
    std::vector<NodeAnswers> answers_;
    std::map<pid_t, Working> working_;
};

}  // namespace

Result<void> exec_at_nodes(const std::vector<const NodeState*>& nodes, const std::vector<std::vector<std::string>>& commands,
                           const std::function<int(const NodeState& node, const std::vector<std::string>& command)>& run,
                           const std::function<void(const NodeAnswers& answers)>& done) {
    return Crew{nodes, commands, run}.work(done);
}

}  // namespace hairpin::lab

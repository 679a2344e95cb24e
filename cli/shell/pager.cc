#include "cli/shell/pager.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace hairpin::cli {

namespace {

// Lines of the terminal; 0 when there is none.
std::size_t height() {
    winsize size{};
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_row;
}

bool write_all(FILE* file, std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

// While the pager has the terminal, Ctrl-C is for it.
class NoInterrupts {
public:
    NoInterrupts() : interrupt_(std::signal(SIGINT, SIG_IGN)), pipe_(std::signal(SIGPIPE, SIG_IGN)) {}
    ~NoInterrupts() {
        std::signal(SIGINT, interrupt_);
        std::signal(SIGPIPE, pipe_);
    }
    NoInterrupts(const NoInterrupts&) = delete;
    NoInterrupts& operator=(const NoInterrupts&) = delete;

private:
    void (*interrupt_)(int);
    void (*pipe_)(int);
};

}  // namespace

bool show_text(std::string_view text, bool paged) {
    const std::size_t lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    const std::size_t screen = height();
    if (!paged || screen == 0 || lines < screen) return write_all(stdout, text);

    const char* chosen = std::getenv("PAGER");
    // -S: a table's line stays a line; -F -X: what fits after all stays on the screen.
    const char* pager = chosen != nullptr && *chosen != '\0'
                            ? chosen
                            : "less -S -F -X -R -P 'lines %lt-%lb  (space\\: more, q\\: end, /\\: search)'";
    const NoInterrupts quiet;
    std::fflush(stdout);
    FILE* reader = popen(pager, "w");
    if (reader == nullptr) return write_all(stdout, text);
    write_all(reader, text);  // who leaves the pager early does not want the rest
    constexpr int kNotFound = 127;
    const int status = pclose(reader);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kNotFound) return write_all(stdout, text);
    return true;
}

}  // namespace hairpin::cli

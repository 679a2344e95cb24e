// hairpind: the daemon. What it does is in daemon.h, what it is told in options.h.

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "runtime/daemon.h"
#include "runtime/log.h"
#include "runtime/options.h"

int main(int argc, char** argv) {
    // Whoever has asked, or reads the log, may be gone when the answer comes: that is an error of the write, and no reason to end.
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app;
    hairpin::runtime::ProgramOptions options;
    describe_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 2;
    }

    const auto fail = [](const hairpin::Error& error, int code) {
        if (error.path.empty())
            std::fprintf(stderr, "hairpind: error: %s\n", error.message.c_str());
        else
            std::fprintf(stderr, "hairpind: error: %s: %s\n", error.path.c_str(), error.message.c_str());
        return code;
    };
    if (const auto logging = hairpin::runtime::log::start(options.log_level); !logging) return fail(logging.error(), 2);
    const auto outcome = options.check_only ? hairpin::runtime::check_configuration(options.daemon.config_file)
                                            : hairpin::runtime::run_daemon(options.daemon);
    return outcome ? 0 : fail(outcome.error(), 1);
}

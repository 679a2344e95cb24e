// hairpin-node: what it is told is in options.h. It ends as hairpind, whose process it becomes: signals, the exit status and standard error
// are hairpind's.
//
//   waiting for devices (arrivals.h)  ─►  taking them (network_device.h)  ─►  a document (startup.h)  ─►  hairpind

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "net/file_descriptor.h"
#include "node/arrivals.h"
#include "node/network_device.h"
#include "node/options.h"
#include "node/startup.h"

namespace {

using hairpin::Error;
using hairpin::Result;

int fail(const Error& error) {
    std::fprintf(stderr, "hairpin-node: error: %s%s%s\n", error.path.c_str(), error.path.empty() ? "" : ": ",
                 error.message.c_str());
    return 1;
}

// Nothing where there is no file.
Result<std::string> startup_text(const std::string& file) {
    if (::access(file.c_str(), F_OK) != 0 && errno == ENOENT) return std::string{};
    std::ifstream stream{file};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    if (!stream) return hairpin::failure("cannot read " + file + ": " + std::strerror(errno));
    return text;
}

Result<std::vector<hairpin::node::TakenDevice>> take_devices(const std::vector<std::string>& names) {
    std::vector<hairpin::node::TakenDevice> devices;
    for (const std::string& name : names) {
        devices.push_back({name, hairpin::node::addresses_of(name)});
        if (const auto taken = hairpin::node::take_from_kernel(name); !taken) return tl::unexpected(taken.error());
    }
    return devices;
}

Result<void> write_document(const std::string& file, const std::string& text) {
    std::error_code none;
    std::filesystem::create_directories(std::filesystem::path{file}.parent_path(), none);
    std::ofstream stream{file, std::ios::trunc};
    stream << text;
    stream.close();
    if (!stream) return hairpin::failure("cannot write " + file + ": " + std::strerror(errno));
    return {};
}

// Beside this program, where they were built or installed together.
std::string daemon_program() {
    std::error_code none;
    return std::filesystem::read_symlink("/proc/self/exe", none).parent_path() / "hairpind";
}

Error become_daemon(const hairpin::node::Options& options) {
    std::vector<std::string> words{daemon_program(), "--config", options.document};
    words.insert(words.end(), options.daemon.begin(), options.daemon.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(pointers.front(), pointers.data());
    return Error{.message = "cannot start " + words.front() + ": " + std::strerror(errno)};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app;
    hairpin::node::Options options;
    describe_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 2;
    }
    // What is wrong in the file is said before anything is waited for or taken.
    const auto text = startup_text(options.startup);
    if (!text) return fail(text.error());
    if (const auto right = hairpin::node::startup_document(*text, {}); !right)
        return fail(Error{right.error().message, options.startup + ", " + right.error().path});

    const auto names = hairpin::node::wait_for_devices(options.interfaces, options.management);
    if (!names) return fail(names.error());
    const auto devices = take_devices(*names);
    if (!devices) return fail(devices.error());
    const auto document = hairpin::node::startup_document(*text, *devices);
    if (!document) return fail(document.error());
    if (const auto written = write_document(options.document, *document); !written) return fail(written.error());
    return fail(become_daemon(options));
}

#include "lab/node_commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/machines/boot.h"
#include "lab/processes.h"

namespace hairpin::lab {
namespace {

constexpr std::chrono::milliseconds kCommandPatience{30'000};

Result<void> run_in_the_machine(const LabState& lab, const Node& node, const std::string& line, const FileDescriptor& log) {
    const auto done = run_in_machine(lab, *lab.find(node.name), line, std::chrono::ceil<std::chrono::seconds>(kCommandPatience));
    if (!done) return tl::unexpected(done.error());
    const std::string said = done->output + done->error_output;
    if (::write(log.get(), said.data(), said.size()) < 0) return failure("cannot write the log: " + system_error());
    if (done->status == 0) return {};
    const std::string last = last_lines(said, 1);
    return failure(fmt::format("node \"{}\": the command `{}` ended with {}{}{}", node.name, line, done->status,
                               last.empty() ? "" : ": ", last));
}

Result<void> run_node_command(const LabState& lab, const Node& node, const std::string& line, const FileDescriptor& log) {
    if (node.role == NodeRole::machine) return run_in_the_machine(lab, node, line, log);
    Command command = command_at(lab, *lab.find(node.name), {"/bin/sh", "-c", line});
    command.output = command.error_output = log.get();
    const auto child = start_in_namespace(lab.namespace_of(*lab.find(node.name)), command);
    if (!child) return tl::unexpected(child.error());
    const auto status = wait_for(*child, kCommandPatience);
    if (status && *status == 0) return {};
    const std::string said = last_lines(read_file(LabPaths{lab.lab}.node_log(node.name)).value_or(""), 1);
    return failure(fmt::format("node \"{}\": the command `{}` {}{}{}", node.name, line,
                               status ? fmt::format("ended with {}", *status) : status.error().message, said.empty() ? "" : ": ",
                               said));
}

}  // namespace

Result<FileDescriptor> open_log(const std::string& path) {
    FileDescriptor log{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
    if (!log) return failure(fmt::format("cannot write {}: {}", path, system_error()));
    return log;
}

Result<void> run_commands(const LabState& lab, const Node& node) {
    if (node.role == NodeRole::segment || node.commands.empty()) return {};
    const auto log = open_log(LabPaths{lab.lab}.node_log(node.name));
    if (!log) return tl::unexpected(log.error());
    for (const std::string& line : node.commands)
        if (auto done = run_node_command(lab, node, line, *log); !done) return done;
    return {};
}

}  // namespace hairpin::lab

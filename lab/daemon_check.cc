#include "lab/daemon_check.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string_view>
#include <tuple>

#include "lab/files.h"
#include "lab/lookup.h"
#include "lab/processes.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {
namespace {

constexpr std::chrono::milliseconds kCheckPatience{30'000};
constexpr std::string_view kErrorWords = "hairpind: error: ";
constexpr std::string_view kPortPath = "/hairpin:switch/port[name='";

Result<FileDescriptor> in_memory(const std::string& text) {
    FileDescriptor file{::memfd_create("hairpind.json", MFD_CLOEXEC)};
    for (std::string_view rest = text; file && !rest.empty();) {
        const ssize_t written = ::write(file.get(), rest.data(), rest.size());
        if (written <= 0) file = FileDescriptor{};
        if (file) rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (!file) return failure("cannot hold the configuration for hairpind to check: " + system_error());
    return file;
}

}  // namespace

std::string daemon_program() { return program_folder() + "/hairpind"; }

std::string at_its_place(const Topology& topology, const std::string& complaint) {
    const std::string gateway_file =
        (std::filesystem::path{topology.folder} / topology.gateway().config_file).lexically_normal().string();
    if (!complaint.starts_with(kPortPath))
        return fmt::format("{}: {}", complaint.starts_with("/hairpin:switch") ? topology.file : gateway_file, complaint);
    const std::string rest = complaint.substr(kPortPath.size());
    const std::size_t end = rest.find("']");
    const std::string port = rest.substr(0, end);
    const std::string what = end == std::string::npos ? rest : rest.substr(end + 2);
    for (const Attachment& attachment : topology.attachments)
        if (attachment.port == port)
            return fmt::format("{}:{}:{}: port \"{}\"{}{}", topology.file, attachment.at.line, attachment.at.column, port,
                               what.starts_with('/') ? " " : "", what.starts_with('/') ? what.substr(1) : what);
    return fmt::format("{}: {}", topology.file, complaint);
}

Result<void> check_by_daemon(const Topology& topology, const DaemonConfig& config) {
    const auto file = in_memory(config.text);
    if (!file) return tl::unexpected(file.error());
    const std::string place = fmt::format("/proc/self/fd/{}", kPassedDescriptor);
    const auto done =
        run_here({.words = {daemon_program(), "--check", "--config", place}, .passed = file->get()}, kCheckPatience);
    if (!done) return tl::unexpected(done.error());
    if (done->status == 0) return {};
    std::string said = last_lines(done->error_output, 1);
    for (const std::string_view before : {kErrorWords, std::string_view{place}, std::string_view{": "}})
        if (said.starts_with(before)) said.erase(0, before.size());
    if (said.empty()) said = fmt::format("hairpind --check ended with {} and without a word", done->status);
    return failure(at_its_place(topology, said));
}

}  // namespace hairpin::lab

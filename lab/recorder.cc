#include "lab/recorder.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/lookup.h"
#include "lab/node_commands.h"
#include "lab/processes.h"
#include "lab/verbs/verbs.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {

namespace {

constexpr const char* kRecorded = "32MB";  // /run is memory
constexpr std::chrono::milliseconds kRecorderPatience{10'000};

// Tells when a file is made in a folder (inotify(7)). The file of a capture is made when hairpind has begun it.
class FileMaking {
public:
    explicit FileMaking(const std::string& folder) : watch_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
        ::inotify_add_watch(watch_.get(), folder.c_str(), IN_CREATE);
    }
    bool wait_for(const std::string& file, std::chrono::milliseconds limit) const {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (::access(file.c_str(), F_OK) != 0) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            pollfd waiting{.fd = watch_.get(), .events = POLLIN, .revents = 0};
            if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) return false;
            std::array<char, 4096> told;
            while (::read(watch_.get(), told.data(), told.size()) > 0) {
            }
        }
        return true;
    }

private:
    FileDescriptor watch_;
};

}  // namespace

Result<void> start_recorder(const Topology& topology, const LabState& lab) {
    const LabPaths paths{lab.lab};
    Command command{.words = {program_folder() + "/hairpin", "--socket", paths.control_socket(), "capture"},
                    .folder = paths.folder};
    const std::size_t without_places = command.words.size();
    for (const Attachment& attachment : topology.attachments)
        if (attachment.captured) command.words.push_back(capture_place_of(topology, attachment));
    if (command.words.size() == without_places) return {};
    command.words.insert(command.words.end(), {"ring", kRecorded, "write", paths.recording()});
    const auto log = open_log(paths.log_folder() + "/capture.log");
    if (!log) return tl::unexpected(log.error());
    command.output = command.error_output = log->get();
    ::unlink(paths.recording().c_str());  // of the hairpind before this one
    const FileMaking making{paths.folder};
    const auto child = start_in_namespace(namespace_name(lab.lab, lab.gateway()->name), command);
    if (!child) return tl::unexpected(child.error());
    if (making.wait_for(paths.recording(), kRecorderPatience)) return {};
    return failure("the capture of links does not begin: " +
                   last_lines(read_file(paths.log_folder() + "/capture.log").value_or(""), 1));
}

}  // namespace hairpin::lab

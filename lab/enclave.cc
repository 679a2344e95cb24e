#include "lab/enclave.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "lab/enclave_folder.h"
#include "lab/enclave_holder.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/processes.h"

namespace hairpin::lab {
namespace {

constexpr std::string_view kHolderFile = "/enclave.json";
constexpr std::chrono::milliseconds kPatienceWithHolder{2000};

struct stat status_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) status = {};
    return status;
}

bool is_same(const struct stat& one, const struct stat& other) {
    return one.st_ino != 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::optional<ProcessId> noted_holder(const std::string& folder) {
    const auto text = read_file(folder + std::string{kHolderFile});
    if (!text) return std::nullopt;
    try {
        const auto json = nlohmann::json::parse(*text);
        const ProcessId id{.pid = json.at("pid"), .start_ticks = json.at("start_ticks")};
        return id.is_running() ? std::optional{id} : std::nullopt;
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

// Any process that has our folder where labs have it, and other users than we: a hairpind, a server on a host, somebody's shell.
std::optional<ProcessId> anybody_inside(const std::string& folder) {
    const auto users = status_of("/proc/self/ns/user");
    const auto ours = status_of(folder);
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc", none}) {
        const std::string process = entry.path();
        if (!is_same(status_of(process + "/root" + kRunFolder), ours)) continue;
        const auto theirs = status_of(process + "/ns/user");
        if (theirs.st_ino == 0 || is_same(theirs, users)) continue;
        const ProcessId id = ProcessId::of(static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10)));
        if (id.is_running()) return id;
    }
    return std::nullopt;
}

// Who holds the enclave: the process that was started for it or, where somebody has killed that, another one in it.
std::optional<ProcessId> holder_of(const std::string& folder) {
    if (auto noted = noted_holder(folder)) return noted;
    return status_of(folder).st_ino == 0 ? std::nullopt : anybody_inside(folder);
}

Result<ProcessId> start_holder(const std::string& folder) {
    // What an enclave without a living process had is gone with it; its labs' files would name what is no more.
    std::error_code none;
    std::filesystem::remove_all(folder + "/labs", none);
    const auto holder = start_enclave_holder(folder);
    if (!holder) return holder;
    const nlohmann::json json = {{"pid", holder->pid}, {"start_ticks", holder->start_ticks}};
    if (auto noted = write_file(folder + std::string{kHolderFile}, json.dump() + "\n"); !noted)
        return tl::unexpected(noted.error());
    return holder;
}

// The folder, with a lock that keeps others from making the enclave or taking it away.
Result<FileDescriptor> lock_folder(const std::string& path, uid_t user) {
    for (;;) {
        if (auto made = make_enclave_folder(path, user); !made) return tl::unexpected(made.error());
        FileDescriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        while (folder && ::flock(folder.get(), LOCK_EX) != 0)
            if (errno != EINTR) return failure(fmt::format("cannot lock {}: {}", path, system_error()));
        if (!folder && errno != ENOENT) return failure(fmt::format("cannot open {}: {}", path, system_error()));
        struct stat held {};
        // Otherwise the last lab's end has removed it meanwhile.
        if (folder && ::fstat(folder.get(), &held) == 0 && is_same(held, status_of(path))) return folder;
    }
}

void remove_folder(const std::string& path) {
    ::unlink((path + std::string{kHolderFile}).c_str());
    ::rmdir((path + "/labs").c_str());
    ::rmdir(path.c_str());
}

}  // namespace

Result<Enclave> Enclave::enter(EnclaveEntry entry) {
    const uid_t user = ::geteuid();
    if (user == 0) return Enclave{};
    const std::string path = enclave_folder(user);
    if (entry == EnclaveEntry::if_there && !holder_of(path)) return Enclave{};

    auto folder = lock_folder(path, user);
    if (!folder) return tl::unexpected(folder.error());
    auto holder = holder_of(path);
    if (!holder && entry == EnclaveEntry::if_there) return Enclave{};
    if (!holder) {
        const auto started = start_holder(path);
        if (!started) {
            remove_folder(path);
            return tl::unexpected(started.error());
        }
        holder = *started;
    }
    if (auto joined = join_enclave(*holder); !joined) return tl::unexpected(joined.error());
    if (::flock(folder->get(), LOCK_SH) != 0) return failure(fmt::format("cannot lock {}: {}", path, system_error()));
    return Enclave{path, *std::move(folder)};
}

Enclave::~Enclave() {
    // Somebody else who is in it has a shared lock, too: then he is the one who looks last.
    if (!folder_ || ::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0 || !known_labs().empty()) return;
    if (const auto holder = noted_holder(path_)) {
        ::kill(holder->pid, SIGKILL);
        ends_within(*holder, kPatienceWithHolder);
    }
    remove_folder(path_);
}

std::string labs_folder_from_outside() {
    const uid_t user = ::geteuid();
    const std::string own = enclave_folder(user) + "/labs";
    std::error_code none;
    return user != 0 && std::filesystem::is_directory(own, none) ? own : std::string{kLabsFolder};
}

}  // namespace hairpin::lab

#include "lab/files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "net/file_descriptor.h"

namespace hairpin::lab {

std::string system_error() { return std::strerror(errno); }

Result<std::string> read_file(const std::string& path) {
    const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return failure(fmt::format("cannot read {}: {}", path, system_error()));
    std::string text;
    std::array<char, 16'384> part;
    for (;;) {
        const ssize_t size = ::read(file.get(), part.data(), part.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure(fmt::format("cannot read {}: {}", path, system_error()));
        if (size == 0) return text;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
}

Result<void> write_file(const std::string& path, std::string_view text) {
    const std::string beside = path + ".new";
    {
        const FileDescriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
        if (!file) return failure(fmt::format("cannot write {}: {}", beside, system_error()));
        while (!text.empty()) {
            const ssize_t size = ::write(file.get(), text.data(), text.size());
            if (size < 0 && errno == EINTR) continue;
            if (size < 0) return failure(fmt::format("cannot write {}: {}", beside, system_error()));
            text.remove_prefix(static_cast<std::size_t>(size));
        }
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return failure(fmt::format("cannot write {}: {}", path, system_error()));
    return {};
}

Result<void> make_folders(const std::string& path) {
    std::error_code problem;
    std::filesystem::create_directories(path, problem);
    if (problem) return failure(fmt::format("cannot make the folder {}: {}", path, problem.message()));
    return {};
}

std::string last_lines(std::string_view text, std::size_t count) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    std::size_t start = text.size();
    for (; count > 0 && start != std::string_view::npos; --count)
        start = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
    return std::string{start == std::string_view::npos ? text : text.substr(start + 1)};
}

}  // namespace hairpin::lab

#include "runtime/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "net/file_descriptor.h"

namespace hairpin::runtime {

namespace {

tl::unexpected<Error> cannot_write(const std::string& file) {
    return failure(fmt::format("cannot write {}: {}", file, std::strerror(errno)));
}

}  // namespace

Result<void> write_durably(const std::string& file, const std::string& text) {
    const FileDescriptor descriptor{::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)};
    if (!descriptor) return cannot_write(file);
    for (std::size_t written = 0; written < text.size();) {
        const ssize_t count = ::write(descriptor.get(), text.data() + written, text.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return cannot_write(file);
        written += static_cast<std::size_t>(count);
    }
    if (::fsync(descriptor.get()) != 0) return cannot_write(file);
    return {};
}

bool sync_folder(const std::string& folder) {
    const FileDescriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return descriptor.get() >= 0 && ::fsync(descriptor.get()) == 0;
}

Result<void> replace_durably(const std::string& file, const std::string& text) {
    const std::string unfinished = file + ".new";
    if (const auto written = write_durably(unfinished, text); !written) return written;
    if (::rename(unfinished.c_str(), file.c_str()) != 0 || !sync_folder(std::filesystem::path{file}.parent_path()))
        return cannot_write(file);
    return {};
}

}  // namespace hairpin::runtime

#include "cli/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace hairpin::cli {

void Archive::Discard::operator()(archive* begun) const {
    archive_write_free(begun);
    ::unlink(path.c_str());
}

Outcome<Archive> Archive::create(const std::string& path) {
    // Made here and not by libarchive, which would write over a file that is there.
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return failed_with(ExitCode::failed, fmt::format("{}: {}", path, std::strerror(errno)));
    ::close(file);
    Archive made{path, archive_write_new()};
    archive* const begun = made.archive_.get();
    if (archive_write_add_filter_gzip(begun) != ARCHIVE_OK || archive_write_set_format_pax_restricted(begun) != ARCHIVE_OK ||
        archive_write_open_filename(begun, path.c_str()) != ARCHIVE_OK)
        return made.failed();
    return made;
}

Outcome<void> Archive::add(const std::string& name, const std::string& text) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry{archive_entry_new(), archive_entry_free};
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_mtime(entry.get(), std::time(nullptr), 0);
    if (archive_write_header(archive_.get(), entry.get()) != ARCHIVE_OK ||
        archive_write_data(archive_.get(), text.data(), text.size()) != static_cast<la_ssize_t>(text.size()))
        return failed();
    return {};
}

Outcome<void> Archive::finish() {
    if (archive_write_close(archive_.get()) != ARCHIVE_OK) return failed();
    archive_write_free(archive_.release());
    return {};
}

tl::unexpected<Failure> Archive::failed() const {
    const char* const reason = archive_error_string(archive_.get());
    return failed_with(ExitCode::failed, fmt::format("cannot write {}: {}", archive_.get_deleter().path,
                                                     reason == nullptr ? "libarchive does not say why" : reason));
}

}  // namespace hairpin::cli

#include "switch/ports/vhost_user_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hairpin::l2 {

namespace {

// Others than memory files are not asked anything: a FUSE file's answer comes when its server likes.
Result<void> must_not_shrink(int file) {
    const int seals = fcntl(file, F_GET_SEALS);
    if (seals >= 0 && (seals & F_SEAL_SHRINK) != 0) return {};
    if (seals >= 0 && fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK) == 0) return {};
    return failure("the guest's memory is a file that could shrink under us (QEMU: -object memory-backend-memfd,share=on)");
}

}  // namespace

VhostUserMemory::Mapping::~Mapping() {
    if (address_ != nullptr) munmap(address_, size_);
}

Result<VhostUserMemory> VhostUserMemory::map(std::span<const vhost::MemoryEntry> regions, std::span<const FileDescriptor> files) {
    ensure(regions.size() == files.size());
    VhostUserMemory memory;
    memory.mappings_.reserve(regions.size());
    for (std::size_t i = 0; i < regions.size(); ++i)
        if (const auto added = memory.add(regions[i], files[i].get()); !added) return tl::unexpected(added.error());
    return memory;
}

Result<void> VhostUserMemory::add(const vhost::MemoryEntry& region, int file) {
    if (const auto stays = must_not_shrink(file); !stays) return stays;
    struct stat about {};
    if (fstat(file, &about) != 0) return failure(fmt::format("the guest's memory: fstat: {}", std::strerror(errno)));
    const auto length = static_cast<std::uint64_t>(about.st_size);
    if (region.size == 0 || region.file_offset > length || region.size > length - region.file_offset)
        return failure(fmt::format("a region of {} bytes at {} of a file that has {}", region.size, region.file_offset, length));

    // From a page's beginning on. Of huge pages, the file's block size says how large they are.
    const auto page = static_cast<std::uint64_t>(std::max<long>(about.st_blksize, sysconf(_SC_PAGESIZE)));
    const std::uint64_t before = region.file_offset % page;
    const std::uint64_t mapped = (before + region.size + page - 1) / page * page;
    void* address = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file,
                         static_cast<off_t>(region.file_offset - before));
    if (address == MAP_FAILED) return failure(fmt::format("the guest's memory: mmap: {}", std::strerror(errno)));
    mappings_.emplace_back(address, mapped);
    madvise(address, mapped, MADV_DONTDUMP);  // a guest's secrets are none of our core dump's
    if (!guest_->add({region.guest, region.user, mappings_.back().bytes().subspan(before, region.size)}))
        return failure(
            fmt::format("a region of {} bytes at {:#x} that overlaps another, or ends nowhere", region.size, region.guest));
    return {};
}

}  // namespace hairpin::l2

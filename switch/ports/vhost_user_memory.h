#pragma once
// A guest's memory, mapped from the files that its front-end passes.
//
// A page that a file no longer has is a SIGBUS for whoever touches it, so a front-end that shrinks a file under us could stop the daemon.
// A file is therefore taken only where it cannot shrink: it is a memfd with the seal F_SEAL_SHRINK, or one that lets us put it on, and as
// long as its region says. QEMU's memory-backend-memfd is that; memory-backend-file is not, and is refused with that advice.
//
// Owned by one port. Rings and chains that were resolved in it are void when it goes.

#include <memory>
#include <span>
#include <vector>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "switch/vhost/guest_memory.h"
#include "switch/vhost/message.h"

namespace hairpin::l2 {

class VhostUserMemory {
public:
    // All regions, or none. A descriptor for each.
    static Result<VhostUserMemory> map(std::span<const vhost::MemoryEntry> regions, std::span<const FileDescriptor> files);
    VhostUserMemory() = default;

    const vhost::GuestMemory& guest() const { return *guest_; }

private:
    class Mapping {
    public:
        Mapping(void* address, std::size_t size) : address_(address), size_(size) {}
        Mapping(Mapping&& other) noexcept : address_(std::exchange(other.address_, nullptr)), size_(other.size_) {}
        Mapping& operator=(Mapping&&) = delete;
        ~Mapping();
        std::span<std::byte> bytes() const { return {static_cast<std::byte*>(address_), size_}; }

    private:
        void* address_;
        std::size_t size_;
    };
    Result<void> add(const vhost::MemoryEntry& region, int file);

    std::vector<Mapping> mappings_;
    std::unique_ptr<vhost::GuestMemory> guest_ = std::make_unique<vhost::GuestMemory>();  // where it is, stays
};

}  // namespace hairpin::l2

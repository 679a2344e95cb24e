#include "switch/vhost/guest_memory.h"

#include <algorithm>

namespace hairpin::l2::vhost {

namespace {

bool overlap(std::uint64_t one, std::uint64_t other, const GuestMemory::Region& a, const GuestMemory::Region& b) {
    return one <= other ? other - one < a.bytes.size() : one - other < b.bytes.size();
}

bool ends_beyond(std::uint64_t address, std::size_t size) { return address + (size - 1) < address; }

// Whether [address, address + length) lies within [base, base + size), with no sum that could wrap.
bool within(std::uint64_t address, std::size_t length, std::uint64_t base, std::size_t size) {
    return address >= base && address - base <= size && length <= size - (address - base);
}

}  // namespace

bool GuestMemory::add(const Region& region) {
    const std::size_t size = region.bytes.size();
    if (size == 0 || regions_.size() == kMostRegions) return false;
    if (ends_beyond(region.guest, size) || ends_beyond(region.user, size)) return false;
    for (const Region& other : regions_)
        if (overlap(region.guest, other.guest, region, other) || overlap(region.user, other.user, region, other)) return false;
    regions_.push_back(region);
    return true;
}

std::byte* GuestMemory::at_user(std::uint64_t address, std::size_t length) const {
    for (const Region& region : regions_)
        if (within(address, length, region.user, region.bytes.size())) return region.bytes.data() + (address - region.user);
    return nullptr;
}

std::byte* GuestMemory::at_guest(std::uint64_t address, std::size_t length) const {
    for (const Region& region : regions_)
        if (within(address, length, region.guest, region.bytes.size())) return region.bytes.data() + (address - region.guest);
    return nullptr;
}

const GuestMemory::Region* GuestMemory::region_of(std::uint64_t guest_address) const {
    for (const Region& region : regions_)
        if (within(guest_address, 1, region.guest, region.bytes.size())) return &region;
    return nullptr;
}

bool GuestMemory::resolve(std::uint64_t address, std::size_t length, std::vector<Piece>& pieces) const {
    while (length > 0) {
        const Region* region = region_of(address);
        if (region == nullptr) return false;
        const std::size_t offset = address - region->guest;
        const std::size_t here = std::min(length, region->bytes.size() - offset);
        pieces.push_back(region->bytes.subspan(offset, here));
        address += here;
        length -= here;
    }
    return true;
}

}  // namespace hairpin::l2::vhost

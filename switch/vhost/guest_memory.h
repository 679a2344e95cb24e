#pragma once
// A guest's memory as we see it: a few regions, each known by two addresses. Descriptors have the guest's own (physical) ones; where the
// rings are is told in those of the process that runs the guest.
//
//   guest    0x0000'0000 ┌────────┐            0x1'0000'0000 ┌────────┐
//   user     0x7f10'...  │ region │            0x7f50'...    │ region │      the same bytes, in our address space: `bytes`
//
// Pure: who maps the bytes sees to it that they stay. An address is believed only after it was looked up here, with its length.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hairpin::l2::vhost {

class GuestMemory {
public:
    static constexpr std::size_t kMostRegions = 8;  // that one message can name
    using Piece = std::span<std::byte>;

    struct Region {
        std::uint64_t guest;
        std::uint64_t user;
        std::span<std::byte> bytes;
    };

    // False, and nothing is added: it is empty, ends beyond what an address can say, overlaps another, or there are kMostRegions.
    bool add(const Region& region);

    // Where these bytes are, all within one region; nullptr: not so.
    std::byte* at_user(std::uint64_t address, std::size_t length) const;
    std::byte* at_guest(std::uint64_t address, std::size_t length) const;
    // Appends where these bytes are: more than one piece where regions meet. False where one of them is nowhere; `pieces` may then have some.
    bool resolve(std::uint64_t address, std::size_t length, std::vector<Piece>& pieces) const;

private:
    const Region* region_of(std::uint64_t guest_address) const;

    std::vector<Region> regions_;
};

}  // namespace hairpin::l2::vhost

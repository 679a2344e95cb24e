#pragma once
// Sets of packets. A Box says for each field of a packet which values it may have; a rule is a few boxes, and what the rules before
// it leave of them is boxes again.
//
//        ┌───────────┐                 ┌─────┬─────┐
//        │    ┌──────┼───┐             │  1  │     │        a box without another: one box for each field in which the first
//        │    │ else │   │     ──►     │     ├─────┘        goes beyond the second
//        └────┼──────┘   │             │     │  2
//             └──────────┘             └─────┘
//
// A box is as the packet came in, before DNAT; what a translation does to it is a matter of DnatBranch. Work on boxes can grow
// without measure when rules overlap crosswise, so all of it is paid for from an Effort, and whoever asks hears when that ran out.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gateway/analysis/interval_set.h"

namespace hairpin::gateway::analysis {

// Those in which rules differ most come first: two boxes that have nothing in common show it soon.
enum class Field : std::uint8_t { destination, destination_port, source, kind, inbound, source_port };
inline constexpr std::size_t kFields = 6;

// A packet's protocol and, of ICMP, its type, as one number: 0 to 255 the protocols, 256 and on the types of ICMP.
inline constexpr std::uint32_t kFirstIcmpKind = 256, kLastKind = 511;

struct Box {
    std::array<IntervalSet, kFields> sets;

    // Every packet there could be.
    static const Box& everything();

    IntervalSet& operator[](Field field) { return sets[static_cast<std::size_t>(field)]; }
    const IntervalSet& operator[](Field field) const { return sets[static_cast<std::size_t>(field)]; }
    bool empty() const;
    bool overlaps(const Box& other) const {
        for (std::size_t i = 0; i < kFields; ++i)
            if (!sets[i].overlaps(other.sets[i])) return false;
        return true;
    }
    Box intersected(const Box& other) const;
    Box limited(Field field, const IntervalSet& to) const;
};

// Appends what is left of `box` without `taken`, in boxes that do not overlap.
void subtract(const Box& box, const Box& taken, std::vector<Box>& left);

// How much work a question may cost. A step is about a box cut out of another.
class Effort {
public:
    explicit Effort(std::size_t steps) : left_(steps) {}
    // False when nothing is left.
    bool spend(std::size_t steps = 1) {
        left_ = left_ > steps ? left_ - steps : 0;
        return left_ > 0;
    }
    std::size_t left() const { return left_; }

private:
    std::size_t left_;
};

// A box of a list, and whose it is.
struct OwnedBox {
    Box box;
    std::size_t owner;
};

enum class Remains : std::uint8_t { nothing, something, unknown };

// What is left of `box` when all of `takers` have taken theirs, in order. Owners of boxes that took a part are added to `took`. Ends
// with the first remainder found.
Remains remains(const Box& box, std::span<const OwnedBox* const> takers, Effort& effort,
                std::vector<std::size_t>* took = nullptr);

// All that is left; nullopt when the effort ran out, or it is too much to hold.
std::optional<std::vector<Box>> difference(const Box& box, std::span<const OwnedBox* const> takers, Effort& effort);
std::optional<std::vector<Box>> difference(const Box& box, std::span<const OwnedBox> takers, Effort& effort);

}  // namespace hairpin::gateway::analysis

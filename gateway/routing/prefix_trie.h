#pragma once
// Longest-prefix match: which of many prefixes covers an address most closely. A poptrie (Asai and Ohara, SIGCOMM 2015): each
// node looks at six bits of the address and says in two 64-bit masks what each of the 64 ways on is, so that a lookup is one
// population count a step.
//
//   198.51.100.10  =  110001 100011 001101 100100 001010 10....
//                     root ──►node ──►node ──►leaf: the value of 198.51.100.0/24
//
// `branches` has a bit for each way to a child; those children stand side by side in `nodes_`. The other ways end at leaves; of a
// run of neighbours with the same value only the first is kept, marked in `leaf_starts`. So a table with a default route is
// one node, the whole Internet's a few megabytes (DIR-24-8, the common other choice, takes 64 before its first route), and a lookup
// takes at most six steps.
//
// Immutable: built once from all prefixes. A template over the family; another family needs an address_bits() beside the one here.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "net/flow_key.h"

namespace hairpin::gateway {

// Six bits of an address, the first of them `offset` bits from its highest; zeros follow the last.
inline unsigned address_bits(Ipv4Address address, unsigned offset) {
    return static_cast<unsigned>((std::uint64_t{address.number()} << 32 << offset) >> 58);
}

template <class Family>
class PrefixTrie {
public:
    using Address = typename Family::Address;
    using Prefix = typename Family::Prefix;
    using Value = std::uint32_t;
    struct Entry {
        Prefix prefix;
        Value value;  // any but the largest number, which stands for none
    };

    PrefixTrie() : PrefixTrie(std::span<const Entry>{}) {}
    // `entries` in order of network and then length, each prefix once.
    explicit PrefixTrie(std::span<const Entry> entries) {
        nodes_.resize(1);
        build(0, entries, 0, kNone);
    }

    std::optional<Value> find(Address address) const {
        const Node* node = &nodes_[0];
        unsigned offset = 0;
        unsigned way = address_bits(address, offset);
        while ((node->branches >> way & 1) != 0) {
            node = &nodes_[node->first_child + count_through(node->branches, way) - 1];
            offset += kStride;
            way = address_bits(address, offset);
        }
        const Value value = leaves_[node->first_leaf + count_through(node->leaf_starts, way) - 1];
        if (value == kNone) return std::nullopt;
        return value;
    }

    std::size_t memory() const { return nodes_.size() * sizeof(Node) + leaves_.size() * sizeof(Value); }  // bytes

private:
    static constexpr unsigned kStride = 6;
    static constexpr unsigned kWays = 1u << kStride;
    static constexpr Value kNone = ~Value{0};
    struct Node {
        std::uint64_t branches = 0;
        std::uint64_t leaf_starts = 0;
        std::uint32_t first_child = 0;
        std::uint32_t first_leaf = 0;
    };

    // How many bits are set up to and including `way`.
    static std::uint32_t count_through(std::uint64_t mask, unsigned way) {
        return static_cast<std::uint32_t>(std::popcount(mask & (~std::uint64_t{0} >> (kWays - 1 - way))));
    }

    // Fills the node that stands `offset` bits deep from the entries within its range; `inherited` is what covers all of it.
    void build(std::size_t at, std::span<const Entry> entries, unsigned offset, Value inherited) {
        std::array<Value, kWays> values;
        values.fill(inherited);
        std::array<std::span<const Entry>, kWays> deeper;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const Prefix& prefix = entries[i].prefix;
            const unsigned way = address_bits(prefix.network(), offset);
            if (prefix.length() > offset + kStride) {
                // Those of one way stand together: whatever is shorter and begins where they do comes before them.
                std::size_t end = i + 1;
                while (end < entries.size() && address_bits(entries[end].prefix.network(), offset) == way) ++end;
                deeper[way] = entries.subspan(i, end - i);
                i = end - 1;
                continue;
            }
            // In this order a prefix comes after all that contain it, so the closest one has the last word.
            const unsigned ways = 1u << (offset + kStride - prefix.length());
            std::fill_n(values.begin() + way, ways, entries[i].value);
        }
        write(at, values, deeper);
        std::uint32_t child = nodes_[at].first_child;
        for (unsigned way = 0; way < kWays; ++way)
            if (!deeper[way].empty()) build(child++, deeper[way], offset + kStride, values[way]);
    }

    void write(std::size_t at, const std::array<Value, kWays>& values, const std::array<std::span<const Entry>, kWays>& deeper) {
        Node node;
        node.first_child = static_cast<std::uint32_t>(nodes_.size());
        node.first_leaf = static_cast<std::uint32_t>(leaves_.size());
        for (unsigned way = 0; way < kWays; ++way) {
            if (!deeper[way].empty()) {
                node.branches |= std::uint64_t{1} << way;
            } else if (node.leaf_starts == 0 || leaves_.back() != values[way]) {
                node.leaf_starts |= std::uint64_t{1} << way;
                leaves_.push_back(values[way]);
            }
        }
        nodes_[at] = node;
        nodes_.resize(nodes_.size() + static_cast<std::size_t>(std::popcount(node.branches)));
    }

    std::vector<Node> nodes_;
    std::vector<Value> leaves_;
};

}  // namespace hairpin::gateway

#include "gateway/analysis/box.h"

#include <algorithm>

namespace hairpin::gateway::analysis {

namespace {
constexpr std::size_t kMostParts = 16'384;  // of one difference: some megabytes
}

const Box& Box::everything() {
    static const Box box = [] {
        Box all;
        all[Field::inbound] = {0, 255};
        // ICMP is where its types are.
        all[Field::kind] = IntervalSet::of({{0, 0}, {2, kLastKind}});
        all[Field::source] = all[Field::destination] = {0, ~std::uint32_t{0}};
        all[Field::source_port] = all[Field::destination_port] = {0, 65535};
        return all;
    }();
    return box;
}

bool Box::empty() const {
    return std::any_of(sets.begin(), sets.end(), [](const IntervalSet& set) { return set.empty(); });
}

Box Box::intersected(const Box& other) const {
    Box both;
    for (std::size_t i = 0; i < kFields; ++i) {
        both.sets[i] = sets[i].intersected(other.sets[i]);
        if (both.sets[i].empty()) break;
    }
    return both;
}

Box Box::limited(Field field, const IntervalSet& to) const {
    Box box = *this;
    box[field] = box[field].intersected(to);
    return box;
}

void subtract(const Box& box, const Box& taken, std::vector<Box>& left) {
    if (!box.overlaps(taken)) return left.push_back(box);
    Box rest = box;  // what of the box is within `taken` in the fields so far
    // The fields in which rules differ most come last: of crosswise rules that leaves the fewest pieces (measured).
    for (std::size_t i = kFields; i-- > 0;) {
        if (rest.sets[i].within(taken.sets[i])) continue;
        Box& beyond = left.emplace_back(rest);
        beyond.sets[i] = rest.sets[i].without(taken.sets[i]);
        rest.sets[i] = rest.sets[i].intersected(taken.sets[i]);
    }
}

Remains remains(const Box& box, std::span<const OwnedBox* const> takers, Effort& effort, std::vector<std::size_t>* took) {
    struct Part {
        Box box;
        std::size_t next;  // of the takers
    };
    std::vector<Part> parts;
    if (!box.empty()) parts.push_back({box, 0});
    std::vector<Box> left;
    while (!parts.empty()) {
        Part part = std::move(parts.back());
        parts.pop_back();
        while (part.next < takers.size() && !part.box.overlaps(takers[part.next]->box)) ++part.next;
        if (part.next == takers.size()) return Remains::something;
        if (took != nullptr) took->push_back(takers[part.next]->owner);
        left.clear();
        subtract(part.box, takers[part.next]->box, left);
        if (!effort.spend(1 + left.size())) return Remains::unknown;
        for (Box& rest : left) parts.push_back({std::move(rest), part.next + 1});
    }
    return Remains::nothing;
}

std::optional<std::vector<Box>> difference(const Box& box, std::span<const OwnedBox> takers, Effort& effort) {
    std::vector<const OwnedBox*> pointers;
    for (const OwnedBox& taker : takers) pointers.push_back(&taker);
    return difference(box, pointers, effort);
}

std::optional<std::vector<Box>> difference(const Box& box, std::span<const OwnedBox* const> takers, Effort& effort) {
    std::vector<Box> parts, left;
    if (!box.empty()) parts.push_back(box);
    for (const OwnedBox* taker : takers) {
        if (!box.overlaps(taker->box)) continue;
        left.clear();
        for (Box& part : parts) {
            if (part.overlaps(taker->box))
                subtract(part, taker->box, left);
            else
                left.push_back(std::move(part));
        }
        parts.swap(left);
        if (parts.size() > kMostParts || !effort.spend(1 + parts.size())) return std::nullopt;
    }
    return parts;
}

}  // namespace hairpin::gateway::analysis

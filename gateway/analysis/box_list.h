#pragma once
// Boxes in order, and of many quickly those that overlap one.

#include <vector>

#include "gateway/analysis/box.h"
#include "gateway/analysis/overlap_index.h"

namespace hairpin::gateway::analysis {

class BoxList {
public:
    BoxList() : index_(kIndexed) {}
    void add(Box box, std::size_t owner);

    std::size_t size() const { return boxes_.size(); }
    const OwnedBox& operator[](std::size_t place) const { return boxes_[place]; }
    auto begin() const { return boxes_.begin(); }
    auto end() const { return boxes_.end(); }

    // Replaces `found` by those of the first `count` that overlap, in order.
    void overlapping(const Box& box, std::size_t count, std::vector<const OwnedBox*>& found) const;
    std::vector<const OwnedBox*> overlapping(const Box& box) const;

private:
    static constexpr std::size_t kIndexed = 3;  // the first fields: those in which rules differ most

    std::vector<OwnedBox> boxes_;
    OverlapIndex index_;
    mutable std::vector<std::size_t> places_;  // kept for its memory
};

}  // namespace hairpin::gateway::analysis

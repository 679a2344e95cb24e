#include "gateway/analysis/box_list.h"

namespace hairpin::gateway::analysis {

namespace {
constexpr std::size_t kFewEnough = 64;  // to look at each
}

void BoxList::add(Box box, std::size_t owner) {
    index_.add(std::span{box.sets}.first<kIndexed>());
    boxes_.push_back({std::move(box), owner});
}

void BoxList::overlapping(const Box& box, std::size_t count, std::vector<const OwnedBox*>& found) const {
    found.clear();
    const auto look_at = [&](std::size_t place) {
        if (boxes_[place].box.overlaps(box)) found.push_back(&boxes_[place]);
    };
    if (count <= kFewEnough) {
        for (std::size_t place = 0; place < count; ++place) look_at(place);
        return;
    }
    index_.find(std::span{box.sets}.first<kIndexed>(), count, places_);
    for (const std::size_t place : places_) look_at(place);
}

std::vector<const OwnedBox*> BoxList::overlapping(const Box& box) const {
    std::vector<const OwnedBox*> found;
    overlapping(box, size(), found);
    return found;
}

}  // namespace hairpin::gateway::analysis

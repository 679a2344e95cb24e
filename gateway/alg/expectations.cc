#include "gateway/alg/expectations.h"

namespace hairpin::gateway {

namespace {

bool awaits(const Expectation& expectation, const Ipv4FlowKey& key) {
    const Ipv4FlowKey& awaited = expectation.awaited;
    return awaited.destination_port == key.destination_port && awaited.source == key.source &&
           awaited.destination == key.destination && awaited.protocol == key.protocol;
}

}  // namespace

Expectations::Expectations(HashKey secret) : secret_(secret), slots_(kMost), index_(kMost) {}

std::uint64_t Expectations::hash(const Ipv4FlowKey& key) const {
    Ipv4FlowKey from_anywhere = key;
    from_anywhere.source_port = {};
    return hash_of(from_anywhere, secret_);
}

std::optional<ExpectationIndex> Expectations::find(const Ipv4FlowKey& first_packet) const {
    return index_.find(hash(first_packet), [&](std::uint32_t candidate) { return awaits(*slots_[candidate], first_packet); });
}

std::size_t Expectations::count_of(std::uint32_t serial) const {
    std::size_t count = 0;
    for_each([&](const Expectation& expectation) { count += expectation.serial == serial ? 1 : 0; });
    return count;
}

std::optional<ExpectationIndex> Expectations::oldest_of(std::uint32_t serial) const {
    std::optional<ExpectationIndex> oldest;
    for (ExpectationIndex index = 0; index < slots_.size(); ++index)
        if (slots_[index] && slots_[index]->serial == serial && (!oldest || slots_[index]->until < slots_[*oldest]->until))
            oldest = index;
    return oldest;
}

bool Expectations::add(const Expectation& expectation) {
    if (live_ == kMost || find(expectation.awaited)) return false;
    ExpectationIndex index = 0;
    while (slots_[index]) ++index;
    slots_[index] = expectation;
    index_.insert(hash(expectation.awaited), index);
    ++live_;
    return true;
}

Expectation Expectations::take(ExpectationIndex index) {
    const Expectation taken = *slots_[index];
    index_.erase(hash(taken.awaited), index);
    slots_[index].reset();
    --live_;
    return taken;
}

}  // namespace hairpin::gateway

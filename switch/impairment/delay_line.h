#pragma once
// Packets that are on their way, each with the moment when it arrives.
//
//   due  1.0  1.2  1.2  1.5  ──────►  a ring: pushed at the back and popped at the front
//   due  1.1  ───────────────────►    a heap, for those that are due before one that was pushed earlier
//
// Where nothing overtakes, every packet goes through the ring, in constant time; only overtakers cost a logarithm. Packets that are due
// at once leave in the order in which they came. Grows to what it has held at most, never per packet; who pushes sets the bound.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "net/packet.h"
#include "net/time.h"

namespace hairpin::l2 {

// A queue in a ring that doubles when it is full.
template <class Entry>
class Ring {
public:
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    Entry& front() { return entries_[first_]; }
    const Entry& front() const { return entries_[first_]; }
    Entry& back() { return (*this)[size_ - 1]; }
    const Entry& back() const { return entries_[(first_ + size_ - 1) & (entries_.size() - 1)]; }
    Entry& operator[](std::size_t index) { return entries_[(first_ + index) & (entries_.size() - 1)]; }

    void push(Entry entry) {
        if (size_ == entries_.size()) grow();
        entries_[(first_ + size_) & (entries_.size() - 1)] = std::move(entry);
        ++size_;
    }
    Entry pop() {
        Entry entry = std::move(front());
        first_ = (first_ + 1) & (entries_.size() - 1);
        --size_;
        return entry;
    }

private:
    void grow() {
        std::vector<Entry> larger(std::max<std::size_t>(64, 2 * entries_.size()));
        for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
        entries_ = std::move(larger);
        first_ = 0;
    }

    std::vector<Entry> entries_;  // a power of two of them
    std::size_t first_ = 0, size_ = 0;
};

class DelayLine {
public:
    struct Entry {
        PacketPtr packet = {};
        Timestamp arrived = {};  // at the impairment
        Timestamp due = {};
        std::uint64_t number = 0;
    };

    std::size_t size() const { return ring_.size() + heap_.size(); }
    bool empty() const { return size() == 0; }
    // When the first of them is due.
    std::optional<Timestamp> next() const {
        if (empty()) return std::nullopt;
        return heap_is_first() ? heap_.front().due : ring_.front().due;
    }
    // The latest moment at which one of the ring is due: what is due before it overtakes.
    std::optional<Timestamp> last() const { return ring_.empty() ? std::nullopt : std::optional{ring_.back().due}; }

    // True when it is due before one that was pushed earlier.
    bool push(PacketPtr packet, Timestamp arrived, Timestamp due) {
        Entry entry{std::move(packet), arrived, due, ++pushed_};
        if (ring_.empty() || due >= ring_.back().due) {
            ring_.push(std::move(entry));
            return false;
        }
        heap_.push_back(std::move(entry));
        std::push_heap(heap_.begin(), heap_.end(), is_later);
        return true;
    }
    // The first of them; there must be one.
    Entry pop() {
        if (!heap_is_first()) return ring_.pop();
        std::pop_heap(heap_.begin(), heap_.end(), is_later);
        Entry entry = std::move(heap_.back());
        heap_.pop_back();
        return entry;
    }
    // None is due later than this from now on; their order stays, but where several become due at once.
    void hasten(Timestamp latest) {
        for (std::size_t i = 0; i < ring_.size(); ++i) ring_[i].due = std::min(ring_[i].due, latest);
        for (Entry& entry : heap_) entry.due = std::min(entry.due, latest);
        std::make_heap(heap_.begin(), heap_.end(), is_later);
    }

private:
    static bool is_later(const Entry& one, const Entry& other) {
        return one.due != other.due ? one.due > other.due : one.number > other.number;
    }
    bool heap_is_first() const { return !heap_.empty() && (ring_.empty() || is_later(ring_.front(), heap_.front())); }

    Ring<Entry> ring_;
    std::vector<Entry> heap_;
    std::uint64_t pushed_ = 0;
};

}  // namespace hairpin::l2

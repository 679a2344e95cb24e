#include "switch/vhost/virtqueue.h"

#include <bit>

#include "switch/vhost/shared_memory.h"

namespace hairpin::l2::vhost {

namespace {

constexpr std::size_t kIndex = 2;  // behind the flags, in either ring
constexpr std::size_t kEntries = 4;
constexpr std::uint16_t kNoInterrupt = 1;  // virtio 1.2 §2.7.6
constexpr std::uint16_t kNoNotify = 1;     // §2.7.8

bool is_aligned(const std::byte* place, std::uintptr_t to) { return reinterpret_cast<std::uintptr_t>(place) % to == 0; }

}  // namespace

tl::expected<Virtqueue, std::string_view> Virtqueue::open(const GuestMemory& memory, const Place& place, Way way,
                                                          bool event_index) {
    if (place.size == 0 || place.size > kLargest || !std::has_single_bit(place.size))
        return tl::unexpected(std::string_view{"a ring that has not 1 to 1024 entries, or no power of two"});
    const std::size_t size = place.size;
    Virtqueue queue{memory, way, event_index};
    queue.size_ = place.size;
    // The events stand there whether they are negotiated or not (§2.7).
    queue.descriptors_ = memory.at_user(place.descriptors, sizeof(Descriptor) * size);
    queue.available_ = memory.at_user(place.available, kEntries + 2 * size + 2);
    queue.used_ = memory.at_user(place.used, kEntries + 8 * size + 2);
    if (queue.descriptors_ == nullptr || queue.available_ == nullptr || queue.used_ == nullptr)
        return tl::unexpected(std::string_view{"a ring that is not in the guest's memory"});
    if (!is_aligned(queue.descriptors_, 16) || !is_aligned(queue.available_, 2) || !is_aligned(queue.used_, 4))
        return tl::unexpected(std::string_view{"a ring that is not aligned"});

    const std::uint16_t used = load(queue.used_ + kIndex);
    const auto taken_and_not_used = static_cast<std::uint16_t>(place.base - used);
    queue.next_ = taken_and_not_used <= place.size ? used : place.base;
    queue.seen_ = queue.completed_ = queue.published_ = queue.next_;
    queue.refuse_kicks();
    return queue;
}

bool Virtqueue::take(Chain& chain) {
    if (!breach_.empty()) return false;
    if (next_ == seen_) seen_ = load_acquire(available_ + kIndex);
    const auto ahead = static_cast<std::uint16_t>(seen_ - next_);
    if (ahead == 0) return false;
    // An index that went back while entries are taken is far ahead of ours, and near the used one.
    if (ahead > size_ || static_cast<std::uint16_t>(seen_ - published_) > size_)
        return broken("more buffers made available than the ring holds");
    chain.head = load(available_ + kEntries + 2 * std::size_t{next_ & (size_ - 1)});
    if (!walk(chain)) return false;
    ++next_;
    return true;
}

bool Virtqueue::walk(Chain& chain) {
    chain.length = 0;
    chain.descriptors = 0;
    chain.pieces.clear();
    const std::byte* table = descriptors_;
    std::size_t entries = size_;
    bool indirect = false;
    for (std::size_t index = chain.head;;) {
        if (index >= entries) return broken("a descriptor beyond its table");
        if (++chain.descriptors > kLongestChain) return broken("a chain of descriptors that is too long, or never ends");
        const Descriptor descriptor = Descriptor::read(table + sizeof(Descriptor) * index);
        if ((descriptor.flags & Descriptor::kIndirect) != 0) {
            // §2.7.5.3: alone or at a chain's end, and never within another
            if (indirect || (descriptor.flags & Descriptor::kNext) != 0) return broken("an indirect table where none may be");
            if (descriptor.length == 0 || descriptor.length % sizeof(Descriptor) != 0)
                return broken("an indirect table of no whole descriptors");
            table = memory_->at_guest(descriptor.address, descriptor.length);
            if (table == nullptr) return broken("an indirect table that is not in the guest's memory");
            entries = descriptor.length / sizeof(Descriptor);
            indirect = true;
            index = 0;
            continue;
        }
        if (((descriptor.flags & Descriptor::kWrite) != 0) != (way_ == Way::to_guest))
            return broken("a buffer that is for the other direction");
        if (!memory_->resolve(descriptor.address, descriptor.length, chain.pieces))
            return broken("a buffer that is not in the guest's memory");
        chain.length += descriptor.length;
        if ((descriptor.flags & Descriptor::kNext) == 0) return true;
        index = descriptor.next;
    }
}

void Virtqueue::complete(std::uint16_t head, std::uint32_t written) {
    std::byte* entry = used_ + kEntries + 8 * std::size_t{completed_ & (size_ - 1)};
    store(entry, std::uint32_t{head});
    store(entry + 4, written);
    ++completed_;
}

bool Virtqueue::publish() {
    if (completed_ == published_) return false;
    const std::uint16_t before = published_;
    published_ = completed_;
    store_release(used_ + kIndex, published_);
    full_fence();
    if (!event_index_) return (load(available_) & kNoInterrupt) == 0;
    // §2.7.7.2: the driver wants to hear when the index passes used_event. What it had asked for when we came, nobody knows.
    if (!told_once_) return told_once_ = true;
    const auto behind_event = static_cast<std::uint16_t>(published_ - load(available_event()) - 1);
    return behind_event < static_cast<std::uint16_t>(published_ - before);
}

bool Virtqueue::ask_for_kicks() {
    if (event_index_)
        store(used_event(), next_);
    else
        store(used_, std::uint16_t{0});
    full_fence();
    if (load_acquire(available_ + kIndex) == next_) return true;
    refuse_kicks();
    return false;
}

// With events the driver kicks when its index passes the one that was asked for, which it has: for the rest of the round that is enough.
void Virtqueue::refuse_kicks() {
    if (event_index_)
        store(used_event(), static_cast<std::uint16_t>(next_ - 1));
    else
        store(used_, kNoNotify);
}

}  // namespace hairpin::l2::vhost

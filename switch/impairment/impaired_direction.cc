#include "switch/impairment/impaired_direction.h"

#include <algorithm>
#include <utility>

#include "net/ethernet.h"
#include "net/offload.h"
#include "switch/segmentation.h"

namespace hairpin::l2 {

namespace {
// The streams of a seed. Their order is what a seed means: a new one comes last.
enum Stream : std::uint64_t { kLossStream, kDelayStream, kCorruptionStream, kDuplicationStream, kReorderingStream };
}  // namespace

ImpairedDirection::ImpairedDirection(HashKey seed, PacketPool& waiting, Ledger& ledger)
    : waiting_(waiting),
      ledger_(ledger),
      loss_(stream_key(seed, kLossStream)),
      delay_(stream_key(seed, kDelayStream)),
      corrupting_(stream_key(seed, kCorruptionStream)),
      duplicating_(stream_key(seed, kDuplicationStream)),
      reordering_(stream_key(seed, kReorderingStream)) {}

void ImpairedDirection::reseed(HashKey seed) {
    loss_ = LossPattern{stream_key(seed, kLossStream)};
    delay_ = DelayPattern{stream_key(seed, kDelayStream)};
    corrupting_ = Dice{stream_key(seed, kCorruptionStream)};
    duplicating_ = Dice{stream_key(seed, kDuplicationStream)};
    reordering_ = Dice{stream_key(seed, kReorderingStream)};
}

void ImpairedDirection::set(const ImpairmentSettings& settings, Timestamp now) {
    send_queued(now);
    settings_ = settings;
    if (!queue_.empty()) first_sent_ = std::min(first_sent_, now + time_on_link(*queue_.front().packet));
    line_.hasten(now + DelayPattern::longest(settings));
}

bool ImpairedDirection::decides_for_each_packet() const {
    return settings_.loss > 0 || settings_.loss_every > 0 || settings_.corrupt > 0 || settings_.duplicate > 0 ||
           settings_.reorder > 0 || settings_.rate > 0 || settings_.jitter > Duration::zero();
}

void ImpairedDirection::take(Batch& batch, Timestamp now) {
    send_queued(now);
    const bool cuts = decides_for_each_packet();
    for (PacketPtr& packet : batch) {
        if (cuts && packet->offload.segmentation != Segmentation::none)
            cut(std::move(packet), now);
        else
            admit(std::move(packet), Home::elsewhere, now);
    }
    batch.clear();
    statistics_.most_queued = std::max(statistics_.most_queued, queue_.size());
    statistics_.most_held = std::max(statistics_.most_held, held());
}

void ImpairedDirection::cut(PacketPtr super_packet, Timestamp now) {
    const auto count = cut_into_segments(*super_packet, waiting_, pieces_);
    if (!count) {
        ++statistics_.packets;
        const bool is_full = count.error() == DropReason::no_buffer;
        if (is_full) ++statistics_.no_room;
        return drop(*super_packet, is_full ? DropReason::impairment_no_room : count.error());
    }
    ledger_.copied += *count - 1;
    for (PacketPtr& piece : pieces_) admit(std::move(piece), Home::waiting, now);
    pieces_.clear();
}

void ImpairedDirection::admit(PacketPtr packet, Home home, Timestamp now) {
    ++statistics_.packets;
    if (loss_.loses_next(settings_)) {
        ++statistics_.lost;
        return drop(*packet, DropReason::impairment_loss);
    }
    if (corrupting_.happens(settings_.corrupt)) damage(*packet);
    if (duplicating_.happens(settings_.duplicate)) {
        // Without a buffer there is no second one, and nothing to count.
        if (PacketPtr second = waiting_.copy(*packet)) {
            ++ledger_.copied;
            ++statistics_.duplicated;
            enqueue(std::move(second), Home::waiting, now);
        }
    }
    enqueue(std::move(packet), home, now);
}

// The bit is behind the Ethernet header, so that whoever the packet is for gets it and finds out. Nobody vouches for its checksum now.
void ImpairedDirection::damage(Packet& packet) {
    if (packet.size() <= sizeof(EthernetHeader)) return;
    if (packet.offload.checksum == ChecksumState::partial) complete_checksum(packet);
    packet.offload.checksum = ChecksumState::unknown;
    const std::size_t place =
        sizeof(EthernetHeader) + corrupting_.below(static_cast<std::uint32_t>(packet.size() - sizeof(EthernetHeader)));
    packet.data()[place] ^= static_cast<std::byte>(1U << corrupting_.below(8));
    ++statistics_.corrupted;
}

void ImpairedDirection::enqueue(PacketPtr packet, Home home, Timestamp now) {
    const bool at_once = settings_.rate == 0 && queue_.empty();
    if (!at_once && queue_.size() >= settings_.limit) {
        ++statistics_.queue_full;
        return drop(*packet, DropReason::impairment_queue_full);
    }
    const bool waits =
        !at_once || settings_.delay > Duration::zero() || settings_.jitter > Duration::zero() || line_.last().value_or(now) > now;
    if (waits && held() >= kMostHeld) {
        ++statistics_.no_room;
        return drop(*packet, DropReason::impairment_no_room);
    }
    if (waits && home == Home::elsewhere) {
        PacketPtr copy = waiting_.copy(*packet);
        if (!copy) {
            ++statistics_.no_room;
            return drop(*packet, DropReason::impairment_no_room);
        }
        packet = std::move(copy);
    }
    if (at_once) return set_out(std::move(packet), now, now);
    if (queue_.empty()) first_sent_ = now + time_on_link(*packet);
    queue_.push({std::move(packet), now});
}

// Each packet is sent when the one before it has been, whenever we are asked.
void ImpairedDirection::send_queued(Timestamp now) {
    while (!queue_.empty() && first_sent_ <= now) {
        Queued first = queue_.pop();
        set_out(std::move(first.packet), first.arrived, first_sent_);
        if (!queue_.empty()) first_sent_ += time_on_link(*queue_.front().packet);
    }
}

void ImpairedDirection::set_out(PacketPtr packet, Timestamp arrived, Timestamp sent) {
    Timestamp due = sent;
    if (!reordering_.happens(settings_.reorder)) {
        due += delay_.next(settings_);
        if (const auto last = line_.last(); last && settings_.order == ImpairmentSettings::Order::kept)
            due = std::max(due, *last);
    }
    if (line_.push(std::move(packet), arrived, due)) ++statistics_.reordered;
}

bool ImpairedDirection::release(Batch& into, Timestamp now, std::size_t most) {
    send_queued(now);
    for (std::size_t released = 0;; ++released) {
        const auto next = line_.next();
        if (!next || *next > now) return false;
        if (released == most) return true;
        DelayLine::Entry entry = line_.pop();
        statistics_.delays.add(now - entry.arrived);
        into.push_back(std::move(entry.packet));
    }
}

std::optional<Timestamp> ImpairedDirection::next_event() const {
    const auto arrives = line_.next();
    if (queue_.empty()) return arrives;
    return arrives ? std::min(*arrives, first_sent_) : first_sent_;
}

void ImpairedDirection::drop_all(DropReason reason) {
    while (!queue_.empty()) drop(*queue_.pop().packet, reason);
    while (!line_.empty()) drop(*line_.pop().packet, reason);
}

Duration ImpairedDirection::time_on_link(const Packet& packet) const {
    if (settings_.rate == 0) return {};
    constexpr std::uint64_t kNanoseconds = 1'000'000'000;
    return Duration{static_cast<Duration::rep>(packet.size() * 8 * kNanoseconds / settings_.rate)};
}

void ImpairedDirection::drop(const Packet& packet, DropReason reason) {
    ledger_.drop(reason, packet);
    ++drops_;
}

}  // namespace hairpin::l2

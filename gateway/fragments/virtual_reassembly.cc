#include "gateway/fragments/virtual_reassembly.h"

#include <algorithm>
#include <utility>

namespace hairpin::gateway {

namespace {
constexpr std::size_t kLargestDatagram = 65535;  // header and payload
}  // namespace

VirtualReassembly::VirtualReassembly(Ledger& ledger, HashKey secret)
    : ledger_(ledger), secret_(secret), datagrams_(kMostDatagrams + 1), held_(kMostHeld + 1) {
    for (std::size_t i = kMostHeld; i > 0; --i) held_[i].next = std::exchange(free_held_, static_cast<Index>(i));
}

std::optional<DropReason> VirtualReassembly::accept(PacketPtr packet, FrameView& frame, InterfaceId inbound, Timestamp now,
                                                    std::vector<Ready>& ready) {
    current_ = kNone;
    if (const auto reason = objection(frame)) return drop(std::move(packet), *reason, inbound);
    const Ipv4Header& ip = frame.ipv4();
    const DatagramKey key{ip.source, ip.destination, ip.identification, ip.protocol_number, inbound};
    Index at = find(key);
    // One that expire() has not come to yet must not lend its ports to a new datagram with the same identification.
    if (at != kNone && now - datagrams_[at].since >= kTimeout) forget(std::exchange(at, kNone), DropReason::fragment_timeout);
    if (at == kNone) at = begin(key, now);
    Datagram& datagram = datagrams_[at];
    if (datagram.poisoned) return drop(std::move(packet), DropReason::fragment_overlap, inbound);

    const std::size_t begins = ip.fragment_offset();
    const std::size_t ends = begins + frame.l3_length() - ip.header_length();
    switch (add_piece(datagram, {static_cast<std::uint16_t>(begins), static_cast<std::uint16_t>(ends)}, !ip.more_fragments())) {
        case Fit::duplicate: return drop(std::move(packet), DropReason::fragment_overlap, inbound);
        case Fit::too_many: return drop(std::move(packet), DropReason::fragment_table_full, inbound);
        case Fit::overlap:
            datagram.poisoned = true;
            drop_held(at, DropReason::fragment_overlap);
            return drop(std::move(packet), DropReason::fragment_overlap, inbound);
        case Fit::fresh: break;
    }
    current_ = at;
    return pass_on(at, std::move(packet), frame, ready);
}

// What is wrong with a fragment whatever its siblings are.
std::optional<DropReason> VirtualReassembly::objection(const FrameView& frame) {
    const Ipv4Header& ip = frame.ipv4();
    const std::size_t payload = frame.l3_length() - ip.header_length();
    if (payload == 0 || (ip.more_fragments() && payload % 8 != 0)) return DropReason::header_malformed;
    if (ip.fragment_offset() + frame.l3_length() > kLargestDatagram) return DropReason::fragment_oversize;
    // RFC 3128: with a first fragment that has the whole TCP header, this one can only be meant to write over it.
    const bool within_header = ip.fragment_offset() > 0 && ip.fragment_offset() < sizeof(TcpHeader);
    if (ip.protocol() == IpProtocol::tcp && within_header) return DropReason::fragment_tiny;
    return std::nullopt;
}

VirtualReassembly::Fit VirtualReassembly::add_piece(Datagram& datagram, Piece piece, bool last) {
    const auto begin = datagram.pieces.begin(), end = begin + datagram.piece_count;
    const auto next = std::lower_bound(begin, end, piece, [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
    const bool has_end = datagram.end != 0;
    if (next != end && *next == piece && last == (datagram.end == piece.end)) return Fit::duplicate;

    const bool overlaps_previous = next != begin && std::prev(next)->end > piece.begin;
    const bool overlaps_next = next != end && next->begin < piece.end;
    // Two ends, or something beyond the end, is an overlap in disguise.
    const bool ends_twice = last && (has_end || next != end);
    const bool beyond_end = has_end && piece.end > datagram.end;
    if (overlaps_previous || overlaps_next || ends_twice || beyond_end) return Fit::overlap;

    if (datagram.piece_count == kMostPieces) return Fit::too_many;
    std::move_backward(next, end, end + 1);
    *next = piece;
    ++datagram.piece_count;
    datagram.covered = static_cast<std::uint16_t>(datagram.covered + piece.end - piece.begin);
    if (last) datagram.end = piece.end;
    return Fit::fresh;
}

std::optional<DropReason> VirtualReassembly::pass_on(Index at, PacketPtr packet, const FrameView& frame,
                                                     std::vector<Ready>& ready) {
    Datagram& datagram = datagrams_[at];
    if (frame.has_l4()) {
        datagram.flow = frame.key();
        datagram.known = true;
    }
    if (!datagram.known) return hold(at, std::move(packet));
    ready.push_back({std::move(packet), datagram.flow, datagram.leaves_as});
    while (datagram.first_held != kNone) ready.push_back({take_held(at), datagram.flow, datagram.leaves_as});
    if (datagram.end != 0 && datagram.covered == datagram.end) forget(at, DropReason::fragment_timeout);
    return std::nullopt;
}

std::optional<DropReason> VirtualReassembly::hold(Index at, PacketPtr packet) {
    if (!make_room_to_hold(at)) return drop(std::move(packet), DropReason::fragment_table_full, datagrams_[at].key.inbound);
    Datagram& datagram = datagrams_[at];
    const Index slot = std::exchange(free_held_, held_[free_held_].next);
    held_[slot].packet = std::move(packet);
    held_[slot].next = kNone;
    (datagram.first_held != kNone ? held_[datagram.last_held].next : datagram.first_held) = slot;
    datagram.last_held = slot;
    ++sources_[datagram.source].held;
    ++held_count_;
    return std::nullopt;
}

// False when it was the datagram `at` itself that had to go.
bool VirtualReassembly::make_room_to_hold(Index at) {
    Source& own = sources_[datagrams_[at].source];
    Source* loser = nullptr;
    if (own.held >= kHeldPerSource)
        loser = &own;
    else if (held_count_ >= kMostHeld)
        loser = &*std::max_element(sources_.begin(), sources_.end(),
                                   [](const Source& a, const Source& b) { return a.held < b.held; });
    if (loser == nullptr) return true;
    Index victim = loser->oldest;
    while (datagrams_[victim].first_held == kNone) victim = datagrams_[victim].newer_of_source;
    forget(victim, DropReason::fragment_table_full);
    return victim != at;
}

PacketPtr VirtualReassembly::take_held(Index at) {
    Datagram& datagram = datagrams_[at];
    const Index slot = datagram.first_held;
    datagram.first_held = held_[slot].next;
    held_[slot].next = std::exchange(free_held_, slot);
    --sources_[datagram.source].held;
    --held_count_;
    return std::move(held_[slot].packet);
}

void VirtualReassembly::drop_held(Index at, DropReason reason) {
    while (datagrams_[at].first_held != kNone) drop(take_held(at), reason, datagrams_[at].key.inbound);
}

void VirtualReassembly::expire(Timestamp now) {
    for (std::size_t budget = kExpiryBatch; budget > 0 && oldest_ != kNone && now - datagrams_[oldest_].since >= kTimeout;
         --budget)
        forget(oldest_, DropReason::fragment_timeout);
}

std::size_t VirtualReassembly::bucket_of(const DatagramKey& key) const {
    const std::uint64_t addresses = std::uint64_t{key.source.number()} << 32 | key.destination.number();
    const std::uint64_t rest =
        std::uint64_t{index_of(key.inbound)} << 32 | std::uint64_t{key.protocol} << 16 | key.identification.value();
    return keyed_hash(addresses, rest, secret_) % kBuckets;
}

VirtualReassembly::Index VirtualReassembly::find(const DatagramKey& key) const {
    Index at = buckets_[bucket_of(key)];
    while (at != kNone && !(datagrams_[at].key == key)) at = datagrams_[at].next_in_bucket;
    return at;
}

VirtualReassembly::Index VirtualReassembly::begin(const DatagramKey& key, Timestamp now) {
    const std::size_t source_bucket = keyed_hash(key.source.number(), secret_) % kSources;
    Source& source = sources_[source_bucket];
    make_room_to_begin(source);
    const Index at =
        free_datagram_ != kNone ? std::exchange(free_datagram_, datagrams_[free_datagram_].older) : unused_datagram_++;
    ensure(at < datagrams_.size());

    Datagram& datagram = datagrams_[at];
    datagram = {};
    datagram.key = key;
    datagram.since = now;
    datagram.source = static_cast<std::uint8_t>(source_bucket);
    datagram.next_in_bucket = std::exchange(buckets_[bucket_of(key)], at);
    datagram.older = std::exchange(newest_, at);
    (datagram.older != kNone ? datagrams_[datagram.older].newer : oldest_) = at;
    datagram.older_of_source = std::exchange(source.newest, at);
    (datagram.older_of_source != kNone ? datagrams_[datagram.older_of_source].newer_of_source : source.oldest) = at;
    ++source.datagrams;
    ++datagram_count_;
    return at;
}

void VirtualReassembly::make_room_to_begin(Source& own) {
    if (own.datagrams >= kDatagramsPerSource) return forget(own.oldest, DropReason::fragment_table_full);
    if (datagram_count_ < kMostDatagrams) return;
    const auto fewer = [](const Source& a, const Source& b) { return a.datagrams < b.datagrams; };
    forget(std::max_element(sources_.begin(), sources_.end(), fewer)->oldest, DropReason::fragment_table_full);
}

// `reason`: why what is held of it, if anything, is dropped.
void VirtualReassembly::forget(Index at, DropReason reason) {
    drop_held(at, reason);
    if (current_ == at) current_ = kNone;
    Datagram& datagram = datagrams_[at];
    Source& source = sources_[datagram.source];
    (datagram.newer != kNone ? datagrams_[datagram.newer].older : newest_) = datagram.older;
    (datagram.older != kNone ? datagrams_[datagram.older].newer : oldest_) = datagram.newer;
    (datagram.newer_of_source != kNone ? datagrams_[datagram.newer_of_source].older_of_source : source.newest) =
        datagram.older_of_source;
    (datagram.older_of_source != kNone ? datagrams_[datagram.older_of_source].newer_of_source : source.oldest) =
        datagram.newer_of_source;
    Index* link = &buckets_[bucket_of(datagram.key)];
    while (*link != at) link = &datagrams_[*link].next_in_bucket;
    *link = datagram.next_in_bucket;
    datagram.older = std::exchange(free_datagram_, at);
    --source.datagrams;
    --datagram_count_;
}

DropReason VirtualReassembly::drop(PacketPtr packet, DropReason reason, InterfaceId inbound) {
    ledger_.drop(reason, *packet, inbound);
    packet.reset();
    return reason;
}

}  // namespace hairpin::gateway

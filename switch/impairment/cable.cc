#include "switch/impairment/cable.h"

#include <algorithm>
#include <cmath>

namespace hairpin::l2 {

namespace {
enum Part : std::uint64_t { kInPart, kOutPart, kPhasePart };
// A phase of no length would have no end of turns in a moment.
constexpr Duration kShortestPhase = std::chrono::milliseconds{1};
// The constants of HashKey, which turn the few bits of a seed into many.
HashKey key_of(std::uint64_t seed) { return {keyed_hash(seed, HashKey{}), keyed_hash(~seed, HashKey{})}; }
}  // namespace

Cable::Cable(const CableSettings& settings, HashKey unseeded, PacketPool& waiting, Ledger& ledger, Timestamp now)
    : settings_(settings),
      unseeded_(unseeded),
      ledger_(ledger),
      in_(stream_key(seed(), kInPart), waiting, ledger),
      out_(stream_key(seed(), kOutPart), waiting, ledger),
      phases_(stream_key(seed(), kPhasePart)) {
    in_.set(settings.in, now);
    out_.set(settings.out, now);
    begin_schedule(now);
}

HashKey Cable::seed() const { return settings_.seed ? key_of(*settings_.seed) : unseeded_; }

void Cable::set(const CableSettings& settings, Timestamp now) {
    const bool begins_anew = settings.seed != settings_.seed;
    const bool is_another_schedule = settings.flap != settings_.flap || settings.state != settings_.state;
    settings_ = settings;
    if (begins_anew) {
        in_.reseed(stream_key(seed(), kInPart));
        out_.reseed(stream_key(seed(), kOutPart));
        phases_ = Dice{stream_key(seed(), kPhasePart)};
    }
    in_.set(settings.in, now);
    out_.set(settings.out, now);
    if (is_another_schedule) begin_schedule(now);
}

void Cable::begin_schedule(Timestamp now) {
    connect(settings_.state == CableSettings::State::up);
    phase_ends_.reset();
    if (settings_.flap && connected_) phase_ends_ = now + next_phase();
}

void Cable::connect(bool connected) {
    if (connected_ && !connected) {
        ++flaps_;
        drop_all(DropReason::port_down);
    }
    connected_ = connected;
}

Duration Cable::next_phase() {
    const Duration usual = connected_ ? settings_.flap->up : settings_.flap->down;
    const double part = 2 * phases_.roll() - 1;
    const Duration more{static_cast<Duration::rep>(std::llround(part * static_cast<double>(settings_.flap->jitter.count())))};
    return std::max(kShortestPhase, usual + more);
}

bool Cable::follow(Timestamp now) {
    bool changed = false;
    while (phase_ends_ && *phase_ends_ <= now) {
        connect(!connected_);
        *phase_ends_ += next_phase();
        changed = !changed;
    }
    return changed;
}

void Cable::take(Way way, Batch& batch, Timestamp now) {
    if (connected_) return at(way).take(batch, now);
    for (const PacketPtr& packet : batch) ledger_.drop(DropReason::port_down, *packet);
    refused_[index(way)] += batch.size();
    batch.clear();
}

std::optional<Timestamp> Cable::next_event() const {
    std::optional<Timestamp> next = phase_ends_;
    for (const auto& event : {in_.next_event(), out_.next_event()})
        if (event && (!next || *event < *next)) next = event;
    return next;
}

void Cable::drop_all(DropReason reason) {
    in_.drop_all(reason);
    out_.drop_all(reason);
}

void Cable::clear_statistics() {
    in_.clear_statistics();
    out_.clear_statistics();
    for (std::size_t i = 0; i < 2; ++i) refused_before_[i] = refused_[i];
}

}  // namespace hairpin::l2

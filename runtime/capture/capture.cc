#include "runtime/capture/capture.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <utility>

#include "runtime/capture/address_names.h"
#include "runtime/capture/pcapng.h"

namespace hairpin::runtime {

namespace {

pcapng::Direction direction_of(Sighting::What what) {
    switch (what) {
        case Sighting::What::in: return pcapng::Direction::inbound;
        case Sighting::What::out: return pcapng::Direction::outbound;
        case Sighting::What::dropped: break;
    }
    return pcapng::Direction::unknown;
}

void append(std::string& text, const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : ", ") + more;
}

}  // namespace

Result<Capture> Capture::begin(Wish wish, const Worker& worker) {
    auto places = CapturePlaces::of(worker, wish.places);
    if (!places) return tl::unexpected(places.error());
    return Capture{std::move(wish), std::move(*places), worker};
}

Capture::Capture(Wish wish, CapturePlaces places, const Worker& worker)
    : wish_(std::move(wish)),
      places_(std::move(places)),
      worker_(&worker),
      ring_(wish_.buffer),
      begun_(monotonic_now()),
      ends_(wish_.duration ? begun_ + *wish_.duration : Timestamp::max()) {}

void Capture::passed(PortId port, TrafficObserver::Way way, const Batch& packets, const PacketNumbers& numbers, Timestamp now) {
    if (wish_.drops || is_over(now)) return;
    const auto number = places_.at(port);
    if (!number) return;
    CapturePlaces::Place& place = places_.all()[*number];
    const bool in = way == TrafficObserver::Way::in;
    for (const PacketPtr& packet : packets) {
        if (!wish_.filter.matches(packet->bytes())) continue;
        Sighting sighting;
        sighting.time = now;
        sighting.packet = numbers.of(packet->mark);
        sighting.length = static_cast<std::uint32_t>(packet->size());
        sighting.place = *number;
        sighting.what = in ? Sighting::What::in : Sighting::What::out;
        sighting.hint = hint_of(*packet, place, in ? SessionHint::Way::inbound : SessionHint::Way::outbound);
        keep(sighting, place, packet->bytes());
        if (is_over(now)) return;
    }
}

void Capture::dropped(DropReason reason, const FlightRecorder::Frame& frame, std::uint64_t packet, Timestamp now) {
    if (!wish_.drops || frame.bytes.empty() || is_over(now) || !wish_.filter.matches(frame.bytes)) return;
    const auto number = frame.interface != kNoInterface ? places_.at(frame.interface)
                        : frame.port != kNoPort         ? places_.at(frame.port)
                                                        : places_.nowhere();
    if (!number) return;
    CapturePlaces::Place& place = places_.all()[*number];
    Sighting sighting;
    sighting.time = now;
    sighting.packet = packet;
    sighting.length = static_cast<std::uint32_t>(frame.length);
    sighting.place = *number;
    sighting.what = Sighting::What::dropped;
    sighting.reason = reason;
    if (frame.packet != nullptr) sighting.hint = hint_of(*frame.packet, place, SessionHint::Way::inbound);
    keep(sighting, place, frame.bytes);
}

SessionHint Capture::hint_of(const Packet& packet, const CapturePlaces::Place& place, SessionHint::Way way) const {
    return place.interface == kNoInterface ? SessionHint{} : session_hint(packet, way, place.interface);
}

void Capture::keep(Sighting sighting, CapturePlaces::Place& place, std::span<const std::byte> bytes) {
    ++place.seen;
    bytes = bytes.first(std::min<std::size_t>(bytes.size(), wish_.snap_length));
    sighting.kept = static_cast<std::uint32_t>(bytes.size());
    sighting.lost = place.lost_last;
    if (ring_.put(sighting, bytes)) {
        place.lost_last = 0;
        ++counted_;
    } else {
        ++place.lost_last;
        ++place.lost;
    }
}

std::uint64_t Capture::lost() const {
    std::uint64_t packets = 0;
    for (const CapturePlaces::Place& place : places_.all()) packets += place.lost;
    return packets;
}

std::string Capture::take(const RecentDrops& drops) {
    std::string out;
    if (!std::exchange(header_put_, true)) put_header(out);
    put_new_interfaces(out);
    const Clock clock = clock_now();
    while (!ring_.empty() && out.size() < kPortion) {
        const CaptureRing::Record record = ring_.front();
        const Sighting& seen = record.sighting;
        const std::string comment = comment_on(seen, drops);
        pcapng::put_packet(out, {.interface = seen.place,
                                 .time = clock.wall_at(seen.time),
                                 .length = seen.length,
                                 .bytes = record.bytes,
                                 .direction = direction_of(seen.what),
                                 .packet_id = seen.packet,
                                 .lost = seen.lost,
                                 .comment = comment});
        ring_.pop();
    }
    return out;
}

void Capture::put_header(std::string& out) const {
    utsname machine{};
    ::uname(&machine);
    pcapng::put_section(out,
                        {machine.machine, fmt::format("{} {}", machine.sysname, machine.release), "hairpin " HAIRPIN_VERSION});
    if (const auto names = address_names(*worker_); !names.empty()) pcapng::put_names(out, names);
}

void Capture::put_new_interfaces(std::string& out) {
    for (; interfaces_put_ < places_.all().size(); ++interfaces_put_) {
        const CapturePlaces::Place& place = places_.all()[interfaces_put_];
        pcapng::put_interface(out, {place.name, place.description, wish_.filter_text, wish_.snap_length});
    }
}

std::string Capture::comment_on(const Sighting& seen, const RecentDrops& drops) const {
    const gateway::EdgeGateway& gateway = worker_->gateway();
    std::string text = session_comment(seen.hint, gateway);
    std::optional<DropReason> reason;
    if (seen.what == Sighting::What::dropped) reason = seen.reason;
    if (seen.what == Sighting::What::in) reason = drops.find(seen.packet);
    if (!reason) return text;
    if (text.empty() && *reason == DropReason::firewall_denied) text = refusal_comment(seen.hint, gateway);
    std::string why = fmt::format("dropped: {}, {}", name_of(*reason), description_of(*reason));
    append(why, text);
    return why;
}

std::string Capture::closing() const {
    std::string out;
    if (const auto names = address_names(*worker_); !names.empty()) pcapng::put_names(out, names);
    const Clock clock = clock_now();
    for (std::size_t i = 0; i < places_.all().size(); ++i) {
        const CapturePlaces::Place& place = places_.all()[i];
        pcapng::put_statistics(out, {.interface = static_cast<std::uint32_t>(i),
                                     .time = clock.wall,
                                     .begun = clock.wall_at(begun_),
                                     .ended = clock.wall,
                                     .received = place.seen,
                                     .lost = place.lost});
    }
    return out;
}

}  // namespace hairpin::runtime

#include "runtime/capture/captures.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "runtime/clock.h"

namespace hairpin::runtime {

Result<Captures::Id> Captures::begin(Capture::Wish wish) {
    if (running_.size() >= kMostCaptures)
        return failure(fmt::format("{} captures run already: end one of them first (show captures)", kMostCaptures));
    auto capture = Capture::begin(std::move(wish), worker_);
    if (!capture) return tl::unexpected(capture.error());
    if (running_.empty()) {
        auto turns = TurnWatch::start(loop_, [this] { look(); });
        if (!turns) return tl::unexpected(turns.error());
        turns_ = std::move(*turns);
        attend();
    }
    const Id id = ++last_;
    running_.emplace(id, Running{std::move(*capture)});
    return id;
}

void Captures::write_to(Id id, control::ByteStream stream) {
    if (const auto found = running_.find(id); found != running_.end()) found->second.stream = std::move(stream);
}

void Captures::finish(Id id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    found->second.capture.finish();
    write(id, found->second);
}

void Captures::end(Id id) {
    running_.erase(id);
    if (running_.empty()) rest();
}

void Captures::attend() {
    drops_ = std::make_unique<RecentDrops>();
    worker_.show_traffic(*this);
    worker_.show_drops(this);
}

void Captures::rest() {
    worker_.hide_traffic(*this);
    worker_.show_drops(nullptr);
    turns_ = {};
    drops_.reset();
}

void Captures::look() {
    std::vector<Id> ids;  // writing may end one, and with it the connection of another
    for (const auto& [id, running] : running_) ids.push_back(id);
    for (const Id id : ids)
        if (const auto found = running_.find(id); found != running_.end()) write(id, found->second);
}

void Captures::write(Id id, Running& running) {
    if (running.writing || !running.stream.send) return;
    std::string bytes = running.capture.take(*drops_);
    const bool last = bytes.empty() && running.capture.is_over(monotonic_now());
    if (last) bytes = running.capture.closing();
    if (bytes.empty() && !last) return;
    running.writing = true;
    const auto send = running.stream.send;  // which may find the client gone, and end the capture
    send(std::move(bytes), [this, id, last] { taken(id, last); });
}

void Captures::taken(Id id, bool was_last) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    found->second.writing = false;
    if (!was_last) return write(id, found->second);
    const auto close = std::move(found->second.stream.close);
    end(id);
    close();
}

void Captures::passed(PortId port, Way way, const Batch& packets, Timestamp now) {
    for (const PacketPtr& packet : packets) numbers_.number(*packet);
    for (auto& [id, running] : running_) running.capture.passed(port, way, packets, numbers_, now);
}

void Captures::gone(PortId port) {
    for (auto& [id, running] : running_) running.capture.gone(port);
}

void Captures::dropped(DropReason reason, const FlightRecorder::Frame& frame, Timestamp now) {
    const std::uint32_t mark = frame.packet != nullptr ? frame.packet->mark : 0;
    const std::uint64_t number = mark != 0 ? numbers_.of(mark) : numbers_.fresh();
    drops_->note(number, reason);
    for (auto& [id, running] : running_) running.capture.dropped(reason, frame, number, now);
}

}  // namespace hairpin::runtime

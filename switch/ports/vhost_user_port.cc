#include "switch/ports/vhost_user_port.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "switch/coalesce.h"

namespace hairpin::l2 {

namespace {

// Of a front-end, before the others of the loop get their turn.
constexpr int kMessagesPerLook = 16;
// A guest that always has more to send is not the only one who may speak.
constexpr unsigned kBurstsBetweenLooks = 16;

// What the guest's driver has not agreed to understand is not said.
VirtioHeader header_for(const Packet& packet, vhost::Features features) {
    VirtioHeader header = VirtioHeader::describe(packet);
    if (!features.has(vhost::Feature::guest_csum)) header.flags = 0;
    if (!features.has(vhost::Feature::guest_ecn)) header.segmentation &= static_cast<std::uint8_t>(~VirtioHeader::kEcn);
    return header;
}

}  // namespace

VhostUserPort::VhostUserPort(const VhostUserSettings& settings, VhostUserSocket socket, PacketPool& pool, Ledger& ledger)
    : DevicePort(pool, ledger, settings.mtu),
      settings_(settings),
      socket_(std::move(socket)),
      device_(settings.mtu),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Result<std::unique_ptr<VhostUserPort>> VhostUserPort::open(const VhostUserSettings& settings, PacketPool& pool, Ledger& ledger) {
    auto socket = VhostUserSocket::open(settings);
    if (!socket) return tl::unexpected(socket.error());
    std::unique_ptr<VhostUserPort> port{new VhostUserPort{settings, std::move(*socket), pool, ledger}};
    if (!port->epoll_) return failure(std::string{"epoll_create1: "} + std::strerror(errno));
    port->watch(port->socket_.descriptor(), Source::socket);
    port->watch(port->look_again_.get(), Source::ourselves);
    return port;
}

bool VhostUserPort::has_news() { return std::exchange(news_, false); }

void VhostUserPort::watch(int descriptor, Source source) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(source);
    ensure(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0);
}

void VhostUserPort::watch_kicks() {
    const VhostUserDevice::Ring& ring = device_.ring(VhostUserDevice::in);
    if (watched_kicks_ >= 0 || !ring.runs()) return;
    watch(ring.kick.get(), Source::kick);
    watched_kicks_ = ring.kick.get();
}

// Closing our descriptor would not do: the front-end has one of the same file, and epoll watches files.
void VhostUserPort::unwatch_kicks() {
    if (watched_kicks_ >= 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, std::exchange(watched_kicks_, -1), nullptr);
}

bool VhostUserPort::read(Batch& into, Timestamp) {
    if (bursts_until_look_ == 0) look();
    VhostUserDevice::Ring& ring = device_.ring(VhostUserDevice::in);
    if (!ring.runs()) return bursts_until_look_ = 0, false;

    std::size_t bytes = 0, frames = 0;
    while (frames < kBurstPackets && bytes < kBurstBytes && read_frame(into, bytes)) ++frames;
    tell(ring, ring.queue->publish());
    if (!ring.queue->breach().empty()) broken(ring, ring.queue->breach());
    const bool more = ring.runs() && (frames == kBurstPackets || bytes >= kBurstBytes || wait_for_kicks());
    bursts_until_look_ = !more ? 0 : bursts_until_look_ == 0 ? kBurstsBetweenLooks : bursts_until_look_ - 1;
    if (more && !stays_readable_) ask_to_be_read();
    return more;
}

bool VhostUserPort::read_frame(Batch& into, std::size_t& bytes) {
    VhostUserDevice::Ring& ring = device_.ring(VhostUserDevice::in);
    if (!ring.queue->take(chain_)) return false;
    bytes += chain_.length;
    auto frame = vhost::read_frame(chain_, device_.features().header_size(), pool_);
    ring.queue->complete(chain_.head, 0);
    if (!frame) {
        const vhost::Refused& refused = frame.error();
        reject(refused.packet ? refused.packet->bytes() : std::span<std::byte>{}, refused.length, refused.reason);
    } else if (!attached()) {
        reject(**frame, DropReason::port_detached);  // a ring that is disabled is emptied all the same
    } else {
        into.push_back(std::move(*frame));
    }
    return true;
}

// A kick that has been heard is taken only when there is nothing left: until then it keeps us readable.
bool VhostUserPort::wait_for_kicks() {
    VhostUserDevice::Ring& ring = device_.ring(VhostUserDevice::in);
    ring.kick.take();
    stays_readable_ = false;
    return !ring.queue->ask_for_kicks();
}

void VhostUserPort::ask_to_be_read() {
    look_again_.add_one();
    stays_readable_ = true;
}

void VhostUserPort::write(Batch& packets, Timestamp) {
    VhostUserDevice::Ring& ring = device_.ring(VhostUserDevice::out);
    const std::span<const PacketPtr> all{packets};
    const Capabilities guest = capabilities();
    std::size_t at = 0;
    for (std::size_t count; at < all.size(); at += count) {
        count = joinable(all.subspan(at), guest);
        if (!write_run(all.subspan(at, count))) break;
    }
    tell(ring, ring.queue->publish());
    if (at == all.size()) return;
    broken(ring, ring.queue->breach());
    refused(*all[at], DropReason::ring_malformed);
    for (++at; at < all.size(); ++at) refused(*all[at], DropReason::port_detached);
}

// False: the guest has broken the ring, and nothing is written of the run.
bool VhostUserPort::write_run(std::span<const PacketPtr> run) {
    std::array<vhost::ConstPiece, kLongestRun> parts;
    if (run.size() > 1) {
        const std::size_t payload = lead(run);
        for (std::size_t i = 1; i < run.size(); ++i) parts[i] = run[i]->bytes().subspan(payload);
    }
    const Packet& first = *run.front();
    parts[0] = first.bytes();
    const vhost::Features features = device_.features();
    using Outcome = vhost::FrameWriter::Outcome;
    const Outcome outcome =
        writer_.write(*device_.ring(VhostUserDevice::out).queue, header_for(first, features), features.header_size(),
                      std::span{parts}.first(run.size()), features.has(vhost::Feature::mrg_rxbuf));
    if (outcome == Outcome::breach) return false;
    for (const PacketPtr& packet : run)
        outcome == Outcome::written ? sent(*packet) : refused(*packet, DropReason::egress_refused);
    return true;
}

void VhostUserPort::tell(const VhostUserDevice::Ring& ring, bool wanted) const {
    if (wanted) ring.call.add_one();
}

void VhostUserPort::broken(VhostUserDevice::Ring& ring, std::string_view how) {
    if (&ring == &device_.ring(VhostUserDevice::in)) reject({}, 0, DropReason::ring_malformed);
    ring.error.add_one();
    complain("the guest's driver broke a ring: " + std::string{how});
    unwatch_kicks();
    note_attachment();
    ask_to_be_read();  // whoever watches us is told, also of what send() has found
}

void VhostUserPort::look() {
    std::array<epoll_event, 4> events;
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    const auto is_told = [&](Source source) {
        return std::any_of(events.begin(), events.begin() + std::max(count, 0),
                           [&](const epoll_event& event) { return event.data.u32 == static_cast<std::uint32_t>(source); });
    };
    stays_readable_ = is_told(Source::kick);
    if (is_told(Source::ourselves)) look_again_.take();
    if (is_told(Source::socket)) meet();
    if (is_told(Source::connection)) converse();
}

void VhostUserPort::meet() {
    FileDescriptor met = socket_.meet();
    if (!met || connection_) return;
    connection_.emplace(std::move(met));
    watch(connection_->descriptor(), Source::connection);
    explain("the guest's driver has not begun");
}

void VhostUserPort::converse() {
    for (int messages = 0; connection_ && messages < kMessagesPerLook; ++messages) {
        auto incoming = connection_->next();
        if (incoming && !*incoming) return;
        if (incoming) {
            obey(std::move(**incoming));
            continue;
        }
        if (connection_->has_gone())
            explain(incoming.error().message);
        else
            complain(incoming.error().message);
        part();
    }
}

void VhostUserPort::obey(VhostUserConnection::Incoming incoming) {
    const vhost::Message message = incoming.message;
    unwatch_kicks();  // the message may be what closes them
    const auto answer = device_.handle(message, std::move(incoming.descriptors));
    watch_kicks();
    note_attachment();
    ask_to_be_read();  // a ring that has just begun may have frames that nobody will kick for

    const bool asked = message.wants_reply && device_.acknowledges() && !message.row->has_answer;
    if (!answer) {
        complain(fmt::format("{} of the front-end is refused: {}", message.row->name, answer.error().message));
        if (!asked) return part();
    }
    const std::uint64_t failed = answer ? 0 : 1;
    bool taken = true;
    if (asked)
        taken = connection_->answer(message, std::as_bytes(std::span{&failed, 1}));
    else if (message.row->has_answer)
        taken = connection_->answer(message, *answer);
    if (taken) return;
    complain("the front-end does not take our answers");
    part();
}

void VhostUserPort::part() {
    unwatch_kicks();
    connection_.reset();
    device_ = VhostUserDevice{settings_.mtu};
    note_attachment();
    socket_.seek();
    ask_to_be_read();
}

void VhostUserPort::complain(const std::string& why) {
    complained_ = true;
    if (why_ == why) return;
    why_ = why;
    news_ = true;
}

void VhostUserPort::explain(const std::string& why) {
    if (!complained_) why_ = why;
}

void VhostUserPort::note_attachment() {
    if (attached() == was_attached_) return;
    was_attached_ = attached();
    news_ = true;
    if (was_attached_) {
        complained_ = false;
        why_ = "the guest's driver has stopped";  // what it will be, if nobody says otherwise
    }
}

}  // namespace hairpin::l2

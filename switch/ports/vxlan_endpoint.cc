#include "switch/ports/vxlan_endpoint.h"

#include <fmt/format.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "net/random.h"
#include "switch/ports/socket_address.h"

namespace hairpin::l2 {

namespace {

constexpr std::size_t kSlot = 65536;          // no datagram is longer
constexpr std::size_t kShortDatagram = 2048;  // what one costs that met a real wire
constexpr int kReceiveBuffer = 8 << 20;       // a burst of super-packets, as the kernel reckons its own memory
constexpr int kSendBuffer = 4 << 20;
constexpr int kOuterTimeToLive = 64;
constexpr int kPortTries = 64;

template <class Value>
bool set_option(int descriptor, int level, int option, const Value& value) {
    return setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

// Beyond the machine's limit where we may go beyond it.
void set_buffer(int descriptor, int forced, int usual, int bytes) {
    if (!set_option(descriptor, SOL_SOCKET, forced, bytes)) set_option(descriptor, SOL_SOCKET, usual, bytes);
}

int open_udp() { return socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

// A socket of ours may bind before its address is there: IP_FREEBIND.
int bind_udp(int descriptor, Ipv4Address local, L4Port port) {
    const sockaddr_in address = socket_address(local, port);
    if (!set_option(descriptor, IPPROTO_IP, IP_FREEBIND, 1)) return errno;
    return bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

// What the kernel says beside the bytes.
struct Told {
    std::size_t size_of_each = 0;
    std::optional<std::uint32_t> overflowed = {};  // since the socket was opened
};
Told read_control(msghdr& header) {
    Told told;
    for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr; message = CMSG_NXTHDR(&header, message)) {
        if (message->cmsg_level == SOL_UDP && message->cmsg_type == UDP_GRO) {
            int size = 0;
            std::memcpy(&size, CMSG_DATA(message), sizeof size);
            told.size_of_each = static_cast<std::size_t>(std::max(size, 0));
        } else if (message->cmsg_level == SOL_SOCKET && message->cmsg_type == SO_RXQ_OVFL) {
            std::uint32_t count = 0;
            std::memcpy(&count, CMSG_DATA(message), sizeof count);
            told.overflowed = count;
        }
    }
    return told;
}

}  // namespace

// What sendmmsg is given of a shipment. Pointers into it are taken when all of them stand.
struct VxlanEndpoint::Message {
    sockaddr_in to;
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> control;
};

VxlanEndpoint::VxlanEndpoint(Ipv4Address local, L4Port port, const HashKey& key, Ledger& ledger)
    : local_(local), port_(port), key_(key), ledger_(ledger), slots_(kBurstPackets * kSlot), next_burst_(kBurstPackets) {}

VxlanEndpoint::~VxlanEndpoint() {
    for (const Source& source : sources_)
        if (source.descriptor >= 0) close(source.descriptor);
    if (socket_ >= 0) close(socket_);
}

Result<std::shared_ptr<VxlanEndpoint>> VxlanEndpoint::open(Ipv4Address local, L4Port port, const HashKey& key, Ledger& ledger) {
    std::shared_ptr<VxlanEndpoint> endpoint{new VxlanEndpoint{local, port, key, ledger}};
    if (auto opened = endpoint->open_sockets(); !opened) return tl::unexpected(opened.error());
    return endpoint;
}

tl::unexpected<Error> VxlanEndpoint::told(const char* tried, int problem) const {
    std::string advice;
    if (problem == EADDRINUSE)
        advice =
            " (a vxlan device of the kernel or another program has it in this network namespace: remove that, or take another "
            "udp-port, which both ends must have)";
    if (problem == EACCES) advice = " (a port below 1024 needs CAP_NET_BIND_SERVICE)";
    return failure(
        fmt::format("VXLAN endpoint {}:{}: {}: {}{}", local_.to_string(), port_.number(), tried, std::strerror(problem), advice));
}

Result<void> VxlanEndpoint::open_sockets() {
    socket_ = open_udp();
    if (socket_ < 0) return told("socket", errno);
    if (const int problem = bind_udp(socket_, local_, port_); problem != 0) return told("bind", problem);
    set_buffer(socket_, SO_RCVBUFFORCE, SO_RCVBUF, kReceiveBuffer);
    if (!set_option(socket_, SOL_UDP, UDP_GRO, 1)) return told("UDP_GRO", errno);
    if (!set_option(socket_, SOL_SOCKET, SO_RXQ_OVFL, 1)) return told("SO_RXQ_OVFL", errno);
    for (Source& source : sources_)
        if (auto opened = open_source(source); !opened) return opened;
    auto asks = PathMtu::open(local_);
    if (!asks) return tl::unexpected(asks.error());
    path_mtu_ = std::move(*asks);
    return {};
}

Result<void> VxlanEndpoint::open_source(Source& source) {
    source.descriptor = open_udp();
    if (source.descriptor < 0) return told("socket", errno);
    Random random{HashKey{key_.first + static_cast<std::uint64_t>(source.descriptor), key_.second}};
    int problem = EADDRINUSE;
    for (int tries = 0; problem == EADDRINUSE && tries < kPortTries; ++tries) {
        source.port = L4Port{static_cast<std::uint16_t>(kFirstSource + random.below(65536 - kFirstSource))};
        if (source.port != port_) problem = bind_udp(source.descriptor, local_, source.port);
    }
    if (problem != 0) return told("bind a source port", problem);
    // Nobody reads what strangers send to a source port: the kernel drops it.
    sock_filter nothing{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
    const sock_fprog filter{.len = 1, .filter = &nothing};
    if (!set_option(source.descriptor, SOL_SOCKET, SO_ATTACH_FILTER, filter)) return told("SO_ATTACH_FILTER", errno);
    set_buffer(source.descriptor, SO_SNDBUFFORCE, SO_SNDBUF, kSendBuffer);
    // RFC 7348 §4.3: a VTEP must not fragment.
    if (!set_option(source.descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)) return told("IP_MTU_DISCOVER", errno);
    if (!set_option(source.descriptor, IPPROTO_IP, IP_TTL, kOuterTimeToLive)) return told("IP_TTL", errno);
    return {};
}

bool VxlanEndpoint::receive() {
    constexpr std::size_t kControl = CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(std::uint32_t));
    struct Slot {
        sockaddr_in from;
        iovec place;
        alignas(cmsghdr) std::array<std::byte, kControl> control;
    };
    std::array<Slot, kBurstPackets> slots;
    std::array<mmsghdr, kBurstPackets> headers;
    for (std::size_t i = 0; i < next_burst_; ++i) {
        slots[i].place = {&slots_[i * kSlot], kSlot};
        headers[i].msg_hdr = {.msg_name = &slots[i].from,
                              .msg_namelen = sizeof slots[i].from,
                              .msg_iov = &slots[i].place,
                              .msg_iovlen = 1,
                              .msg_control = slots[i].control.data(),
                              .msg_controllen = kControl,
                              .msg_flags = 0};
    }
    const int asked = static_cast<int>(next_burst_);
    const int received = recvmmsg(socket_, headers.data(), static_cast<unsigned>(asked), MSG_DONTWAIT, nullptr);
    if (received <= 0) return false;

    bool long_ones = false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
        const Told told = read_control(headers[i].msg_hdr);
        if (told.overflowed) counters_.overflowed = *told.overflowed;
        long_ones |= headers[i].msg_len > kShortDatagram;
        take_in({&slots_[i * kSlot], headers[i].msg_len}, std::bit_cast<Ipv4Address>(slots[i].from.sin_addr.s_addr),
                told.size_of_each);
    }
    next_burst_ = long_ones ? 1 : kBurstPackets;
    for (Carrier* carrier : taking_) carrier->taken();
    taking_.clear();
    return received == asked;
}

void VxlanEndpoint::take_in(std::span<const std::byte> received, Ipv4Address remote, std::size_t size_of_each) {
    if (received.empty()) return ++counters_.received, reject(received, DropReason::tunnel_malformed, counters_.malformed);
    VxlanDatagrams datagrams{received, size_of_each};
    while (const auto datagram = datagrams.next()) {
        ++counters_.received;
        const auto frame = read_vxlan(datagram->bytes);
        if (!frame) {
            reject(datagram->bytes, DropReason::tunnel_malformed, counters_.malformed);
            continue;
        }
        const auto carrier = carriers_.find(frame->vni.number());
        if (carrier == carriers_.end()) {
            reject(frame->bytes, DropReason::tunnel_unknown_vni, counters_.unknown_vni);
            continue;
        }
        carrier->second->take(remote, *frame, *datagram);
        if (std::find(taking_.begin(), taking_.end(), carrier->second) == taking_.end()) taking_.push_back(carrier->second);
    }
}

// No port has it, so the books have it from here.
void VxlanEndpoint::reject(std::span<const std::byte> datagram, DropReason reason, std::uint64_t& counter) {
    ++ledger_.received;
    ++counter;
    ledger_.drop(reason, FlightRecorder::Frame{.bytes = datagram, .length = datagram.size()});
}

void VxlanEndpoint::send(std::span<const VxlanShipment> shipments, std::span<iovec> pieces, VxlanSettings::Checksum checksum,
                         std::span<int> outcomes) {
    for (std::size_t i = 0; i < shipments.size(); ++i) by_source_[shipments[i].source].push_back(static_cast<std::uint32_t>(i));
    const bool zero = checksum == VxlanSettings::Checksum::zero;
    for (std::size_t i = 0; i < kSources; ++i) {
        if (by_source_[i].empty()) continue;
        Source& source = sources_[i];
        if (source.zero_checksum != zero && set_option(source.descriptor, SOL_SOCKET, SO_NO_CHECK, zero ? 1 : 0))
            source.zero_checksum = zero;
        send_from(source, shipments, pieces, outcomes);
        by_source_[i].clear();
    }
}

void VxlanEndpoint::send_from(Source& source, std::span<const VxlanShipment> shipments, std::span<iovec> pieces,
                              std::span<int> outcomes) {
    const auto& chosen = by_source_[static_cast<std::size_t>(&source - sources_.data())];
    outgoing_.resize(chosen.size());
    headers_.resize(chosen.size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const VxlanShipment& shipment = shipments[chosen[i]];
        Message& message = outgoing_[i];
        message.to = socket_address(shipment.remote, port_);
        msghdr& header = headers_[i].msg_hdr;
        header = {.msg_name = &message.to,
                  .msg_namelen = sizeof message.to,
                  .msg_iov = &pieces[2 * shipment.first],
                  .msg_iovlen = 2 * shipment.count,
                  .msg_control = nullptr,
                  .msg_controllen = 0,
                  .msg_flags = 0};
        if (shipment.count == 1) continue;
        header.msg_control = message.control.data();
        header.msg_controllen = message.control.size();
        cmsghdr* segment = CMSG_FIRSTHDR(&header);
        segment->cmsg_level = SOL_UDP;
        segment->cmsg_type = UDP_SEGMENT;
        segment->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto size = static_cast<std::uint16_t>(shipment.size);
        std::memcpy(CMSG_DATA(segment), &size, sizeof size);
    }
    for (std::size_t at = 0; at < chosen.size();) {
        const int sent = sendmmsg(source.descriptor, &headers_[at], static_cast<unsigned>(chosen.size() - at), MSG_DONTWAIT);
        const int problem = sent > 0 ? 0 : errno;
        if (problem == EINTR) continue;
        const std::size_t done = sent > 0 ? static_cast<std::size_t>(sent) : 1;
        for (const std::size_t end = at + done; at < end; ++at) {
            const VxlanShipment& shipment = shipments[chosen[at]];
            // Which of them it is about the kernel does not say.
            if (problem != 0 && shipment.count > 1)
                send_singly(source, shipment, pieces, outcomes);
            else
                std::fill_n(outcomes.begin() + static_cast<std::ptrdiff_t>(shipment.outcome), shipment.count, problem);
            if (problem == 0) counters_.sent += shipment.count;
        }
    }
}

void VxlanEndpoint::send_singly(const Source& source, const VxlanShipment& shipment, std::span<iovec> pieces,
                                std::span<int> outcomes) {
    sockaddr_in to = socket_address(shipment.remote, port_);
    for (std::size_t i = 0; i < shipment.count; ++i) {
        msghdr header{};
        header.msg_name = &to;
        header.msg_namelen = sizeof to;
        header.msg_iov = &pieces[2 * (shipment.first + i)];
        header.msg_iovlen = 2;
        const bool sent = sendmsg(source.descriptor, &header, MSG_DONTWAIT) >= 0;
        outcomes[shipment.outcome + i] = sent ? 0 : errno;
        if (sent) ++counters_.sent;
    }
}

std::vector<L4Port> VxlanEndpoint::source_ports() const {
    std::vector<L4Port> ports;
    for (const Source& source : sources_) ports.push_back(source.port);
    std::sort(ports.begin(), ports.end());
    return ports;
}

}  // namespace hairpin::l2

#include "switch/ports/netdev_port.h"

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "net/ethernet.h"
#include "switch/virtio_header.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

namespace hairpin::l2 {

namespace {

constexpr std::size_t kVnetSize = 10;  // a packet socket's header ends before the number of buffers
constexpr std::size_t kFirstPart = PacketPool::kSmall - Packet::kHeadroom;
constexpr std::size_t kTagSize = 4;
constexpr int kPacketBuffer = 8 << 20;
constexpr std::uint16_t kEveryProtocol = 0x0003;  // ETH_P_ALL

template <class Value>
bool set_packet_option(int descriptor, int option, const Value& value) {
    return setsockopt(descriptor, SOL_PACKET, option, &value, sizeof value) == 0;
}

std::string advice_on(int problem) { return problem == EPERM ? " (needs CAP_NET_RAW: run with sudo)" : ""; }

ifreq named(const std::string& device) {
    ifreq request{};
    std::memcpy(request.ifr_name, device.c_str(), std::min(device.size(), std::size_t{IFNAMSIZ - 1}));
    return request;
}

// The tag that the kernel has taken out of a frame.
struct TakenTag {
    std::uint16_t tag_protocol, control;
};
std::optional<TakenTag> taken_tag(msghdr& message) {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_PACKET || header->cmsg_type != PACKET_AUXDATA) continue;
        tpacket_auxdata about{};
        std::memcpy(&about, CMSG_DATA(header), sizeof about);
        if ((about.tp_status & TP_STATUS_VLAN_VALID) == 0) return std::nullopt;
        const bool says_which = (about.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
        return TakenTag{says_which ? about.tp_vlan_tpid : std::uint16_t{0x8100}, about.tp_vlan_tci};
    }
    return std::nullopt;
}

void put_back(const TakenTag& tag, Packet& packet) {
    constexpr std::size_t kAddresses = 12;
    if (packet.size() < kAddresses) return;
    std::byte* begin = packet.push_front(kTagSize);
    std::memmove(begin, begin + kTagSize, kAddresses);
    const std::array<Be16, 2> bytes{Be16{tag.tag_protocol}, Be16{tag.control}};
    std::memcpy(begin + kAddresses, bytes.data(), kTagSize);
}

}  // namespace

NetdevPort::NetdevPort(const NetdevSettings& settings, PacketPool& pool, Ledger& ledger)
    : DevicePort(pool, ledger, settings.mtu), device_(settings.device), spill_(pool.take_large()) {}

Result<std::unique_ptr<NetdevPort>> NetdevPort::open(const NetdevSettings& settings, PacketPool& pool, Ledger& ledger) {
    std::unique_ptr<NetdevPort> port{new NetdevPort{settings, pool, ledger}};
    if (auto prepared = port->prepare(); !prepared)
        return failure("network device \"" + settings.device + "\": " + prepared.error().message);
    return port;
}

Result<void> NetdevPort::prepare() {
    const auto failed = [](const char* tried) {
        return failure(std::string{tried} + ": " + std::strerror(errno) + advice_on(errno));
    };
    packets_ =
        FileDescriptor{socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};  // of no protocol: it hears nothing yet
    if (!packets_) return failed("packet socket");
    if (!set_packet_option(packets_.get(), PACKET_VNET_HDR, 1)) return failed("PACKET_VNET_HDR");
    if (!set_packet_option(packets_.get(), PACKET_IGNORE_OUTGOING, 1)) return failed("PACKET_IGNORE_OUTGOING");
    if (!set_packet_option(packets_.get(), PACKET_AUXDATA, 1)) return failed("PACKET_AUXDATA");
    for (const auto& [forced, usual] : {std::pair{SO_SNDBUFFORCE, SO_SNDBUF}, std::pair{SO_RCVBUFFORCE, SO_RCVBUF}})
        if (setsockopt(packets_.get(), SOL_SOCKET, forced, &kPacketBuffer, sizeof kPacketBuffer) != 0)
            setsockopt(packets_.get(), SOL_SOCKET, usual, &kPacketBuffer, sizeof kPacketBuffer);

    links_ = FileDescriptor{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
    sockaddr_nl told{};
    told.nl_family = AF_NETLINK;
    told.nl_groups = RTMGRP_LINK;
    if (!links_ || bind(links_.get(), reinterpret_cast<const sockaddr*>(&told), sizeof told) != 0) return failed("netlink");

    auto ready = DescriptorSet::open();
    if (!ready) return tl::unexpected(ready.error());
    ready_ = std::move(*ready);
    if (auto watched = ready_.watch(links_.get()); !watched) return watched;
    if (auto watched = ready_.watch(packets_.get()); !watched) return watched;
    look_for_device();
    return {};
}

void NetdevPort::look_for_device() {
    ifreq request = named(device_);
    const int index = ioctl(packets_.get(), SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
    if (index == index_) return;
    index_ = index != 0 && bind_to(index) ? index : 0;
}

bool NetdevPort::bind_to(int index) {
    ifreq request = named(device_);
    if (ioctl(packets_.get(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) == 0) {
        request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
        ioctl(packets_.get(), SIOCSIFFLAGS, &request);
    }
    sockaddr_ll place{};
    place.sll_family = AF_PACKET;
    place.sll_protocol = std::bit_cast<std::uint16_t>(Be16{kEveryProtocol});
    place.sll_ifindex = index;
    if (bind(packets_.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) return false;
    packet_mreq everything{};
    everything.mr_ifindex = index;
    everything.mr_type = PACKET_MR_PROMISC;
    return set_packet_option(packets_.get(), PACKET_ADD_MEMBERSHIP, everything);
}

bool NetdevPort::read(Batch& into, Timestamp) {
    for (const int descriptor : ready_.ready()) {
        if (descriptor != links_.get()) continue;
        // What is said does not matter: whatever has changed, the device is there or not.
        std::array<std::byte, 8192> said;
        while (recv(links_.get(), said.data(), said.size(), MSG_DONTWAIT) >= 0) {
        }
        look_for_device();
    }
    std::size_t bytes = 0;
    for (std::size_t packets = 0; packets < kBurstPackets && bytes < kBurstBytes; ++packets)
        if (!read_one(into, bytes)) return false;
    return true;
}

bool NetdevPort::read_one(Batch& into, std::size_t& bytes) {
    PacketPtr small = pool_.take_small();
    if (!spill_) spill_ = pool_.take_large();
    VirtioHeader header;
    std::byte beyond;  // without a buffer one byte tells a frame that would have needed it
    std::array<iovec, 3> places{
        iovec{&header, kVnetSize}, small ? iovec{small->data(), kFirstPart} : iovec{&beyond, 1},
        small && spill_ ? iovec{spill_->data() + kFirstPart, PacketPool::kLargestFrame - kFirstPart} : iovec{&beyond, 1}};
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(tpacket_auxdata))> control;
    msghdr message{};
    message.msg_iov = places.data();
    message.msg_iovlen = places.size();
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t received = recvmsg(packets_.get(), &message, MSG_DONTWAIT | MSG_TRUNC);
    if (received < 0) {
        if (errno == ENETDOWN || errno == ENXIO || errno == ENODEV) look_for_device();
        return false;
    }
    if (static_cast<std::size_t>(received) < kVnetSize) return reject({}, 0, DropReason::runt), true;
    const std::size_t size = static_cast<std::size_t>(received) - kVnetSize;
    bytes += size;
    if (!small) return reject({}, size, DropReason::no_buffer), true;
    if (size > PacketPool::kLargestFrame) return reject({small->data(), kFirstPart}, size, DropReason::oversize), true;
    if (size > kFirstPart && !spill_) return reject({small->data(), kFirstPart}, size, DropReason::no_buffer), true;

    PacketPtr packet = join(std::move(small), size);
    if (!header.apply_to(*packet)) return reject(*packet, DropReason::malformed_offload), true;
    if (const auto tag = taken_tag(message)) put_back(*tag, *packet);
    into.push_back(std::move(packet));
    return true;
}

PacketPtr NetdevPort::join(PacketPtr small, std::size_t frame_size) {
    if (frame_size <= kFirstPart) {
        small->resize(frame_size);
        return small;
    }
    std::memcpy(spill_->data(), small->data(), kFirstPart);
    spill_->resize(frame_size);
    return std::move(spill_);
}

void NetdevPort::write(Batch& packets, Timestamp) {
    for (const PacketPtr& packet : packets) {
        VirtioHeader header = VirtioHeader::describe(*packet);
        std::array<iovec, 2> pieces{iovec{&header, kVnetSize}, iovec{packet->data(), packet->size()}};
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = pieces.size();
        if (sendmsg(packets_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
            sent(*packet);
        else
            refused(*packet, DropReason::egress_refused);
    }
}

}  // namespace hairpin::l2

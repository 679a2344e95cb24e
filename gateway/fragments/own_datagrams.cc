#include "gateway/fragments/own_datagrams.h"

#include <algorithm>
#include <cstring>

#include "net/checksum.h"

namespace hairpin::gateway {

OwnDatagrams::Key OwnDatagrams::key_of(const FrameView& frame, InterfaceId inbound) {
    const Ipv4Header& ip = frame.ipv4();
    return {ip.source, ip.destination, ip.identification, ip.protocol_number, inbound};
}

OwnDatagrams::Datagram* OwnDatagrams::find(const Key& key) {
    const auto found =
        std::find_if(datagrams_.begin(), datagrams_.end(), [&](const Datagram& datagram) { return datagram.key == key; });
    return found != datagrams_.end() ? &*found : nullptr;
}

void OwnDatagrams::begin(PacketPtr first, const FrameView& frame, InterfaceId inbound, Timestamp now) {
    const Key key = key_of(frame, inbound);
    make_room_for(key);
    Datagram& datagram = datagrams_.emplace_back(Datagram{key, now, {}});
    datagram.covered = frame.l3_length() - frame.ipv4().header_length();
    datagram.fragments.push_back(std::move(first));
}

PacketPtr OwnDatagrams::add(PacketPtr fragment, const FrameView& frame, InterfaceId inbound) {
    if (held() >= kMostHeld) {
        ledger_.drop(DropReason::fragment_table_full, *fragment, inbound);
        return nullptr;
    }
    const auto at = datagrams_.begin() + (find(key_of(frame, inbound)) - datagrams_.data());
    const Ipv4Header& ip = frame.ipv4();
    const std::size_t payload = frame.l3_length() - ip.header_length();
    at->covered += payload;
    if (!ip.more_fragments()) at->end = ip.fragment_offset() + payload;
    at->fragments.push_back(std::move(fragment));
    if (at->end == 0 || at->covered != at->end) return nullptr;

    PacketPtr put_together = whole(*at);
    if (!put_together) return give_up(at, DropReason::no_buffer), nullptr;
    ledger_.absorbed += at->fragments.size();
    ++ledger_.copied;
    datagrams_.erase(at);
    return put_together;
}

// The first fragment's headers, options and all, and everybody's bytes where they belong.
PacketPtr OwnDatagrams::whole(const Datagram& datagram) {
    const FrameView first = FrameView::parse(*datagram.fragments.front());
    const std::size_t headers = sizeof(EthernetHeader) + first.ipv4().header_length();
    PacketPtr packet = pool_.take_for(headers + datagram.end);
    if (!packet) return nullptr;
    packet->resize(headers + datagram.end);
    packet->ingress = first.packet().ingress;
    packet->mark = first.packet().mark;
    std::memcpy(packet->data(), first.packet().data(), headers);
    for (const PacketPtr& fragment : datagram.fragments) {
        const FrameView frame = FrameView::parse(*fragment);
        const auto payload = frame.l3_bytes().subspan(frame.ipv4().header_length());
        std::memcpy(packet->data() + headers + frame.ipv4().fragment_offset(), payload.data(), payload.size());
    }
    auto& ip = *reinterpret_cast<Ipv4Header*>(packet->data() + sizeof(EthernetHeader));
    ip.total_length = Be16{static_cast<std::uint16_t>(headers - sizeof(EthernetHeader) + datagram.end)};
    ip.flags_and_offset = Be16{};
    ip.checksum = Be16{};
    ip.checksum = checksum_of(packet->bytes().subspan(sizeof(EthernetHeader), ip.header_length()));
    return packet;
}

void OwnDatagrams::make_room_for(const Key& key) {
    if (Datagram* same = find(key)) give_up(datagrams_.begin() + (same - datagrams_.data()), DropReason::fragment_timeout);
    const auto of_source = [&](const Datagram& datagram) { return datagram.key.source == key.source; };
    const auto count = std::count_if(datagrams_.begin(), datagrams_.end(), of_source);
    if (static_cast<std::size_t>(count) >= kDatagramsPerSource)
        give_up(std::find_if(datagrams_.begin(), datagrams_.end(), of_source), DropReason::fragment_table_full);
    else if (datagrams_.size() >= kMostDatagrams)
        give_up(datagrams_.begin(), DropReason::fragment_table_full);
}

void OwnDatagrams::give_up(std::vector<Datagram>::iterator datagram, DropReason reason) {
    for (const PacketPtr& fragment : datagram->fragments) ledger_.drop(reason, *fragment, datagram->key.inbound);
    datagrams_.erase(datagram);
}

std::vector<OwnDatagrams::Expired> OwnDatagrams::expire(Timestamp now) {
    std::vector<Expired> expired;
    while (!datagrams_.empty() && now - datagrams_.front().since >= kTimeout) {
        Datagram& datagram = datagrams_.front();
        expired.push_back({std::move(datagram.fragments.front()), datagram.key.inbound});
        datagram.fragments.erase(datagram.fragments.begin());
        give_up(datagrams_.begin(), DropReason::fragment_timeout);
    }
    return expired;
}

std::size_t OwnDatagrams::held() const {
    std::size_t fragments = 0;
    for (const Datagram& datagram : datagrams_) fragments += datagram.fragments.size();
    return fragments;
}

}  // namespace hairpin::gateway

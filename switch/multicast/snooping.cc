#include "switch/multicast/snooping.h"

#include <algorithm>

#include "switch/multicast/query_frame.h"

namespace hairpin::l2 {

MulticastSnooping::MulticastSnooping(const SnoopingSettings& settings, const HashKey& hash_key, MacAddress mac)
    : settings_(settings), mac_(mac), memberships_(settings.capacity, hash_key) {
    questions_.reserve(kMostQuestions);
}

void MulticastSnooping::set(PortId port, PortRole role) {
    if (role.router || role.fast_leave)
        roles_[port] = role;
    else
        roles_.erase(port);
}

MulticastSnooping::PortRole MulticastSnooping::role_of(PortId port) const {
    const auto found = roles_.find(port);
    return found == roles_.end() ? PortRole{} : found->second;
}

void MulticastSnooping::forget(PortId port) {
    roles_.erase(port);
    memberships_.forget(port);
    std::erase_if(routers_, [&](const Router& router) { return router.port == port; });
    std::erase_if(questions_, [&](const Question& question) { return question.port == port; });
}

bool MulticastSnooping::narrows(const LanId& lan, PortId ingress, const Packet& frame, Timestamp now) {
    const auto packet = MulticastPacket::read(frame);
    if (!packet) return false;
    if (packet->carries == MulticastPacket::Carries::pim_hello)
        if (Router* router = router_at(lan, ingress, packet->source)) router->until = now + router_time();
    const auto message = MembershipMessage::read(*packet);
    if (message) hear(*message, *packet, lan, ingress, now);
    ++round_;
    if (message && message->kind() != MembershipMessage::Kind::query) {
        want_routers(lan, now);
        return true;
    }
    if (packet->group.is_of_the_link() || message) return false;
    const std::size_t members = memberships_.for_each_port(lan, packet->group, now, [&](PortId port) { want(port); });
    if (memberships_.may_miss_some(now)) return false;
    if (members == 0 && settings_.unknown == SnoopingSettings::Unknown::flood) return false;
    want_routers(lan, now);
    return true;
}

void MulticastSnooping::hear(const MembershipMessage& message, const MulticastPacket& packet, const LanId& lan, PortId ingress,
                             Timestamp now) {
    if (message.kind() == MembershipMessage::Kind::query) return hear_query(message, packet, lan, ingress, now);
    message.for_each_change([&](const MulticastGroup& group, bool wants) {
        if (!group.is_multicast() || group.is_of_the_link()) return;
        if (wants)
            memberships_.join(lan, group, ingress, now + membership_time());
        else
            hear_leave(lan, group, ingress, now);
    });
}

void MulticastSnooping::hear_leave(const LanId& lan, const MulticastGroup& group, PortId ingress, Timestamp now) {
    if (role_of(ingress).fast_leave) return memberships_.shorten(lan, group, ingress, now);
    memberships_.shorten(lan, group, ingress, now + kLastMemberTime);
    const bool ipv6 = !group.is_ipv4();
    if (asks_in(lan, ipv6, now) && questions_.size() < kMostQuestions) questions_.push_back({lan, ingress, {ipv6, group}});
}

void MulticastSnooping::hear_query(const MembershipMessage& message, const MulticastPacket& packet, const LanId& lan,
                                   PortId ingress, Timestamp now) {
    const bool is_of_a_router = packet.source != MulticastGroup{Ipv4Address{}} && packet.source != MulticastGroup{Ipv6Address{}};
    if (is_of_a_router)
        if (Router* router = router_at(lan, ingress, packet.source)) {
            router->until = now + router_time();
            if (comes_before_us(packet.source)) router->querier_until[packet.source.is_ipv4() ? 0 : 1] = now + router_time();
        }
    // Who still wants the group says so within that time, twice asked.
    if (message.asked()) memberships_.shorten(lan, *message.asked(), now + 2 * message.response_time());
}

bool MulticastSnooping::comes_before_us(const MulticastGroup& address) const {
    if (!address.is_ipv4()) return address.ipv6() < link_local_address_of(mac_);
    return settings_.querier_address.is_unspecified() || address.ipv4() < settings_.querier_address;
}

bool MulticastSnooping::asks_in(const LanId& lan, bool ipv6, Timestamp now) const {
    return settings_.querier && std::none_of(routers_.begin(), routers_.end(), [&](const Router& router) {
               return router.lan == lan && router.querier_until[ipv6 ? 1 : 0] > now;
           });
}

// The entry of a router, made where there is none; nothing when there are too many.
MulticastSnooping::Router* MulticastSnooping::router_at(const LanId& lan, PortId port, const MulticastGroup& address) {
    const auto found = std::find_if(routers_.begin(), routers_.end(), [&](const Router& router) {
        return router.lan == lan && router.port == port && router.address.is_ipv4() == address.is_ipv4();
    });
    if (found != routers_.end()) {
        found->address = address;
        return &*found;
    }
    if (routers_.size() >= kMostLans) return nullptr;
    routers_.push_back({.lan = lan, .port = port, .address = address});
    return &routers_.back();
}

void MulticastSnooping::want(PortId port) {
    if (index_of(port) >= wanted_.size()) wanted_.resize(index_of(port) + 1, round_ - 1);
    wanted_[index_of(port)] = round_;
}

void MulticastSnooping::want_routers(const LanId& lan, Timestamp now) {
    for (const Router& router : routers_)
        if (router.lan == lan && router.until > now) want(router.port);
    for (const auto& [port, role] : roles_)
        if (role.router) want(port);
}

std::vector<std::byte> MulticastSnooping::frame_of(const Query& query) const {
    return query.ipv6
               ? mld_query_frame(mac_, query.group, query.group ? kLastMemberTime / 2 : kResponseTime, settings_.query_interval)
               : igmp_query_frame(mac_, settings_.querier_address, query.group, query.group ? kLastMemberTime / 2 : kResponseTime,
                                  settings_.query_interval);
}

}  // namespace hairpin::l2

#pragma once
// To whom multicast goes: to those who asked for it, as RFC 4541 says a switch may find out by listening to IGMP and MLD.
//
//   a group of the link (224.0.0.x, ff02::), what is not IP, a query       everybody
//   a report or a leave                                                    router ports alone, so that no host hears another's
//   a group that somebody wants                                            the ports that want it, and router ports
//   a group that nobody wants                                              everybody, or router ports alone: a setting
//
// A router port is one where a query of a router has come in (not from 0.0.0.0 or ::, which are no router's) or a PIM hello, for 255 s, or
// one that is configured. A gateway's interface is none: the gateway does not route multicast, and gets only what everybody gets.
//
// A leave lets a port keep its group for two seconds more, so that other hosts there can say that they want it, when the querier asks;
// with fast leave there is no other host, and it is at once.
//
// Where no router asks, hosts say what they want once and are forgotten: the switch can ask itself (the querier). It is silent in a
// LAN where somebody else asks, but for one with a higher address (RFC 3376 6.6.2); its own is 0.0.0.0 unless another is set, which loses to any.
//
// Owned by the Bridge. A function of packets and time: tick() says what is to be sent.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "net/mac_address.h"
#include "net/packet.h"
#include "net/time.h"
#include "switch/features.h"
#include "switch/multicast/membership_message.h"
#include "switch/multicast/membership_table.h"

namespace hairpin::l2 {

class MulticastSnooping {
public:
    static constexpr std::size_t kMostQuestions = 64;                     // that wait for the next tick; more are not asked
    static constexpr Duration kLastMemberTime = std::chrono::seconds{2};  // RFC 3376 8.8 and 8.9: two queries, a second each
    static constexpr Duration kResponseTime = std::chrono::seconds{10};   // 8.3
    static constexpr std::size_t kMostLans = 4096;                        // whose routers are remembered

    // `mac` is what queries are sent from.
    MulticastSnooping(const SnoopingSettings& settings, const HashKey& hash_key, MacAddress mac);
    // Everything but the capacity; what is known stays.
    void set(const SnoopingSettings& settings) { settings_ = settings; }
    const SnoopingSettings& settings() const { return settings_; }

    struct PortRole {
        bool router = false, fast_leave = false;
    };
    void set(PortId port, PortRole role);
    void forget(PortId port);

    // Hears what a packet to a group says, and works out who is to get it: false when everybody; otherwise includes() says it for each port.
    bool narrows(const LanId& lan, PortId ingress, const Packet& packet, Timestamp now);
    bool includes(PortId port) const { return index_of(port) < wanted_.size() && wanted_[index_of(port)] == round_; }

    // A query that is to go out. Without a group it asks for all.
    struct Query {
        bool ipv6 = false;
        std::optional<MulticastGroup> group = {};
    };
    // What time has come for: `everywhere(Query)` is to be sent in every LAN where asks_in() says so, `send(LanId, PortId, Query)` by a port.
    template <class Everywhere, class Send>
    void tick(Timestamp now, Everywhere&& everywhere, Send&& send) {
        if (now >= next_expiry_) memberships_.expire(now), next_expiry_ = now + std::chrono::seconds{1};
        for (const Question& question : questions_) send(question.lan, question.port, question.query);
        questions_.clear();
        if (!settings_.querier || now < next_round_) return;
        // The first ones come sooner (RFC 3376 8.6, 8.7).
        next_round_ = now + (++rounds_ < 2 ? settings_.query_interval / 4 : settings_.query_interval);
        everywhere(Query{});
        everywhere(Query{.ipv6 = true});
    }
    bool asks_in(const LanId& lan, bool ipv6, Timestamp now) const;
    // The frame, without a tag.
    std::vector<std::byte> frame_of(const Query& query) const;

    const MembershipTable& memberships() const { return memberships_; }
    struct Router {
        LanId lan;
        PortId port{};
        MulticastGroup address;  // its own, not a group's
        Timestamp until{};
        std::array<Timestamp, 2> querier_until{};  // of IPv4 and IPv6: it asks, and its address comes before ours
    };
    const std::vector<Router>& routers() const { return routers_; }
    bool is_configured_router(PortId port) const { return role_of(port).router; }

private:
    struct Question {
        LanId lan;
        PortId port;
        Query query;
    };
    Duration membership_time() const { return 2 * settings_.query_interval + kResponseTime; }
    Duration router_time() const { return 2 * settings_.query_interval + kResponseTime / 2; }
    PortRole role_of(PortId port) const;
    void hear(const MembershipMessage& message, const MulticastPacket& packet, const LanId& lan, PortId ingress, Timestamp now);
    void hear_query(const MembershipMessage& message, const MulticastPacket& packet, const LanId& lan, PortId ingress,
                    Timestamp now);
    void hear_leave(const LanId& lan, const MulticastGroup& group, PortId ingress, Timestamp now);
    Router* router_at(const LanId& lan, PortId port, const MulticastGroup& address);
    bool comes_before_us(const MulticastGroup& address) const;
    void want(PortId port);
    void want_routers(const LanId& lan, Timestamp now);

    SnoopingSettings settings_;
    MacAddress mac_;
    MembershipTable memberships_;
    std::vector<Router> routers_;
    std::map<PortId, PortRole> roles_;
    std::vector<Question> questions_;
    std::vector<std::uint32_t> wanted_;  // by port: the last round in which it was wanted
    std::uint32_t round_ = 0;
    Timestamp next_expiry_{}, next_round_{};
    unsigned rounds_ = 0;
};

}  // namespace hairpin::l2

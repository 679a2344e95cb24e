#pragma once
// The packets of a capture, one after the other, through a gateway of their own: the same rules, routes and code as the running one, own
// sessions, and the time that the capture tells. So a SYN opens the session that the next packet needs, a pause of an hour ends it, and of
// the running gateway nothing changes.
//
// Where a frame enters is the interface whose MAC it is sent to, or the one that was asked for, whomever it is sent to. What the gateway
// itself had sent, and what was for others, is not played. Neighbours answer ARP at once: with the MAC that the running gateway knows of
// them, or with one made up.
//
// Bounds: kMostFrames and kMostBytes; who plays more is told so by his caller. Memory for sessions is reserved for as many.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "gateway/edge_gateway.h"
#include "net/ledger.h"
#include "net/outbox.h"
#include "net/packet_pool.h"

namespace hairpin::runtime {

class Replay final : private gateway::PassageObserver {
public:
    static constexpr std::size_t kMostFrames = 10'000;
    static constexpr std::size_t kMostBytes = 16 * 1024 * 1024;
    static constexpr Duration kLongestPause = std::chrono::hours{24};  // a longer one is as long as this

    // Who of the running gateway's neighbours has which MAC; nothing for one that it does not know.
    using Neighbors = std::function<std::optional<MacAddress>(InterfaceId, Ipv4Address)>;
    Replay(gateway::RulesetPtr rules, std::optional<InterfaceId> inbound, Neighbors neighbors);
    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

    struct Frame {
        std::int64_t nanoseconds = 0;  // when it was captured; a clock that was set back stands still here
        std::size_t length = 0;        // of the whole frame
        std::span<const std::byte> bytes;
    };
    enum class Fate : std::uint8_t {
        played,
        from_gateway,  // sent by one of the gateway's MACs: what it did then, and not what it was given
        for_others,    // to a MAC that is none of the gateway's, or to a group without asking for an address of it
        cut_off,       // captured only in part
    };
    struct Played {
        Fate fate = Fate::played;
        InterfaceId inbound{};          // of what was played
        gateway::Passage passage = {};  // likewise
    };
    Played play(const Frame& frame);

    const gateway::Ruleset& rules() const { return *rules_; }
    std::size_t frames() const { return frames_; }
    std::size_t bytes() const { return bytes_; }

private:
    bool wants(InterfaceId, const Packet&) override { return std::exchange(at_hand_, false); }
    void passed(InterfaceId, const gateway::Passage& passage) override { passage_ = passage; }

    void turn_time_to(std::int64_t nanoseconds);
    PacketPtr untagged(const Frame& frame, VlanId& vlan);
    std::optional<InterfaceId> entrance(Packet& packet, VlanId vlan) const;
    std::optional<InterfaceId> asked_by_arp(Packet& packet) const;
    bool is_own(MacAddress mac) const;
    void carry(InterfaceId inbound, PacketPtr packet);
    PacketPtr arp_answer(InterfaceId interface, PacketPtr packet) const;

    gateway::RulesetPtr rules_;
    std::optional<InterfaceId> inbound_;
    Neighbors neighbors_;

    PacketPool pool_;
    Ledger ledger_;
    gateway::EdgeGateway gateway_;
    Outbox<InterfaceId> out_;

    Timestamp now_;
    std::optional<std::int64_t> last_time_;
    bool at_hand_ = false;  // the next packet that enters is the frame at hand
    gateway::Passage passage_;
    std::size_t frames_ = 0, bytes_ = 0;
};

}  // namespace hairpin::runtime

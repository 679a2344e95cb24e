#pragma once
// The Edge Gateway: packets in by interface, packets out by interface. Between them ARP, sessions, DNAT, routing, firewall, SNAT.
//
//   receive ─ ARP? ─ sane? ─ fragments ─ session? ──hit──────────────────────────► rewrite ─ MTU ─ neighbour ─ out
//                                           └─miss─ decide (DNAT · route · firewall · SNAT) ─ remember ─┘
//
// Nothing here knows what a hairpin is: DNAT applied on the interface a packet enters and SNAT applied on the one it leaves make
// the guide's four stages when both are the LAN's.
//
// Owned by one Worker. Pure: it reads no clock and writes no log. Without a Ruleset it forwards nothing (forwarding_disabled).

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "gateway/alg/algs.h"
#include "gateway/alg/sdp.h"
#include "gateway/decision.h"
#include "gateway/fragments/own_datagrams.h"
#include "gateway/fragments/virtual_reassembly.h"
#include "gateway/icmp/icmp_messages.h"
#include "gateway/identification.h"
#include "gateway/limits/session_census.h"
#include "gateway/nat/mapping_table.h"
#include "gateway/nat/port_allocator.h"
#include "gateway/neighbors/neighbor_table.h"
#include "gateway/neighbors/proxy_arp.h"
#include "gateway/passage.h"
#include "gateway/routing/route_table.h"
#include "gateway/rule_counters.h"
#include "gateway/rule_record.h"
#include "gateway/ruleset.h"
#include "gateway/session_review.h"
#include "gateway/sessions/lifetimes.h"
#include "gateway/sessions/session_table.h"
#include "gateway/sessions/tcp_window.h"
#include "gateway/syn_proxy/syn_proxy.h"
#include "gateway/thoroughness.h"
#include "gateway/unsolicited_syns.h"
#include "net/ledger.h"
#include "net/outbox.h"
#include "net/packet_pool.h"
#include "net/traffic_counters.h"

namespace hairpin::gateway {

// Told of what happens to sessions. Called from the packet path: must be quick and must not call back.
class SessionObserver {
public:
    virtual ~SessionObserver() = default;
    virtual void session_opened(const Session& session) = 0;
    virtual void session_closed(const Session& session, std::string_view why) = 0;
};

// Told of what comes for the gateway's own questions: answers to its pings, errors about them, ARP. Called from the packet path.
class OwnTraffic {
public:
    virtual ~OwnTraffic() = default;
    // An answer of a session that the gateway itself began, or an ICMP error about it that quotes what the gateway sent.
    virtual void received(const FrameView& packet, Timestamp now) = 0;
    virtual void heard_arp(InterfaceId inbound, const ArpHeader& arp, Timestamp now) = 0;
};

class EdgeGateway {
public:
    struct Secrets {
        HashKey sessions, ports;
    };
    EdgeGateway(PacketPool& pool, Ledger& ledger, std::size_t session_capacity, Secrets secrets);

    // Between two bursts: decides by `ruleset` from now on. Sessions keep what it would decide alike and end at their next packet
    // otherwise, unless its on_commit keeps them all; neighbours and counters stay.
    void adopt(RulesetPtr ruleset, Timestamp now);
    // What adopting `next` would do to the sessions that live now. Changes nothing; asks what each session's next packet would ask.
    // The number of rules that are asked has a bound; it says when that was not enough for all.
    Foresight foresee(const Ruleset& next, const RouteTable& its_routes, Thoroughness thoroughness = Thoroughness::full) const;
    // Tells an interface's neighbours where the gateway is (RFC 5227 §2.3): when the interface is new, or its MAC or address is.
    void announce(InterfaceId interface, Timestamp now, Outbox<InterfaceId>& out);

    // The journey. Frames are untagged; the batch is emptied.
    void forward(InterfaceId inbound, Batch& batch, Timestamp now, Outbox<InterfaceId>& out);
    // To be told of every batch that leaves `out`: a packet may have waited for ARP since it was forwarded.
    void count_departures(InterfaceId outbound, const Batch& batch);
    // What time brings: sessions that end, ARP requests again, fragments given up. A bounded amount of work a call.
    void expire(Timestamp now, Outbox<InterfaceId>& out);

    // What the gateway asks itself: a ping passes the rules as its own (vse) and makes a session whose answers the listener gets. Answers
    // why nothing was sent; nothing: it left, or waits for ARP, whose failure comes as an ICMP error.
    struct OwnRefusal {
        DropReason reason;
        unsigned mtu = 0;  // of too_big
    };
    std::optional<OwnRefusal> send_own(PacketPtr packet, Timestamp now, Outbox<InterfaceId>& out);
    // An ARP request for this address; false when the interface has no address of its own to ask from.
    bool request_arp(InterfaceId interface, Ipv4Address address, Timestamp now, Outbox<InterfaceId>& out);
    // At most one listener, nullptr for none; what nobody listens to is taken in all the same.
    void listen(OwnTraffic* listener) { own_traffic_ = listener; }

    // Runs one packet, and then a reply to it, through all of the above with side effects off: no session, counter, ARP request or
    // packet comes of it.
    Passage probe(InterfaceId inbound, PacketPtr packet, Timestamp now);
    // The reply's way back through the session that a forwarded passage showed.
    Passage probe_reply(const Passage& passage, PacketPtr reply, Timestamp now);

    // Follows packets that pass, as the observer chooses, with all that comes of them. nullptr: none.
    void follow(PassageObserver* observer) { passage_observer_ = observer; }

    // For as long as it lives, probes run under rules that are not in force: what would be, were they adopted now. Nothing else may
    // be asked of the gateway meanwhile.
    class Supposition {
    public:
        Supposition(EdgeGateway& gateway, RulesetPtr ruleset);
        ~Supposition();
        Supposition(const Supposition&) = delete;
        Supposition& operator=(const Supposition&) = delete;

    private:
        void exchange();
        EdgeGateway& gateway_;
        RulesetPtr ruleset_;  // those in force, meanwhile
        TcpTracking loosest_;
        bool proxies_syns_;
        std::unique_ptr<RouteTable> routes_;
        LimitPlan limits_;
    };

    // Ends the sessions that `which` wants ended; returns how many.
    std::size_t clear_sessions(const std::function<bool(const Session&)>& which);

    // Which MAC a host sends with to this interface, its own or its router's; none where ARP does not know, or it would come by another one.
    std::optional<MacAddress> sender_of(InterfaceId inbound, Ipv4Address host) const;

    bool has_rules() const { return ruleset_ != nullptr; }
    const Ruleset& ruleset() const { return *ruleset_; }
    const RouteTable& routes() const { return *routes_; }
    const SessionTable& sessions() const { return sessions_; }
    const Lifetimes& lifetimes() const { return lifetimes_; }
    const NeighborTable& neighbors() const { return neighbors_; }
    NeighborTable& neighbors() { return neighbors_; }
    const TrafficCounters& counters(InterfaceId interface) const { return counters_[index_of(interface)]; }
    const RuleCounters& rule_counters() const { return rule_counters_; }
    RuleCounters& rule_counters() { return rule_counters_; }
    const MappingTable& mappings() const { return mappings_; }
    const Algs& algs() const { return algs_; }
    const SessionCensus& census() const { return census_; }
    const SynProxy& syn_proxy() const { return syn_proxy_; }
    // Hits, bytes and high-water marks begin again at nothing; sessions stay.
    void clear_rule_counters();
    // Packets that wait here, for the Ledger's balance.
    std::size_t held() const { return neighbors_.held() + fragments_.held() + own_datagrams_.held() + syns_.held(); }
    void observe(SessionObserver* observer) { observer_ = observer; }
    // Who is told of what rules that log decide; nullptr: nobody.
    void observe_rules(RuleObserver* observer) { rule_observer_ = observer; }
    // Who is told of blocks of outside ports that hosts get and give back; nullptr: nobody.
    void observe_port_blocks(PortBlockObserver* observer) { mappings_.blocks().observe(observer); }

private:
    // One packet's visit: where it came in, when, and where what comes of it goes.
    struct Visit {
        InterfaceId inbound;
        Timestamp now;
        Outbox<InterfaceId>& out;
        std::optional<DropReason> dropped = {};     // of what was dropped last
        std::optional<Be16> siblings_left_as = {};  // of a fragment's datagram, the identification it goes on with

        bool own() const { return inbound == kGatewayItself; }
    };
    struct Arrival {
        PacketPtr packet;
        FrameView frame;
        Ipv4FlowKey key;
    };
    // A session and which of its flows; a probe's session is in no table and has no index.
    struct SessionFlow {
        Session* session;
        SessionIndex index;
        Direction direction;
    };

    // A client's third segment, and the SYN that the gateway has answered for the server.
    struct ReturnedCookie {
        ClientSyn syn;
        std::uint32_t cookie;
        std::uint16_t window;  // as the client says it now
    };

    void receive(PacketPtr packet, Visit& visit);
    void receive_followed(PacketPtr packet, Visit& visit);
    void receive_fragment(PacketPtr packet, FrameView& frame, Visit& visit);
    void receive_arp(PacketPtr packet, FrameView& frame, Visit& visit);
    void pass(Arrival arrival, Visit& visit);
    void pass_along(SessionFlow flow, Arrival arrival, Visit& visit);
    void carry(SessionFlow flow, Arrival arrival, Visit& visit);

    std::optional<SessionTable::Flow> find_flow(const Ipv4FlowKey& key);
    bool came_rightly(const SessionFlow& flow, const Visit& visit);
    bool is_of_query(const SessionFlow& flow, const Arrival& arrival);
    void renumber(FrameView& frame, Visit& visit);
    void record(FrameView& frame, Ipv4Address own, Timestamp now);

    FirstPacket first_packet(const Arrival& arrival, const Visit& visit) const;
    std::optional<SessionFlow> find_session(const Arrival& arrival, const Visit& visit);
    std::optional<MacAddress> sender_of(const Session& session) const;
    bool still_right(Session& session, std::optional<MacAddress> source_mac);
    std::optional<SessionFlow> begin_session(Arrival& arrival, const std::optional<ReturnedCookie>& cookie, Visit& visit);
    bool exceeds_limit(const Ipv4FlowKey& original, const Decision& decision, const Visit& visit);
    bool makes_room();
    bool may_begin_under(const Decision& decision, const FrameView& frame) const;
    TcpTracking tracking_of(const Session& session) const { return session.tracked_as(ruleset_->tcp_tracking); }
    IcmpError no_room() const;
    tl::expected<SessionFlow, DropReason> remember(const Ipv4FlowKey& original, const Decision& decision, const Visit& visit);
    void hold_mappings(Session& session, const Decision& decision, const std::optional<NewMapping>& source, Timestamp now);
    void release_mappings(const Session& session);
    bool waits_for_peer(Session& session, Direction direction);
    void fill_in(Session& session, const Ipv4FlowKey& to, const Decision& decision, InterfaceId inbound) const;
    void refuse(Arrival arrival, const Decision& decision, Visit& visit);
    void record(const Decision& decision, const Arrival& arrival, const Ipv4FlowKey& translated, const Visit& visit) const;
    void announce_less(FrameView& syn, InterfaceId outbound, const Visit& visit);
    std::optional<SegmentStanding> segment_standing(const SessionFlow& flow, const Arrival& arrival) const;
    void count(SessionFlow flow, const Arrival& arrival, std::optional<SegmentStanding> standing, const Visit& visit);
    bool refreshes(SessionFlow flow, const Arrival& arrival, SessionState before, const Visit& visit) const;
    void end_session(SessionIndex index, std::string_view why);
    void note_end(const Session& session, std::string_view why);

    // Application layer gateways (edge_gateway_alg.cc, edge_gateway_sip.cc), and what they await (edge_gateway_expected.cc).
    struct PortWish {
        L4Port inside;
        std::optional<L4Port> exactly = {};  // the outside one
        bool parity = false;                 // an even one for an even one
    };
    struct Announced {
        AlgKind alg;
        L4Port inside, outside;
        std::optional<NewMapping> mapping = {};  // by which it is translated
        std::uint64_t call = 0;                  // of SIP
    };
    std::optional<ExpectationIndex> find_expectation(const Arrival& arrival, const Visit& visit);
    Decision decide_as_expected(const Expectation& expectation, const Ipv4FlowKey& first);
    SourceChoice source_as_seen(const Session& control, Ipv4Address address) const;
    void keep_told_port(SourceChoice& choice, const Ipv4FlowKey& first) const;
    void relate(Session& session, ExpectationIndex expected);
    void attend(SessionFlow flow, const Arrival& first);
    void hear_with_alg(SessionFlow flow, Arrival& arrival);
    void pass_by_alg(SessionFlow flow, Arrival& arrival, std::optional<SegmentStanding> standing, std::size_t mtu, Visit& visit);
    void hear_ftp(SessionFlow flow, Arrival& arrival, FtpDialog& dialog, std::size_t mtu, Visit& visit);
    bool attend_sip(const Session& session, const Arrival& first);
    void hear_sip(SessionFlow flow, Arrival& arrival, SipDialog& dialog, std::size_t mtu, Visit& visit);
    std::optional<std::vector<SdpPorts>> expect_media(const SessionFlow& flow, const Sdp& sdp, std::uint64_t call, Visit& visit);
    std::optional<SdpPorts> expect_stream(const SessionFlow& flow, const SdpMedia& media, std::uint64_t call, Visit& visit);
    std::optional<L4Port> expect(const SessionFlow& flow, AlgKind alg, L4Port inside, std::optional<L4Port> outside,
                                 Visit& visit);
    using PortPair = std::array<NewMapping, 2>;
    std::optional<PortPair> find_pair(const SessionFlow& flow, L4Port first, L4Port second, Timestamp now);
    std::optional<NewMapping> find_port(const SessionFlow& flow, const PortWish& wish, Timestamp now);
    bool await(const SessionFlow& flow, const Announced& announced, Visit& visit);
    void release_expectation(const Expectation& expectation);
    void forget_with_alg(const Session& session);
    void expire_expectations(Timestamp now);
    void unshift_quote(SessionIndex index, Direction quoted, Arrival& error) const;
    SessionFate fate_of_related(const Session& session, const Ruleset& ruleset, const RouteTable& routes) const;
    bool related_still_right(Session& session) const;

    // Handshakes that the gateway makes (edge_gateway_syn_proxy.cc).
    bool proxies(const Decision& decision, const Arrival& arrival) const;
    void answer_with_cookie(Arrival arrival, const Decision& decision, Visit& visit);
    void note_proxied(const Decision& decision, std::string_view then);
    std::optional<ReturnedCookie> take_cookie(Arrival& arrival, Visit& visit);
    void begin_splice(SessionFlow flow, const ReturnedCookie& cookie, Timestamp now);
    bool hear_spliced(SessionFlow flow, Arrival& arrival, Visit& visit);
    void leave_spliced(SessionFlow flow, FrameView& frame);
    void hear_waiting_client(SessionFlow flow, Arrival arrival, Visit& visit);
    void hear_server(SessionFlow flow, Arrival arrival, Visit& visit);
    void open_splice(SessionFlow flow, Arrival syn_ack, Visit& visit);
    void carry_own(SessionFlow flow, const TcpHeader& header, std::span<const std::byte> options, Visit& visit);
    bool ask_server_again(const SynProxy::Waiting& waiting, Timestamp now, Outbox<InterfaceId>& out);
    void refuse_client(SessionFlow flow, Visit& visit);

    void take_in(SessionFlow flow, Arrival arrival, Visit& visit);
    void hand_to_listener(Arrival arrival, Visit& visit);
    void answer_locally(Arrival arrival, Visit& visit);
    void answer_echo(Arrival arrival, Visit& visit);
    void gather_own(Arrival arrival, Visit& visit);
    void refuse_options(PacketPtr packet, const FrameView& frame, Visit& visit);
    bool hold_syn(Arrival& arrival, Visit& visit);
    void forget_syn(const Ipv4FlowKey& key, Visit& visit);
    void answer_held_syns(Timestamp now, Outbox<InterfaceId>& out);
    void translate_error(Arrival arrival, Visit& visit);
    PacketPtr make_report(const Packet& offender, const IcmpError& error, const Visit& visit);
    void report(const Packet& offender, const IcmpError& error, Visit& visit);
    bool reset(const Arrival& arrival, Visit& visit);
    void report_unresolved(PacketPtr packet, InterfaceId outbound, Visit& visit);

    void originate(PacketPtr packet, Visit& visit);
    void transmit(PacketPtr packet, InterfaceId outbound, Ipv4Address next_hop, Visit& visit);
    void transmit_in_fragments(Arrival arrival, InterfaceId outbound, Ipv4Address next_hop, Visit& visit);
    void drop(PacketPtr packet, DropReason reason, Visit& visit);
    Passage run_probe(InterfaceId inbound, PacketPtr packet, Timestamp now, std::optional<Session> session);

    // What a passage is told, of a packet that is followed.
    bool followed() const { return passage_ != nullptr; }
    Tracer* tracer() { return followed() ? &passage_->tracer : nullptr; }
    void note(TraceStage stage, std::string text, RuleId rule = kNoRule) { passage_->tracer.note(stage, std::move(text), rule); }
    void note_session(const SessionTable::Flow& flow, std::optional<std::string_view> gone);
    void note_rewrite(const Ipv4FlowKey& from, const Ipv4FlowKey& to);
    void note_report(const IcmpError& error, bool told);
    void note_reset(bool told);
    void note_drop(DropReason reason);
    void note_standing(SegmentStanding standing);
    void note_departure(const Packet& packet, InterfaceId outbound, Ipv4Address next_hop);
    // While it lives, what happens is not the followed packet's doing: the gateway says something itself, or another fragment goes on.
    class Aside {
    public:
        explicit Aside(EdgeGateway& gateway, bool another = true)
            : gateway_(gateway), passage_(another ? std::exchange(gateway.passage_, nullptr) : gateway.passage_) {}
        ~Aside() { gateway_.passage_ = passage_; }
        Aside(const Aside&) = delete;
        Aside& operator=(const Aside&) = delete;

    private:
        EdgeGateway& gateway_;
        Passage* passage_;
    };

    const Interface& interface(InterfaceId id) const { return ruleset_->interfaces[index_of(id)]; }

    PacketPool& pool_;
    Ledger& ledger_;
    RulesetPtr ruleset_;
    TcpTracking loosest_ = TcpTracking::strict;  // of the ruleset and its rules
    bool proxies_syns_ = false;                  // some rule of it does
    std::unique_ptr<RouteTable> routes_;
    std::unique_ptr<ProxyArp> proxy_arp_;
    Lifetimes lifetimes_;
    SessionTable sessions_;
    SessionCensus census_;
    SynProxy syn_proxy_;
    PortAllocator allocator_;
    MappingTable mappings_;
    NeighborTable neighbors_;
    VirtualReassembly fragments_;
    OwnDatagrams own_datagrams_;
    Identifications identifications_;
    UnsolicitedSyns syns_;
    IcmpMessages icmp_;
    Algs algs_;
    RuleCounters rule_counters_;
    std::array<TrafficCounters, kMaxInterfaces + 1> counters_{};
    SessionObserver* observer_ = nullptr;
    RuleObserver* rule_observer_ = nullptr;
    OwnTraffic* own_traffic_ = nullptr;

    // Empty between calls; kept for their memory.
    std::vector<VirtualReassembly::Ready> ready_fragments_;
    std::vector<NeighborTable::Unresolved> unresolved_;

    PassageObserver* passage_observer_ = nullptr;
    // Where what happens to the packet at hand is written down, while it is followed.
    Passage* passage_ = nullptr;
    // The packet at hand is only asked about: it is followed, and nothing may come of it.
    bool probing_ = false;
};

}  // namespace hairpin::gateway

// Few hosts, few ports, few destinations, in every mode that a source rule may have, through the whole gateway, held against a naive
// NAT: what each packet must look like outside, and who must be let in and who not. What the two disagree about is made as short as it can be.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::FilteringMode;
using gateway::MappingMode;
using gateway::PortAllocation;
using std::chrono::seconds;

struct Modes {
    MappingMode mapping;
    FilteringMode filtering;
    PortAllocation allocation;
};

// What happens next, and with which of the few.
struct Event {
    enum class Kind : std::uint8_t { speak, answer, visit, knock, wait } kind;
    unsigned host, port, peer, peer_port;
    seconds pause;
};

struct End {
    std::uint32_t address;
    unsigned port;
    friend auto operator<=>(const End&, const End&) = default;
};

constexpr Duration kLife = seconds{300}, kRest = seconds{120};
constexpr Ipv4Address kHosts[] = {kWorkstation, kWebServer}, kPeers[] = {kInternet, {198, 51, 100, 11}};
constexpr unsigned kPorts[] = {40000, 40001, 700}, kPeerPorts[] = {53, 3478};

// A NAT as the RFCs tell it: a list of all sessions that ever were. Everything happens at whole seconds and nothing ends more than one late,
// so who is silent for kLife is still there, and a second later no longer.
class NaiveNat {
public:
    explicit NaiveNat(Modes modes) : modes_(modes) {}

    // The inside has sent, and it was seen outside.
    void speaks(End inside, End outside, End peer, Timestamp now) {
        const auto goes_on = std::find_if(sessions_.begin(), sessions_.end(), [&](const Session& session) {
            return session.inside == inside && session.peer == peer && !session.alike && alive(session, now);
        });
        if (goes_on != sessions_.end()) {
            RC_ASSERT(outside == goes_on->outside);
            goes_on->last = now;
            goes_on->kept = true;
            return;
        }
        const Owner owner = owner_of(inside, peer);
        for (const Session& guest : sessions_)
            if (guest.alike && guest.inside == inside && guest.peer == peer && alive(guest, now)) at_its_end_ = true;
        if (at_its_end_) return;
        for (const Session& other : sessions_) {
            const Duration silent = now - other.last;
            // Flows to different places may share one where the mode says so (RFC 7857 §3); else it is nobody else's until it has rested.
            if (other.outside == outside && other.owner != owner)
                RC_ASSERT(silent > (!shares() ? kLife + kRest : other.peer == peer ? kLife : Duration{-1}));
            if (other.owner == owner && !by_flow() && silent <= kLife + kRest) RC_ASSERT(outside == other.outside);
        }
        RC_ASSERT((inside.port < 1024) == (outside.port < 1024));
        if (modes_.allocation == PortAllocation::parity) RC_ASSERT(inside.port % 2 == outside.port % 2);
        sessions_.push_back({inside, outside, peer, owner, now, true, false});
    }

    struct Entry {
        End inside;
        bool alike;  // to what comes there from the same peer by another outside port, so its source port is another inside
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    // Whom it reaches that comes from that peer to that outside address and port, if anybody.
    std::optional<Entry> enters(End outside, End peer, Timestamp now) {
        for (const Session& session : sessions_)
            if (session.outside == outside && session.peer == peer && alive(session, now))
                return Entry{session.inside, session.alike};
        const auto host = std::find_if(sessions_.begin(), sessions_.end(), [&](const Session& session) {
            return session.outside == outside && session.kept && alive(session, now) && admits(session.peer, peer);
        });
        if (host == sessions_.end()) return std::nullopt;
        // A guest: it comes and goes for as long as another one, but opens the door to nobody until it is answered.
        const bool alike = std::any_of(sessions_.begin(), sessions_.end(), [&](const Session& session) {
            return session.inside == host->inside && session.peer == peer && !session.alike && alive(session, now);
        });
        sessions_.push_back({host->inside, outside, peer, host->owner, now, false, alike});
        return Entry{sessions_.back().inside, alike};
    }

    // The inside speaks with a peer whose guest has the very same addresses and ports outside. The gateway takes another port; which one is
    // whose from then on is told by no RFC.
    bool at_its_end() const { return at_its_end_; }

    struct Contact {
        End outside, peer;
    };
    // Somebody with whom the inside speaks, or did.
    std::optional<Contact> contact(unsigned which) const {
        if (sessions_.empty()) return std::nullopt;
        const Session& session = sessions_[which % sessions_.size()];
        return Contact{session.outside, session.peer};
    }

private:
    using Owner = std::tuple<End, std::uint32_t, unsigned>;  // what has an outside address and port
    struct Session {
        End inside, outside, peer;
        Owner owner;
        Timestamp last;  // when the inside last sent, or it began
        bool kept;       // the inside has sent
        bool alike;      // the inside knows the peer by another port
    };

    static bool alive(const Session& session, Timestamp now) { return now - session.last <= kLife; }
    bool by_flow() const { return modes_.mapping == MappingMode::address_and_port_dependent; }
    // Where nobody is let in but who answers, several flows may have a port.
    bool shares() const { return by_flow() && modes_.filtering == FilteringMode::address_and_port_dependent; }
    Owner owner_of(End inside, End peer) const {
        if (modes_.mapping == MappingMode::endpoint_independent) return {inside, 0, 0};
        return {inside, peer.address, by_flow() ? peer.port : 0};
    }
    bool admits(End spoken_to, End peer) const {
        if (modes_.filtering == FilteringMode::address_and_port_dependent) return false;
        return modes_.filtering == FilteringMode::endpoint_independent || spoken_to.address == peer.address;
    }

    Modes modes_;
    std::vector<Session> sessions_;
    bool at_its_end_ = false;
};

class Run {
public:
    explicit Run(Modes modes)
        : naive_(modes), lab_([modes](gateway::Ruleset& rules) {
              rules.nat.erase(rules.nat.begin() + 1, rules.nat.end());
              rules.nat[0].mapping = modes.mapping;
              rules.nat[0].filtering = modes.filtering;
              rules.nat[0].port_allocation = modes.allocation;
              rules.firewall.insert(rules.firewall.end() - 1,
                                    firewall_rule(100, gateway::FirewallAction::accept, by(kUplink), at("203.0.113.80")));
          }) {}

    void happens(const Event& event) {
        if (naive_.at_its_end()) return;
        const End inside{kHosts[event.host].number(), kPorts[event.port]},
            peer{kPeers[event.peer].number(), kPeerPorts[event.peer_port]};
        switch (event.kind) {
            case Event::Kind::speak: return speak(event.host, inside, peer);
            case Event::Kind::answer: return enter(event, std::nullopt);
            case Event::Kind::visit: return enter(event, peer);
            case Event::Kind::knock: return enter(event, End{peer.address, 10000 + ++strangers_});
            case Event::Kind::wait: return lab_.wait(event.pause);
        }
    }

private:
    Host& host(unsigned which) { return which == 0 ? lab_.workstation : lab_.web_server; }

    void speak(unsigned which, End inside, End peer) {
        host(which).send(
            udp().from(Ipv4Address{inside.address}, inside.port).to(Ipv4Address{peer.address}, peer.port).payload(9));
        const auto seen = lab_.internet.received();
        RC_ASSERT(seen.size() == 1U);
        RC_ASSERT(seen[0].destination.number() == peer.address);
        RC_ASSERT(seen[0].destination_port == peer.port);
        RC_ASSERT(seen[0].source == kExternal);
        naive_.speaks(inside, {seen[0].source.number(), seen[0].source_port}, peer, lab_.now());
    }

    // To an outside address and port that somebody has, or had: from whom it was spoken to there, or from somebody else.
    void enter(const Event& event, std::optional<End> other) {
        const auto contact = naive_.contact(event.host + 2 * event.port);
        if (!contact) return;
        const End from = other.value_or(contact->peer);
        const auto expected = naive_.enters(contact->outside, from, lab_.now());
        lab_.internet.send(udp().from(Ipv4Address{from.address}, from.port).to(kExternal, contact->outside.port).payload(9));
        lab_.internet.received();  // that nobody is there
        std::vector<NaiveNat::Entry> reached;
        for (Host* inside : {&lab_.workstation, &lab_.web_server})
            for (const SeenPacket& packet : inside->received()) {
                RC_ASSERT(packet.source.number() == from.address);
                reached.push_back({{packet.destination.number(), packet.destination_port}, packet.source_port != from.port});
            }
        RC_ASSERT(reached == (expected ? std::vector{*expected} : std::vector<NaiveNat::Entry>{}));
    }

    NaiveNat naive_;
    HairpinLab lab_;
    unsigned strangers_ = 0;
};

rc::Gen<Event> any_event() {
    using Kind = Event::Kind;
    return rc::gen::build<Event>(
        rc::gen::set(&Event::kind,
                     rc::gen::weightedElement<Kind>(
                         {{6, Kind::speak}, {3, Kind::answer}, {2, Kind::visit}, {2, Kind::knock}, {2, Kind::wait}})),
        rc::gen::set(&Event::host, rc::gen::inRange(0U, 2U)), rc::gen::set(&Event::port, rc::gen::inRange(0U, 3U)),
        rc::gen::set(&Event::peer, rc::gen::inRange(0U, 2U)), rc::gen::set(&Event::peer_port, rc::gen::inRange(0U, 2U)),
        rc::gen::set(&Event::pause, rc::gen::map(rc::gen::inRange(1, 200), [](int count) { return seconds{count}; })));
}

void showValue(const Event& event, std::ostream& out) {
    constexpr const char* kKinds[] = {"speaks", "answer", "visit", "knock", "wait"};
    out << kKinds[static_cast<std::size_t>(event.kind)] << " host " << event.host << " port " << event.port << " peer "
        << event.peer << ":" << event.peer_port << " pause " << event.pause.count() << " s";
}

RC_GTEST_PROP(NatModes, DoAsANaiveNatDoes, ()) {
    const Modes modes{*rc::gen::element(MappingMode::endpoint_independent, MappingMode::address_dependent,
                                        MappingMode::address_and_port_dependent),
                      *rc::gen::element(FilteringMode::endpoint_independent, FilteringMode::address_dependent,
                                        FilteringMode::address_and_port_dependent),
                      *rc::gen::element(PortAllocation::random, PortAllocation::preserve, PortAllocation::parity)};
    const auto events = *rc::gen::container<std::vector<Event>>(any_event());
    Run run{modes};
    for (const Event& event : events) run.happens(event);
}

}  // namespace
}  // namespace hairpin::testing

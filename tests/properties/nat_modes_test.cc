// Few hosts, few ports, few destinations, in every mode that a source rule may have, through the whole gateway, held against a naive
// NAT: what each packet must look like outside, and who must be let in and who not. What the two disagree about is made as short as it can be.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
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
    enum class Kind : std::uint8_t { speak, answer, knock, wait } kind;
    unsigned host, port, peer, peer_port;
    seconds pause;
};

struct End {
    std::uint32_t address;
    unsigned port;
    friend auto operator<=>(const End&, const End&) = default;
};

constexpr Duration kLife = seconds{300}, kRest = seconds{120}, kGray = seconds{1};
constexpr Ipv4Address kHosts[] = {kWorkstation, kWebServer}, kPeers[] = {kInternet, {198, 51, 100, 11}};
constexpr unsigned kPorts[] = {40000, 40001, 700}, kPeerPorts[] = {53, 3478};

// A NAT as the RFCs tell it: everything that was ever said, and when.
class NaiveNat {
public:
    explicit NaiveNat(Modes modes) : modes_(modes) {}

    void speaks(End inside, End outside, End peer, Timestamp now) {
        for (const auto& [flow, said] : said_) {
            const auto& [other_inside, other_peer] = flow;
            // Flows to different places may share one where the mode says so (RFC 7857 §3); else it is nobody else's until it has rested.
            if (said.outside == outside && key_of(other_inside, other_peer) != key_of(inside, peer)) {
                const Duration others = shares() ? (other_peer == peer ? kLife : Duration{}) : kLife + kRest;
                RC_ASSERT(now >= said.when + others - kGray);
            }
            if (key_of(other_inside, other_peer) == key_of(inside, peer) && now < said.when + kLife - kGray)
                RC_ASSERT(said.outside == outside);
        }
        RC_ASSERT((inside.port < 1024) == (outside.port < 1024));
        if (modes_.allocation == PortAllocation::parity) RC_ASSERT(inside.port % 2 == outside.port % 2);
        said_[{inside, peer}] = {outside, now};
    }

    enum class Verdict : std::uint8_t { in, out, either };
    struct Entry {
        Verdict verdict;
        End inside;
    };
    // What comes from that peer to that outside address and port.
    Entry enters(End outside, End peer, Timestamp now) const {
        Entry best{Verdict::out, {}};
        for (const auto& [flow, said] : said_) {
            const auto& [inside, spoken_to] = flow;
            if (said.outside != outside || !admits(spoken_to, peer)) continue;
            const Duration silent = now - said.when;
            const Verdict verdict = silent < kLife - kGray   ? Verdict::in
                                    : silent > kLife + kGray ? Verdict::out
                                                             : Verdict::either;
            if (verdict == Verdict::in || (verdict == Verdict::either && best.verdict == Verdict::out)) best = {verdict, inside};
        }
        return best;
    }
    const auto& said() const { return said_; }

private:
    struct Said {
        End outside;
        Timestamp when;
    };
    bool by_flow() const { return modes_.mapping == MappingMode::address_and_port_dependent; }
    // Where nobody is let in but who answers, several flows may have a port.
    bool shares() const { return by_flow() && modes_.filtering == FilteringMode::address_and_port_dependent; }
    // What has one outside address and port.
    std::tuple<End, std::uint32_t, unsigned> key_of(End inside, End peer) const {
        if (modes_.mapping == MappingMode::endpoint_independent) return {inside, 0, 0};
        return {inside, peer.address, by_flow() ? peer.port : 0};
    }
    bool admits(End spoken_to, End peer) const {
        if (spoken_to == peer) return true;
        if (modes_.filtering == FilteringMode::address_and_port_dependent) return false;
        return modes_.filtering == FilteringMode::endpoint_independent || spoken_to.address == peer.address;
    }

    Modes modes_;
    std::map<std::pair<End, End>, Said> said_;  // by who and to whom
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
        const End inside{kHosts[event.host].number(), kPorts[event.port]},
            peer{kPeers[event.peer].number(), kPeerPorts[event.peer_port]};
        switch (event.kind) {
            case Event::Kind::speak: return speak(event.host, inside, peer);
            case Event::Kind::answer: return enter(event, 0);
            case Event::Kind::knock: return enter(event, ++strangers_);
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

    // To an outside address and port that somebody has, or had: from whom it has spoken to, or from another port of some peer.
    void enter(const Event& event, unsigned stranger) {
        if (naive_.said().empty()) return;
        const auto one =
            std::next(naive_.said().begin(), static_cast<std::ptrdiff_t>((event.host + 2 * event.port) % naive_.said().size()));
        const End outside = one->second.outside;
        const End from = stranger == 0 ? one->first.second : End{kPeers[event.peer].number(), 10000 + stranger};
        const auto expected = naive_.enters(outside, from, lab_.now());
        lab_.internet.send(udp().from(Ipv4Address{from.address}, from.port).to(kExternal, outside.port).payload(9));
        lab_.internet.received();  // that nobody is there
        std::vector<End> reached;
        for (Host* inside : {&lab_.workstation, &lab_.web_server})
            for (const SeenPacket& packet : inside->received()) {
                RC_ASSERT(packet.source.number() == from.address);
                RC_ASSERT(packet.source_port == from.port);
                reached.push_back({packet.destination.number(), packet.destination_port});
            }
        if (expected.verdict == NaiveNat::Verdict::in) RC_ASSERT(reached == std::vector{expected.inside});
        if (expected.verdict == NaiveNat::Verdict::out) RC_ASSERT(reached.empty());
    }

    NaiveNat naive_;
    HairpinLab lab_;
    unsigned strangers_ = 0;
};

rc::Gen<Event> any_event() {
    using Kind = Event::Kind;
    return rc::gen::build<Event>(
        rc::gen::set(&Event::kind,
                     rc::gen::weightedElement<Kind>({{6, Kind::speak}, {3, Kind::answer}, {3, Kind::knock}, {2, Kind::wait}})),
        rc::gen::set(&Event::host, rc::gen::inRange(0U, 2U)), rc::gen::set(&Event::port, rc::gen::inRange(0U, 3U)),
        rc::gen::set(&Event::peer, rc::gen::inRange(0U, 2U)), rc::gen::set(&Event::peer_port, rc::gen::inRange(0U, 2U)),
        rc::gen::set(&Event::pause, rc::gen::map(rc::gen::inRange(1, 200), [](int count) { return seconds{count}; })));
}

void showValue(const Event& event, std::ostream& out) {
    constexpr const char* kKinds[] = {"speaks", "answer", "knock", "wait"};
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

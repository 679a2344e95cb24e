#include "gateway/nat/mapping_table.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "gateway/nat/port_allocator.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

// Few hosts, few ports and few destinations, so that they meet; sessions begin and end, and time passes.
class Traffic {
public:
    Traffic(std::uint64_t seed, MappingMode mapping, PortRange range) : allocator_{HashKey{seed, seed + 1}} {
        choice_.mapping = mapping;
        choice_.filtering = mapping == MappingMode::address_and_port_dependent ? FilteringMode::address_and_port_dependent
                                                                               : FilteringMode::address_dependent;
        choice_.ports = range;
        Ruleset rules = guide_rules();
        rules.nat.clear();
        rules.nat_settings.port_rest = kRest;
        mappings.adopt(rules);
    }

    struct Live {
        Ipv4FlowKey original;
        Ipv4TransportAddress outside;
        SessionIndex session;
    };
    static constexpr Duration kRest = std::chrono::seconds{120};

    // Begins a session of this flow, unless it lives; false when there was no port.
    bool begin(const Ipv4FlowKey& original) {
        if (sessions.contains(original)) return true;
        const auto grant = allocator_.allocate(original, original, choice_, sessions, mappings, now);
        if (!grant) return false;
        RC_ASSERT(grant->mapping.has_value());
        const auto index = sessions.insert(original, grant->to.reversed(), SessionState::other, std::chrono::hours{1}, now);
        RC_ASSERT(index.has_value());
        mappings.hold(*grant->mapping, now);
        live.push_back({original, grant->mapping->outside, *index});
        return true;
    }
    void end(std::size_t which) {
        mappings.release(live[which].outside, live[which].original.destination);
        sessions.erase(live[which].session);
        live.erase(live.begin() + static_cast<std::ptrdiff_t>(which));
    }
    void wait(Duration duration) {
        now += duration;
        mappings.expire(now);
    }

    SessionTable sessions{512, HashKey{}};
    MappingTable mappings{512, HashKey{}};
    std::vector<Live> live;
    Timestamp now{std::chrono::seconds{1000}};

private:
    PortAllocator allocator_;
    SourceChoice choice_{addresses("203.0.113.80")};
};

Ipv4FlowKey any_original() {
    const auto source_port = static_cast<std::uint16_t>(*rc::gen::inRange(40000, 40006));
    return {Ipv4Address{192, 168, 255, static_cast<std::uint8_t>(*rc::gen::inRange(2, 5))}, *rc::gen::element(kInternet, kRouter),
            L4Port{source_port}, L4Port{static_cast<std::uint16_t>(*rc::gen::inRange(53, 56))},
            *rc::gen::element(IpProtocol::tcp, IpProtocol::udp)};
}

std::uint32_t ports_in_use(const MappingTable& mappings) {
    std::uint32_t ports = 0;
    mappings.ports().for_each([&](Ipv4Address, IpProtocol, const PortSpaces::Use& use) { ports += use.ports; });
    return ports;
}

RC_GTEST_PROP(MappingTable, AnInsideAddressAndPortHasOneOutsideAndNobodyElseHasIt, (std::uint64_t seed)) {
    Traffic traffic{seed, MappingMode::endpoint_independent, ports(2000, *rc::gen::element(2004u, 2063u))};
    for (int step = 0; step < 150; ++step) {
        const int what = *rc::gen::inRange(0, 10);
        if (what < 6)
            traffic.begin(any_original());
        else if (what < 9 && !traffic.live.empty())
            traffic.end(*rc::gen::inRange<std::size_t>(0, traffic.live.size()));
        else
            traffic.wait(std::chrono::seconds{*rc::gen::inRange(1, 100)});

        std::map<std::string, std::string> outside_of, inside_of;
        for (const Traffic::Live& session : traffic.live) {
            const std::string protocol = to_string(session.original.protocol) + " ";
            const std::string inside = protocol + endpoint_text(session.original.source, session.original.source_port);
            const std::string outside = protocol + endpoint_text(session.outside.address, session.outside.port);
            RC_ASSERT(outside_of.emplace(inside, outside).first->second == outside);
            RC_ASSERT(inside_of.emplace(outside, inside).first->second == inside);
            const MappingIndex index = traffic.mappings.find_outside(session.outside);
            RC_ASSERT(index != kNoMapping);
            RC_ASSERT(traffic.mappings.lets_in(index, session.original.destination));
            RC_ASSERT(!traffic.mappings.lets_in(index, kExternal));
        }
        RC_ASSERT(ports_in_use(traffic.mappings) == traffic.mappings.size());
        RC_ASSERT(traffic.mappings.size() >= outside_of.size());
    }
    while (!traffic.live.empty()) traffic.end(0);
    traffic.wait(Traffic::kRest + std::chrono::seconds{1});
    RC_ASSERT(traffic.mappings.size() == 0u);
    RC_ASSERT(ports_in_use(traffic.mappings) == 0u);
}

// Whatever the mode, what answers the translated flows is different for each.
RC_GTEST_PROP(MappingTable, InEveryModeAnswersAreToldApart, (std::uint64_t seed)) {
    Traffic traffic{seed,
                    *rc::gen::element(MappingMode::endpoint_independent, MappingMode::address_dependent,
                                      MappingMode::address_and_port_dependent),
                    ports(2000, 2007)};
    for (int step = 0; step < 100; ++step) {
        if (*rc::gen::inRange(0, 4) > 0)
            traffic.begin(any_original());
        else if (!traffic.live.empty())
            traffic.end(*rc::gen::inRange<std::size_t>(0, traffic.live.size()));
        std::set<std::string> answers;
        for (const Traffic::Live& session : traffic.live)
            RC_ASSERT(answers.insert(traffic.sessions[session.session].reply_key.to_string()).second);
    }
}

TEST(MappingTable, WhenAllPortsAreTakenTheNextIsRefusedAndNobodyPays) {
    Traffic traffic{1, MappingMode::endpoint_independent, ports(2000, 2009)};
    Ipv4FlowKey flow{kWorkstation, kInternet, {}, L4Port{53}, IpProtocol::udp};
    for (std::uint16_t port = 40000; port < 40010; ++port) {
        flow.source_port = L4Port{port};
        EXPECT_TRUE(traffic.begin(flow));
    }
    flow.source_port = L4Port{40010};
    EXPECT_FALSE(traffic.begin(flow));
    EXPECT_EQ(traffic.live.size(), 10u);
    traffic.end(3);
    EXPECT_TRUE(traffic.begin(flow)) << "the one that rests, as no stranger was let in by it";
}

}  // namespace
}  // namespace hairpin::testing

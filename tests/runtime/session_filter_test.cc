#include "runtime/session_filter.h"

#include <gtest/gtest.h>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

const gateway::Ruleset& rules() {
    static const gateway::RulesetPtr ruleset = RunningConfiguration::read(guide_document().dump())->compiled().ruleset;
    return *ruleset;
}

gateway::Session session() {
    gateway::Session session{};
    session.original_key = {Ipv4Address{192, 168, 255, 2}, Ipv4Address{203, 0, 113, 80}, L4Port{40000}, L4Port{80},
                            IpProtocol::tcp};
    session.reply_key = {Ipv4Address{192, 168, 255, 10}, Ipv4Address{192, 168, 255, 1}, L4Port{80}, L4Port{23307},
                         IpProtocol::tcp};
    session.state = gateway::SessionState::established;
    session.egress[0] = session.egress[1] = *rules().interface_id("lan");
    session.firewall_rule = 3;
    session.dnat_rule = 196613;
    session.serial = 7;
    return session;
}

struct Case {
    nlohmann::json filter;
    bool holds;
};

TEST(SessionFilter, ComparesWhatIsAsked) {
    const Case cases[] = {
        {nlohmann::json::object(), true},
        {nullptr, true},
        {{{"protocol", "tcp"}}, true},
        {{{"protocol", "any"}}, true},
        {{{"protocol", "udp"}}, false},
        {{{"source", "192.168.255.2"}}, true},
        {{{"source", "192.168.255.2:40000"}}, true},
        {{{"source", "192.168.255.2:40001"}}, false},
        {{{"destination", "203.0.113.80:80"}, {"protocol", "tcp"}}, true},
        {{{"destination", "192.168.255.2"}}, false},
        {{{"translated_source", "192.168.255.1:23307"}, {"translated_destination", "192.168.255.10:80"}}, true},
        {{{"translated_source", "192.168.255.2"}}, false},
        {{{"address", "192.168.255.10"}}, true},
        {{{"address", "192.168.255.10:81"}}, false},
        {{{"state", "established"}}, true},
        {{{"state", "closing"}}, false},
        {{{"interface", "lan"}}, true},
        {{{"interface", "uplink"}}, false},
        {{{"rule", 196613}}, true},
        {{{"rule", "3"}}, true},
        {{{"rule", 4}}, false},
        {{{"id", 7}}, true},
        {{{"translated", true}}, true},
        {{{"translated", false}}, false},
    };
    for (const Case& c : cases) {
        const auto filter = SessionFilter::parse(c.filter, rules());
        ASSERT_TRUE(filter.has_value()) << c.filter;
        EXPECT_EQ(filter->holds(session()), c.holds) << c.filter;
    }
}

TEST(SessionFilter, NamesTheParameterThatItCannotRead) {
    const std::pair<nlohmann::json, std::string> cases[] = {
        {{{"protocol", "tpc"}}, "protocol"},
        {{{"source", "192.168.255"}}, "source"},
        {{{"destination", "1.2.3.4:99999"}}, "destination"},
        {{{"port", "80"}}, "port"},
        {{{"state", "open"}}, "state"},
        {{{"interface", "nowhere"}}, "interface"},
        {{{"rule", "three"}}, "rule"},
    };
    for (const auto& [filter, parameter] : cases) {
        const auto parsed = SessionFilter::parse(filter, rules());
        ASSERT_FALSE(parsed.has_value()) << filter;
        EXPECT_EQ(parsed.error().path, parameter);
    }
}

}  // namespace
}  // namespace hairpin::runtime

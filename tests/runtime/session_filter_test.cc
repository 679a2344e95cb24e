#include "runtime/session_filter.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hairpin::runtime {
namespace {

gateway::Session session() {
    gateway::Session session{};
    session.original_key = {Ipv4Address{192, 168, 255, 2}, Ipv4Address{203, 0, 113, 80}, L4Port{40000}, L4Port{80},
                            IpProtocol::tcp};
    return session;
}

struct Case {
    nlohmann::json filter;
    bool holds;
};

TEST(SessionFilter, ComparesTheOriginalTuple) {
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
    };
    for (const Case& c : cases) {
        const auto filter = SessionFilter::parse(c.filter);
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
    };
    for (const auto& [filter, parameter] : cases) {
        const auto parsed = SessionFilter::parse(filter);
        ASSERT_FALSE(parsed.has_value()) << filter;
        EXPECT_EQ(parsed.error().path, parameter);
    }
}

}  // namespace
}  // namespace hairpin::runtime

#include "sidecar/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace hairpin::sidecar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As typed, without the program's name.
Result<Plan> plan_for(const std::string& line) {
    CLI::App app;
    Options options;
    describe_options(app, options);
    app.parse(line);
    return plan_of(options);
}
std::string problem_of(const std::string& line) {
    const auto plan = plan_for(line);
    return plan ? "none" : plan.error().message;
}

TEST(SidecarOptions, AHostHasAPortAnAddressAndADefaultRoute) {
    const auto plan = plan_for("--port workstation --address 192.168.255.2/24 --gateway 192.168.255.1");
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->ports, ElementsAre("workstation"));
    EXPECT_THAT(plan->addresses_of(0), ElementsAre(*Ipv4InterfaceAddress::parse("192.168.255.2/24")));
    EXPECT_THAT(plan->routes, ElementsAre(Route{Ipv4Prefix{}, Ipv4Address{192, 168, 255, 1}}));
    EXPECT_EQ(plan->device, "eth1");
    EXPECT_TRUE(plan->command.empty());
}

TEST(SidecarOptions, RoutesAreByARouterOrOnTheLink) {
    const auto plan =
        plan_for("--port a --address 198.51.100.10/24,203.0.113.1/32 --route 203.0.113.0/24,192.168.0.0/16=203.0.113.80");
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->addresses_of(0).size(), 2U);
    EXPECT_THAT(plan->routes, ElementsAre(Route{*Ipv4Prefix::parse("203.0.113.0/24"), std::nullopt},
                                          Route{*Ipv4Prefix::parse("192.168.0.0/16"), Ipv4Address{203, 0, 113, 80}}));
}

TEST(SidecarOptions, ReplicasHaveAnAddressEach) {
    const auto plan = plan_for("--port web-1,web-2 --address 192.0.2.1/24,192.0.2.2/24");
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->addresses_of(1), ElementsAre(*Ipv4InterfaceAddress::parse("192.0.2.2/24")));
    EXPECT_THAT(problem_of("--port web-1,web-2 --address 192.0.2.1/24"),
                HasSubstr("2 ports want an address each, and --address has 1"));
}

TEST(SidecarOptions, ACommandAndItsOptionsStandBehindTwoDashes) {
    const auto plan = plan_for("--port a --address 192.0.2.1/24 --user 101:102 -- nginx -g 'daemon off;' --port b");
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->ports, ElementsAre("a"));
    EXPECT_EQ(plan->user, (User{101, 102}));
    EXPECT_THAT(plan->command, ElementsAre("nginx", "-g", "daemon off;", "--port", "b"));
}

TEST(SidecarOptions, WhatIsWrongIsNamed) {
    EXPECT_THAT(problem_of(""), HasSubstr("--port is missing"));
    EXPECT_THAT(problem_of("--port a --address 192.0.2.1"), HasSubstr("--address 192.0.2.1: an address has a length"));
    EXPECT_THAT(problem_of("--port a --gateway 192.0.2"), HasSubstr("--gateway 192.0.2:"));
    EXPECT_THAT(problem_of("--port a --route 192.0.2.1/24"), HasSubstr("--route 192.0.2.1/24:"));
    EXPECT_THAT(problem_of("--port a --route 10.0.0.0/8=x"), HasSubstr("--route 10.0.0.0/8=x:"));
    for (const char* user : {"nginx", "101", "101:", ":101", "101:101x", "-1:1"})
        EXPECT_THAT(problem_of(std::string{"--port a --user="} + user), HasSubstr("a user and a group")) << user;
    EXPECT_THAT(problem_of("--port ../../etc/passwd"), HasSubstr("no blank or \"/\""));
}

}  // namespace
}  // namespace hairpin::sidecar

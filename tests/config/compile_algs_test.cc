// Which application layer gateways are on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using gateway::AlgKind;
using nlohmann::json;
using testing::ElementsAre;

TEST(Algs, AreAllOffUnlessSomebodyAsks) {
    const auto algs = good(guide_lab()).ruleset->algs;
    EXPECT_FALSE(algs.any());
    EXPECT_THAT(algs.of(AlgKind::ftp).ports, ElementsAre(L4Port{21}));
    EXPECT_THAT(algs.of(AlgKind::tftp).ports, ElementsAre(L4Port{69}));
    EXPECT_THAT(algs.of(AlgKind::sip).ports, ElementsAre(L4Port{5060}));
    EXPECT_FALSE(algs.listens(AlgKind::ftp, IpProtocol::tcp, L4Port{21}));
}

TEST(Algs, EachHasASwitchAndPortsOfItsOwn) {
    json document = guide_lab();
    document["hairpin:gateway"]["alg"] = {{"ftp", {{"enabled", true}, {"port", {21, 2121}}}}};
    const auto algs = good(document).ruleset->algs;
    EXPECT_TRUE(algs.of(AlgKind::ftp).enabled);
    EXPECT_FALSE(algs.of(AlgKind::tftp).enabled);
    EXPECT_TRUE(algs.listens(AlgKind::ftp, IpProtocol::tcp, L4Port{21}));
    EXPECT_TRUE(algs.listens(AlgKind::ftp, IpProtocol::tcp, L4Port{2121}));
    EXPECT_FALSE(algs.listens(AlgKind::ftp, IpProtocol::udp, L4Port{21}));
    EXPECT_FALSE(algs.listens(AlgKind::tftp, IpProtocol::udp, L4Port{69}));
    document["hairpin:gateway"]["alg"]["sip"] = {{"enabled", true}, {"port", {5060, 5080}}};
    const auto with_sip = good(document).ruleset->algs;
    EXPECT_TRUE(with_sip.listens(AlgKind::sip, IpProtocol::udp, L4Port{5080}));
    EXPECT_FALSE(with_sip.listens(AlgKind::sip, IpProtocol::tcp, L4Port{5060}));
    document["hairpin:gateway"]["alg"]["ftp"]["port"] = {0};
    EXPECT_FALSE(compiled(document));
}

}  // namespace
}  // namespace hairpin::config

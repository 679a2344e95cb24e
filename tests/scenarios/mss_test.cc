// What a SYN announces, made small enough for the links on the way.

#include <array>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::kClampMssToMtu;

HairpinLab::Change with_mss(std::optional<std::uint16_t> uplink, std::optional<std::uint16_t> lan = {},
                            unsigned uplink_mtu = 1500) {
    return [=](gateway::Ruleset& rules) {
        rules.interfaces[index_of(kUplink)].tcp_mss = uplink;
        rules.interfaces[index_of(kUplink)].mtu = uplink_mtu;
        rules.interfaces[index_of(kLan)].tcp_mss = lan;
    };
}

// NOP so many times, then the option; filled up to a multiple of four.
Bytes options_with(unsigned mss, std::size_t nops) {
    Bytes options(nops, std::byte{1});
    for (const unsigned byte : {2U, 4U, mss >> 8, mss & 0xff}) options.push_back(static_cast<std::byte>(byte));
    options.resize((options.size() + 3) / 4 * 4);
    return options;
}

unsigned announced(const SeenPacket& syn, std::size_t nops) {
    const std::size_t at = sizeof(TcpHeader) + nops + 2;
    return std::to_integer<unsigned>(syn.l4[at]) << 8 | std::to_integer<unsigned>(syn.l4[at + 1]);
}

unsigned announced_behind(HairpinLab& lab, unsigned mss, std::size_t nops = 0, bool partial = false) {
    static unsigned port = 40000;
    PacketBuilder syn = tcp().from(kWorkstation, ++port).to(kInternet, 80).syn().tcp_options(options_with(mss, nops));
    if (partial) syn.partial_checksum();
    lab.workstation.send(syn);
    return announced(lab.internet.received_one(), nops);
}

TEST(Mss, IsLoweredAndNeverRaised) {
    HairpinLab lab{with_mss(1360)};
    EXPECT_EQ(announced_behind(lab, 1460), 1360U);
    EXPECT_EQ(announced_behind(lab, 1361), 1360U);
    EXPECT_EQ(announced_behind(lab, 1360), 1360U);
    EXPECT_EQ(announced_behind(lab, 536), 536U);
}

// The lab verifies every checksum: also where the option stands at an odd place, and where somebody else sums up.
TEST(Mss, ItsChecksumHoldsWhereverItStands) {
    HairpinLab lab{with_mss(1200)};
    for (const std::size_t nops : {0U, 1U, 2U, 3U, 4U, 5U})
        for (const bool partial : {false, true}) EXPECT_EQ(announced_behind(lab, 8960, nops, partial), 1200U) << nops;
}

TEST(Mss, IsTheSmallerOfBothLinks) {
    HairpinLab lab{with_mss(1360, 1300)};
    EXPECT_EQ(announced_behind(lab, 1460), 1300U);
}

TEST(Rfc1191, MaximumSegmentSize_ClampIsWhatTheMtusAllow) {
    HairpinLab lab{with_mss(kClampMssToMtu, {}, 1400)};
    EXPECT_EQ(announced_behind(lab, 1460), 1360U);
}

TEST(Mss, TheAnswerIsLoweredAsWell) {
    HairpinLab lab{with_mss(1360)};
    lab.workstation.send(tcp().from(kWorkstation, 39000).to(kInternet, 80).syn());
    lab.internet.send(answer_to(lab.internet.received_one()).tcp_options(options_with(1460, 0)));
    EXPECT_EQ(announced(lab.workstation.received_one(), 0), 1360U);
}

TEST(Mss, WithoutTheSettingNothingIsTouched) {
    HairpinLab lab;
    EXPECT_EQ(announced_behind(lab, 9000), 9000U);
}

TEST(Mss, OnlyOfSynsAndOfWhatIsAnnounced) {
    HairpinLab lab{with_mss(1200)};
    lab.workstation.send(tcp().from(kWorkstation, 39000).to(kInternet, 80).syn());
    EXPECT_EQ(lab.internet.received_one().l4.size(), sizeof(TcpHeader)) << "nothing is announced in its place";
    lab.internet.answer();
    lab.workstation.send(tcp().from(kWorkstation, 39000).to(kInternet, 80).ack().tcp_options(options_with(1460, 0)));
    EXPECT_EQ(announced(lab.internet.received_one(), 0), 1460U);
}

TEST(Mss, ABrokenOptionIsLeftAlone) {
    HairpinLab lab{with_mss(1200)};
    for (const std::array<unsigned, 4>& option :
         {std::array{2U, 9U, 5U, 180U}, {2U, 0U, 5U, 180U}, {2U, 3U, 5U, 0U}, {0U, 2U, 4U, 5U}}) {
        Bytes options;
        for (const unsigned byte : option) options.push_back(static_cast<std::byte>(byte));
        static unsigned port = 38000;
        lab.workstation.send(tcp().from(kWorkstation, ++port).to(kInternet, 80).syn().tcp_options(options));
        const SeenPacket seen = lab.internet.received_one();
        EXPECT_EQ(Bytes(seen.l4.begin() + sizeof(TcpHeader), seen.l4.end()), options);
    }
}

}  // namespace
}  // namespace hairpin::testing

// Session descriptions: where media are awaited, and how they are told to be awaited elsewhere.

#include "gateway/alg/sdp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace hairpin::gateway {
namespace {

using Carries = SdpMedia::Carries;
using ::testing::IsEmpty;

constexpr Ipv4Address kAnnouncer{192, 168, 255, 2}, kAnnouncerSeen{203, 0, 113, 80};
constexpr std::string_view kOffer =
    "v=0\r\no=alice 1 1 IN IP4 192.168.255.2\r\ns=-\r\nc=IN IP4 192.168.255.2\r\nt=0 0\r\n"
    "m=audio 6000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"
    "m=video 6002 RTP/SAVPF 96\r\nc=IN IP4 192.168.255.3\r\na=rtcp:6009 IN IP4 192.168.255.2\r\na=sendrecv\r\n"
    "m=image 0 udptl t38\r\n";

std::string moved(std::string_view text, const std::vector<SdpPorts>& told) {
    const auto sdp = read_sdp(text);
    EXPECT_TRUE(sdp) << text;
    return sdp ? edited(text, sdp_edits(*sdp, kAnnouncer, kAnnouncerSeen, told, 0)) : std::string{text};
}
SdpPorts to(unsigned rtp, unsigned rtcp) {
    return {L4Port{static_cast<std::uint16_t>(rtp)}, L4Port{static_cast<std::uint16_t>(rtcp)}};
}

TEST(Sdp, TellsStreamsWithTheirAddressesAndPorts) {
    const auto sdp = read_sdp(kOffer);
    ASSERT_TRUE(sdp);
    EXPECT_EQ(sdp->addresses.size(), 4U);
    ASSERT_EQ(sdp->media.size(), 3U);
    EXPECT_EQ(sdp->media[0].port, L4Port{6000});
    EXPECT_EQ(sdp->media[0].rtcp_port(), L4Port{6001}) << "RFC 3550 §11";
    EXPECT_EQ(sdp->media[0].address, kAnnouncer);
    EXPECT_EQ(sdp->media[0].carries, Carries::rtp);
    EXPECT_EQ(sdp->media[1].address, (Ipv4Address{192, 168, 255, 3}));
    EXPECT_EQ(sdp->media[1].rtcp_port(), L4Port{6009}) << "RFC 3605";
    EXPECT_EQ(sdp->media[1].rtcp_address, kAnnouncer);
    EXPECT_EQ(sdp->media[2].port, L4Port{0});
    EXPECT_EQ(sdp->media[2].carries, Carries::datagrams);
    EXPECT_FALSE(sdp->has_candidates);
}

TEST(Sdp, BecomesThatOfSomebodyElsewhere) {
    EXPECT_EQ(moved(kOffer, {to(51000, 51001), {}, {}}),
              "v=0\r\no=alice 1 1 IN IP4 203.0.113.80\r\ns=-\r\nc=IN IP4 203.0.113.80\r\nt=0 0\r\n"
              "m=audio 51000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"
              "m=video 6002 RTP/SAVPF 96\r\nc=IN IP4 192.168.255.3\r\na=rtcp:6009 IN IP4 203.0.113.80\r\na=sendrecv\r\n"
              "m=image 0 udptl t38\r\n");
    const std::string head = "v=0\r\nc=IN IP4 192.168.255.2\r\n", seen = "v=0\r\nc=IN IP4 203.0.113.80\r\n";
    struct Case {
        const char *what, *said, *heard;
        std::vector<SdpPorts> told;
    };
    const Case cases[] = {
        {"a port apart",
         "m=audio 6000 RTP/AVP 0\r\na=x\r\n",
         "m=audio 50000 RTP/AVP 0\r\na=x\r\na=rtcp:50007\r\n",
         {to(50000, 50007)}},
        {"and another stream",
         "m=audio 6000 RTP/AVP 0\r\nm=audio 0 RTP/AVP 0\r\n",
         "m=audio 50000 RTP/AVP 0\r\na=rtcp:50007\r\nm=audio 0 RTP/AVP 0\r\n",
         {to(50000, 50007), {}}},
        {"without an end", "m=audio 6000 RTP/AVP 0", "m=audio 50000 RTP/AVP 0\r\na=rtcp:50007", {to(50000, 50007)}},
        {"that is told already",
         "m=audio 6000 RTP/AVP 0\r\na=rtcp:6005\r\n",
         "m=audio 50000 RTP/AVP 0\r\na=rtcp:50007\r\n",
         {to(50000, 50007)}},
        {"one for both",
         "m=audio 6000 RTP/AVP 0\r\na=rtcp:6000\r\na=rtcp-mux\r\n",
         "m=audio 50000 RTP/AVP 0\r\na=rtcp:50000\r\na=rtcp-mux\r\n",
         {to(50000, 50000)}},
    };
    for (const Case& one : cases) EXPECT_EQ(moved(head + one.said, one.told), seen + one.heard) << one.what;
    EXPECT_EQ(moved("v=0\nc=IN IP4 192.168.255.2\nm=audio 6000 RTP/AVP 0\n", {to(50000, 50007)}),
              "v=0\nc=IN IP4 203.0.113.80\nm=audio 50000 RTP/AVP 0\na=rtcp:50007\n");
}

TEST(Sdp, KnowsWhatItsStreamsCarry) {
    struct Case {
        const char* protocol;
        Carries carries;
    };
    for (const Case& one : std::initializer_list<Case>{{"RTP/AVP", Carries::rtp},
                                                       {"rtp/savpf", Carries::rtp},
                                                       {"UDP/TLS/RTP/SAVPF", Carries::rtp},
                                                       {"UDPTL", Carries::datagrams},
                                                       {"udp", Carries::datagrams},
                                                       {"TCP/MSRP", Carries::other},
                                                       {"TCP/RTP/AVP", Carries::other},
                                                       {"", Carries::other}})
        EXPECT_EQ(read_sdp("v=0\r\nm=x 6000 " + std::string{one.protocol} + " 0\r\n")->media[0].carries, one.carries)
            << one.protocol;
    EXPECT_TRUE(read_sdp("v=0\r\nm=audio 49170/2 RTP/AVP 0\r\n")->media[0].several_ports);
    EXPECT_FALSE(read_sdp("v=0\r\nc=IN IP6 2001:db8::1\r\nm=audio 6000 RTP/AVP 0\r\n")->media[0].address);
    EXPECT_TRUE(
        read_sdp("v=0\r\nm=audio 6000 RTP/AVP 0\r\na=candidate:1 1 UDP 1 192.168.255.2 6000 typ host\r\n")->has_candidates);
    EXPECT_THAT(read_sdp("v=0\r\n")->media, IsEmpty());
}

TEST(Sdp, ThatIsNotExactlySoIsNotRead) {
    for (const char* text :
         {"", "v=1\r\n", "o=x\r\nv=0\r\n", "v=0\r\nx\r\n", "v=0\r\n\r\n", "v=0\r\nm=audio x RTP/AVP 0\r\n",
          "v=0\r\nm=audio 65536 RTP/AVP 0\r\n", "v=0\r\nm=audio 06000 RTP/AVP 0\r\n", "v=0\r\nm=audio\r\n",
          "v=0\r\nm=audio 6000 RTP/AVP 0\r\na=rtcp:x\r\n", "v=0\r\nm=audio 6000 RTP/AVP 0\r\na=rtcp:1\r\na=rtcp:2\r\n",
          "v=0\r\nm=audio 6000 RTP/AVP 0\r\na=rtcp:1 IN IP4 x\r\n", "v=0\r\nc=\rx\r\n", "v=0\r\ns=-\r"})
        EXPECT_FALSE(read_sdp(text)) << text;
    std::string many = "v=0\r\n", lines = many;
    for (std::size_t i = 0; i <= Sdp::kMostMedia; ++i) many += "m=audio 6000 RTP/AVP 0\r\n";
    for (std::size_t i = 0; i <= Sdp::kMostLines; ++i) lines += "a=x\r\n";
    EXPECT_FALSE(read_sdp(many));
    EXPECT_FALSE(read_sdp(lines));
}

RC_GTEST_PROP(Sdp, ThereAndBackIsWhereItBegan, (std::uint16_t rtp, std::uint16_t outside, bool rtcp_told)) {
    RC_PRE(rtp > 0 && rtp < 65535 && outside > 0 && outside < 65535);
    const std::string own_rtcp = std::to_string(rtcp_told ? 7 : rtp + 1);
    const std::string said = "v=0\r\no=- 1 1 IN IP4 192.168.255.2\r\nc=IN IP4 192.168.255.2\r\nm=audio " + std::to_string(rtp) +
                             " RTP/AVP 0\r\n" + (rtcp_told ? "a=rtcp:" + own_rtcp + "\r\n" : "");
    const auto first = read_sdp(said);
    RC_ASSERT(first);
    const SdpPorts there = to(outside, outside + 1U), back{first->media[0].port, first->media[0].rtcp_port()};
    const std::string heard = edited(said, sdp_edits(*first, kAnnouncer, kAnnouncerSeen, std::vector{there}, 0));
    const auto second = read_sdp(heard);
    RC_ASSERT(second);
    RC_ASSERT(second->media[0].port == there.rtp);
    RC_ASSERT(second->media[0].rtcp_port() == there.rtcp);
    RC_ASSERT(edited(heard, sdp_edits(*second, kAnnouncerSeen, kAnnouncer, std::vector{back}, 0)) == said);
}

RC_GTEST_PROP(Sdp, OfAnyBytesStaysWithinThem, (const std::string& noise, std::uint16_t where, char what)) {
    std::string changed{kOffer}, inserted{kOffer};
    changed[where % changed.size()] = what;
    inserted.insert(where % inserted.size(), noise);
    for (const std::string& text : {noise, "v=0\r\n" + noise, changed, inserted}) {
        const auto sdp = read_sdp(text);
        if (!sdp) continue;
        for (const SdpAddress& address : sdp->addresses) RC_ASSERT(address.at + address.length <= text.size());
        for (const SdpMedia& media : sdp->media) {
            RC_ASSERT(media.port_at + media.port_length <= media.end);
            RC_ASSERT(media.rtcp_at + media.rtcp_length <= media.end);
            RC_ASSERT(media.end <= text.size());
        }
        const std::vector<SdpPorts> told(sdp->media.size(), to(50000, 50007));
        const std::string becomes = edited(text, sdp_edits(*sdp, kAnnouncer, kAnnouncerSeen, told, 0));
        const auto again = read_sdp(becomes);
        RC_ASSERT(again);
        RC_ASSERT(again->media.size() == sdp->media.size());
    }
}

}  // namespace
}  // namespace hairpin::gateway

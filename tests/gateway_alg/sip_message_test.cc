// Messages of SIP, and where they tell addresses.

#include "gateway/alg/sip_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace hairpin::gateway {
namespace {

using Kind = SipAddress::Kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kInvite =
    "INVITE sip:bob@198.51.100.10 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.168.255.2:5062;rport;branch=z9hG4bK1\r\n"
    "Max-Forwards: 70\r\n"
    "From: \"sip:1.2.3.4\" <sip:alice@192.168.255.2>;tag=1\r\n"
    "To: Bob <sip:bob@198.51.100.10:5060>\r\n"
    "Call-ID: 1@192.168.255.2\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:alice@192.168.255.2:5062;transport=udp>\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 5\r\n"
    "\r\n"
    "v=0\r\n";

// "via 192.168.255.2:5062"
std::vector<std::string> told(const std::vector<SipAddress>& addresses, std::string_view text) {
    constexpr const char* kNames[] = {"via ", "place ", "name ", "observed "};
    std::vector<std::string> result;
    for (const SipAddress& said : addresses) {
        std::string line = kNames[static_cast<std::size_t>(said.kind)] + said.address.to_string();
        if (said.length != 0) {
            EXPECT_EQ(text.substr(said.at, said.length), said.address.to_string());
        }
        if (said.port) {
            line += ":" + std::to_string(said.port->number());
            EXPECT_EQ(text.substr(said.port_at, said.port_end - said.port_at), std::to_string(said.port->number()));
        }
        result.push_back(line);
    }
    return result;
}
std::vector<std::string> told_in(std::string_view message) {
    const auto read = read_sip(message);
    EXPECT_TRUE(read) << message;
    return read ? told(read->addresses, message) : std::vector<std::string>{};
}
std::string with(std::string text, std::string_view piece, std::string_view instead) {
    const auto at = text.find(piece);
    EXPECT_NE(at, std::string::npos) << piece;
    return text.replace(at, piece.size(), instead);
}
std::string invite_with(std::string_view piece, std::string_view instead) { return with(std::string{kInvite}, piece, instead); }

TEST(SipMessage, TellsAddressesWhereTheyStand) {
    EXPECT_THAT(told_in(kInvite), ElementsAre("place 198.51.100.10", "via 192.168.255.2:5062", "name 192.168.255.2",
                                              "name 198.51.100.10:5060", "place 192.168.255.2:5062"));
    const auto read = read_sip(kInvite);
    EXPECT_EQ(read->start, SipStart::request);
    EXPECT_EQ(read->method, "INVITE");
    EXPECT_EQ(read->call_id, "1@192.168.255.2");
    EXPECT_TRUE(read->has_sdp);
    EXPECT_EQ(kInvite.substr(read->body_at, read->body_length), "v=0\r\n");
    EXPECT_EQ(kInvite.substr(*read->length_at, read->length_digits), "5");
    EXPECT_FALSE(read->ends_call());
}

TEST(SipMessage, InShortFormsAndFoldedAndInAnyCase) {
    const std::string_view message =
        "SIP/2.0 200 OK\r\n"
        "v : SIP / 2.0 / UDP\r\n\t 203.0.113.80 : 51812 ;\r\n branch=z9hG4bK1; RPORT=51812;received=203.0.113.80,SIP/2.0/UDP "
        "a.example\r\n"
        "F: sip:alice@192.168.255.2;tag=1\r\n"
        "t:<sips:bob@198.51.100.10>\r\n"
        "I: 1\r\n"
        "cseq: 1\r\n\tINVITE\r\n"
        "M: \"a, b\" <sip:bob@198.51.100.10>;q=0.5, <sip:198.51.100.10:5070?Subject=x>\r\n"
        "RECORD-ROUTE: <sip:198.51.100.11;lr>,\r\n <sip:198.51.100.12;lr>\r\n"
        "c: Application / SDP ; charset=utf-8\r\n"
        "L:  3\r\n"
        "\r\n"
        "v=0";
    EXPECT_THAT(told_in(message),
                ElementsAre("via 203.0.113.80:51812", "observed 203.0.113.80:51812", "name 192.168.255.2", "name 198.51.100.10",
                            "place 198.51.100.10", "place 198.51.100.10:5070", "place 198.51.100.11", "place 198.51.100.12"));
    const auto read = read_sip(message);
    EXPECT_EQ(read->start, SipStart::response);
    EXPECT_EQ(read->method, "INVITE");
    EXPECT_TRUE(read->has_sdp);
}

TEST(SipMessage, OfOtherThingsThanAddressesItTellsNothing) {
    struct Case {
        const char* field;
        std::vector<std::string> tells;
    };
    const Case cases[] = {
        {"Contact: *", {}},
        {"Contact: <tel:+49123>", {}},
        {"Contact: <sip:alice@host.example:5060>", {}},
        {"Contact: <sip:alice@[2001:db8::1]>", {}},
        {"Contact: <sip:alice@192.168.255.256>", {}},
        {"Contact: <sip:alice@192.168.255.2x>", {}},
        {"Contact: <sip:alice@192.168.255.2:65536>", {}},
        {"Contact: <sip:alice@192.168.255.2:05060>", {}},
        {"Contact: <sip:a@b@192.168.255.2>", {}},
        {"Contact: <sip:alice@192.168.255.2", {}},
        {"Contact: \"<sip:alice@192.168.255.2>\" <sip:x@y.example>", {}},
        {"Contact: <sip:192.168.255.9@y.example;maddr=192.168.255.9>", {}},
        {"Subject: sip:alice@192.168.255.2", {}},
        {"Contact: <sip:alice;day=tue@192.168.255.2;x=1>", {"place 192.168.255.2"}},
        {"Contact: sip:192.168.255.2", {"place 192.168.255.2"}},
        {"Via: SIP/2.0/UDP host.example;received=192.168.255.2", {"observed 192.168.255.2"}},
        {"Via: SIP/2.0/UDP 192.168.255.2;rport=7", {"via 192.168.255.2", "observed 192.168.255.2:7"}},
        {"Via: SIP/2.0/UDP 192.168.255.2;x=\";received=1.2.3.4\"", {"via 192.168.255.2"}},
        {"Via: SIP/3.0/UDP 192.168.255.2", {}},
        {"Via: SIP/2.0/UDP192.168.255.2", {}},
    };
    const std::string base = with(with(invite_with("Contact: <sip:alice@192.168.255.2:5062;transport=udp>\r\n", ""),
                                       "192.168.255.2:5062;rport", "v.example"),
                                  "sip:bob@198.51.100.10 ", "sip:bob@b.example ");
    const std::string plain =
        with(with(base, "<sip:alice@192.168.255.2>", "<sip:a@a.example>"), "<sip:bob@198.51.100.10:5060>", "<sip:b@b.example>");
    EXPECT_THAT(told_in(plain), IsEmpty());
    for (const Case& one : cases) EXPECT_EQ(told_in(with(plain, "Max-Forwards: 70", one.field)), one.tells) << one.field;
}

TEST(SipMessage, ThatIsNotExactlySoIsNotRead) {
    EXPECT_TRUE(read_sip(kInvite));
    struct Case {
        const char *piece, *instead;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"SIP/2.0\r\nVia", "HTTP/1.1\r\nVia"},
             {"SIP/2.0\r\nVia", "SIP/2.0\nVia"},
             {"INVITE sip", " INVITE sip"},
             {"INVITE sip", "INVITE  sip"},
             {"INVITE sip", "INV(ITE sip"},
             {"sip:bob@198.51.100.10 ", "bob "},
             {"Via: ", "Wia: "},
             {"From: ", "Frm: "},
             {"To: ", "Too: "},
             {"Call-ID: ", "Call-IDs: "},
             {"Call-ID: 1@192.168.255.2", "Call-ID: "},
             {"CSeq: ", "CSq: "},
             {"CSeq: 1 INVITE", "CSeq: 1 BYE"},
             {"CSeq: 1 INVITE", "CSeq: INVITE"},
             {"CSeq: 1 INVITE", "CSeq: 1INVITE"},
             {"Max-Forwards: 70", "CSeq: 1 INVITE"},
             {"Max-Forwards: 70", "l: 5"},
             {"Max-Forwards: 70", "i: other"},
             {"Max-Forwards: 70", "Max-Forwards"},
             {"Max-Forwards: 70", "Max Forwards: 70"},
             {"Max-Forwards: 70", "Max-Forwards: 7\r0"},
             {"Max-Forwards: 70", "Max-Forwards: 7\n0"},
             {"Content-Length: 5", "Content-Length: 6"},
             {"Content-Length: 5", "Content-Length: -1"},
             {"Content-Length: 5", "Content-Length: 5 5"},
             {"Content-Length: 5", "Content-Length: 99999999999999999999"},
             {"Content-Length: 5\r\n\r\n", "Content-Length: 5\r\n"},
         })
        EXPECT_FALSE(read_sip(invite_with(one.piece, one.instead))) << one.piece << " as " << one.instead;
    EXPECT_FALSE(read_sip(invite_with("Via", std::string_view{"V\0a: x\r\nVia", 11})));
    std::string many, addresses;
    for (std::size_t i = 0; i < SipMessage::kMostFields; ++i) many += "X: y\r\n";
    for (std::size_t i = 0; i < SipMessage::kMostAddresses; ++i) addresses += "<sip:1.2.3.4>,";
    EXPECT_FALSE(read_sip(invite_with("Max-Forwards: 70\r\n", many)));
    EXPECT_FALSE(read_sip(invite_with("Max-Forwards: 70", "Route: " + addresses)));
}

TEST(SipMessage, BodiesAreAsLongAsTheySay) {
    EXPECT_EQ(read_sip(invite_with("Content-Length: 5", "Content-Length: 2"))->body_length, 2U);
    EXPECT_EQ(read_sip(invite_with("Content-Length: 5\r\n", ""))->body_length, 5U);
    EXPECT_FALSE(read_sip(invite_with("Content-Length: 5\r\n", ""))->length_at);
    EXPECT_FALSE(read_sip(invite_with("Content-Length: 5", "Content-Length: 0"))->has_sdp);
    EXPECT_FALSE(read_sip(invite_with("application/sdp", "application/sdpx"))->has_sdp);
    EXPECT_FALSE(read_sip(invite_with("application/sdp", "multipart/mixed"))->has_sdp);
    EXPECT_FALSE(read_sip(invite_with("Max-Forwards: 70", "Content-Encoding: gzip"))->has_sdp);
    EXPECT_TRUE(read_sip(invite_with("application/sdp", "APPLICATION/SDP;a=b"))->has_sdp);
}

TEST(SipMessage, BeginsWithTheFirstByteOrNotAtAll) {
    EXPECT_EQ(begins_sip("OPTIONS sip:x SIP/2.0\r\n"), SipStart::request);
    EXPECT_EQ(begins_sip("SIP/2.0 180 \r\n"), SipStart::response);
    for (const char* text : {"", "\r\n\r\n", "\r\nOPTIONS sip:x SIP/2.0\r\n", "OPTIONS sip:x SIP/2.0", "GET / HTTP/1.1\r\n",
                             "SIP/2.0 700 x\r\n", "SIP/2.0 20 \r\n", "SIP/2.0 2000 \r\n", "SIP/1.0 200 OK\r\n", "x SIP/2.0\r\n"})
        EXPECT_EQ(begins_sip(text), SipStart::none) << text;
}

RC_GTEST_PROP(SipMessage, OfAnyBytesStaysWithinThem,
              (const std::string& noise, std::uint16_t where, char what, std::uint16_t cut)) {
    std::string changed{kInvite};
    changed[where % changed.size()] = what;
    std::string inserted{kInvite};
    inserted.insert(where % inserted.size(), noise);
    for (const std::string& text : {noise, changed, inserted, std::string{kInvite.substr(0, cut % kInvite.size())}}) {
        const auto read = read_sip(text);
        if (!read) continue;
        RC_ASSERT(read->body_at + read->body_length <= text.size());
        for (const SipAddress& said : read->addresses) {
            RC_ASSERT(said.at + said.length <= text.size());
            RC_ASSERT(said.length == 0 ||
                      Ipv4Address::parse(std::string_view{text}.substr(said.at, said.length)) == said.address);
            RC_ASSERT(!said.port || said.port_at < said.port_end);
            RC_ASSERT(said.port_end <= text.size());
        }
    }
}

}  // namespace
}  // namespace hairpin::gateway

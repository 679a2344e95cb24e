// Who is named in SIP, as the other side knows them, and back.

#include "gateway/alg/sip_names.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "gateway/alg/sip_message.h"

namespace hairpin::gateway {
namespace {

constexpr SipEnd kPhone{{192, 168, 255, 2}, L4Port{5060}}, kPhoneOutside{{203, 0, 113, 80}, L4Port{51812}};
constexpr SipEnd kSipServer{{192, 168, 255, 10}, L4Port{5070}}, kSipServerOutside{{203, 0, 113, 80}, L4Port{5060}};
constexpr SipEnd kRegistrar{{198, 51, 100, 10}, L4Port{5060}};

SipNames there(const SipName& sender, const SipName& receiver) { return {sender, receiver}; }
SipNames back(const SipNames& names, bool sender_without, bool receiver_without) {
    return {SipName{names[1].heard, names[1].written, receiver_without},
            SipName{names[0].heard, names[0].written, sender_without}};
}

std::string translated(const std::string& text, const SipNames& names) {
    const auto message = read_sip(text);
    EXPECT_TRUE(message) << text;
    return message ? edited(text, sip_edits(message->addresses, names)) : text;
}
std::string message(const std::string& request_uri, const std::string& fields) {
    return "OPTIONS " + request_uri +
           " SIP/2.0\r\nTo: <sip:x@h.example>\r\nFrom: <sip:y@h.example>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n" +
           "Via: SIP/2.0/UDP h.example\r\n" + fields + "\r\n";
}

TEST(SipNames, AreThoseOfTheReceiver) {
    struct Case {
        SipNames names;
        const char *said, *heard;
    };
    const SipNames out = there({kPhone, kPhoneOutside}, {kRegistrar, kRegistrar});
    const SipNames in = back(out, false, false), in_without = back(out, true, false);
    const SipNames to_server = there({kRegistrar, kRegistrar}, {kSipServerOutside, kSipServer});
    const Case cases[] = {
        {out, "Contact: <sip:a@192.168.255.2:5060>", "Contact: <sip:a@203.0.113.80:51812>"},
        {out, "Contact: <sip:a@192.168.255.2>;q=1", "Contact: <sip:a@203.0.113.80:51812>;q=1"},
        {out, "Contact: <sip:a@192.168.255.2:5062>", "Contact: <sip:a@192.168.255.2:5062>"},
        {out, "Contact: <sip:a@192.168.255.3>", "Contact: <sip:a@192.168.255.3>"},
        {out, "Route: <sip:198.51.100.10;lr>, <sip:192.168.255.2>", "Route: <sip:198.51.100.10;lr>, <sip:203.0.113.80:51812>"},
        {in, "Via: SIP/2.0/UDP 203.0.113.80:51812;x", "Via: SIP/2.0/UDP 192.168.255.2:5060;x"},
        {in_without, "Via: SIP/2.0/UDP 203.0.113.80:51812;x", "Via: SIP/2.0/UDP 192.168.255.2;x"},
        {in, "Via: SIP/2.0/UDP 203.0.113.80:51813;x", "Via: SIP/2.0/UDP 203.0.113.80:51813;x"},
        {in, "Via: SIP/2.0/UDP 203.0.113.80:51812;rport=51812;received=203.0.113.80",
         "Via: SIP/2.0/UDP 192.168.255.2:5060;rport=5060;received=192.168.255.2"},
        {in_without, "Via: SIP/2.0/UDP 203.0.113.80:51812;received=203.0.113.80;rport=51812",
         "Via: SIP/2.0/UDP 192.168.255.2;received=192.168.255.2;rport=5060"},
        {in, "Via: SIP/2.0/UDP 203.0.113.80:51812;rport=51812", "Via: SIP/2.0/UDP 192.168.255.2:5060;rport=5060"},
        {in, "Via: SIP/2.0/UDP 203.0.113.80:9;rport=51812", "Via: SIP/2.0/UDP 203.0.113.80:9;rport=51812"},
        {in, "Via: SIP/2.0/UDP h.example;received=203.0.113.80", "Via: SIP/2.0/UDP h.example;received=192.168.255.2"},
        {to_server, "Contact: <sip:203.0.113.80>", "Contact: <sip:192.168.255.10:5070>"},
        {to_server, "Contact: <sip:203.0.113.80:5060>", "Contact: <sip:192.168.255.10:5070>"},
        {to_server, "Contact: <sip:203.0.113.80:5061>", "Contact: <sip:203.0.113.80:5061>"},
    };
    for (const Case& one : cases)
        EXPECT_EQ(translated(message("sip:h.example", std::string{one.said} + "\r\n"), one.names),
                  message("sip:h.example", std::string{one.heard} + "\r\n"))
            << one.said;
    EXPECT_EQ(translated(message("sip:x@203.0.113.80:51812;ob", ""), in), message("sip:x@192.168.255.2:5060;ob", ""));
    EXPECT_EQ(translated(message("sip:x@203.0.113.80", ""), to_server), message("sip:x@192.168.255.10:5070", ""));
}

// RFC 3261 §19.1.1: no port stands in a name, so that none is put there.
TEST(SipNames, OfPeopleHaveNoPort) {
    const SipNames out = there({kPhone, kPhoneOutside}, {kRegistrar, kRegistrar});
    const auto from = [](const char* uri) {
        return "OPTIONS sip:h.example SIP/2.0\r\nTo: <sip:x@h.example>\r\nFrom: <" + std::string{uri} +
               ">;tag=1\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nVia: SIP/2.0/UDP h.example\r\n\r\n";
    };
    EXPECT_EQ(translated(from("sip:a@192.168.255.2"), out), from("sip:a@203.0.113.80"));
    EXPECT_EQ(translated(from("sip:a@192.168.255.2:5060"), out), from("sip:a@203.0.113.80:51812"));
    EXPECT_EQ(translated(from("sip:a@192.168.255.2:5062"), out), from("sip:a@192.168.255.2:5062"));
    EXPECT_EQ(translated(from("sip:a@203.0.113.80"), back(out, false, false)), from("sip:a@192.168.255.2"));
}

TEST(SipNames, WhetherASideLeavesItsPortOut) {
    const auto leaves_out = [](const char* via, const SipEnd& sender) {
        const std::string text = message("sip:h.example", "Via: SIP/2.0/UDP " + std::string{via} + "\r\n");
        return leaves_port_out(read_sip(text)->addresses, sender);
    };
    EXPECT_EQ(leaves_out("192.168.255.2;branch=1", kPhone), true);
    EXPECT_EQ(leaves_out("192.168.255.2:5060;branch=1", kPhone), false);
    EXPECT_EQ(leaves_out("192.168.255.3;branch=1", kPhone), std::nullopt);
    EXPECT_EQ(leaves_out("192.168.255.10:5070", kSipServer), std::nullopt) << "nothing can be left out";
}

// What one side says comes back to it as it was, whatever ports are in between.
RC_GTEST_PROP(SipNames, ThereAndBackIsWhereItBegan,
              (std::uint16_t inside_port, std::uint16_t outside_port, bool default_port, bool without, bool dnat, bool hairpin,
               const std::vector<std::uint8_t>& kinds)) {
    RC_PRE(kinds.size() < 16U);
    const auto port = [](std::uint16_t number) { return L4Port{static_cast<std::uint16_t>(number == 0 ? 1 : number)}; };
    const SipEnd inside{{192, 168, 255, 2}, default_port ? kSipPort : port(inside_port)};
    const SipEnd outside{{203, 0, 113, 80}, port(outside_port)};
    const SipEnd peer{{198, 51, 100, 10}, L4Port{5060}}, peer_outside{{203, 0, 113, 81}, L4Port{5060}};
    const bool leaves_out = without && inside.port == kSipPort;
    SipNames names = there({inside, outside, leaves_out}, {peer, peer});
    if (dnat) names[1] = {peer_outside, peer};
    if (hairpin) names[1] = {{outside.address, peer.port}, peer};
    if (names[0].heard == names[1].written) return;  // no two ends are called the same

    const std::string own = inside.address.to_string() + (leaves_out ? "" : ":" + std::to_string(inside.port.number()));
    const std::string its_peer = names[1].written.address.to_string() + (dnat || hairpin ? ":5060" : "");
    std::string fields = "Via: SIP/2.0/UDP " + own + ";branch=z\r\n";
    for (const std::uint8_t kind : kinds) {
        switch (kind % 7) {
            case 0: fields += "Contact: <sip:a@" + own + ";x>\r\n"; break;
            case 1: fields += "Route: <sip:" + its_peer + ">, <sip:" + own + ">\r\n"; break;
            case 2: fields += "m: sip:a@192.168.255.77:5060, <sip:h.example>\r\n"; break;
            case 3: fields += "Via: SIP/2.0/UDP h.example;received=192.168.255.2\r\n"; break;
            case 4: fields += "Via: SIP/2.0/UDP " + own + ";rport=" + std::to_string(inside.port.number()) + "\r\n"; break;
            case 5: fields += "Record-Route:\r\n <sip:" + own + ">\r\n"; break;
            default:
                fields +=
                    "Via: SIP/2.0/UDP h.example;rport=" + std::to_string(inside.port.number()) + ";received=192.168.255.2\r\n";
        }
    }
    const std::string said = message("sip:x@" + its_peer, fields);
    const auto read = read_sip(said);
    RC_ASSERT(read);
    RC_ASSERT(leaves_port_out(read->addresses, inside).value_or(false) == leaves_out);
    const std::string heard = edited(said, sip_edits(read->addresses, names));
    const auto read_again = read_sip(heard);
    RC_ASSERT(read_again);
    RC_ASSERT(read_again->addresses.size() == read->addresses.size());
    RC_ASSERT((heard.find("192.168.255.2;") == std::string::npos));
    RC_ASSERT(edited(heard, sip_edits(read_again->addresses, back(names, leaves_out, false))) == said);
}

}  // namespace
}  // namespace hairpin::gateway

// SIP through the gateway: telephones that know nothing of a NAT, the media that they announce, and those who would like to be taken for one.

#include <gmock/gmock.h>

#include <algorithm>
#include <regex>

#include "tests/scenarios/alg_server.h"

namespace hairpin::testing {
namespace {

using gateway::AlgKind;
using std::chrono::seconds;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::string_literals;

constexpr unsigned kSip = 5060;

void with_sip(gateway::Ruleset& rules) { rules.algs.of(AlgKind::sip) = {true, {L4Port{kSip}}}; }
// Out may signalling alone, so that media pass by their announcement or not at all.
void with_signalling_alone(gateway::Ruleset& rules) {
    with_sip(rules);
    for (auto& rule : rules.firewall)
        if (rule.id == 2) rule.services = {service(IpProtocol::udp, {kSip})};
}
// A telephone behind the external address.
void with_telephone(gateway::Ruleset& rules) {
    with_signalling_alone(rules);
    forward_to_a_server(rules, IpProtocol::udp, kSip);
}

std::string replaced(std::string text, std::string_view piece, std::string_view instead) {
    for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + instead.size()))
        text.replace(at, piece.size(), instead);
    return text;
}
// What a pattern's group matches.
std::string piece_of(const std::string& text, const std::string& pattern) {
    std::smatch found;
    if (std::regex_search(text, found, std::regex{pattern})) return found[1];
    ADD_FAILURE() << pattern << " is not in\n" << text;
    return {};
}

std::string sdp(Ipv4Address own, unsigned rtp, const std::string& more = {}) {
    return "v=0\r\no=- 1 1 IN IP4 " + own.to_string() + "\r\ns=-\r\nc=IN IP4 " + own.to_string() + "\r\nt=0 0\r\nm=audio " +
           std::to_string(rtp) + " RTP/AVP 0\r\n" + more;
}
struct MediaPlace {
    Ipv4Address address;
    unsigned rtp = 0, rtcp = 0;
};
MediaPlace media_in(const std::string& text) {
    MediaPlace place;
    place.address = *Ipv4Address::parse(piece_of(text, "c=IN IP4 ([0-9.]+)"));
    place.rtp = static_cast<unsigned>(std::stoul(piece_of(text, "m=audio ([0-9]+)")));
    place.rtcp = place.rtp + 1;
    std::smatch line;
    if (std::regex_search(text, line, std::regex{"a=rtcp:([0-9]+)"})) place.rtcp = static_cast<unsigned>(std::stoul(line[1]));
    return place;
}

// Two telephones, or a telephone and its registrar, and both ends' names for each other.
class SipCall {
public:
    struct End {
        Host& host;
        Ipv4Address own, peer;
        unsigned port, peer_port;
        std::string at() const { return own.to_string() + ":" + std::to_string(port); }
        std::string peer_at() const { return peer.to_string() + ":" + std::to_string(peer_port); }
    };

    SipCall(Host& calling, Ipv4Address own, Ipv4Address called, Host& answering, unsigned port = kSip)
        : caller{calling, own, called, port, kSip}, callee{answering, {}, {}, kSip, 0} {}
    static SipCall outward(HairpinLab& lab, unsigned port = kSip) {
        return {lab.workstation, kWorkstation, kInternet, lab.internet, port};
    }
    static SipCall inward(HairpinLab& lab) { return {lab.internet, kInternet, kExternal, lab.web_server}; }
    static SipCall hairpinned(HairpinLab& lab) { return {lab.workstation, kWorkstation, kExternal, lab.web_server}; }

    PacketBuilder datagram(const End& from, std::string_view text) const {
        return udp().from(from.own, from.port).to(from.peer, from.peer_port).payload(text);
    }
    // What of a text reaches the other end.
    std::string says(const End& from, std::string_view text) { return heard(from, datagram(from, text)); }
    std::string heard(const End& from, const PacketBuilder& packet) {
        End& to = &from == &caller ? callee : caller;
        from.host.send(packet);
        const auto seen = to.host.received();
        if (seen.size() != 1) {
            ADD_FAILURE() << seen.size() << " packets";
            return {};
        }
        to.own = seen[0].destination;
        to.port = seen[0].destination_port;
        to.peer = seen[0].source;
        to.peer_port = seen[0].source_port;
        return text_of(seen[0]);
    }
    std::string request(const End& from, const std::string& method, const std::string& body = {}, const std::string& call = "1") {
        return method + " sip:other@" + from.peer_at() + " SIP/2.0\r\nVia: SIP/2.0/UDP " + from.at() + ";rport;branch=z9hG4bK" +
               call + "\r\nFrom: <sip:one@" + from.own.to_string() + ">;tag=1\r\nTo: <sip:other@" + from.peer.to_string() +
               ">\r\nCall-ID: " + call + "\r\nCSeq: 1 " + method + "\r\nContact: <sip:one@" + from.at() + ">\r\n" +
               with_body(body);
    }
    // As its receiver answers a request: with what it has heard.
    std::string response(const End& from, const std::string& request, const std::string& status, const std::string& body = {}) {
        std::string text = "SIP/2.0 " + status + "\r\n";
        for (const char* field : {"Via", "From", "To", "Call-ID", "CSeq"})
            text += field + ": "s + piece_of(request, field + ": ([^\r]*)"s) + "\r\n";
        text = replaced(text, ";rport;", ";received=" + from.peer.to_string() + ";rport=" + std::to_string(from.peer_port) + ";");
        return text + "Contact: <sip:other@" + from.at() + ">\r\n" + with_body(body);
    }
    static std::string with_body(const std::string& body) {
        return (body.empty() ? ""s : "Content-Type: application/sdp\r\n"s) + "Content-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }
    // A datagram of media, and where it arrives.
    std::vector<SeenPacket> speaks(Host& from, Ipv4Address source, unsigned source_port, Ipv4Address to, unsigned port,
                                   Host& at) {
        from.send(udp().from(source, source_port).to(to, port).payload(160));
        return at.received();
    }

    End caller, callee;
};

std::uint64_t sip_count(HairpinLab& lab, std::uint64_t gateway::AlgCounters::*counter) {
    return lab.gateway().algs().of(AlgKind::sip).*counter;
}
std::size_t awaited(HairpinLab& lab) { return lab.gateway().algs().expectations.size(); }

TEST(Rfc4787, Req10_WithoutItsAlgSipAndItsMediaPassAsTheyAre) {
    HairpinLab lab;
    auto call = SipCall::outward(lab);
    const std::string invite = call.request(call.caller, "INVITE", sdp(kWorkstation, 6000));
    EXPECT_EQ(call.says(call.caller, invite), invite);
    EXPECT_EQ(awaited(lab), 0U);
}

TEST(AlgSip, ARegisteredTelephoneIsCalled) {
    HairpinLab lab{with_signalling_alone};
    auto line = SipCall::outward(lab);
    const std::string heard = line.says(line.caller, line.request(line.caller, "REGISTER", {}, "reg"));
    EXPECT_THAT(heard, Not(HasSubstr("192.168.")));
    EXPECT_THAT(heard, HasSubstr("Contact: <sip:one@" + line.callee.peer_at() + ">"));
    const std::string answer =
        line.says(line.callee, replaced(line.response(line.callee, heard, "200 OK"), "sip:other@" + line.callee.at(),
                                        "sip:one@" + line.callee.peer_at()));
    EXPECT_THAT(answer, HasSubstr("Via: SIP/2.0/UDP 192.168.255.2:5060;received=192.168.255.2;rport=5060;branch="));
    EXPECT_THAT(answer, HasSubstr("Contact: <sip:one@192.168.255.2:5060>"));
    EXPECT_THAT(answer, Not(HasSubstr("203.0.113.80")));

    // Whom the registrar knows is called by the address at which it has registered.
    const std::string invite = line.says(line.callee, line.request(line.callee, "INVITE", sdp(kInternet, 7000)));
    EXPECT_THAT(invite, HasSubstr("INVITE sip:other@192.168.255.2:5060 SIP/2.0\r\n"));
    EXPECT_THAT(invite, HasSubstr("To: <sip:other@192.168.255.2>"));
    EXPECT_THAT(invite, HasSubstr(sdp(kInternet, 7000))) << "the caller can be reached where it says";
    const std::string accepted = line.says(line.caller, line.response(line.caller, invite, "200 OK", sdp(kWorkstation, 6000)));
    EXPECT_THAT(accepted, Not(HasSubstr("192.168.")));
    EXPECT_THAT(accepted, HasSubstr("Via: SIP/2.0/UDP 198.51.100.10:5060;received=198.51.100.10;rport=5060;"));
    const MediaPlace place = media_in(accepted);
    EXPECT_EQ(place.address, kExternal);
    EXPECT_EQ(place.rtp % 2, 0U);
    EXPECT_EQ(place.rtcp, place.rtp + 1);

    // RTP and RTCP both ways.
    EXPECT_THAT(line.speaks(lab.internet, kInternet, 7000, kExternal, place.rtp, lab.workstation),
                ElementsAre(Udp(From(kInternet, 7000), To(kWorkstation, 6000))));
    EXPECT_THAT(line.speaks(lab.internet, kInternet, 7001, kExternal, place.rtcp, lab.workstation),
                ElementsAre(Udp(From(kInternet, 7001), To(kWorkstation, 6001))));
    EXPECT_THAT(line.speaks(lab.workstation, kWorkstation, 6000, kInternet, 7000, lab.internet),
                ElementsAre(Udp(From(kExternal, place.rtp), To(kInternet, 7000))));
    EXPECT_THAT(line.speaks(lab.workstation, kWorkstation, 6001, kInternet, 7001, lab.internet),
                ElementsAre(Udp(From(kExternal, place.rtcp), To(kInternet, 7001))));
    EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::followed), 1U);
    EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::announced), 4U);
    EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::arrived), 2U);
    EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::unread), 0U);
}

TEST(AlgSip, CallsOutWithEarlyMedia) {
    HairpinLab lab{with_signalling_alone};
    auto call = SipCall::outward(lab, 40000);
    const std::string invite = call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 6000)));
    EXPECT_THAT(invite, Not(HasSubstr("192.168.")));
    EXPECT_THAT(invite, HasSubstr("From: <sip:one@203.0.113.80>"));
    const MediaPlace caller = media_in(invite);
    EXPECT_THAT(call.speaks(lab.workstation, kWorkstation, 6000, kInternet, 7000, lab.internet), IsEmpty())
        << "nobody said so yet";
    const std::string progress =
        call.says(call.callee, call.response(call.callee, invite, "183 Session Progress", sdp(kInternet, 7000)));
    EXPECT_THAT(progress, HasSubstr("Via: SIP/2.0/UDP 192.168.255.2:40000;"));
    // Before anybody has accepted: a tone from there, and from here to where it was told.
    EXPECT_THAT(call.speaks(lab.internet, kInternet, 7000, kExternal, caller.rtp, lab.workstation),
                ElementsAre(Udp(From(kInternet, 7000), To(kWorkstation, 6000))));
    EXPECT_THAT(call.speaks(lab.workstation, kWorkstation, 6000, kInternet, 7000, lab.internet),
                ElementsAre(Udp(From(kExternal, caller.rtp), To(kInternet, 7000))));
    call.says(call.callee, call.response(call.callee, invite, "200 OK", sdp(kInternet, 7000)));
    const std::string ack = call.request(call.caller, "ACK");
    EXPECT_EQ(call.says(call.caller, ack),
              replaced(replaced(ack, "192.168.255.2:40000", call.callee.peer_at()), "192.168.255.2", "203.0.113.80"));
    EXPECT_THAT(call.speaks(lab.workstation, kWorkstation, 6000, kInternet, 7002, lab.internet), IsEmpty())
        << "nobody announced that";
}

TEST(AlgSip, ThroughDnatAndFromInside) {
    for (const bool hairpin : {false, true}) {
        HairpinLab lab{with_telephone};
        auto call = hairpin ? SipCall::hairpinned(lab) : SipCall::inward(lab);
        Host& host = call.caller.host;
        const Ipv4Address own = call.caller.own;
        const std::string invite = call.says(call.caller, call.request(call.caller, "INVITE", sdp(own, 6000)));
        EXPECT_THAT(invite, HasSubstr("INVITE sip:other@192.168.255.10:5060 SIP/2.0")) << hairpin;
        EXPECT_THAT(invite, HasSubstr("To: <sip:other@192.168.255.10>"));
        EXPECT_THAT(invite, Not(HasSubstr("203.0.113.80")));
        const MediaPlace caller = media_in(invite);
        EXPECT_EQ(caller.address, hairpin ? kGateway : kInternet);
        const std::string accepted = call.says(call.callee, call.response(call.callee, invite, "200 OK", sdp(kWebServer, 7000)));
        EXPECT_THAT(accepted, HasSubstr("Contact: <sip:other@203.0.113.80:5060>"));
        EXPECT_THAT(accepted, HasSubstr("Via: SIP/2.0/UDP " + call.caller.at()));
        EXPECT_THAT(accepted, Not(HasSubstr("192.168.255.10")));
        const MediaPlace callee = media_in(accepted);
        EXPECT_EQ(callee.address, kExternal);

        EXPECT_THAT(call.speaks(host, own, 6000, kExternal, callee.rtp, lab.web_server),
                    ElementsAre(Udp(From(caller.address, caller.rtp), To(kWebServer, 7000))));
        EXPECT_THAT(call.speaks(lab.web_server, kWebServer, 7000, caller.address, caller.rtp, host),
                    ElementsAre(Udp(From(kExternal, callee.rtp), To(own, 6000))));
        EXPECT_THAT(call.speaks(lab.web_server, kWebServer, 7001, caller.address, caller.rtcp, host),
                    ElementsAre(Udp(From(kExternal, callee.rtcp), To(own, 6001))));
        const std::string bye = call.says(call.callee, call.request(call.callee, "BYE"));
        EXPECT_THAT(bye, HasSubstr("BYE sip:other@" + call.caller.at()));
        EXPECT_EQ(awaited(lab), 0U);
    }
}

TEST(AlgSip, WhereFlowsSharePortsMediaHaveOneForAll) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_signalling_alone(rules);
        for (auto& rule : rules.nat) rule.mapping = gateway::MappingMode::address_and_port_dependent;
    }};
    auto call = SipCall::outward(lab);
    const std::string invite = call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 6000)));
    const MediaPlace place = media_in(invite);
    call.says(call.callee, call.response(call.callee, invite, "200 OK", sdp(kInternet, 7000)));
    EXPECT_THAT(call.speaks(lab.workstation, kWorkstation, 6000, kInternet, 7000, lab.internet),
                ElementsAre(Udp(From(kExternal, place.rtp), To(kInternet, 7000))));
    EXPECT_THAT(call.speaks(lab.internet, kInternet, 7000, kExternal, place.rtp, lab.workstation),
                ElementsAre(Udp(From(kInternet, 7000), To(kWorkstation, 6000))));
    EXPECT_THAT(call.speaks(lab.internet, kInternet, 7001, kExternal, place.rtcp, lab.workstation),
                ElementsAre(Udp(From(kInternet, 7001), To(kWorkstation, 6001))));
    lab.gateway().clear_sessions([](const gateway::Session&) { return true; });
    lab.gateway().mappings().for_each(
        [](gateway::MappingIndex, const gateway::Mapping& mapping) { EXPECT_FALSE(mapping.used()); });
}

// Where nothing is translated nothing is changed, and media are let in all the same.
TEST(AlgSip, WithoutAnyNatTheFirewallLetsMediaIn) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_signalling_alone(rules);
        rules.nat.clear();
    }};
    auto call = SipCall::outward(lab);
    const std::string offer = call.request(call.caller, "INVITE", sdp(kWorkstation, 6000));
    EXPECT_EQ(call.says(call.caller, offer), offer);
    const std::string answer = call.response(call.callee, offer, "200 OK", sdp(kInternet, 7000));
    EXPECT_EQ(call.says(call.callee, answer), answer);
    EXPECT_THAT(call.speaks(lab.internet, kInternet, 7000, kWorkstation, 6000, lab.workstation),
                ElementsAre(Udp(From(kInternet, 7000), To(kWorkstation, 6000))));
    EXPECT_THAT(call.speaks(lab.workstation, kWorkstation, 6001, kInternet, 7001, lab.internet),
                ElementsAre(Udp(From(kWorkstation, 6001), To(kInternet, 7001))));
    EXPECT_THAT(call.speaks(lab.internet, kInternet, 7000, kWorkstation, 6002, lab.workstation), IsEmpty());
}

TEST(AlgSip, WhatIsToldAgainIsAwaitedAtTheSamePorts) {
    HairpinLab lab{with_signalling_alone};
    auto call = SipCall::outward(lab);
    const std::string offer = call.request(call.caller, "INVITE", sdp(kWorkstation, 6000));
    const std::string invite = call.says(call.caller, offer);
    EXPECT_EQ(call.says(call.caller, offer), invite) << "sent again";
    EXPECT_EQ(awaited(lab), 2U);
    const MediaPlace place = media_in(invite);
    EXPECT_EQ(call.speaks(lab.internet, kInternet, 7000, kExternal, place.rtp, lab.workstation).size(), 1U);
    EXPECT_EQ(call.says(call.caller, offer), invite) << "and when media have come";
    // Held, and taken up again.
    const std::string held = replaced(offer, "c=IN IP4 192.168.255.2", "c=IN IP4 0.0.0.0");
    const std::string held_as_heard =
        call.says(call.caller, replaced(held, "Content-Length: " + std::to_string(sdp(kWorkstation, 6000).size()),
                                        "Content-Length: " + std::to_string(sdp(kWorkstation, 6000).size() - 6)));
    EXPECT_THAT(held_as_heard, HasSubstr("c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 6000 "));
    EXPECT_THAT(held_as_heard, HasSubstr("o=- 1 1 IN IP4 203.0.113.80\r\n"));
    EXPECT_EQ(call.says(call.caller, offer), invite);
    EXPECT_THAT(call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 0))),
                HasSubstr("m=audio 0 RTP/AVP 0"));
}

TEST(AlgSip, WithTheCallEndsWhatIsAwaitedOfIt) {
    for (const char* end : {"BYE", "CANCEL"}) {
        for (const bool by_callee : {false, true}) {
            HairpinLab lab{with_signalling_alone};
            auto call = SipCall::outward(lab);
            const MediaPlace one = media_in(call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 6000))));
            const MediaPlace other =
                media_in(call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 6010), "2")));
            EXPECT_EQ(call.speaks(lab.internet, kInternet, 7000, kExternal, one.rtp, lab.workstation).size(), 1U);
            EXPECT_EQ(awaited(lab), 3U);
            const SipCall::End& who = by_callee ? call.callee : call.caller;
            call.says(who, call.request(who, end));
            EXPECT_EQ(awaited(lab), 2U) << end << ": the other call's";
            EXPECT_THAT(call.speaks(lab.internet, kInternet, 7001, kExternal, one.rtcp, lab.workstation), IsEmpty());
            EXPECT_EQ(call.speaks(lab.internet, kInternet, 7000, kExternal, one.rtp, lab.workstation).size(), 1U)
                << "what has come stays";
            EXPECT_EQ(call.speaks(lab.internet, kInternet, 7010, kExternal, other.rtp, lab.workstation).size(), 1U);
        }
    }
}

TEST(AlgSip, OnlyThePeerMayComeOnceAndForThreeMinutes) {
    HairpinLab lab{with_signalling_alone};
    auto call = SipCall::outward(lab);
    const MediaPlace place = media_in(call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 6000))));
    EXPECT_THAT(call.speaks(lab.internet, kRouter, 7000, kExternal, place.rtp, lab.workstation), IsEmpty()) << "somebody else";
    lab.internet.send(tcp().from(kInternet, 7000).to(kExternal, place.rtp).syn());
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "another protocol";
    lab.wait(seconds{179});
    EXPECT_EQ(call.speaks(lab.internet, kInternet, 7000, kExternal, place.rtp, lab.workstation).size(), 1U);
    EXPECT_THAT(call.speaks(lab.internet, kInternet, 7002, kExternal, place.rtp, lab.workstation), IsEmpty()) << "a second flow";
    lab.wait(seconds{2});
    EXPECT_THAT(call.speaks(lab.internet, kInternet, 7001, kExternal, place.rtcp, lab.workstation), IsEmpty()) << "too late";
    EXPECT_EQ(awaited(lab), 0U);
}

TEST(AlgSip, ATraceSaysWhoExpectsIt) {
    HairpinLab lab{with_signalling_alone};
    auto call = SipCall::outward(lab);
    const MediaPlace place = media_in(call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 6000))));
    const auto control = lab.sessions().at(0);
    const auto passage = lab.gateway().probe(
        kUplink, udp().from(kInternet, 7000).to(kExternal, place.rtp).payload(160).to_mac(kUplinkMac).in(lab.pool()), lab.now());
    EXPECT_TRUE(passage.forwarded);
    std::vector<std::string> said;
    for (const auto& step : passage.tracer.steps()) said.push_back(step.text);
    EXPECT_THAT(said, ::testing::Contains("expected by sip, session " + std::to_string(control.id()) + ", rule 2"));
    EXPECT_EQ(awaited(lab), 2U);
    // What is asked about and not sent is heard by nobody.
    const std::string invite = call.request(call.caller, "INVITE", sdp(kWorkstation, 6100));
    EXPECT_TRUE(
        lab.gateway().probe(kLan, call.datagram(call.caller, invite).to_mac(kLanMac).in(lab.pool()), lab.now()).forwarded);
    EXPECT_EQ(awaited(lab), 2U);
}

TEST(AlgSip, OfChecksumsThatArePartialOrNone) {
    HairpinLab lab{with_sip};
    auto call = SipCall::outward(lab);
    const std::string invite = call.request(call.caller, "INVITE", sdp(kWorkstation, 6000));
    EXPECT_EQ(media_in(call.heard(call.caller, call.datagram(call.caller, invite).partial_checksum())).address, kExternal);
    EXPECT_EQ(media_in(call.heard(call.caller, call.datagram(call.caller, invite).no_udp_checksum())).address, kExternal);
    EXPECT_EQ(lab.internet.last().l4_checksum, 0U) << "none appears";
}

// Who is told an outside address with an inside port might reach somebody else: where one stream is not served, none is touched.
TEST(AlgSip, WhatIsNotServedIsLeftAsItIs) {
    struct Case {
        const char *what, *piece, *instead;
        std::uint64_t refused;
        bool told;  // the other address, where there is one
    };
    const Case cases[] = {
        {"a port of a service", "m=audio 6000", "m=audio 1023", 1, false},
        {"RTCP at a port of a service", "a=x\r\n", "a=rtcp:53\r\n", 1, false},
        {"RTCP elsewhere", "a=x\r\n", "a=rtcp:6001 IN IP4 192.168.255.3\r\n", 1, false},
        {"several ports", "m=audio 6000", "m=audio 6000/2", 1, false},
        {"RTCP behind the last port", "m=audio 6000", "m=audio 65535", 1, false},
        {"another protocol", "RTP/AVP", "TCP/RTP/AVP", 1, false},
        {"candidates of ICE", "a=x\r\n", "a=candidate:1 1 UDP 1 192.168.255.2 6000 typ host\r\n", 0, false},
        {"another's address", "c=IN IP4 192.168.255.2", "c=IN IP4 192.168.255.3", 1, true},
        {"no address", "c=IN IP4 192.168.255.2", "c=IN IP6 2001:db8::1", 1, true},
    };
    for (const Case& one : cases) {
        HairpinLab lab{with_sip};
        auto call = SipCall::outward(lab);
        const std::string body = replaced(sdp(kWorkstation, 6000, "a=x\r\n"), one.piece, one.instead);
        ASSERT_NE(body, sdp(kWorkstation, 6000, "a=x\r\n"));
        const std::string heard = call.says(call.caller, call.request(call.caller, "INVITE", body));
        EXPECT_THAT(heard, HasSubstr("Contact: <sip:one@203.0.113.80:")) << one.what;
        const std::string own_line =
            one.told ? replaced(body, "o=- 1 1 IN IP4 192.168.255.2", "o=- 1 1 IN IP4 203.0.113.80") : body;
        EXPECT_THAT(heard, HasSubstr("\r\n\r\n" + own_line)) << one.what;
        EXPECT_EQ(awaited(lab), 0U) << one.what;
        EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::refused), one.refused) << one.what;
    }
}

TEST(AlgSip, SeveralStreamsWithTheirOwnPorts) {
    HairpinLab lab{with_signalling_alone};
    auto call = SipCall::outward(lab);
    const std::string heard =
        call.says(call.caller,
                  call.request(call.caller, "INVITE",
                               sdp(kWorkstation, 6000, "a=rtcp:6007\r\nm=video 6002 RTP/SAVP 96\r\nm=image 6004 udptl t38\r\n")));
    EXPECT_EQ(awaited(lab), 5U);
    const MediaPlace audio = media_in(heard);
    const auto port_in = [&](const char* pattern) { return static_cast<unsigned>(std::stoul(piece_of(heard, pattern))); };
    const std::pair<unsigned, unsigned> ports[] = {{audio.rtp, 6000},
                                                   {audio.rtcp, 6007},
                                                   {port_in("m=video ([0-9]+)"), 6002},
                                                   {port_in("m=video ([0-9]+)") + 1, 6003},
                                                   {port_in("m=image ([0-9]+)"), 6004}};
    for (const auto& [outside, inside] : ports)
        EXPECT_THAT(call.speaks(lab.internet, kInternet, 7000, kExternal, outside, lab.workstation),
                    ElementsAre(Udp(From(kInternet, 7000), To(kWorkstation, inside))));
}

// Two ports are left, and they are not beside each other.
TEST(AlgSip, WhereRtcpIsNotBesideRtpALineSaysWhereItIs) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_signalling_alone(rules);
        auto& rule = rules.nat[0];
        rule.translated_port = ports(50000, 50002);
        rule.port_allocation = gateway::PortAllocation::preserve;
    }};
    auto call = SipCall::outward(lab, 50001);
    const std::string heard = call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 6000)));
    EXPECT_EQ(call.callee.peer_port, 50001U);
    const MediaPlace place = media_in(heard);
    EXPECT_THAT((std::vector{place.rtp, place.rtcp}), ::testing::UnorderedElementsAre(50000U, 50002U)) << heard;
    EXPECT_THAT(heard, HasSubstr("a=rtcp:" + std::to_string(place.rtcp) + "\r\n"));
    EXPECT_EQ(call.speaks(lab.internet, kInternet, 7001, kExternal, place.rtcp, lab.workstation).size(), 1U);
    // And where none is left, nothing is told.
    const std::string body = sdp(kWorkstation, 6010);
    EXPECT_THAT(call.says(call.caller, call.request(call.caller, "INVITE", body, "2")), HasSubstr(body));
    EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::no_room), 1U);
}

TEST(AlgSip, WhatWouldBeTooLongIsLeftAsItIs) {
    constexpr std::size_t kMtu = 1500, kHeaders = 28;
    HairpinLab lab{with_sip};
    auto call = SipCall::outward(lab);
    const std::string body = sdp(kWorkstation, 6000);
    const auto padded_to = [&](std::size_t length) {
        const std::string plain = call.request(call.caller, "INVITE", body);
        return replaced(plain, "Content-Type:", "Subject: " + std::string(length - plain.size() - 11, 'x') + "\r\nContent-Type:");
    };
    const std::string longest = padded_to(kMtu - kHeaders);
    EXPECT_EQ(call.says(call.caller, longest), longest);
    EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::refused), 1U);
    EXPECT_EQ(awaited(lab), 0U);
    bool changed = false;
    for (std::size_t length = kMtu - kHeaders - 60; length < kMtu - kHeaders; ++length) {
        const std::string heard = call.says(call.caller, padded_to(length));
        EXPECT_LE(heard.size(), kMtu - kHeaders);
        changed = changed || heard.find("192.168.") == std::string::npos;
    }
    EXPECT_TRUE(changed) << "a shorter one is";
}

TEST(AlgSip, OneSessionAwaitsSoMuchAndNoMore) {
    HairpinLab lab{with_sip};
    auto call = SipCall::outward(lab);
    const std::size_t most = gateway::row_of(AlgKind::sip).most_awaited;
    for (unsigned i = 0; i < most; ++i)
        call.says(call.caller, call.request(call.caller, "INVITE", sdp(kWorkstation, 6000 + 2 * i), std::to_string(i)));
    EXPECT_EQ(awaited(lab), most);
    lab.gateway().clear_sessions([](const gateway::Session&) { return true; });
    EXPECT_EQ(awaited(lab), 0U);
    EXPECT_TRUE(lab.gateway().algs().sip_dialogs.empty());
    lab.gateway().mappings().for_each(
        [](gateway::MappingIndex, const gateway::Mapping& mapping) { EXPECT_FALSE(mapping.used()); });
}

TEST(AlgSip, SwitchedOffItLeavesMessagesAsTheyAre) {
    HairpinLab lab{with_sip};
    auto call = SipCall::outward(lab);
    call.says(call.caller, call.request(call.caller, "REGISTER"));
    lab.change_rules([](gateway::Ruleset& rules) { rules.algs = {}; });
    const std::string invite = call.request(call.caller, "INVITE", sdp(kWorkstation, 6000));
    EXPECT_EQ(call.says(call.caller, invite), invite);
    EXPECT_EQ(awaited(lab), 0U);
}

// ---- Who would like to be taken for one ---------------------------------------------------------------------------------------------

// STUN and TURN as a browser sends them (RFC 8489, RFC 8656): a header of 20 bytes, and a text that somebody else has chosen.
std::string stun_with(std::string_view text) {
    std::string packet{
        "\x00\x03\x00\x00\x21\x12\xa4\x42"
        "transaction!",
        20};
    packet[2] = static_cast<char>((text.size() + 4) >> 8);
    packet[3] = static_cast<char>((text.size() + 4) & 0xff);
    packet += std::string{"\x00\x06", 2};
    packet += static_cast<char>(text.size() >> 8);
    packet += static_cast<char>(text.size() & 0xff);
    return packet += text;
}

TEST(AlgSip, ToWhomDoesNotBeginWithARequestNobodyListens) {
    HairpinLab base;
    auto any = SipCall::outward(base);
    const std::string invite = any.request(any.caller, "INVITE", sdp(kWorkstation, 6000));
    struct Case {
        const char* what;
        std::string first;
    };
    const Case cases[] = {
        {"a browser's STUN", stun_with("")},
        {"a browser's TURN with SIP in it", stun_with(invite)},
        {"TURN with SIP behind an end of line", stun_with("\r\n\r\n" + invite)},
        {"an empty line before it", "\r\n" + invite},
        {"HTTP with SIP in its body", "POST / HTTP/1.1\r\nContent-Length: 999\r\n\r\n" + invite},
        {"a response", replaced(invite, "INVITE sip:other@198.51.100.10:5060 SIP/2.0", "SIP/2.0 200 OK")},
        {"a request that misses a field", replaced(invite, "Call-ID: 1\r\n", "")},
        {"a request of another version", replaced(invite, "SIP/2.0\r\n", "SIP/3.0\r\n")},
        {"nothing", ""},
    };
    for (const Case& one : cases) {
        HairpinLab lab{with_sip};
        auto call = SipCall::outward(lab);
        EXPECT_EQ(call.says(call.caller, one.first), one.first) << one.what;
        EXPECT_EQ(call.says(call.caller, invite), invite) << one.what << ": nobody listens any more";
        EXPECT_EQ(awaited(lab), 0U) << one.what;
        EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::stopped), 1U) << one.what;
        EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::followed), 0U) << one.what;
    }
}

TEST(AlgSip, WhatComesInBetweenIsNotRead) {
    HairpinLab lab{with_sip};
    auto call = SipCall::outward(lab);
    call.says(call.caller, call.request(call.caller, "REGISTER"));
    const std::string invite = call.request(call.caller, "INVITE", sdp(kWorkstation, 6000));
    for (const std::string& text : {"\r\n\r\n"s, "\r\n"s, stun_with(""), stun_with(invite), "\r\n" + invite})
        EXPECT_EQ(call.says(call.caller, text), text);
    EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::unread), 0U) << "it keeps a way open, and is nothing else";
    for (const std::string& text : {replaced(invite, "CSeq: 1 INVITE\r\n", ""), replaced(invite, "v=0", "v=1"),
                                    invite.substr(0, 200), replaced(invite, "m=audio 6000", "m=audio x")})
        EXPECT_EQ(call.says(call.caller, text), text);
    EXPECT_EQ(sip_count(lab, &gateway::AlgCounters::unread), 4U);
    EXPECT_EQ(awaited(lab), 0U);
    EXPECT_THAT(call.says(call.caller, invite), Not(HasSubstr("192.168.")));
}

// A long text is sent so that one of its fragments begins with what looks like a message.
TEST(AlgSip, AFragmentIsNeverRead) {
    HairpinLab lab{with_sip};
    auto call = SipCall::outward(lab);
    call.says(call.caller, call.request(call.caller, "REGISTER"));
    const std::string invite = call.request(call.caller, "INVITE", sdp(kWorkstation, 6000));
    for (const std::string& text : {std::string(504, 'x') + invite, invite + std::string(512, 'x')}) {
        const SeenPacket whole = SeenPacket::of_l3(call.datagram(call.caller, text).l3_bytes());
        for (std::size_t at = 0; at < whole.l4.size(); at += 512) {
            const auto piece = std::span{whole.l4}.subspan(at, std::min<std::size_t>(512, whole.l4.size() - at));
            PacketBuilder fragment = ip(17).from(whole.source).to(whole.destination).ip_id(7);
            lab.workstation.send(fragment.fragment(at, at + piece.size() < whole.l4.size()).payload(piece));
        }
        EXPECT_EQ(text_of(reassembled(lab.internet.received())), text);
        EXPECT_EQ(awaited(lab), 0U);
    }
    // And a session that begins with one is nobody's.
    HairpinLab other{with_sip};
    const SeenPacket whole = SeenPacket::of_l3(call.datagram(call.caller, invite).l3_bytes());
    for (const std::size_t at : {std::size_t{0}, std::size_t{256}}) {
        PacketBuilder fragment = ip(17).from(whole.source).to(whole.destination).ip_id(7);
        const auto piece = at == 0 ? std::span{whole.l4}.first(256) : std::span{whole.l4}.subspan(256);
        other.workstation.send(fragment.fragment(at, at == 0).payload(piece));
    }
    EXPECT_EQ(text_of(reassembled(other.internet.received())), invite);
    EXPECT_EQ(sip_count(other, &gateway::AlgCounters::stopped), 1U);
}

TEST(AlgSip, AnAddressThatIsNotTheSendersOwnIsNotTouched) {
    HairpinLab lab{with_sip};
    auto call = SipCall::outward(lab);
    const std::string text =
        replaced(call.request(call.caller, "INVITE", sdp(kWebServer, 6000)), "Contact: <sip:one@192.168.255.2:5060>",
                 "Contact: <sip:one@192.168.255.10:5060>, <sip:one@192.168.255.2:5061>");
    const std::string heard = call.says(call.caller, text);
    EXPECT_THAT(heard, HasSubstr("Contact: <sip:one@192.168.255.10:5060>, <sip:one@192.168.255.2:5061>\r\n"));
    EXPECT_THAT(heard, HasSubstr(sdp(kWebServer, 6000)));
    EXPECT_EQ(awaited(lab), 0U);
}

}  // namespace
}  // namespace hairpin::testing

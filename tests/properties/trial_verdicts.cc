// What is wrong with what has come out.

#include <algorithm>

#include "tests/properties/trial.h"

namespace hairpin::testing {

using namespace plain;

namespace {

constexpr std::size_t kLargestReport = 576;  // RFC 1812 4.3.2.3

// The partial checksum is what its header promises: the pseudo-header's sum, not complemented, where the L4 checksum is.
std::string partial_wrong(const Packet& packet, std::size_t l3, const l2::VirtioHeader& header) {
    const auto place = packet.checksum_place();
    if (!place || packet.protocol == kIcmp) return "a partial checksum of what has none";
    if (header.checksum_start != l3 + packet.header || header.checksum_offset != *place)
        return "the partial checksum is said to be elsewhere";
    if (word_at(packet.l4(), *place) != packet.pseudo_header(packet.l4().size()).value())
        return "the partial checksum is not the pseudo-header's sum";
    return "";
}

// The words of a packet that are translated, of those that the L4 checksum covers.
unsigned translated_sum(const Packet& packet) {
    Sum sum;
    if (packet.protocol == kIcmp) return sum.add_word(packet.icmp_query() ? word_at(packet.l4(), 4) : 0).value();
    return sum.add(packet.bytes.subspan(12, 8)).add(packet.l4().first(4)).value();
}

// RFC 1624: where the checksum was the words' before, it is now; and where it was wrong it is so by as much.
bool consistent(const Packet& before, const Packet& after, std::size_t place) {
    const unsigned was = Sum{}.add_word(word_at(before.l4(), place)).add_word(translated_sum(before)).value();
    const unsigned is = Sum{}.add_word(word_at(after.l4(), place)).add_word(translated_sum(after)).value();
    return same_sum(was, is);
}

// Whatever can change on the way: addresses and ports as told, the time to live, an identification, checksums.
Bytes as_it_would_be_seen(View sent, View arrived, const Ends& ends, unsigned ttl) {
    Bytes expected(sent.begin(), sent.end());
    write_ends(expected, ends);
    put_byte(expected, 8, ttl);
    put_word(expected, 4, word_at(arrived, 4));
    put_word(expected, 10, word_at(arrived, 10));
    const auto packet = read_packet(expected);
    if (const auto place = packet->checksum_place())
        put_word(expected, packet->header + *place, word_at(arrived, packet->header + *place));
    return expected;
}

}  // namespace

std::string Trial::frame_wrong(const RouterRig::Arrival& arrival, const Frame& frame) const {
    const StationRow& station = kStations[arrival.station];
    if (frame.from_mac != kGatewayMacs[static_cast<std::size_t>(station.place)])
        return frame.to_mac == station.mac ? "it does not come from the gateway" : "";
    if (frame.vlan.value_or(0) != station.vlan) return "its tag is not the port's";
    if (frame.type != kIpv4Type) return "it is no IPv4";
    const View l3 = View{arrival.frame}.subspan(frame.l3);
    const auto packet = read_packet(l3);
    if (!packet || packet->bytes.size() != l3.size()) return "its lengths do not fit";
    if (!packet->header_checksum_holds()) return "its IP header checksum is wrong";
    if (packet->ttl == 0) return "its time to live is 0";
    const bool partial = (arrival.header.flags & l2::VirtioHeader::kNeedsChecksum) != 0, cut = arrival.header.segmentation != 0;
    if (partial && !station.takes.partial_checksum) return "a partial checksum for a device that completes none";
    if (cut && !(packet->protocol == kTcp ? station.takes.tcp4_segmentation : station.takes.udp_segmentation))
        return "a super-packet for a device that takes none";
    if (cut && !partial) return "a super-packet with a complete checksum";
    if (!cut && l3.size() > station.mtu) return "it is longer than its link allows";
    if (packet->fragment() && (partial || cut)) return "a fragment whose checksum somebody else is to complete";
    if (partial) return partial_wrong(*packet, frame.l3, arrival.header);
    return "";
}

// What the gateway says of a letter that it does not send on.
std::string Trial::report_wrong(const Letter& letter, View sent, View l3) const {
    const auto report = read_packet(l3);
    if (letter.fate != Fate::is_reported && letter.fate != Fate::may_arrive && letter.fate != Fate::arrives)
        return "the gateway says something of it";
    if (report->l4_standing() != Standing::right) return "the gateway's ICMP error has a wrong checksum";
    if (report->ends.destination != long_at(sent, 12)) return "the gateway's ICMP error is not for the sender";
    if (l3.size() > kLargestReport) return "the gateway's ICMP error is longer than it should be";
    const View quote = report->l4().subspan(8);
    if (quote.size() < std::min<std::size_t>(sent.size(), 28)) return "the gateway's ICMP error quotes too little";
    // A fragment is quoted as a fragment, which is not at hand; of the others every byte is, but a checksum that was partial.
    const auto quoted = read_packet(quote);
    if (!quoted || quoted->fragment()) return "";
    Bytes expected(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(std::min(quote.size(), sent.size())));
    const auto original = read_packet(sent);
    const auto place = quoted->checksum_place();
    if (letter.header.flags != 0 && place && quote.size() >= quoted->header + *place + 2) {
        put_word(expected, quoted->header + *place, word_at(quote, quoted->header + *place));
        if (letter.header.segmentation == 0 && quoted->whole() && quoted->l4_standing() != Standing::right)
            return "the gateway's ICMP error quotes a partial checksum that nobody has completed";
    }
    if (!original || !std::equal(expected.begin(), expected.end(), quote.begin(), quote.end()))
        return "the gateway's ICMP error quotes something else";
    return "";
}

// An ICMP error about a packet, at the packet's sender.
std::string Trial::error_wrong(const Letter& letter, const RouterRig::Arrival& arrival, View l3) const {
    if (!letter.is_error) return "an ICMP error that nobody has sent";
    const Conversation& conversation = conversations_[static_cast<std::size_t>(letter.conversation)];
    const std::size_t there = conversation.station[index_of(other(letter.from))];
    const auto got = read_packet(l3);
    if (arrival.station != there) return "the ICMP error has come to another station";
    if (got->ends.destination != letter.about.source) return "the ICMP error is not for the sender of what it is about";
    if (got->l4_standing() != Standing::right) return "the ICMP error's checksum is wrong";
    const bool hidden = conversation.path == Path::outbound || conversation.path == Path::forwarded;
    if (hidden && !kStations[there].inside() && is_inside(got->ends.source))
        return "the ICMP error shows an address of the inside";
    const View sent_l4 = read_packet(letter.l3)->l4(), got_l4 = got->l4();
    if (got->ttl + 1 != byte_at(letter.l3, 8)) return "the ICMP error's time to live is not one less";
    if (got_l4.size() != sent_l4.size()) return "the ICMP error has another length";
    const View before_bytes = sent_l4.subspan(8), after_bytes = got_l4.subspan(8);
    const auto before = read_packet(before_bytes), after = read_packet(after_bytes);
    if (!after || !after->header_checksum_holds()) return "the quoted IP header's checksum is wrong";
    if (after->ends != letter.about) return "the quoted packet is not what its sender sent";
    Bytes expected(sent_l4.begin(), sent_l4.end());
    put_word(expected, 2, word_at(got_l4, 2));
    const auto quote = std::span{expected}.subspan(8);
    write_ends(quote, letter.about);
    put_word(quote, 10, word_at(after_bytes, 10));
    if (const auto place = before->checksum_place(); place && before->l4().size() >= *place + 2) {
        const std::size_t at = before->header + *place;
        const bool none = before->protocol == kUdp && word_at(before_bytes, at) == 0;
        if (none && word_at(after_bytes, at) != 0) return "the quoted UDP packet had no checksum, and has one";
        if (!none && !consistent(*before, *after, *place)) return "the quoted L4 checksum does not follow";
        if (before->whole() && before->l4_standing() != after->l4_standing())
            return "the quoted L4 checksum was " + to_string(before->l4_standing()) + " and is " +
                   to_string(after->l4_standing());
        put_word(expected, 8 + at, word_at(after_bytes, at));
    }
    if (!std::equal(expected.begin(), expected.end(), got_l4.begin(), got_l4.end()))
        return "something else in the ICMP error has changed";
    return "";
}

// A ping of the gateway itself.
std::string Trial::answer_wrong(const Letter& letter, std::size_t station, const std::vector<Bytes>& pieces) const {
    if (pieces.size() != 1 || station != letter.station) return "the answer to a ping is not one, or is not for its sender";
    const auto asked = read_packet(letter.l3), got = read_packet(pieces[0]);
    Bytes expected = as_it_would_be_seen(letter.l3, pieces[0], asked->ends.reversed(), 64);
    put_byte(expected, asked->header, 0);
    put_word(expected, 6, word_at(pieces[0], 6));
    put_byte(expected, 1, byte_at(pieces[0], 1));
    if (expected != pieces[0]) return "the answer is not what was asked";
    if (got->l4_standing() != asked->l4_standing())
        return "the ping's checksum was " + to_string(asked->l4_standing()) + ", and its answer's is " +
               to_string(got->l4_standing());
    return "";
}

std::string Trial::pieces_wrong(Letter& letter, std::size_t station, const std::vector<Bytes>& pieces) {
    const std::vector<Bytes> sent = finished_by_device(letter.l3, l3_offset(letter.station), letter.header);
    if (sent.size() != pieces.size())
        return std::to_string(sent.size()) + " packets on the wire would have been sent, and " + std::to_string(pieces.size()) +
               " have come";
    const Ends out = read_packet(pieces[0])->ends;
    const unsigned ttl = byte_at(letter.l3, 8) - 1;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const auto before = read_packet(sent[i]), after = read_packet(pieces[i]);
        if (as_it_would_be_seen(sent[i], pieces[i], out, ttl) != pieces[i])
            return "something else than addresses, ports, time to live and checksums has changed, in packet " + std::to_string(i);
        if (before->l4_standing() != after->l4_standing())
            return "the L4 checksum was " + to_string(before->l4_standing()) + " and is " + to_string(after->l4_standing()) +
                   ", in packet " + std::to_string(i);
    }
    if (!owns(station, out.destination)) return "it has come to a station whose address it does not have";
    if (auto wrong = ends_wrong(letter, station, out); !wrong.empty()) return wrong;
    if (letter.conversation >= 0)
        conversations_[static_cast<std::size_t>(letter.conversation)].seen[index_of(other(letter.from))] = pieces.back();
    return "";
}

std::string Trial::ends_wrong(Letter& letter, std::size_t station, const Ends& out) {
    const Ends in = read_packet(letter.l3)->ends;
    const Timestamp now = rig_.now();
    if (letter.conversation < 0) {
        const auto to = forwarded(in, Place::uplink);
        if (!to) return model_.entered(in, out, now);
        return out.destination == to->address && out.source == in.source ? "" : "it has not come to where a rule forwards it";
    }
    Conversation& conversation = conversations_[static_cast<std::size_t>(letter.conversation)];
    if (station != conversation.station[index_of(other(letter.from))]) return "it has come to another station than it was for";
    if (letter.from == Side::far) {
        if (out != conversation.near_key.reversed())
            return "the answer has not come back as " + conversation.near_key.reversed().to_string();
        if (conversation.path == Path::outbound) {
            if (auto wrong = model_.entered(in, out, now); !wrong.empty()) return wrong;
            if (in.protocol == kIcmp) model_.answered(in, now);
        }
        // Both are inside, and either keeps the session.
        if (conversation.path == Path::hairpin) model_.answered(in, now);
    } else {
        if (conversation.lives(now) && out != conversation.far_key)
            return "it has come as " + out.to_string() + ", and came otherwise before";
        if (auto wrong = source_wrong(conversation, out); !wrong.empty()) return wrong;
        if (!conversation.far_known) conversation.sure_until = {};
        conversation.far_key = out;
        conversation.far_known = true;
    }
    refresh(conversation, letter.from, letter.words.tcp.flags);
    conversation.arrived(letter.from, letter.payload, letter.words.tcp);
    return "";
}

// Of the near one's packet: its source as the far one sees it, and its destination.
std::string Trial::source_wrong(const Conversation& conversation, const Ends& out) {
    const Ends& in = conversation.near_key;
    const StationRow& station = kStations[conversation.station[0]];
    const auto to = conversation.path == Path::outbound ? std::nullopt : forwarded(in, station.place);
    Ends expected = in;
    if (to) {
        expected.destination = to->address;
        if (in.protocol != kIcmp) expected.destination_port = to->port;
    }
    if (in.protocol == kIcmp) expected.destination_port = out.destination_port;
    if (out.destination != expected.destination || out.destination_port != expected.destination_port)
        return "its destination is not what a rule says";
    std::optional<Policy> policy;
    if (conversation.path == Path::outbound) policy = policy_of(in.source, in.destination);
    if (conversation.path == Path::hairpin && to && to->source == Forwarding::Source::as_outside)
        policy = policy_of(in.source, in.destination);
    if (conversation.path == Path::hairpin && to && to->source == Forwarding::Source::gateways_own) {
        const std::uint32_t own = kGatewayAddresses[static_cast<std::size_t>(kStations[conversation.station[1]].place)];
        policy = Policy{.first = own, .last = own};
    }
    if (policy) return model_.left(in, out, *policy, rig_.now());
    if (out.source != in.source || out.source_port != in.source_port) return "its source has changed, and no rule says so";
    return "";
}

// What keeps a session alive, and since when it lives (RFC 4787 REQ-6, RFC 7857 §7).
void Trial::refresh(Conversation& conversation, Side from, unsigned tcp_flags) {
    const Timestamp now = rig_.now();
    const Duration life = TranslationModel::life(conversation.protocol()) - TranslationModel::kSlack;
    const bool udp = conversation.protocol() == kUdp || conversation.protocol() == kUdpLite;
    const bool from_outside = !kStations[conversation.station[index_of(from)]].inside();
    const bool fresh = conversation.sure_until == Timestamp{};
    const bool translated = conversation.near_key != conversation.far_key;
    const bool reset = conversation.protocol() == kTcp && (tcp_flags & kRst) != 0;
    if (fresh || (!reset && !(udp && from_outside && translated))) conversation.sure_until = now + life;
}

}  // namespace hairpin::testing

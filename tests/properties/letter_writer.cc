#include "tests/properties/letter_writer.h"

#include <algorithm>

namespace hairpin::testing {

using namespace plain;

namespace {

constexpr std::size_t kEthernet = 14;

// Behind the IP header, before the payload.
std::size_t header_of(unsigned protocol) {
    switch (protocol) {
        case kTcp:
        case kSctp: return 32;
        case kDccp: return 20;
        default: return 8;
    }
}

bool touches_dmz(const Conversation& conversation) {
    return kStations[conversation.station[0]].place == Place::dmz || kStations[conversation.station[1]].place == Place::dmz;
}

std::size_t most_payload(const Conversation& conversation) {
    return (touches_dmz(conversation) ? kDmzMtu : 1500) - 24 - header_of(conversation.protocol());
}

// A TCP segment that carries data, or anything else that may.
bool may_be_long(const Conversation& conversation) {
    return conversation.protocol() != kTcp || conversation.tcp == Conversation::Tcp::open;
}

// What no router may believe, nor send on (RFC 1812 5.3.7).
constexpr auto kMartians = std::to_array<std::uint32_t>(
    {ip4(0, 0, 0, 1), ip4(127, 0, 0, 1), ip4(224, 0, 0, 5), ip4(240, 0, 0, 1), ip4(255, 255, 255, 255)});

void write_error_checksums(Bytes& l3) {
    const auto packet = read_packet(l3);
    const auto l4 = std::span{l3}.subspan(packet->header);
    put_word(l4, 2, 0);
    put_word(l4, 2, Sum{}.add(l4).complement());
}

}  // namespace

Letter LetterWriter::write(const Conversation& conversation, Side from, Words words, std::size_t payload, L4Checksum checksum) {
    Letter letter;
    letter.number = ++number_;
    letter.from = from;
    letter.station = conversation.station[index_of(from)];
    letter.words = words;
    letter.payload = payload;
    letter.l3 = craft(words, marked_payload(letter.number, payload), checksum);
    return letter;
}

std::size_t LetterWriter::any_length(const Conversation& conversation, std::size_t most) {
    if (!may_be_long(conversation)) return 0;
    const std::size_t least = conversation.protocol() == kUdpLite ? 8 : 0;
    return dice_.chance(70) ? least + dice_.below(120) : least + dice_.below(most - least);
}

Letter LetterWriter::next(const Conversation& conversation) {
    const Side from = conversation.turn(dice_);
    const Words words = conversation.words(from, dice_);
    Letter letter = write(conversation, from, words, any_length(conversation, most_payload(conversation)), conversation.checksum);
    letter.what = "a packet of a conversation";
    if (conversation.path == Path::to_gateway) letter.fate = Fate::is_answered;
    offload(letter, conversation);
    return letter;
}

// As the kernel of a guest would leave it to its device.
void LetterWriter::offload(Letter& letter, const Conversation& conversation) {
    const l2::Capabilities& takes = kStations[letter.station].takes;
    const unsigned protocol = conversation.protocol();
    if (!takes.partial_checksum || (protocol != kTcp && protocol != kUdp) || conversation.checksum == L4Checksum::none) return;
    if (!dice_.chance(50)) return;
    const std::size_t tag = kStations[letter.station].vlan != 0 ? 4 : 0;
    letter.header.flags = l2::VirtioHeader::kNeedsChecksum;
    letter.header.checksum_start = static_cast<std::uint16_t>(kEthernet + tag + 20 + letter.words.options.size());
    letter.header.checksum_offset = protocol == kTcp ? 16 : 6;
    const bool cuts = protocol == kTcp ? takes.tcp4_segmentation : takes.udp_segmentation;
    if (cuts && may_be_long(conversation) && dice_.chance(20)) {
        const std::size_t segment = dice_.between(200, static_cast<std::uint32_t>(most_payload(conversation)));
        const std::size_t room = 60000 - std::min<std::size_t>(conversation.unacknowledged[index_of(letter.from)], 60000);
        const std::size_t most = std::min<std::size_t>(protocol == kTcp ? room : 60000, dice_.chance(5) ? 60000 : segment * 8);
        if (most > segment + 1) {
            letter.payload = segment + 1 + dice_.below(most - segment - 1);
            letter.header.segmentation = protocol == kTcp ? l2::VirtioHeader::kTcp4 : l2::VirtioHeader::kUdp;
            letter.header.segment_size = static_cast<std::uint16_t>(segment);
            letter.header.header_length = static_cast<std::uint16_t>(letter.header.checksum_start + header_of(protocol));
            letter.what = "a super-packet";
        }
    }
    letter.l3 = craft(letter.words, marked_payload(letter.number, letter.payload), L4Checksum::partial);
}

Letter LetterWriter::in_fragments(const Conversation& conversation, std::vector<std::size_t>& cuts) {
    const Side from = conversation.turn(dice_);
    Words words = conversation.words(from, dice_);
    words.dont_fragment = false;
    const std::size_t payload = 200 + dice_.below(4000);
    Letter letter = write(conversation, from, words, payload, conversation.checksum);
    letter.what = "a datagram in fragments";
    if (conversation.path == Path::to_gateway) letter.fate = Fate::is_answered;
    // Not so short that the first would hide the L4 header, not so long that a link would cut them once more.
    for (std::size_t at = 64 + 8 * dice_.below(10); at < letter.l3.size() - 20 - words.options.size();
         at += 64 + 8 * dice_.below(150))
        cuts.push_back(at);
    return letter;
}

Letter LetterWriter::with_wrong_checksum(const Conversation& conversation) {
    const Side from = conversation.turn(dice_);
    Letter letter = write(conversation, from, conversation.words(from, dice_),
                          any_length(conversation, most_payload(conversation)), L4Checksum::wrong);
    letter.what = "a packet whose L4 checksum is wrong, for its receiver to find out";
    if (conversation.path == Path::to_gateway) letter.fate = Fate::is_answered;
    return letter;
}

Letter LetterWriter::out_of_time(const Conversation& conversation) {
    Letter letter = next(conversation);
    put_byte(letter.l3, 8, dice_.below(2));
    write_header_checksum(letter.l3);
    letter.what = "a packet whose time to live is up";
    letter.fate = Fate::is_reported;
    return letter;
}

Letter LetterWriter::too_big(const Conversation& conversation) {
    const Side from = kStations[conversation.station[0]].place == Place::dmz ? Side::far : Side::near;
    Words words = conversation.words(from, dice_);
    words.dont_fragment = true;
    words.options.clear();
    const std::size_t least = kDmzMtu + 1 - 20 - header_of(conversation.protocol());
    Letter letter = write(conversation, from, words, least + dice_.below(100), conversation.checksum);
    letter.what = "a packet too big for its next link, not to be cut";
    letter.fate = Fate::is_reported;
    return letter;
}

Letter LetterWriter::to_be_cut(const Conversation& conversation) {
    Letter letter = too_big(conversation);
    letter.words.dont_fragment = false;
    letter.l3 = craft(letter.words, marked_payload(letter.number, letter.payload), conversation.checksum);
    letter.what = "a packet too big for its next link, to be cut";
    letter.fate = Fate::arrives;
    return letter;
}

Letter LetterWriter::with_bad_options(const Conversation& conversation) {
    const Side from = conversation.turn(dice_);
    Words words = conversation.words(from, dice_);
    const bool route = dice_.chance(50);
    if (route)
        words.options = {std::byte{131}, std::byte{7}, std::byte{4}, std::byte{1},
                         std::byte{2},   std::byte{3}, std::byte{4}, std::byte{0}};
    else
        words.options = {std::byte{0x94}, std::byte{40}, std::byte{0}, std::byte{0}};
    Letter letter = write(conversation, from, words, 30, conversation.checksum);
    letter.what = route ? "a packet that names its route itself" : "a packet whose options end beyond its header";
    letter.fate = route ? Fate::dies : Fate::is_reported;
    return letter;
}

Letter LetterWriter::error_about(const Conversation& conversation, Side from) {
    const Bytes& seen = conversation.seen[index_of(from)];
    const auto packet = read_packet(seen);
    constexpr auto kKinds = std::to_array<std::array<unsigned, 2>>({{3, 0}, {3, 1}, {3, 3}, {3, 4}, {3, 13}, {11, 0}, {12, 0}});
    const auto [type, code] = dice_.one_of(kKinds);
    std::size_t length = packet->header + 8;
    if (dice_.chance(70)) length = std::min(seen.size(), length + dice_.below(dice_.chance(50) ? 30 : 500));
    Bytes quote(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(std::min(length, seen.size())));
    std::uint32_t rest = dice_.below(0x1'0000);  // the MTU of 3/4, and nothing in others
    if (type == 12) rest |= dice_.below(20) << 24;
    if (dice_.chance(25)) {
        // RFC 4884: the quote in words of 4 bytes, 128 bytes at least, and extensions behind it.
        quote.resize(std::max<std::size_t>(128, (quote.size() + 3) / 4 * 4));
        rest |= static_cast<std::uint32_t>(quote.size() / 4) << 16;
        for (const unsigned byte : {0x20U, 0U, 0xdfU, 0xffU, 0U, 8U, 1U, 1U, dice_.below(256), dice_.below(256), 1U, 64U})
            quote.push_back(static_cast<std::byte>(byte));
    }
    Letter letter;
    letter.number = ++number_;
    letter.from = from;
    letter.station = conversation.station[index_of(from)];
    letter.what = "an ICMP error";
    letter.is_error = true;
    letter.about = conversation.ends_from(other(from));
    std::uint32_t source = packet->ends.destination;
    if (letter.station == kIspPort && dice_.chance(50)) source = kBehindIsp + 201 + dice_.below(30);  // a router on the way
    letter.l3 = craft_error(source, packet->ends.source, type, code, rest, quote);
    const unsigned protocol = conversation.protocol();
    const bool found_surely = protocol == kUdp || protocol == kUdpLite || protocol == kIcmp;
    letter.fate = found_surely ? Fate::arrives : Fate::may_arrive;
    return letter;
}

Letter LetterWriter::broken_error(const Conversation& conversation, Side from) {
    Letter letter = error_about(conversation, from);
    const bool own = dice_.chance(50);
    put_byte(letter.l3, own ? 28 + 12 : 28 + 10, byte_at(letter.l3, own ? 28 + 12 : 28 + 10) ^ (1U << dice_.below(8)));
    if (!own) write_error_checksums(letter.l3);
    letter.what = own ? "an ICMP error whose checksum is wrong" : "an ICMP error that quotes a header whose checksum is wrong";
    letter.fate = Fate::dies;
    return letter;
}

Letter LetterWriter::damaged(const Conversation& conversation) {
    Letter letter = next(conversation);
    letter.header = {};
    letter.words.options.clear();
    letter.words.ttl = 64;
    if (letter.payload > 1000) letter.payload = 1000;
    letter.l3 = craft(letter.words, marked_payload(letter.number, letter.payload), conversation.checksum);
    letter.fate = Fate::dies;
    Bytes& l3 = letter.l3;
    const unsigned protocol = conversation.protocol();
    switch (dice_.below(12)) {
        case 0:
            letter.what = "a packet whose IP header checksum is wrong";
            put_byte(l3, 10, byte_at(l3, 10) ^ (1U << dice_.below(8)));
            return letter;
        case 1:
            letter.what = "a packet that says it is longer than its frame";
            put_word(l3, 2, static_cast<unsigned>(l3.size()) + 1 + dice_.below(100));
            break;
        case 2:
            letter.what = "a packet of another version";
            put_byte(l3, 0, dice_.one_of(std::array{0x05U, 0x55U, 0x65U, 0xf5U}));
            break;
        case 3:
            letter.what = "a packet whose header is shorter than one";
            put_byte(l3, 0, 0x40 + dice_.below(5));
            break;
        case 4:
            letter.what = "a frame that ends in its headers";
            letter.cut_off = l3.size() - dice_.below(20 + (protocol == kTcp ? 20U : 8U));
            return letter;
        case 5:
        case 6:
            letter.what = "a packet from where no host is";
            put_long(l3, 12,
                     dice_.chance(30)   ? long_at(l3, 16)
                     : dice_.chance(30) ? dice_.one_of(kGatewayAddresses)
                                        : dice_.one_of(kMartians));
            break;
        case 7:
            letter.what = "a packet to where no host is";
            put_long(l3, 16, dice_.one_of(kMartians));
            break;
        case 8:
            letter.what = "a packet in a frame for somebody else";
            letter.to_mac = 0x0200'0000'ee00 + dice_.below(200);
            return letter;
        case 9:
            if (protocol == kUdp) {
                letter.what = "a UDP packet whose length is none";
                put_word(l3, 24,
                         dice_.chance(50) ? dice_.below(8) : static_cast<unsigned>(l3.size()) - 20 + 1 + dice_.below(100));
                return letter;
            }
            [[fallthrough]];
        case 10:
            if (protocol == kTcp) {
                letter.what = "a TCP packet whose header is shorter than one, or longer than the packet";
                put_byte(l3, 32, l3.size() < 20 + 56 && dice_.chance(50) ? 0xf0 : dice_.below(5) << 4);
                return letter;
            }
            if (protocol == kUdpLite) {
                letter.what = "a UDP-Lite packet without a checksum, or one that covers no header";
                put_word(l3, dice_.chance(50) ? 26 : 24, dice_.chance(50) ? 0 : 1 + dice_.below(7));
                put_word(l3, 26, 0);
                return letter;
            }
            [[fallthrough]];
        default:
            letter.what = "a fragment that ends beyond the largest packet";
            put_word(l3, 6, 0x1fff);
            l3.resize(20 + 100);
            put_word(l3, 2, 120);
            break;
    }
    write_header_checksum(l3);
    return letter;
}

Letter LetterWriter::unasked(const Ends& outside) {
    Conversation nobody;
    nobody.station = {kIspPort, kIspPort};
    Ends& key = nobody.near_key;
    key = outside;
    key.source = kBehindIsp + dice_.between(1, 200);
    key.source_port = dice_.between(kStrangersFirstPort, 65535);  // where no conversation leads, which this would take up
    if (key.protocol == kIcmp) key.source_port = key.destination_port;
    Words words = nobody.words(Side::near, dice_);
    if (key.protocol == kTcp && dice_.chance(50)) words.tcp.flags = kAck;
    if (key.protocol == kIcmp) words.icmp_type = 0;
    Letter letter = write(nobody, Side::near, words, 8 + dice_.below(40), L4Checksum::complete);
    letter.what = "a packet from outside that nobody has asked for";
    letter.fate = Fate::may_arrive;
    return letter;
}

}  // namespace hairpin::testing

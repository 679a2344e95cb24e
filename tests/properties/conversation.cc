#include "tests/properties/conversation.h"

namespace hairpin::testing {

using namespace plain;

namespace {

unsigned any_port(Dice& dice) { return dice.chance(15) ? dice.between(1, 1023) : dice.between(1024, 65535); }

std::uint32_t any_address_of(std::size_t station, Dice& dice) {
    return dice.between(kStations[station].first, kStations[station].last);
}

std::size_t any_inside(Dice& dice) {
    return dice.one_of(std::array{kWorkstationPort, kOldHostPort, kWebPort, kMappedPort, kCrowdPort, kCrowdPort, kCrowdPort,
                                  kTrunkPort, kAccessPort});
}

void aim_outside(Conversation& conversation, Path path, Dice& dice) {
    conversation.path = path;
    conversation.station[1] = dice.chance(15) && path == Path::outbound ? kPeerPort : kIspPort;
    Ends& key = conversation.near_key;
    key.destination = conversation.station[1] == kPeerPort
                          ? kStations[kPeerPort].first
                          : kBehindIsp + (path == Path::untranslated ? dice.between(240, 254) : dice.between(1, 200));
    key.destination_port =
        dice.chance(50) ? dice.one_of(std::array{53U, 80U, 443U, 3478U}) : dice.between(1, kStrangersFirstPort - 1);
}

// To one of the external addresses that rules forward.
void aim_at_forwarded(Conversation& conversation, Dice& dice) {
    Ends& key = conversation.near_key;
    const bool from_outside = !kStations[conversation.station[0]].inside();
    conversation.path = from_outside ? Path::forwarded : Path::hairpin;
    key.destination = ip4(203, 0, 113, 80);
    switch (dice.below(from_outside ? 4 : 3)) {
        case 0: key.protocol = kTcp, key.destination_port = 80; break;
        case 1: key.protocol = kUdp, key.destination_port = dice.between(5000, 5099); break;
        case 2: key.protocol = kTcp, key.destination_port = dice.between(8000, 8009); break;
        default:
            key.protocol = dice.one_of(std::array{kTcp, kUdp, kUdpLite, kDccp, kIcmp});
            key.destination = dice.between(ip4(203, 0, 113, 90), ip4(203, 0, 113, 93));
            key.destination_port = any_port(dice);
            break;
    }
    const auto to = forwarded(key, kStations[conversation.station[0]].place);
    conversation.station[1] = station_of(to->address);
}

unsigned any_protocol(Dice& dice) {
    return dice.one_of(
        std::array{kTcp, kTcp, kTcp, kTcp, kTcp, kUdp, kUdp, kUdp, kUdp, kIcmp, kIcmp, kUdpLite, kDccp, kSctp, kGre, kEsp});
}

void choose_path(Conversation& conversation, Dice& dice) {
    Ends& key = conversation.near_key;
    key.protocol = any_protocol(dice);
    const unsigned what = dice.below(100);
    conversation.station[0] = any_inside(dice);
    if (what < 50) return aim_outside(conversation, Path::outbound, dice);
    if (what < 58) return aim_outside(conversation, Path::untranslated, dice);
    if (what < 76) {
        conversation.station[0] = dice.chance(80) ? kIspPort : kPeerPort;
        return aim_at_forwarded(conversation, dice);
    }
    if (what < 90) return aim_at_forwarded(conversation, dice);
    if (what < 96) {
        conversation.path = Path::routed;
        conversation.station = {dice.one_of(std::array{kWorkstationPort, kOldHostPort, kCrowdPort}),
                                dice.one_of(std::array{kTrunkPort, kAccessPort})};
        key.destination = kStations[conversation.station[1]].first;
        key.destination_port = any_port(dice);
        return;
    }
    conversation.path = Path::to_gateway;
    key.protocol = kIcmp;
    key.destination = dice.chance(50) ? ip4(203, 0, 113, 80)
                                      : kGatewayAddresses[static_cast<std::size_t>(kStations[conversation.station[0]].place)];
}

// RFC 4787 REQ-1 and REQ-3: the same source to somewhere else, or another source to the same.
void share_with(Conversation& conversation, const Conversation& like, Dice& dice) {
    if (like.path != conversation.path || like.path == Path::to_gateway) return;
    if (dice.chance(60)) {
        conversation.station[0] = like.station[0];
        conversation.near_key.source = like.near_key.source;
        conversation.near_key.source_port = like.near_key.source_port;
        if (like.path == Path::outbound || like.path == Path::untranslated) conversation.near_key.protocol = like.protocol();
    } else if (like.path == Path::outbound) {
        conversation.station[1] = like.station[1];
        conversation.near_key.protocol = like.protocol();
        conversation.near_key.destination = like.near_key.destination;
        conversation.near_key.source_port = like.near_key.source_port;
        conversation.near_key.destination_port = like.near_key.destination_port;
    }
}

void have_no_ports(Ends& key) {
    if (key.protocol == kIcmp) key.destination_port = key.source_port;
    if (key.protocol == kGre || key.protocol == kEsp) key.source_port = key.destination_port = 0;
}

}  // namespace

std::size_t station_of(std::uint32_t address) {
    for (std::size_t i = 0; i < kStations.size(); ++i)
        if (owns(i, address)) return i;
    return kStations.size();
}

Conversation begin(const std::vector<Conversation>& others, Dice& dice) {
    Conversation conversation;
    choose_path(conversation, dice);
    Ends& key = conversation.near_key;
    key.source = conversation.station[0] == kIspPort && dice.chance(95) ? kBehindIsp + dice.between(1, 200)
                                                                        : any_address_of(conversation.station[0], dice);
    key.source_port = any_port(dice);
    if (!others.empty() && dice.chance(40)) share_with(conversation, others[dice.below(others.size())], dice);
    have_no_ports(key);
    if (conversation.path == Path::outbound || conversation.path == Path::untranslated)
        conversation.path = policy_of(key.source, key.destination) ? Path::outbound : Path::untranslated;
    conversation.tag = 1 + dice.below(0xffff'fffe);
    if (key.protocol == kUdp && dice.chance(15)) conversation.checksum = L4Checksum::none;
    if (key.protocol == kUdpLite && dice.chance(50)) conversation.coverage = dice.between(8, 16);
    if (key.protocol == kDccp) conversation.coverage = dice.below(4);
    conversation.next = {static_cast<std::uint32_t>(dice.next()), static_cast<std::uint32_t>(dice.next())};
    return conversation;
}

Side Conversation::turn(Dice& dice) const {
    if (!far_known || path == Path::to_gateway) return Side::near;
    if (protocol() != kTcp || tcp == Tcp::open) return dice.chance(50) ? Side::near : Side::far;
    return tcp == Tcp::opened ? Side::far : Side::near;
}

Words Conversation::words(Side from, Dice& dice) const {
    Words words{.ends = ends_from(from)};
    words.id = dice.below(0x1'0000);
    words.tos = dice.below(256);
    words.ttl = dice.between(2, 255);
    words.dont_fragment = dice.chance(50);
    words.coverage = coverage;
    words.tag = tag;
    words.sequence = dice.below(0x1'0000);
    if (dice.chance(3)) words.options = {std::byte{0x94}, std::byte{4}, std::byte{0}, std::byte{0}};  // router alert
    if (dice.chance(1)) words.options = {std::byte{1}, std::byte{1}, std::byte{1}, std::byte{0}};
    switch (protocol()) {
        case kIcmp: words.icmp_type = from == Side::near ? 8 : 0; break;
        case kSctp: words.icmp_type = from == Side::near ? 1 : 2; break;
        case kDccp: words.icmp_type = from == Side::near ? 0 : 1; break;
        case kTcp: {
            const std::size_t i = index_of(from);
            words.tcp = {next[i], next[1 - i], kAck};
            if (tcp == Tcp::fresh) words.tcp = {next[i], 0, kSyn};
            if (tcp == Tcp::opened) words.tcp.flags = kSyn | kAck;
            if (tcp == Tcp::open && dice.chance(3)) words.tcp.flags |= kFin;
            if (tcp == Tcp::open && dice.chance(2)) words.tcp.flags = kRst | kAck;
            if (tcp == Tcp::open && dice.chance(20)) words.tcp.flags |= kPush;
            break;
        }
        default: break;
    }
    return words;
}

void Conversation::arrived(Side from, std::size_t payload, const TcpWords& words) {
    if (protocol() != kTcp) return;
    const std::size_t i = index_of(from);
    const auto space = static_cast<std::uint32_t>(payload) + ((words.flags & (kSyn | kFin)) != 0 ? 1U : 0U);
    next[i] = words.sequence + space;
    unacknowledged[i] += space;
    if ((words.flags & kAck) != 0) unacknowledged[1 - i] = 0;
    if (tcp == Tcp::fresh)
        tcp = Tcp::opened;
    else if (tcp == Tcp::opened)
        tcp = Tcp::answered;
    else if (tcp == Tcp::answered)
        tcp = Tcp::open;
    if ((words.flags & (kFin | kRst)) != 0) tcp = Tcp::over;
}

}  // namespace hairpin::testing

#include "tests/properties/trial.h"

#include <algorithm>

namespace hairpin::testing {

using namespace plain;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::size_t kMostConversations = 3000, kMostUnderWay = 6;
constexpr std::uint64_t kBooksEvery = 1000;

std::array<std::uint64_t, 2> key_of(const Ends& ends) {
    return {std::uint64_t{ends.source} << 32 | ends.destination,
            std::uint64_t{ends.protocol} << 32 | std::uint64_t{ends.source_port} << 16 | ends.destination_port};
}

std::string name_of(Path path) {
    switch (path) {
        case Path::outbound: return "by the uplink";
        case Path::untranslated: return "by the uplink, untranslated";
        case Path::forwarded: return "forwarded from outside";
        case Path::hairpin: return "hairpinned";
        case Path::routed: return "between the inside networks";
        case Path::to_gateway: return "to the gateway itself";
    }
    return "";
}

bool for_this_station(const RouterRig::Arrival& arrival, const Frame& frame) {
    return frame.to_mac == kStations[arrival.station].mac;
}

}  // namespace

Trial::Trial(std::uint64_t seed) : dice_(seed), rig_(seed), seed_(seed) {}

// ---- What goes in -------------------------------------------------------------------------------------------------------------

void Trial::turn_time() {
    rig_.wait(milliseconds{dice_.below(10)});
    if (!pieces_.empty() || dice_.below(20000) != 0) return;
    rig_.wait(seconds{dice_.one_of(std::array{65, 130, 301, 425, 1300})});
    joiner_.forget();
}

// The letters under way know theirs by its place, so one that is over makes room where it stands.
int Trial::any_conversation() {
    for (int tries = 0; tries < 8 && !conversations_.empty(); ++tries) {
        const auto which = dice_.below(conversations_.size());
        const Conversation& conversation = conversations_[which];
        const bool over = conversation.tcp == Conversation::Tcp::over ||
                          (conversation.protocol() == kTcp && conversation.far_known && !conversation.lives(rig_.now()));
        // Whether its session is still there when its time is just up nobody can know.
        const Timestamp end = conversation.sure_until;
        if (conversation.far_known && rig_.now() >= end && rig_.now() < end + 3 * TranslationModel::kSlack) continue;
        if (!over || conversation.under_way != 0) return static_cast<int>(which);
        if (auto fresh = another()) conversations_[which] = std::move(*fresh);
    }
    return -1;
}

std::optional<Conversation> Trial::another() {
    Conversation fresh = begin(conversations_, dice_);
    if (!used_.insert(key_of(fresh.near_key)).second) return std::nullopt;
    return fresh;
}

void Trial::begin_another() {
    auto fresh = another();
    if (!fresh) return;
    if (conversations_.size() < kMostConversations) return conversations_.push_back(std::move(*fresh));
    Conversation& old = conversations_[dice_.below(conversations_.size())];
    if (old.under_way == 0) old = std::move(*fresh);
}

bool Trial::put_in_fragments(int which) {
    Conversation& conversation = conversations_[static_cast<std::size_t>(which)];
    const bool answerable =
        conversation.protocol() == kUdp || conversation.protocol() == kUdpLite || conversation.protocol() == kIcmp;
    if (!answerable || under_way_.size() >= kMostUnderWay) return false;
    forget_if_silent(conversation);
    std::vector<std::size_t> cuts;
    Letter letter = writer_.in_fragments(conversation, cuts);
    letter.conversation = which;
    std::vector<Bytes> parts = cut_at(letter.l3, cuts);
    if (dice_.chance(70))
        for (std::size_t i = parts.size(); i > 1; --i) std::swap(parts[i - 1], parts[dice_.below(i)]);
    ++conversation.under_way;
    for (std::size_t i = 0; i < parts.size(); ++i) pieces_.push_back({letter.number, std::move(parts[i])});
    under_way_.push_back(std::move(letter));
    return true;
}

// Whoever has been silent for so long may not be known any more as what it was, and begins again.
void Trial::forget_if_silent(Conversation& conversation) const {
    if (!conversation.lives(rig_.now()) && conversation.under_way == 0) conversation.far_known = false;
}

// Nothing: not of this conversation, as it stands.
std::optional<Letter> Trial::write_for(int which) {
    Conversation& conversation = conversations_[static_cast<std::size_t>(which)];
    const bool lives = conversation.lives(rig_.now()), tcp = conversation.protocol() == kTcp;
    const bool settled = lives && (!tcp || conversation.tcp == Conversation::Tcp::open) && conversation.under_way == 0;
    forget_if_silent(conversation);
    const Side side = dice_.chance(50) ? Side::near : Side::far;
    const unsigned what = dice_.below(100);
    if (what < 70) return writer_.next(conversation);
    if (what < 76) return writer_.damaged(conversation);
    if (what < 80 && settled) return writer_.with_wrong_checksum(conversation);
    if (what < 82 && settled && conversation.path != Path::to_gateway) return writer_.out_of_time(conversation);
    if (what < 84 && conversation.path != Path::to_gateway) return writer_.with_bad_options(conversation);
    const bool seen = lives && !conversation.seen[index_of(side)].empty();
    if (what < 92 && seen) return writer_.error_about(conversation, side);
    if (what < 94 && seen) return writer_.broken_error(conversation, side);
    const bool one_in_dmz = (kStations[conversation.station[0]].place == Place::dmz) !=
                            (conversation.path != Path::to_gateway && kStations[conversation.station[1]].place == Place::dmz);
    if (settled && one_in_dmz && conversation.path != Path::to_gateway)
        return dice_.chance(50) ? writer_.too_big(conversation) : writer_.to_be_cut(conversation);
    return std::nullopt;
}

std::string Trial::step() {
    turn_time();
    if (auto wrong = idle_wrong(); !wrong.empty()) return wrong;
    ++packets_;
    refusals_before_ = refusals();
    std::string wrong;
    if (!pieces_.empty() && dice_.chance(60)) {
        wrong = send_piece();
    } else {
        Letter letter = write();
        wrong = send(letter);
    }
    if (wrong.empty() && packets_ % kBooksEvery == 0)
        if (const auto text = rig_.unbalanced(); !text.empty()) wrong = tell("the books do not balance: " + text, nullptr, {});
    return wrong;
}

Letter Trial::write() {
    for (;;) {
        if (conversations_.size() < 20 || dice_.chance(10)) begin_another();
        if (dice_.chance(2)) {
            if (const auto outside = model_.some_outside(dice_.next())) return writer_.unasked(*outside);
        }
        const int which = any_conversation();
        if (which < 0) continue;
        if (dice_.chance(3)) put_in_fragments(which);
        if (auto letter = write_for(which)) {
            letter->conversation = which;
            return std::move(*letter);
        }
    }
}

// ---- What comes of it ---------------------------------------------------------------------------------------------------------

std::uint64_t Trial::refusals() const { return rig_.dropped(DropReason::nat_exhausted) + rig_.dropped(DropReason::nat_conflict); }

std::string Trial::send(Letter& letter) {
    const StationRow& station = kStations[letter.station];
    const std::uint64_t gateway = kGatewayMacs[static_cast<std::size_t>(station.place)];
    Bytes frame = framed(letter.l3, station.mac, letter.to_mac != 0 ? letter.to_mac : gateway, station.vlan);
    frame.resize(frame.size() - std::min(letter.cut_off, frame.size()));
    if (!rig_.inject(letter.station, frame, letter.header)) return tell("the port does not take it", &letter, letter.l3);
    return come_of(letter, true);
}

// A fragment more; with the last of its datagram that arrives.
std::string Trial::send_piece() {
    const std::size_t at = dice_.chance(60) ? 0 : dice_.below(pieces_.size());
    Piece piece = std::move(pieces_[at]);
    pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(at));
    const auto mine =
        std::find_if(under_way_.begin(), under_way_.end(), [&](const Letter& letter) { return letter.number == piece.letter; });
    const bool complete = std::none_of(pieces_.begin(), pieces_.end(),
                                       [&](const Piece& other_piece) { return other_piece.letter == piece.letter; });
    Letter letter = *mine;
    const StationRow& station = kStations[letter.station];
    if (!rig_.inject(letter.station,
                     framed(piece.l3, station.mac, kGatewayMacs[static_cast<std::size_t>(station.place)], station.vlan), {}))
        return tell("the port does not take it", &letter, piece.l3);
    const std::string wrong = come_of(letter, complete);
    if (complete) {
        --conversations_[static_cast<std::size_t>(letter.conversation)].under_way;
        under_way_.erase(mine);
    }
    return wrong;
}

std::string Trial::come_of(Letter& letter, bool complete) {
    out_ = rig_.arrivals();
    // Its session may have ended while its fragments were on their way.
    if (letter.from == Side::far && letter.fate == Fate::arrives &&
        !conversations_[static_cast<std::size_t>(letter.conversation)].lives(rig_.now()))
        letter.fate = Fate::may_arrive;
    std::vector<Bytes> pieces;
    std::size_t station = kStations.size(), reports = 0, errors = 0;
    for (const RouterRig::Arrival& arrival : out_) {
        const auto frame = read_frame(arrival.frame);
        if (!frame) return tell("something that is no frame has come out", &letter, letter.l3);
        if (auto wrong = frame_wrong(arrival, *frame); !wrong.empty()) return tell(wrong, &letter, letter.l3);
        if (!for_this_station(arrival, *frame)) continue;
        const View l3 = View{arrival.frame}.subspan(frame->l3);
        const auto packet = read_packet(l3);
        if (letter.fate == Fate::dies) return tell("something has come of it", &letter, letter.l3);
        if (packet->icmp_error() && !packet->fragment()) {
            const bool own = is_gateways(packet->ends.source) && !letter.is_error;
            if (auto wrong = own ? report_wrong(letter, letter.l3, l3) : error_wrong(letter, arrival, l3); !wrong.empty())
                return tell(wrong, &letter, letter.l3);
            ++(own ? reports : errors);
            continue;
        }
        if (packet->fragment()) {
            auto whole = joiner_.add(arrival.station, l3);
            if (!whole) continue;
            pieces.push_back(std::move(*whole));
        } else {
            for (Bytes& piece : finished_by_device(packet->bytes, frame->l3, arrival.header)) pieces.push_back(std::move(piece));
        }
        if (station != kStations.size() && station != arrival.station)
            return tell("it has come to two stations", &letter, letter.l3);
        station = arrival.station;
    }
    const std::string what{letter.what};
    if (!pieces.empty() && !complete) return tell("a datagram is whole before all of it was sent", &letter, letter.l3);
    if (!pieces.empty()) {
        if (letter.fate == Fate::is_reported) return tell("it has been sent on", &letter, letter.l3);
        const std::string wrong =
            letter.fate == Fate::is_answered ? answer_wrong(letter, station, pieces) : pieces_wrong(letter, station, pieces);
        if (!wrong.empty()) return tell(wrong, &letter, letter.l3);
        ++tally_["arrived: " + what];
        ++tally_["arrived: protocol " + std::to_string(byte_at(letter.l3, 9))];
        if (letter.header.flags != 0) ++tally_["arrived: with a partial checksum"];
        if (station != letter.station && letter.header.flags != 0 && kStations[station].takes == l2::Capabilities{})
            ++tally_["arrived: with a checksum that the switch has completed"];
        if (letter.conversation >= 0)
            ++tally_["arrived: " + name_of(conversations_[static_cast<std::size_t>(letter.conversation)].path)];
        return "";
    }
    if (!complete) return "";
    if (letter.is_error && errors != 0) return ++tally_["arrived: " + what], "";
    if (letter.fate == Fate::is_reported && reports != 1)
        return tell("its sender was not told, or more than once", &letter, letter.l3);
    if (letter.fate == Fate::is_answered) return tell("it was not answered", &letter, letter.l3);
    if (letter.fate == Fate::arrives) {
        // For want of a port or an address, which nobody can promise; then its sender is told (RFC 5508 REQ-8).
        if (reports == 0 || refusals() == refusals_before_) return tell("it has not arrived", &letter, letter.l3);
        ++tally_["refused: " + what];
        return "";
    }
    ++tally_[(letter.fate == Fate::is_reported ? "reported: " : letter.fate == Fate::dies ? "died: " : "not let in: ") + what];
    return "";
}

// Of what comes by itself, when time passes: the gateway's ICMP alone, of a SYN that waited.
std::string Trial::idle_wrong() {
    out_ = rig_.arrivals();
    for (const RouterRig::Arrival& arrival : out_) {
        const auto frame = read_frame(arrival.frame);
        if (!frame) return tell("something that is no frame has come out", nullptr, {});
        if (auto wrong = frame_wrong(arrival, *frame); !wrong.empty()) return tell(wrong, nullptr, {});
        const auto packet = read_packet(View{arrival.frame}.subspan(frame->l3));
        if (!packet->icmp_error() || !is_gateways(packet->ends.source))
            return tell("nobody has sent anything, and something has come", nullptr, {});
    }
    return "";
}

std::string Trial::finish() {
    rig_.wait(seconds{40});
    if (auto wrong = idle_wrong(); !wrong.empty()) return wrong;
    const auto text = rig_.unbalanced();
    return text.empty() ? "" : tell("the books do not balance: " + text, nullptr, {});
}

std::string Trial::tell(const std::string& wrong, const Letter* letter, View sent) const {
    std::string text = "seed " + std::to_string(seed_) + ", packet " + std::to_string(packets_) + ": " + wrong + "\n";
    if (letter != nullptr) {
        text += "it was " + std::string{letter->what} + ", from " + std::string{kStations[letter->station].name};
        if (letter->conversation >= 0) {
            const Conversation& conversation = conversations_[static_cast<std::size_t>(letter->conversation)];
            text += letter->from == Side::near ? " (near), " : " (far), ";
            text += name_of(conversation.path) + ", near " + conversation.near_key.to_string();
            if (conversation.far_known) text += ", seen as " + conversation.far_key.to_string();
        }
        text += "\nvnet_hdr flags " + std::to_string(letter->header.flags) + ", segmentation " +
                std::to_string(letter->header.segmentation) + ", segment size " + std::to_string(letter->header.segment_size) +
                "\nsent, from the IP header on:\n" + hex(sent) + "\n";
    }
    for (const auto& arrival : out_)
        text += "came to " + std::string{kStations[arrival.station].name} + " (vnet_hdr flags " +
                std::to_string(arrival.header.flags) + ", segmentation " + std::to_string(arrival.header.segmentation) +
                ", segment size " + std::to_string(arrival.header.segment_size) + "):\n" + hex(arrival.frame) + "\n";
    text += "dropped so far:";
    for (const auto& row : kDropReasons)
        if (const auto count = rig_.dropped(row.reason); count != 0)
            text += " " + std::string{row.name} + " " + std::to_string(count);
    return text + "\n";
}

}  // namespace hairpin::testing

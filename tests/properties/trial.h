#pragma once
// A million packets, one after the other: what goes in, what comes out, and what is wrong with it.
//
//   a letter goes in ──► the router ──► frames come out ──► each: its checksums, what it carries, who gets it, whose address it has
//                                                           none: why not; every thousand packets: the books
//
// Everything follows from the seed. It ends at the first packet with which something is wrong, and says which, with its bytes.

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "tests/properties/letter_writer.h"
#include "tests/properties/plain_pieces.h"
#include "tests/properties/router_rig.h"
#include "tests/properties/translation_model.h"

namespace hairpin::testing {

class Trial {
public:
    explicit Trial(std::uint64_t seed);

    // One packet more. Empty where all is well; else what to read of it.
    std::string step();
    // What has come of how many, by what it was: "arrived: a super-packet".
    const std::map<std::string, std::uint64_t>& tally() const { return tally_; }
    std::uint64_t tallied(const std::string& what) const {
        const auto found = tally_.find(what);
        return found == tally_.end() ? 0 : found->second;
    }
    std::uint64_t packets() const { return packets_; }
    std::size_t translations() const { return model_.translations(); }
    const RouterRig& rig() const { return rig_; }
    // Everything that is held has its end, and the books balance.
    std::string finish();

private:
    struct Piece {
        std::uint32_t letter;  // its number
        plain::Bytes l3;
    };

    void turn_time();
    Letter write();
    std::optional<Letter> write_for(int which);
    int any_conversation();
    std::optional<Conversation> another();
    void begin_another();
    bool put_in_fragments(int which);
    void forget_if_silent(Conversation& conversation) const;

    std::uint64_t refusals() const;
    std::string send(Letter& letter);
    std::string send_piece();
    std::string come_of(Letter& letter, bool complete);

    // What is wrong with a frame that a station got, whatever it is.
    std::string frame_wrong(const RouterRig::Arrival& arrival, const plain::Frame& frame) const;
    std::string report_wrong(const Letter& letter, plain::View sent, plain::View l3) const;
    std::string error_wrong(const Letter& letter, const RouterRig::Arrival& arrival, plain::View l3) const;
    std::string pieces_wrong(Letter& letter, std::size_t station, const std::vector<plain::Bytes>& pieces);
    std::string answer_wrong(const Letter& letter, std::size_t station, const std::vector<plain::Bytes>& pieces) const;
    std::string ends_wrong(Letter& letter, std::size_t station, const plain::Ends& out);
    std::string source_wrong(const Conversation& conversation, const plain::Ends& out);
    void refresh(Conversation& conversation, Side from, unsigned tcp_flags);
    std::string tell(const std::string& wrong, const Letter* letter, plain::View sent) const;
    std::string idle_wrong();
    std::size_t l3_offset(std::size_t station) const { return kStations[station].vlan != 0 ? 18 : 14; }

    Dice dice_;
    RouterRig rig_;
    TranslationModel model_;
    LetterWriter writer_{dice_};
    plain::Joiner joiner_;
    std::vector<Conversation> conversations_;
    std::set<std::array<std::uint64_t, 2>> used_;  // keys, each once: how long a session lives must be one's own doing
    std::deque<Piece> pieces_;                     // fragments that are still to be sent
    std::vector<Letter> under_way_;                // whose they are
    std::vector<RouterRig::Arrival> out_;          // of the packet at hand
    std::map<std::string, std::uint64_t> tally_;
    std::uint64_t packets_ = 0, refusals_before_ = 0, seed_;
};

}  // namespace hairpin::testing

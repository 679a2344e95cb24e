#pragma once
// Writes the datagrams that conversations go on with, and many that nobody should: damaged ones, too long ones, ones that nobody has asked for.

#include "tests/properties/letter.h"

namespace hairpin::testing {

class LetterWriter {
public:
    explicit LetterWriter(Dice& dice) : dice_(dice) {}

    // What the conversation goes on with: whole, right, and what its station's port takes, partial checksum and super-packet included.
    Letter next(const Conversation& conversation);
    // The same, longer, to be sent in fragments: then `cuts` says where they end.
    Letter in_fragments(const Conversation& conversation, std::vector<std::size_t>& cuts);
    Letter with_wrong_checksum(const Conversation& conversation);
    Letter out_of_time(const Conversation& conversation);  // a time to live of 1
    Letter too_big(const Conversation& conversation);      // for the dmz, and not to be cut
    Letter to_be_cut(const Conversation& conversation);    // the same, and to be cut
    Letter with_bad_options(const Conversation& conversation);
    // An ICMP error about what the side has got last.
    Letter error_about(const Conversation& conversation, Side from);
    // One that does not hold: its own checksum, or the quoted header's.
    Letter broken_error(const Conversation& conversation, Side from);
    // What was made of a right one that must not go anywhere.
    Letter damaged(const Conversation& conversation);
    // From outside to where somebody may be or may have been.
    Letter unasked(const plain::Ends& outside);

private:
    Letter write(const Conversation& conversation, Side from, plain::Words words, std::size_t payload,
                 plain::L4Checksum checksum);
    std::size_t any_length(const Conversation& conversation, std::size_t most);
    void offload(Letter& letter, const Conversation& conversation);

    Dice& dice_;
    std::uint32_t number_ = 0;
};

}  // namespace hairpin::testing

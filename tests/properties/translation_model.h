#pragma once
// What a NAT must do (RFC 4787, RFC 5382, RFC 5508, RFC 6888), remembered in maps by somebody who sees nothing but packets: as what each
// inside address and port was seen outside, when it last spoke, and to whom.
//
//   left(inside -> D, outside -> D)    nobody else has that outside address and port, now or until it has rested (REQ-3; RFC 6888 REQ-8);
//                                      the inside one has no other (REQ-1); class, range and parity of its port are kept (REQ-3a, REQ-4)
//   entered(A -> outside, A -> inside)  it is that inside address and port's; it has spoken lately (REQ-5, REQ-6), and to A (REQ-8)
//
// How long a session lives is known within a second. Answers a sentence where it is otherwise, and nothing where all is well.

#include <chrono>
#include <unordered_map>

#include "net/time.h"
#include "tests/properties/world.h"

namespace hairpin::testing {

class TranslationModel {
public:
    std::string left(const plain::Ends& in, const plain::Ends& out, const Policy& policy, Timestamp now);
    std::string entered(const plain::Ends& in, const plain::Ends& out, Timestamp now);
    // An answer that keeps its session alive: to a ping, or from inside.
    void answered(const plain::Ends& in, Timestamp now);

    std::size_t translations() const { return by_outside_.size(); }
    // What a session of this protocol lives at least, and nobody's packets keep it alive but its inside's.
    static Duration life(unsigned protocol);
    // An outside address and port that is in use, or was.
    std::optional<plain::Ends> some_outside(std::uint64_t choice) const;

    static constexpr Duration kRest = std::chrono::seconds{120}, kSlack = std::chrono::seconds{1};

private:
    // Of a protocol: an address and port; or two of them.
    using End = std::uint64_t;
    struct Both {
        End here, there;
        friend bool operator==(const Both&, const Both&) = default;
    };
    struct Hash {
        std::size_t operator()(const Both& both) const {
            return (both.here * 0x9e37'79b9'7f4a'7c15U) ^ (both.there * 0xc2b2'ae3d'27d4'eb4fU);
        }
    };
    struct Outside {
        End inside;
        Timestamp spoke;
        bool everybody, scarce;
    };
    struct Inside {
        End outside;
        Timestamp spoke;
    };
    static End end_of(unsigned protocol, std::uint32_t address, unsigned port) {
        return std::uint64_t{address} << 24 | std::uint64_t{port} << 8 | protocol;
    }

    std::string port_kept(const plain::Ends& in, const plain::Ends& out, const Policy& policy) const;
    std::string unique(const plain::Ends& in, const plain::Ends& out, const Policy& policy, Timestamp now);
    std::string unique_flow(const plain::Ends& in, const plain::Ends& out, Timestamp now);

    std::unordered_map<End, Outside> by_outside_;
    std::unordered_map<Both, Inside, Hash> by_inside_;  // and which rule: the first address that it translates to
    std::unordered_map<Both, Inside, Hash> flows_;      // of rules that are not endpoint-independent: outside and destination
    std::unordered_map<Both, std::uint32_t, Hash> address_of_;  // of a host and a rule, its pool's (paired pooling)
    std::unordered_map<Both, Timestamp, Hash> peers_;           // outside and whom it has spoken to
    std::unordered_map<Both, Timestamp, Hash> guests_;          // outside and who was let in, since when
    std::vector<End> outsides_;                                 // for some_outside()
};

}  // namespace hairpin::testing

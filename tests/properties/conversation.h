#pragma once
// Two who speak with each other through the router: who has begun (the near one), what it is called at either end, and what comes next. It
// knows what has arrived, and nothing of what the router remembers.

#include <array>
#include <vector>

#include "net/time.h"
#include "tests/properties/craft.h"
#include "tests/properties/dice.h"
#include "tests/properties/world.h"

namespace hairpin::testing {

enum class Path : std::uint8_t {
    outbound,      // from inside by the uplink, translated
    untranslated,  // the same to where a rule leaves sources alone
    forwarded,     // from outside, by a dnat rule
    hairpin,       // from inside to an external address that a dnat rule forwards
    routed,        // from lan to dmz
    to_gateway,    // pings, which the gateway answers
};

enum class Side : std::uint8_t { near, far };
constexpr std::size_t index_of(Side side) { return static_cast<std::size_t>(side); }
constexpr Side other(Side side) { return side == Side::near ? Side::far : Side::near; }

// Ports of the outside that nobody inside speaks to.
inline constexpr unsigned kStrangersFirstPort = 60000;

struct Conversation {
    enum class Tcp : std::uint8_t { fresh, opened, answered, open, over };

    Path path = Path::outbound;
    std::array<std::size_t, 2> station{};  // of each side
    plain::Ends near_key;                  // as the near one writes it
    plain::Ends far_key;                   // as the far one has seen it, once it has
    bool far_known = false;
    plain::L4Checksum checksum = plain::L4Checksum::complete;
    unsigned coverage = 0;
    std::uint32_t tag = 0;

    Tcp tcp = Tcp::fresh;
    std::array<std::uint32_t, 2> next{1000, 5000}, unacknowledged{};  // of each side

    Timestamp sure_until{};              // its session lives until then, at least
    std::array<plain::Bytes, 2> seen{};  // what each side has got last
    unsigned under_way = 0;              // datagrams whose fragments are

    unsigned protocol() const { return near_key.protocol; }
    // As a side writes what it sends.
    plain::Ends ends_from(Side side) const { return side == Side::near ? near_key : far_key.reversed(); }
    bool lives(Timestamp now) const { return far_known && now < sure_until; }
    // Who may speak next.
    Side turn(Dice& dice) const;
    // What it says: flags and numbers, all but the payload's length.
    plain::Words words(Side from, Dice& dice) const;
    // What was said has arrived.
    void arrived(Side from, std::size_t payload, const plain::TcpWords& words);
};

// Another one; sometimes it has something in common with one that there is: its source, or its destination and port.
Conversation begin(const std::vector<Conversation>& others, Dice& dice);
// Where packets to this address arrive.
std::size_t station_of(std::uint32_t address);

}  // namespace hairpin::testing

#pragma once
// What new rules mean for a session that older ones made. Asked at a session's first packet under new rules, and by whoever wants to
// know before they are in force.

#include <cstddef>
#include <optional>
#include <vector>

#include "gateway/decision.h"
#include "gateway/sessions/session.h"

namespace hairpin::gateway {

enum class SessionFate : std::uint8_t {
    kept,             // it goes on as it is, translation included
    translated_anew,  // it ends, and its next packet begins another one with another translation
    ended,            // it ends, and nothing takes its place until somebody opens a new connection
};

struct SessionReview {
    SessionFate fate = SessionFate::ended;
    std::optional<Decision> decision;  // of a session that is kept, the one it goes on under; none: that which it was made with
};

// The ruleset says whether sessions are asked about at all (on_commit). One whose interfaces are gone ends in any case.
// `source_mac`: of whoever began it. A session does not keep that; none where nobody knows, and then no rule's MAC is it.
SessionReview review(const Session& session, const Ruleset& ruleset, const RouteTable& routes,
                     const MappingTable* mappings = nullptr, std::optional<MacAddress> source_mac = std::nullopt);

// What adopting rules would do to the sessions that live.
struct Foresight {
    std::size_t kept = 0, ended = 0, translated_anew = 0;
    std::vector<Session> examples;  // some of those that end
    bool complete = true;           // false: there are more sessions than were looked at
};
inline constexpr std::size_t kMostForesightExamples = 10;

}  // namespace hairpin::gateway

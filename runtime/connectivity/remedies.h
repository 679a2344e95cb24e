#pragma once
// What might make a refused connection possible: the smallest changes that come into question, as a person types them in the
// configuration mode. They are guesses; search.h puts the question again under each.
//
//   refused               enable a rule that would accept it; a rule that accepts exactly this, before the one that refuses it
//   nobody_listens        enable a dnat rule, move it before the one in its way, or the same rule applied on this interface, too
//   answer_past_gateway   the same for snat; or a new one that hides the client behind the outbound interface's address
//   answer_lost           likewise
//   no_route              a default route by the router that other routes name, or the only neighbour of the uplink
//   client_unknown        likewise
//
// Everywhere: switch the firewall on, and NAT with it, where it is off. New rules get the first free number of one's own.

#include <string>
#include <vector>

#include "config/candidate/candidate.h"
#include "runtime/connectivity/verdict.h"

namespace hairpin::runtime::connectivity {

// One setting; a rule takes several lines: "set gateway firewall rule 5 action accept".
struct Remedy {
    std::vector<std::string> lines;
    bool operator==(const Remedy&) const = default;
};

// Those for the obstacle that was found, the smallest first. `document` makes the rules that the gateway has at the moment.
std::vector<Remedy> remedies_for(const Verdict& verdict, const Question& question, Worker& worker,
                                 const config::Candidate& document);

// Does to a candidate what its lines say. False when a line cannot be typed there.
bool apply(const Remedy& remedy, config::Candidate& document);

}  // namespace hairpin::runtime::connectivity

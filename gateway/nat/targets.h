#pragma once
// Which of a dnat rule's targets a client gets, by weighted rendezvous hashing (Thaler and Ravishankar 1998): each target draws a number for
// the client, and the highest wins. A target with weight 2 draws as two of weight 1 would together.
//
//   client 198.51.100.10     .11 draws 0.31   .12 draws 0.87   .13 draws 0.55      goes to .12
//   .12 is taken away        .11 draws 0.31                    .13 draws 0.55      goes to .13; whoever had another keeps it
//
// Nothing is remembered, so all who ask get the same answer: for a session's first packet, under new rules, in a trace. Targets are known
// by their address alone, so rules with the same targets, as for http and https, send a client to the same one.

#include "gateway/nat/rule.h"
#include "net/flow_key.h"
#include "net/hash.h"

namespace hairpin::gateway {

// Of those that have a weight. Without the secret nobody outside can find out which source would bring him to which.
const NatTarget& choose_target(const NatRule& rule, const Ipv4FlowKey& key, const HashKey& secret);
// nullptr where the rule has none such.
const NatTarget* find_target(const NatRule& rule, Ipv4Address address);

// The weights of all together.
unsigned total_weight(const NatRule& rule);

}  // namespace hairpin::gateway

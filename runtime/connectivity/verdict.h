#pragma once
// Whether a connection can be, under the rules that the gateway has at the moment, and where it ends if not.
//
// The first packet and the answer to it go through the datapath itself, as `trace` sends them. What the datapath cannot see is added:
// whether the answer comes to the gateway at all.
//
//   workstation .2 ──to 203.0.113.80──► gateway ──to .10, from .2──► web server
//        ▲                                                               │      answer_past_gateway: both stand on one LAN, and
//        └──────────────────────── from .10 ─────────────────────────────┘      nothing hides .2 from .10
//
// Whether somebody listens at the other end only a real packet can tell.

#include <optional>
#include <string>
#include <vector>

#include "gateway/decision.h"
#include "net/drop_reason.h"
#include "net/result.h"
#include "runtime/connectivity/question.h"

namespace hairpin::runtime::connectivity {

enum class Obstacle : std::uint8_t {
    none,
    client_unknown,       // no route leads back to the client, so nobody can say by which interface it comes
    client_is_gateway,    // the gateway begins no connections of its own
    refused,              // by a firewall rule
    no_route,             // to the server
    nobody_listens,       // the gateway is asked itself
    dropped,              // for another reason
    answer_dropped,       // the packet passes, the answer to it does not
    answer_past_gateway,  // the server answers its neighbour, the client, who has not asked it
    answer_lost,          // nobody behind the outbound interface knows whom to give it to
};

struct ObstacleRow {
    Obstacle obstacle;
    std::string_view name;
    std::string_view no_remedy;  // why nothing can be suggested when nothing is: the rest of "nothing to suggest: ..."
};
const ObstacleRow& row_of(Obstacle obstacle);

struct Verdict {
    Obstacle obstacle = Obstacle::none;
    std::optional<DropReason> drop;
    std::string sentence;              // that it can, or where it ends
    std::vector<std::string> remarks;  // what must hold besides, and cannot be seen from here

    // How far it came.
    std::optional<InterfaceId> inbound;         // none: not known, or the switch alone carries it
    std::optional<gateway::Decision> decision;  // of the packet; none: there was nothing to decide
    std::optional<Ipv4FlowKey> sent;            // as it leaves
    std::string server_port;                    // of the switch; empty: not known

    bool possible() const { return obstacle == Obstacle::none; }
};

// An error is about a parameter of the question. Changes nothing.
Result<Verdict> judge(Worker& worker, const Question& question);

// The type of the message that begins it; none where it is not ICMP.
std::optional<std::uint8_t> icmp_type_of(const Question& question);
gateway::FirstPacket first_packet_of(const Question& question, InterfaceId inbound);
// RFC 1918, 6598 and 3927: an address that the Internet has no route to.
bool is_private(Ipv4Address address);
// The subnet of that interface that an address is in.
std::optional<Ipv4Prefix> subnet_of(const gateway::Interface& interface, Ipv4Address address);
// "firewall rule 3 "Workstation to Web Server"".
std::string firewall_rule_text(const gateway::Ruleset& ruleset, gateway::RuleId id);

}  // namespace hairpin::runtime::connectivity

#pragma once
// Who wants to reach whom: `test connectivity from workstation to 203.0.113.80 tcp 80`.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/flow_key.h"
#include "net/result.h"

namespace hairpin::runtime {
class Worker;
}

namespace hairpin::runtime::connectivity {

struct Question {
    Ipv4FlowKey key;        // of a connection that does not live yet; of icmp both ports are the identifier
    std::string interface;  // by which the client's packets come in; empty: by the one that leads back to it

    std::string client() const { return key.source.to_string(); }
    std::string target() const;  // "203.0.113.80 tcp 80", "203.0.113.80 icmp"
};

// Parameters: source and destination (addresses, or names of ports of the switch behind which an address is known), protocol (tcp, udp,
// icmp), port (of tcp and udp), and optionally interface. Behind the source's address a port may stand, as 192.0.2.1:40000; without
// it one is chosen that no session has. An Error's path is the name of the parameter that is wrong.
Result<Question> read_question(Worker& worker, const nlohmann::json& parameters);

}  // namespace hairpin::runtime::connectivity

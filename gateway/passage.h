#pragma once
// What became of one packet, written down by the datapath itself while it happened: step by step, and how it ended. The packet tracer asks
// for one packet's passage; `trace live` follows packets that pass anyway. Where nobody follows, a stage costs one branch.

#include <cstddef>
#include <optional>
#include <vector>

#include "gateway/decision.h"
#include "gateway/icmp/icmp_messages.h"
#include "gateway/sessions/session.h"
#include "gateway/trace.h"
#include "net/mac_address.h"
#include "net/packet.h"

namespace hairpin::gateway {

struct Passage {
    Tracer tracer;
    Decision decision;  // of a session's first packet
    std::optional<Session>
        session;  // of a session that lived as the packet found it; of a new one as it was, or would have been, made
    SessionIndex ended = kNoSession;  // the session that the packet ended, or would have

    std::optional<Ipv4FlowKey> arrived, left;  // the packet's tuple as it came in, and as it went out
    std::optional<IcmpError> reported;         // what its sender was told
    bool reset = false;                        // it was told by a RST

    // How it ended. None of these: it waits for the first fragment of its datagram.
    std::optional<DropReason> drop;
    bool forwarded = false;
    bool answered = false;  // the gateway itself took it in: it has answered a ping, or learned from ARP

    // Of what was forwarded.
    InterfaceId outbound{};
    Ipv4Address next_hop;
    std::optional<MacAddress> next_hop_mac;  // none: the packet waits, or would wait, for ARP's answer
    std::vector<std::byte> frame;            // as it leaves; of what is cut into fragments the first, of a probe the whole
};

// Chooses packets to be followed, and is told what became of each. Called from the packet path: must be quick and must not call back.
class PassageObserver {
public:
    virtual ~PassageObserver() = default;
    virtual bool wants(InterfaceId inbound, const Packet& packet) = 0;
    // Of the packet that it has just wanted.
    virtual void passed(InterfaceId inbound, const Passage& passage) = 0;
};

}  // namespace hairpin::gateway

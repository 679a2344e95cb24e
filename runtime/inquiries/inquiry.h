#pragma once
// One question that the gateway puts to the network for somebody at the command line: a ping, a traceroute, an arping. It goes on for a
// while, tells its client of each answer in an event, and ends with one that is the last.
//
// Owned by Inquiries, which turns time for it and brings it what comes back.

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "gateway/edge_gateway.h"
#include "net/result.h"
#include "net/time.h"

namespace hairpin::runtime {

class Worker;

class Inquiry {
public:
    using Listener = std::function<void(std::string_view line)>;

    explicit Inquiry(Listener listener) : tell_(std::move(listener)) {}
    virtual ~Inquiry() = default;

    // Sends what is due, gives up on what is overdue. False when all is said.
    virtual bool look(Timestamp now) = 0;

    // What came back: an answer to an echo request of ours, an ICMP error about one, an ARP packet on some interface. Each looks
    // whether it is its own.
    struct EchoAnswer {
        std::uint16_t identifier, sequence;
        Ipv4Address from;
        std::uint8_t time_to_live;
        std::size_t bytes;  // of ICMP
    };
    struct EchoError {
        std::uint16_t identifier, sequence;
        Ipv4Address from;
        IcmpType type;
        std::uint8_t code;
        std::uint16_t mtu;  // of 3/4
    };
    virtual void hear(const EchoAnswer&, Timestamp) {}
    virtual void hear(const EchoError&, Timestamp) {}
    virtual void hear_arp(InterfaceId, const ArpHeader&, Timestamp) {}

protected:
    void tell(std::string_view line) { tell_(line); }

private:
    Listener tell_;
};

// What is asked, read from parameters: an Error's path is the name of the parameter that is wrong.
Result<std::unique_ptr<Inquiry>> make_ping(Worker& worker, const nlohmann::json& parameters, Inquiry::Listener listener);
Result<std::unique_ptr<Inquiry>> make_traceroute(Worker& worker, const nlohmann::json& parameters, Inquiry::Listener listener);
Result<std::unique_ptr<Inquiry>> make_arping(Worker& worker, const nlohmann::json& parameters, Inquiry::Listener listener);

}  // namespace hairpin::runtime

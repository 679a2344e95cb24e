// arping: who has this address on the link? Each that answers is told, so two that both think it theirs are seen.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/event_line.h"
#include "runtime/inquiries/echoes.h"
#include "runtime/parameters.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

constexpr Duration kInterval = std::chrono::seconds{1};  // RFC 1122 2.3.2.1: no more often

class Arping final : public Inquiry {
public:
    Arping(Worker& worker, InterfaceId interface, Ipv4Address address, std::uint64_t count, Listener listener)
        : Inquiry(std::move(listener)), worker_(worker), interface_(interface), address_(address), count_(count) {}

    bool look(Timestamp now) override {
        if (sent_ > 0 && now - asked_ < kInterval && (sent_ < count_ || !answered_)) return true;
        if (sent_ > 0 && !answered_) tell(event_line("arping_timeout", {{"sequence", sent_}, {"address", address_.to_string()}}));
        if (sent_ == count_) {
            tell(last_event_line("arping_end", {{"address", address_.to_string()}, {"sent", sent_}, {"received", received_}},
                                 received_ > 0));
            return false;
        }
        ++sent_;
        asked_ = now;
        answered_ = false;
        worker_.request_arp(interface_, address_, now);
        return true;
    }

    void hear_arp(InterfaceId inbound, const ArpHeader& arp, Timestamp now) override {
        const bool reply = arp.operation == Be16{static_cast<std::uint16_t>(ArpOperation::reply)};
        if (inbound != interface_ || arp.sender_address != address_ || !reply || sent_ == 0) return;
        answered_ = true;
        ++received_;
        tell(event_line("arp_reply", {{"sequence", sent_},
                                      {"from", address_.to_string()},
                                      {"mac", arp.sender_mac.to_string()},
                                      {"time_us", microseconds(now - asked_)}}));
    }

private:
    Worker& worker_;
    InterfaceId interface_;
    Ipv4Address address_;
    std::uint64_t count_, sent_ = 0, received_ = 0;
    Timestamp asked_{};
    bool answered_ = false;  // since it was asked last
};

// The interface that is named, or the one whose subnet holds the address.
Result<InterfaceId> interface_for(const gateway::Ruleset& ruleset, const json& parameters, Ipv4Address address) {
    if (parameters.contains("interface")) return interface_in(parameters, "interface", ruleset);
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i)
        for (const Ipv4InterfaceAddress& own : ruleset.interfaces[i].addresses)
            if (own.subnet.contains(address)) return static_cast<InterfaceId>(i);
    return failure(address.to_string() + " is in no interface's subnet: say which link to ask on with interface", "address");
}

}  // namespace

Result<std::unique_ptr<Inquiry>> make_arping(Worker& worker, const json& parameters, Inquiry::Listener listener) {
    const auto address = address_in(parameters, "address");
    if (!address) return tl::unexpected(address.error());
    const auto count = number_in(parameters, "count", 1, 1000, 3);
    if (!count) return tl::unexpected(count.error());
    const gateway::Ruleset& ruleset = worker.gateway().ruleset();
    if (ruleset.owns(*address)) return failure(address->to_string() + " is the gateway's own address", "address");
    const auto interface = interface_for(ruleset, parameters, *address);
    if (!interface) return tl::unexpected(interface.error());
    if (ruleset.interfaces[index_of(*interface)].addresses.empty())
        return failure(fmt::format("interface {} has no address to ask from", ruleset.name_of(*interface)), "interface");
    return std::make_unique<Arping>(worker, *interface, *address, *count, std::move(listener));
}

}  // namespace hairpin::runtime

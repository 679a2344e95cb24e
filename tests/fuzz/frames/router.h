#pragma once
// A switch and the Edge Gateway with the guide's rules, as a Worker joins them, between four ports that anybody may send frames to.
// Of every frame that the gateway sends, and of the books, holds what must always hold.

#include <array>
#include <memory>
#include <span>

#include "gateway/edge_gateway.h"
#include "net/ledger.h"
#include "net/outbox.h"
#include "switch/bridge.h"
#include "switch/ports/memory_port.h"
#include "switch/virtio_header.h"

namespace hairpin::fuzz {

class Router {
public:
    // workstation and web server on the lan, internet on the wan, and a trunk of the lan with VLAN 7; the web server's device takes no
    // offloads, so that they are finished in software.
    static constexpr std::size_t kPorts = 4;

    Router();
    ~Router();  // the books must balance, and every packet be home
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    // MAC of the gateway beside a port, and of the host behind it.
    static MacAddress gateway_mac(std::size_t port);
    static MacAddress host_mac(std::size_t port);

    // As a TAP would read it. What its header says does not fit: it is dropped and counted nowhere here.
    void send(std::size_t port, std::span<const std::byte> frame, const l2::VirtioHeader& header);
    void wait(Duration duration);
    // Rules that are not the guide's, a few of them, by number; the sessions that live are looked at anew.
    void change_rules(unsigned variant);

private:
    void deliver();
    void inspect_departure(InterfaceId interface, const Packet& packet) const;
    void inspect_delivery(std::size_t port, const Packet& packet) const;

    Timestamp now_{std::chrono::seconds{1000}};
    PacketPool pool_{{256, 24}};
    Ledger ledger_;
    l2::Bridge bridge_;
    gateway::EdgeGateway gateway_;
    std::array<std::unique_ptr<l2::MemoryPort>, kPorts> ports_;
    std::array<PortId, kPorts> port_ids_{};
    std::array<PortId, 2> attachments_{};  // by InterfaceId
    Outbox<PortId> switched_;
    Outbox<InterfaceId> routed_;
    std::uint64_t generation_ = 1;
};

}  // namespace hairpin::fuzz

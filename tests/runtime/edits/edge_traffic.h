#pragma once
// Traffic of the guide's three stations through the memory ports of a Worker, each packet followed to its end.
//
// Stations answer ARP, one on each segment also for whom nobody is, so that what a gateway decides is seen and not who is silent.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/passage.h"
#include "runtime/worker.h"
#include "switch/ports/memory_port.h"
#include "tests/support/packet_builder.h"

namespace hairpin::runtime {

struct Station {
    std::string port;
    MacAddress mac;
    std::vector<Ipv4Address> addresses;
    bool speaks_for_nobody = false;  // answers ARP for addresses that no station has
};
const std::vector<Station>& stations();
// Whose address it is; nullptr: nobody's.
const Station* station_of(Ipv4Address address);

// A flow's packets: its first one, or a later one. Of ICMP the ports are the identifier, and a later one is an answer.
enum class Place : std::uint8_t { first, later };
testing::PacketBuilder packet_of(const Ipv4FlowKey& key, Place place);

// What became of a packet.
struct Fate {
    InterfaceId inbound = kNoInterface;  // where it reached the gateway, if it did
    gateway::Passage passage = {};
    std::map<std::string, std::vector<Ipv4FlowKey>> seen = {};  // what came out of it, by port

    bool reached() const { return inbound != kNoInterface; }
    // The gateway took it in. How many pings it answers a second is a matter of time.
    bool answered() const { return passage.answered || passage.drop == DropReason::icmp_rate_limited; }
    bool waits() const { return reached() && !answered() && !passage.forwarded && !passage.drop; }
    bool forwarded() const { return passage.forwarded && !answered(); }
    std::string to_string() const;
};

// A Worker's ports, and the stations behind them.
class EdgeTraffic : private gateway::PassageObserver {
public:
    explicit EdgeTraffic(Worker& worker) : worker_(worker) { worker.gateway().follow(this); }
    ~EdgeTraffic() override { worker_.gateway().follow(nullptr); }
    EdgeTraffic(const EdgeTraffic&) = delete;
    EdgeTraffic& operator=(const EdgeTraffic&) = delete;

    // From the station to the gateway's interface on its segment, and on until nobody has anything. Nothing: the station's port is gone.
    std::optional<Fate> send(const Station& from, testing::PacketBuilder packet);

private:
    bool wants(InterfaceId inbound, const Packet& packet) override;
    void passed(InterfaceId inbound, const gateway::Passage& passage) override;
    l2::MemoryPort* port_of(const Station& station) const;
    MacAddress gateway_at(const std::string& segment) const;
    bool hear(const Station& station, Fate& fate);
    void answer(const Station& station, const ArpHeader& request);

    Worker& worker_;
    std::uint16_t id_ = 0;  // of the IP packet on its way: translation leaves it alone
    Fate* awaited_ = nullptr;
};

}  // namespace hairpin::runtime

#pragma once
// Telling the neighbour who we are: LLDP (IEEE 802.1AB), sent and never listened to. Each port where it is on sends every 30 s, and at once
// when it begins; where it ends, a last frame says so, with a lifetime of zero (9.2.7.3), so that the neighbour forgets us at once.
//
//   01-80-C2-00-00-0E  chassis  88cc
//   chassis id (a MAC) · port id (our port's name) · TTL 121 s · port description · system name · system description · capabilities
//
// Owned by the Bridge. A function of time: tick() says what is to be sent.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "net/mac_address.h"
#include "net/numbers.h"
#include "net/time.h"

namespace hairpin::l2 {

// Who speaks.
struct LldpSystem {
    MacAddress chassis;
    std::string name, description;
    friend bool operator==(const LldpSystem&, const LldpSystem&) = default;
};

class Lldp {
public:
    static constexpr auto kGroup = MacAddress::from_number(0x0180'c200'000e);
    static constexpr Duration kInterval = std::chrono::seconds{30};
    static constexpr std::uint16_t kLifetimeSeconds = 4 * 30 + 1;  // msgTxHold times the interval, and one (9.2.5.6)
    static constexpr EtherType kEtherType{0x88cc};
    static constexpr std::size_t kLongestText = 255;  // of a TLV's string; what is longer is cut

    struct Port {
        std::string name, description;
        std::uint64_t sent = 0;
        Timestamp next{};
        bool leaving = false;
    };

    void set(const LldpSystem& system) { system_ = system; }
    const LldpSystem& system() const { return system_; }
    // Sends from now on; again with the same words is nothing.
    void begin(PortId port, const std::string& name, const std::string& description);
    // Sends once more, that it is over.
    void end(PortId port);
    // The port is gone: nothing can be sent.
    void forget(PortId port) { ports_.erase(port); }

    // `send(PortId, span of bytes)` for each frame whose time has come.
    template <class Send>
    void tick(Timestamp now, Send&& send) {
        for (auto at = ports_.begin(); at != ports_.end();) {
            auto& [id, port] = *at;
            if (port.leaving || port.next <= now) {
                send(id, frame_of(port, port.leaving ? 0 : kLifetimeSeconds));
                ++port.sent;
                port.next = now + kInterval;
            }
            at = port.leaving ? ports_.erase(at) : std::next(at);
        }
    }
    const std::map<PortId, Port>& ports() const { return ports_; }

private:
    std::vector<std::byte> frame_of(const Port& port, std::uint16_t lifetime) const;

    LldpSystem system_;
    std::map<PortId, Port> ports_;
};

}  // namespace hairpin::l2

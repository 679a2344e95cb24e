#pragma once
// A port of the switch: where frames come in and go out. The Bridge knows ports only by their PortId; a Worker carries packets
// between the two, so the Bridge stays a function of packets, tables and time.
//
// Owned by one Worker. Kinds are rows of switch/port_catalog.cc and build on DevicePort (switch/device_port.h); what records or
// disturbs a port wraps one (switch/ports/traced_port.h, faulty_port.h).

#include <cstdint>
#include <string_view>

#include "net/packet.h"
#include "net/time.h"
#include "net/traffic_counters.h"

namespace hairpin::l2 {

// What the device behind a port takes whole.
struct Capabilities {
    bool partial_checksum = false;  // completes checksums itself (VIRTIO_NET_HDR_F_NEEDS_CSUM)
    bool tcp4_segmentation = false;
    bool tcp6_segmentation = false;
    bool udp_segmentation = false;

    constexpr bool takes(Segmentation segmentation) const {
        switch (segmentation) {
            case Segmentation::none: return true;
            case Segmentation::tcp4: return tcp4_segmentation;
            case Segmentation::tcp6: return tcp6_segmentation;
            case Segmentation::udp: return udp_segmentation;
        }
        return false;
    }
    static constexpr Capabilities all() { return {true, true, true, true}; }
    friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

enum class Carrier : bool { off, on };

class Port {
public:
    virtual ~Port() = default;

    // Appends what has arrived, at most kBurstPackets and about kBurstBytes, and counts it. True when more may be waiting.
    virtual bool receive(Batch& into, Timestamp now) = 0;
    // Takes every packet of the batch and leaves it empty: transmits each, in pieces where the device wants it so, or drops
    // and counts it.
    virtual void send(Batch& batch, Timestamp now) = 0;

    virtual std::string_view kind() const = 0;
    virtual Capabilities capabilities() const = 0;
    // A descriptor that is readable when receive() has something, for an event loop to watch; -1 when there is none.
    virtual int readable_descriptor() const = 0;
    // False once the device is gone; the port keeps its identity and drops what it is given.
    virtual bool attached() const = 0;
    // Whether the device may come again by itself: the descriptor tells of that too, and is to be watched while there is no device.
    virtual bool may_return() const { return false; }
    // The longest packet that may pass, in bytes of L3; of a super-packet, the longest segment.
    virtual unsigned mtu() const = 0;
    virtual TrafficCounters counters() const = 0;
    // Whether the host sees a carrier, as a cable that is plugged in gives one. What passes is the caller's affair; a device that knows no
    // carrier stays as it is.
    virtual void set_carrier(Carrier) {}
    // The port goes for good, and not with the process alone: what would outlive that on the machine goes as well.
    virtual void discard() {}
};

}  // namespace hairpin::l2

#pragma once
// A port of the switch: where frames come in and go out. The Bridge knows ports only by their PortId; a Worker carries packets
// between the two, so the Bridge stays a function of packets, tables and time.
//
// Owned by one Worker. Kinds are rows of switch/port_catalog.cc; a kind says what its device can take, and Port::send sees to it
// that the device gets nothing else: what needs cutting or a checksum is finished in software, for that port alone.

#include <cstdint>
#include <string>
#include <string_view>

#include "net/ledger.h"
#include "net/packet_pool.h"
#include "net/time.h"
#include "switch/settings.h"

namespace hairpin::l2 {

// What the device behind a port takes whole.
struct Capabilities {
    bool partial_checksum = false;  // completes checksums itself (VIRTIO_NET_HDR_F_NEEDS_CSUM)
    bool tcp4_segmentation = false;
    bool tcp6_segmentation = false;
    bool udp_segmentation = false;

    bool takes(Segmentation segmentation) const;
};

struct PortCounters {
    std::uint64_t in_packets = 0, in_bytes = 0;
    std::uint64_t out_packets = 0, out_bytes = 0;
    std::uint64_t drops = 0;  // in either direction; by reason they are in the worker's Ledger
};

class Port {
public:
    virtual ~Port() = default;

    // Appends what has arrived, at most kBurstPackets and about kBurstBytes, and counts it. True when more may be waiting.
    bool receive(Batch& into, Timestamp now);
    // Takes every packet of the batch: transmits it, in pieces where the device wants it so, or drops and counts it.
    void send(Batch& batch, Timestamp now);

    virtual std::string_view kind() const = 0;
    virtual Capabilities capabilities() const { return {}; }
    // A descriptor that is readable when receive() has something, for an event loop to watch; -1 when there is none.
    virtual int readable_descriptor() const { return -1; }
    // False once the device is gone; the port keeps its identity and drops what it is given.
    virtual bool attached() const { return true; }
    // The longest frame without tag and super-packets that may pass, in bytes of L3.
    unsigned mtu() const { return mtu_; }
    const PortCounters& counters() const { return counters_; }

protected:
    Port(PacketPool& pool, Ledger& ledger, unsigned mtu) : pool_(pool), ledger_(ledger), mtu_(mtu) {}

    // A kind implements these two. read: append at most kBurstPackets; true when more may be waiting.
    virtual bool read(Batch& into, Timestamp now) = 0;
    // write: one packet that capabilities() allow. False when the device refused it. The batch ends with flush().
    virtual bool write(Packet& packet, Timestamp now) = 0;
    virtual void flush(Timestamp) {}

    void drop(DropReason reason) { ledger_.drop(reason), ++counters_.drops; }

    PacketPool& pool_;
    Ledger& ledger_;
    PortCounters counters_;

private:
    void send_one(Packet& packet, Timestamp now);
    unsigned mtu_;
};

}  // namespace hairpin::l2

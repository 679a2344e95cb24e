#pragma once
// Our end of VXLAN tunnels: one local address and UDP port, with a socket that every VNI shares. What comes is given to whoever carries
// its VNI; what is not VXLAN, or of a VNI that nobody carries, is dropped and counted here.
//
//   port "far"  VNI 100 ──┐                                        ┌─► 192.0.2.2
//   port "lab"  VNI 200 ──┤ 192.0.2.1:4789, and sixteen from which ├─► 192.0.2.3
//   port "dmz"  VNI 300 ──┘ we send: 192.0.2.1:49152 to 65535      └─► 192.0.2.4
//
// The source port of a datagram is to tell the flows inside apart, so that a network with several ways spreads them (RFC 7348 §5). A
// UDP socket has one source port, so there are kSources of them, each with a random port, and a flow has one of those for good. Raw
// sockets would have all 16384 and cost more than they bring: a capability, the kernel's segmentation, and its checksum.
//
// No datagram is fragmented (RFC 7348 §4.3): what is longer than the way to the remote allows is refused by the kernel, which sets DF
// and knows from ICMP what is allowed further on (RFC 1191).
//
// Owned by the ports of its VNIs, all of one Worker; not shared between threads. Its memory is reserved when it is opened: room for
// kBurstPackets datagrams of 64 KiB, of which short ones touch 2 KiB each.

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/hash.h"
#include "net/ipv4_address.h"
#include "net/ledger.h"
#include "net/numbers.h"
#include "net/reserved_array.h"
#include "net/result.h"
#include "net/time.h"
#include "switch/ports/path_mtu.h"
#include "switch/settings.h"
#include "switch/vxlan/datagram.h"

namespace hairpin::l2 {

// One datagram to one remote, or several of one size, the last perhaps shorter, that the kernel takes at once.
struct VxlanShipment {
    Ipv4Address remote;
    std::uint16_t source = 0;  // of VxlanEndpoint::source_for
    std::size_t first = 0;     // datagram, among the pieces that are sent with it
    std::size_t count = 1;     // datagrams
    std::size_t size = 0;      // of the first
    std::size_t total = 0;     // of all of them
    std::size_t outcome = 0;   // of the first datagram, among the outcomes
    bool complete = false;     // a shorter one has ended it
};

class VxlanEndpoint {
public:
    static constexpr std::size_t kSources = 16;
    static constexpr std::uint16_t kFirstSource = 49152;  // RFC 6335's dynamic ports, as RFC 7348 §5 recommends

    // Who takes the frames of a VNI.
    class Carrier {
    public:
        virtual ~Carrier() = default;
        virtual void take(Ipv4Address remote, const VxlanFrame& frame, const VxlanDatagrams::Datagram& datagram) = 0;
        // After a burst: something has been taken.
        virtual void taken() = 0;
    };
    struct Counters {
        std::uint64_t received = 0;     // datagrams, of any kind
        std::uint64_t sent = 0;         // datagrams
        std::uint64_t malformed = 0;    // no VXLAN
        std::uint64_t unknown_vni = 0;  // of a VNI that nobody carries
        std::uint64_t overflowed = 0;   // that the kernel had no room for, because we did not read in time
    };

    // In the calling thread's network namespace. The address need not be there yet: until it is, nothing comes and what is sent is
    // refused. The ledger is the worker's and outlives the endpoint.
    static Result<std::shared_ptr<VxlanEndpoint>> open(Ipv4Address local, L4Port port, const HashKey& key, Ledger& ledger);
    ~VxlanEndpoint();
    VxlanEndpoint(const VxlanEndpoint&) = delete;
    VxlanEndpoint& operator=(const VxlanEndpoint&) = delete;

    // False when somebody carries it already. Whoever carries must let go before it ends.
    bool carry(Vni vni, Carrier& carrier) { return carriers_.emplace(vni.number(), &carrier).second; }
    void let_go(Vni vni) { carriers_.erase(vni.number()); }
    bool carries_nothing() const { return carriers_.empty(); }

    int readable_descriptor() const { return socket_; }
    // Takes in what has arrived, at most kBurstPackets datagrams and about kBurstBytes; true when more may be waiting.
    bool receive();

    // Which of the sources a flow is sent from.
    static std::uint16_t source_for(std::uint32_t flow) {
        return static_cast<std::uint16_t>(std::uint64_t{flow} * kSources >> 32);
    }
    // `pieces`: two for each datagram, the header and the frame, indexed by `first`. `outcomes`: for each datagram of each shipment,
    // zero or the errno.
    void send(std::span<const VxlanShipment> shipments, std::span<iovec> pieces, VxlanSettings::Checksum checksum,
              std::span<int> outcomes);

    Ipv4Address local() const { return local_; }
    L4Port port() const { return port_; }
    const Counters& counters() const { return counters_; }
    std::vector<L4Port> source_ports() const;
    // The longest IP packet that the kernel would send to a remote now; nothing where it knows no way there, or where no interface has
    // the local address.
    std::optional<unsigned> path_mtu(Ipv4Address remote) const { return path_mtu_.ask(remote); }

private:
    struct Source {
        int descriptor = -1;
        L4Port port;
        bool zero_checksum = false;
    };
    VxlanEndpoint(Ipv4Address local, L4Port port, const HashKey& key, Ledger& ledger);
    Result<void> open_sockets();
    Result<void> open_source(Source& source);
    tl::unexpected<Error> told(const char* tried, int problem) const;

    void take_in(std::span<const std::byte> received, Ipv4Address remote, std::size_t size_of_each);
    void reject(std::span<const std::byte> datagram, DropReason reason, std::uint64_t& counter);
    void send_from(Source& source, std::span<const VxlanShipment> shipments, std::span<iovec> pieces, std::span<int> outcomes);
    void send_singly(const Source& source, const VxlanShipment& shipment, std::span<iovec> pieces, std::span<int> outcomes);

    Ipv4Address local_;
    L4Port port_;
    HashKey key_;
    Ledger& ledger_;
    int socket_ = -1;
    PathMtu path_mtu_;
    std::array<Source, kSources> sources_;
    std::unordered_map<std::uint32_t, Carrier*> carriers_;
    std::vector<Carrier*> taking_;  // of the burst at hand
    Counters counters_;
    ReservedArray<std::byte> slots_;
    std::size_t next_burst_;  // datagrams to ask for: one while they are long, so that a burst keeps to its bytes

    struct Message;
    std::vector<Message> outgoing_;  // kept for its memory
    std::vector<mmsghdr> headers_;
    std::array<std::vector<std::uint32_t>, kSources> by_source_;
};

}  // namespace hairpin::l2

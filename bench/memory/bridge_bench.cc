// L2 switching alone: 64-byte frames between known stations, both picked at random, over eight ports of one segment. With many
// stations the table no longer fits the caches and every packet costs two visits to memory: one learns, one finds.

#include <benchmark/benchmark.h>

#include "bench/memory/stopwatch.h"
#include "bench/memory/udp_frame.h"
#include "net/random.h"
#include "switch/bridge.h"

namespace hairpin::bench {
namespace {

constexpr std::size_t kPorts = 8;

class Segment {
public:
    explicit Segment(std::size_t stations)
        : stations_(stations), bridge_({.capacity = stations, .port_limit = stations}, {}, pool_, ledger_) {
        const SegmentId lan = bridge_.add_segment("lan");
        for (std::size_t port = 0; port < kPorts; ++port) ports_.push_back(bridge_.add_port(lan, {}, 1500));
        for (std::size_t station = 0; station < stations_; ++station) {
            batch_.push_back(frame(station, MacAddress::broadcast()));
            forward(ports_[station % kPorts]);
        }
    }

    // Makes a burst from stations of one port to stations of the others.
    void fill(std::size_t port) {
        while (batch_.size() < kBurstPackets) {
            const std::size_t source = random_station() / kPorts * kPorts + port;
            std::size_t destination = random_station();
            if (destination % kPorts == port) destination = destination / kPorts * kPorts + (port + 1) % kPorts;
            batch_.push_back(frame(source, mac_of(destination)));
        }
    }
    void burst(Stopwatch& stopwatch, std::size_t port) {
        fill(port);
        stopwatch.time(kBurstPackets, [&, moment = now()] { bridge_.forward(ports_[port], batch_, moment, out_); });
        empty_outbox();
    }
    // One copy of each: none was flooded, none dropped.
    bool all_known() const { return delivered_ == sent_; }

private:
    static MacAddress mac_of(std::size_t station) { return MacAddress::from_number(0x0200'0000'0000 + station); }
    std::size_t random_station() { return random_.below(static_cast<std::uint32_t>(stations_)); }
    PacketPtr frame(std::size_t source, MacAddress destination) {
        return UdpFrame{destination, mac_of(source), {{10, 0, 0, 1}, {10, 0, 0, 2}, L4Port{1024}, L4Port{1024}, IpProtocol::udp}}
            .packet_from(pool_);
    }
    void forward(PortId port) {
        bridge_.forward(port, batch_, now(), out_);
        out_.drain([](PortId, Batch&) {});
    }
    void empty_outbox() {
        sent_ += kBurstPackets;
        out_.drain([&](PortId, Batch& batch) { delivered_ += batch.size(); });
    }

    std::size_t stations_;  // a multiple of kPorts
    PacketPool pool_;
    Ledger ledger_;
    l2::Bridge bridge_;
    std::vector<PortId> ports_;
    Batch batch_;
    Outbox<PortId> out_;
    Random random_{HashKey{}};
    std::uint64_t sent_ = 0, delivered_ = 0;
};

void KnownStations(benchmark::State& state) {
    Segment segment{static_cast<std::size_t>(state.range(0))};
    Stopwatch stopwatch{state};
    std::size_t port = 0;
    for (auto _ : state) segment.burst(stopwatch, port = (port + 1) % kPorts);
    stopwatch.report();
    if (!segment.all_known()) state.SkipWithError("a frame was flooded or dropped: this is not what the bench measures");
}
BENCHMARK(KnownStations)->ArgName("stations")->Arg(1 << 10)->Arg(1 << 16)->Arg(1 << 20)->UseManualTime();

}  // namespace
}  // namespace hairpin::bench

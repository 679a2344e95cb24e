#pragma once
// What a packet costs in the code under test alone: the clock runs while a batch is processed and rests while the generator makes
// the next one. Two readings a batch of 64 packets: under a nanosecond a packet.
//
// Cycles are those of the time stamp counter, which runs at the processor's nominal frequency whatever it does at the moment;
// 0 where there is none.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>

#include "net/time.h"

namespace hairpin::bench {

// Read once a burst, as a Worker does: what is refreshed once a tick is refreshed as often here as it would be there.
inline Timestamp now() { return Timestamp{std::chrono::steady_clock::now().time_since_epoch()}; }

class Stopwatch {
public:
    // The benchmark must be registered with UseManualTime().
    explicit Stopwatch(benchmark::State& state) : state_(state) {}

    template <class Work>
    void time(std::size_t packets, Work&& work) {
        const auto began = std::chrono::steady_clock::now();
        const std::uint64_t cycle = cycle_counter();
        work();
        cycles_ += cycle_counter() - cycle;
        state_.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
        packets_ += packets;
    }

    void report() const {
        using benchmark::Counter;
        const auto packets = static_cast<double>(packets_);
        state_.counters["packet"] = Counter(packets, Counter::kIsRate | Counter::kInvert);  // seconds, printed as "61.3ns"
        state_.counters["cycles"] = static_cast<double>(cycles_) / packets;
        state_.counters["packets/s"] = Counter(packets, Counter::kIsRate);
    }

private:
    static std::uint64_t cycle_counter() {
#ifdef __x86_64__
        return __builtin_ia32_rdtsc();
#else
        return 0;
#endif
    }

    benchmark::State& state_;
    std::uint64_t cycles_ = 0;
    std::uint64_t packets_ = 0;
};

}  // namespace hairpin::bench

#pragma once
// Random decisions that can be repeated. Each kind of decision has a stream of its own, so that the packets that a seed loses are the
// same with and without a delay.
//
// Correlation is a repetition: with that probability the decision before it is made again. That leaves the share of packets and the
// distribution of delays exactly what was asked for, which mixing the last random number with the next, as netem does, does not.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "net/random.h"
#include "net/time.h"
#include "switch/impairment/settings.h"

namespace hairpin::l2 {

// The key of the `number`th stream of a seed. A seed that somebody typed has few bits, and a multiplicative hash needs many.
inline HashKey stream_key(HashKey seed, std::uint64_t number) {
    return {keyed_hash(2 * number, seed), keyed_hash(2 * number + 1, seed)};
}

class Dice {
public:
    explicit Dice(HashKey key) : random_(key) {}
    // Uniform in [0, 1), of 53 bits.
    double roll() { return static_cast<double>(random_.next() >> 11) * 0x1p-53; }
    // Uniform in (0, 1].
    double roll_above_zero() { return 1.0 - roll(); }
    bool happens(double share) { return share > 0 && roll() < share; }
    std::uint32_t below(std::uint32_t bound) { return random_.below(bound); }

private:
    Random random_;
};

// Which packets are lost.
class LossPattern {
public:
    explicit LossPattern(HashKey key) : dice_(key) {}

    bool loses_next(const ImpairmentSettings& settings) {
        const bool is_nth = settings.loss_every != 0 && ++since_last_nth_ >= settings.loss_every;
        if (is_nth) since_last_nth_ = 0;
        const bool at_random = settings.loss_burst > 0 ? next_of_gilbert(settings) : next_of_shares(settings);
        return is_nth || at_random;
    }

private:
    bool next_of_shares(const ImpairmentSettings& settings) {
        if (settings.loss <= 0) return false;
        if (!dice_.happens(settings.loss_correlation)) losing_ = dice_.roll() < settings.loss;
        return losing_;
    }
    // Two states, of which one loses everything (E. N. Gilbert, 1960). Being left with probability 1 / burst, it lasts `burst` packets
    // on average; it is entered so often that `loss` of all packets are in it.
    bool next_of_gilbert(const ImpairmentSettings& settings) {
        const double leaves = 1 / settings.loss_burst;
        const double enters = settings.loss < 1 ? settings.loss * leaves / (1 - settings.loss) : 1;
        losing_ = losing_ ? !dice_.happens(leaves) : dice_.happens(enters);
        return losing_;
    }

    Dice dice_;
    bool losing_ = false;
    std::uint32_t since_last_nth_ = 0;
};

// How long each packet takes.
class DelayPattern {
public:
    explicit DelayPattern(HashKey key) : dice_(key) {}

    Duration next(const ImpairmentSettings& settings) {
        if (settings.jitter == Duration::zero()) return settings.delay;
        if (!has_last_ || !dice_.happens(settings.delay_correlation)) last_ = deviation(settings.distribution);
        has_last_ = true;
        const Duration jitter{static_cast<Duration::rep>(std::llround(last_ * static_cast<double>(settings.jitter.count())))};
        return std::max(Duration::zero(), settings.delay + jitter);
    }
    // No packet takes longer.
    static Duration longest(const ImpairmentSettings& settings) {
        return settings.delay + settings.jitter * static_cast<int>(largest_deviation(settings.distribution));
    }

private:
    using Distribution = ImpairmentSettings::Distribution;
    // Of a Pareto distribution with shape 3: the mean is 3/2 of the least and the variance 3/4 of its square.
    static constexpr double kParetoMean = 1.5;
    static constexpr double kParetoDeviation = 0.8660254037844386;

    static double largest_deviation(Distribution distribution) {
        switch (distribution) {
            case Distribution::uniform: return 1;
            case Distribution::normal: return 5;
            case Distribution::pareto: return 20;
        }
        return 1;
    }
    // In jitters from the mean, which is 0. The tails are cut off where they would be a packet in a few millions.
    double deviation(Distribution distribution) {
        const double most = largest_deviation(distribution);
        switch (distribution) {
            case Distribution::uniform: return 2 * dice_.roll() - 1;
            case Distribution::normal:  // Box and Muller
                return std::clamp(
                    std::sqrt(-2 * std::log(dice_.roll_above_zero())) * std::cos(2 * std::numbers::pi * dice_.roll()), -most,
                    most);
            case Distribution::pareto:
                return std::min((std::pow(dice_.roll_above_zero(), -1.0 / 3) - kParetoMean) / kParetoDeviation, most);
        }
        return 0;
    }

    Dice dice_;
    double last_ = 0;
    bool has_last_ = false;
};

}  // namespace hairpin::l2

// What is wrong with a port's cable.

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"
#include "net/quantity.h"

namespace hairpin::config {

namespace {

using Impairment = l2::ImpairmentSettings;

constexpr auto kDistributions = std::to_array<std::pair<std::string_view, Impairment::Distribution>>({
    {"uniform", Impairment::Distribution::uniform},
    {"normal", Impairment::Distribution::normal},
    {"pareto", Impairment::Distribution::pareto},
});
constexpr auto kOrders = std::to_array<std::pair<std::string_view, Impairment::Order>>(
    {{"kept", Impairment::Order::kept}, {"free", Impairment::Order::free}});

// The shortest time for which a flapping cable stays as it is.
constexpr Duration kShortestPhase = std::chrono::milliseconds{100};

Duration duration_of(const NodeReader& node, std::string_view leaf) {
    return node.value<Duration>(leaf, parse_duration, "is longer than 10000s").value_or(Duration::zero());
}
double share_of(const NodeReader& node, std::string_view leaf) {
    return node.value<double>(leaf, parse_share, "is more than 100%").value_or(0);
}

// What changes another setting's meaning is a mistake where that is not set.
void want(const NodeReader& node, std::string_view leaf, std::string_view wanted) {
    if (node.has(leaf) && !node.has(wanted)) node.refuse(leaf, fmt::format("means nothing without {}", wanted));
}

void check_loss(const NodeReader& node, const Impairment& impairment) {
    want(node, "loss-correlation", "loss");
    want(node, "loss-burst", "loss");
    if (impairment.loss_burst == 0) return;
    if (impairment.loss_correlation > 0)
        node.refuse("loss-correlation", "losses come in bursts already: loss-burst and loss-correlation exclude each other");
    // Between two bursts at least one packet passes.
    const double shortest = impairment.loss < 1 ? impairment.loss / (1 - impairment.loss) : impairment.loss_burst;
    if (impairment.loss_burst < shortest)
        node.refuse("loss-burst",
                    fmt::format("a loss of {} wants bursts of at least {:.2f} packets", share_text(impairment.loss), shortest));
}

Impairment read_direction(const NodeReader& node) {
    Impairment impairment;
    if (!node) return impairment;
    impairment.loss = share_of(node, "loss");
    impairment.loss_correlation = share_of(node, "loss-correlation");
    impairment.loss_burst = node.optional_number<std::uint32_t>("loss-burst").value_or(0);
    impairment.loss_every = node.optional_number<std::uint32_t>("loss-every").value_or(0);
    check_loss(node, impairment);
    impairment.corrupt = share_of(node, "corrupt");
    impairment.duplicate = share_of(node, "duplicate");
    impairment.rate = node.value<std::uint64_t>("rate", parse_bit_rate, "is nothing, or more than 1000gbit").value_or(0);
    want(node, "limit", "rate");
    impairment.limit = node.optional_number<std::uint32_t>("limit").value_or(impairment.limit);
    impairment.delay = duration_of(node, "delay");
    impairment.jitter = duration_of(node, "jitter");
    for (const std::string_view leaf : {"distribution", "delay-correlation", "order"}) want(node, leaf, "jitter");
    if (node.has("distribution")) impairment.distribution = node.one_of("distribution", kDistributions);
    impairment.delay_correlation = share_of(node, "delay-correlation");
    want(node, "reorder", "delay");
    impairment.reorder = share_of(node, "reorder");
    if (node.has("order")) impairment.order = node.one_of("order", kOrders);
    return impairment;
}

l2::FlapSettings read_flap(const NodeReader& node) {
    const l2::FlapSettings flap{
        .up = duration_of(node, "up"), .down = duration_of(node, "down"), .jitter = duration_of(node, "jitter")};
    for (const auto& [leaf, time] : {std::pair{"up", flap.up}, std::pair{"down", flap.down}}) {
        if (!node.has(leaf)) continue;  // the schema's musts have refused it
        if (time < kShortestPhase) node.refuse(leaf, fmt::format("{} is less than 100ms", duration_text(time)));
        if (flap.jitter >= time)
            node.refuse("jitter", fmt::format("{} is not less than {}, which is {}", duration_text(flap.jitter), leaf,
                                              duration_text(time)));
    }
    return flap;
}

}  // namespace

l2::CableSettings compile_cable(const NodeReader& port) {
    l2::CableSettings cable;
    if (port.text("state") == "down") cable.state = l2::CableSettings::State::down;
    if (const NodeReader flap = port.child("flap")) cable.flap = read_flap(flap);
    const NodeReader impairment = port.child("impairment");
    if (!impairment) return cable;
    cable.seed = impairment.optional_number<std::uint32_t>("seed");
    cable.in = read_direction(impairment.child("in"));
    cable.out = read_direction(impairment.child("out"));
    return cable;
}

}  // namespace hairpin::config

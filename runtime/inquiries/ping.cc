// ping: echo requests at an interval, an event for each answer, error or silence, and the sums at the end.

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/event_line.h"
#include "runtime/inquiries/echoes.h"
#include "runtime/parameters.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

// With one request; longer than ARP takes to give up, whose error is an answer.
constexpr Duration kEchoPatience = std::chrono::seconds{4};

struct PingOrder {
    std::uint64_t count = 5, interval_ms = 1000, size = 56, ttl = 64;
    bool dont_fragment = false;
};

Result<PingOrder> read_order(const json& parameters) {
    PingOrder order;
    struct Field {
        const char* name;
        std::uint64_t least, most;
        std::uint64_t PingOrder::*member;
    };
    const Field fields[] = {{"count", 1, 65535, &PingOrder::count},
                            {"interval", 10, 60'000, &PingOrder::interval_ms},
                            {"size", 0, gateway::EchoRequest::kLargestPayload, &PingOrder::size},
                            {"ttl", 1, 255, &PingOrder::ttl}};
    for (const Field& field : fields) {
        const auto number = number_in(parameters, field.name, field.least, field.most, order.*field.member);
        if (!number) return tl::unexpected(number.error());
        order.*field.member = *number;
    }
    order.dont_fragment = parameters.contains("df") && parameters["df"] == true;
    return order;
}

class Ping final : public Inquiry {
public:
    Ping(Echoes echoes, const PingOrder& order, Listener listener)
        : Inquiry(std::move(listener)), echoes_(echoes), order_(order) {}

    bool look(Timestamp now) override {
        while (!waiting_.empty() && now - waiting_.begin()->second >= kEchoPatience) {
            tell(event_line("ping_timeout",
                            {{"sequence", waiting_.begin()->first}, {"address", echoes_.destination().to_string()}}));
            waiting_.erase(waiting_.begin());
        }
        if (sent_ < order_.count && (sent_ == 0 || now >= next_)) send(now);
        if (sent_ < order_.count || !waiting_.empty()) return true;
        end();
        return false;
    }

    void hear(const EchoAnswer& answer, Timestamp now) override {
        const auto asked = echoes_.asked(answer.identifier) ? waiting_.find(answer.sequence) : waiting_.end();
        if (asked == waiting_.end()) return;
        const std::int64_t took = microseconds(now - asked->second);
        waiting_.erase(asked);
        ++received_;
        least_ = received_ == 1 ? took : std::min(least_, took);
        most_ = std::max(most_, took);
        sum_ += took;
        tell(event_line("ping_reply", {{"sequence", answer.sequence},
                                       {"from", answer.from.to_string()},
                                       {"bytes", answer.bytes},
                                       {"ttl", answer.time_to_live},
                                       {"time_us", took}}));
    }

    void hear(const EchoError& error, Timestamp) override {
        if (!echoes_.asked(error.identifier) || waiting_.erase(error.sequence) == 0) return;
        std::string text = name_of_error(error.type, error.code);
        if (error.mtu != 0) text += ", MTU " + std::to_string(error.mtu);
        tell(event_line("ping_error", {{"sequence", error.sequence}, {"from", error.from.to_string()}, {"error", text}}));
    }

private:
    void send(Timestamp now) {
        const auto sequence = static_cast<std::uint16_t>(++sent_);
        next_ = now + std::chrono::milliseconds{order_.interval_ms};
        waiting_.emplace(sequence, now);  // before it leaves: an error of our own comes at once
        const auto refused = echoes_.send({.sequence = sequence,
                                           .time_to_live = static_cast<std::uint8_t>(order_.ttl),
                                           .payload = order_.size,
                                           .dont_fragment = order_.dont_fragment},
                                          now);
        if (!refused || waiting_.erase(sequence) == 0) return;
        tell(event_line("ping_error", {{"sequence", sequence}, {"from", echoes_.source().to_string()}, {"error", *refused}}));
    }

    void end() {
        json sums{{"address", echoes_.destination().to_string()},
                  {"source", echoes_.source().to_string()},
                  {"sent", sent_},
                  {"received", received_},
                  {"min_us", nullptr},
                  {"avg_us", nullptr},
                  {"max_us", nullptr}};
        if (received_ > 0) {
            sums["min_us"] = least_;
            sums["avg_us"] = sum_ / static_cast<std::int64_t>(received_);
            sums["max_us"] = most_;
        }
        tell(last_event_line("ping_end", std::move(sums), received_ > 0));
    }

    Echoes echoes_;
    PingOrder order_;
    std::map<std::uint16_t, Timestamp> waiting_;  // sent when, by sequence
    Timestamp next_{};
    std::uint64_t sent_ = 0, received_ = 0;
    std::int64_t least_ = 0, most_ = 0, sum_ = 0;
};

}  // namespace

Result<std::unique_ptr<Inquiry>> make_ping(Worker& worker, const json& parameters, Inquiry::Listener listener) {
    const auto order = read_order(parameters);
    if (!order) return tl::unexpected(order.error());
    const auto echoes = Echoes::towards(worker, parameters);
    if (!echoes) return tl::unexpected(echoes.error());
    return std::make_unique<Ping>(*echoes, *order, std::move(listener));
}

}  // namespace hairpin::runtime

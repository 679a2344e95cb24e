// traceroute: echo requests that may travel one hop more each time; who says that their time is up is a router on the way.

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/event_line.h"
#include "runtime/inquiries/echoes.h"
#include "runtime/parameters.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

constexpr Duration kHopPatience = std::chrono::seconds{2};
constexpr std::size_t kRequestsAHop = 3;
constexpr std::size_t kPayload = 32;

class Traceroute final : public Inquiry {
public:
    Traceroute(Echoes echoes, std::uint64_t hops, Listener listener)
        : Inquiry(std::move(listener)), echoes_(echoes), most_hops_(hops) {}

    bool look(Timestamp now) override {
        if (hop_ > 0) {
            bool waits = false;
            for (const Request& request : requests_) waits |= !request.done && now - request.sent < kHopPatience;
            if (waits) return true;
            tell_hop();
        }
        if (reached_ || refused_ || hop_ == most_hops_) {
            tell(last_event_line("traceroute_end",
                                 {{"address", echoes_.destination().to_string()}, {"hops", hop_}, {"reached", reached_}},
                                 reached_));
            return false;
        }
        ++hop_;
        for (std::size_t i = 0; i < requests_.size(); ++i) send(i, now);
        return true;
    }

    void hear(const EchoAnswer& answer, Timestamp now) override {
        Request* request = echoes_.asked(answer.identifier) ? find(answer.sequence) : nullptr;
        if (request == nullptr) return;
        reached_ = true;
        finish(*request, answer.from, now);
    }

    void hear(const EchoError& error, Timestamp now) override {
        Request* request = echoes_.asked(error.identifier) ? find(error.sequence) : nullptr;
        if (request == nullptr) return;
        finish(*request, error.from, now);
        if (error.type == IcmpType::time_exceeded) return;
        request->row["error"] = name_of_error(error.type, error.code);
        refused_ = true;
    }

private:
    struct Request {
        std::uint16_t sequence = 0;
        Timestamp sent{};
        bool done = false;
        json row;  // null as long as nobody has answered
    };

    Request* find(std::uint16_t sequence) {
        for (Request& request : requests_)
            if (request.sequence == sequence && !request.done) return &request;
        return nullptr;
    }

    void finish(Request& request, Ipv4Address from, Timestamp now) {
        request.done = true;
        request.row = {{"from", from.to_string()}, {"time_us", microseconds(now - request.sent)}};
    }

    void send(std::size_t which, Timestamp now) {
        Request& request = requests_[which];
        request = {++sequence_, now, false, nullptr};
        const auto refused = echoes_.send(
            {.sequence = request.sequence, .time_to_live = static_cast<std::uint8_t>(hop_), .payload = kPayload}, now);
        if (!refused || request.done) return;
        finish(request, echoes_.source(), now);
        request.row["error"] = *refused;
        refused_ = true;
    }

    void tell_hop() {
        json rows = json::array();
        for (const Request& request : requests_) rows.push_back(request.row);
        tell(event_line("hop", {{"hop", hop_}, {"answers", rows}}));
    }

    Echoes echoes_;
    std::uint64_t most_hops_, hop_ = 0;
    std::uint16_t sequence_ = 0;
    std::array<Request, kRequestsAHop> requests_;
    bool reached_ = false, refused_ = false;
};

}  // namespace

Result<std::unique_ptr<Inquiry>> make_traceroute(Worker& worker, const json& parameters, Inquiry::Listener listener) {
    const auto hops = number_in(parameters, "hops", 1, 255, 30);
    if (!hops) return tl::unexpected(hops.error());
    const auto echoes = Echoes::towards(worker, parameters);
    if (!echoes) return tl::unexpected(echoes.error());
    return std::make_unique<Traceroute>(*echoes, *hops, std::move(listener));
}

}  // namespace hairpin::runtime

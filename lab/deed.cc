#include "lab/deed.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "lab/port_settings.h"
#include "lab/processes.h"
#include "lab/tcp_stream.h"

namespace hairpin::lab {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr milliseconds kBetweenLooks{20};
constexpr milliseconds kLookLimit{5000};

// What is done to a port's cable, and what was before.
class Deed {
public:
    Deed(const LabState& lab, const std::string& test, const DeedCheck& check)
        : lab_(lab), what_(fmt::format("hairpin lab test {}", test)), check_(check) {}

    Result<void> begin() {
        return change_port(lab_.lab, check_.port, what_, [&](Json& port) -> Result<void> {
            for (const char* key : {"state", "flap"}) {
                if (port.contains(key)) before_[key] = port[key];
                port.erase(key);
            }
            if (check_.plug == Plug::out) port["state"] = "down";
            return {};
        });
    }
    Result<void> undo() {
        return change_port(lab_.lab, check_.port, what_ + ", undone", [&](Json& port) -> Result<void> {
            port.erase("state");
            port.update(before_);
            return {};
        });
    }

private:
    const LabState& lab_;
    std::string what_;
    const DeedCheck& check_;
    Json before_ = Json::object();
};

std::optional<std::string> other_carrier(const LabState& lab, const CarrierExpectation& expected) {
    const std::string end = expected.node + ":" + expected.interface;
    const NodeState* node = lab.find(expected.node);
    if (node == nullptr) return fmt::format("the lab that is up has no node \"{}\"", expected.node);
    const auto link =
        run_in_namespace(lab.namespace_of(*node), {.words = {"ip", "-o", "link", "show", "dev", expected.interface}}, kLookLimit);
    if (!link) return link.error().message;
    if (link->status != 0) return fmt::format("{} cannot be looked at: {}", end, link->error_output);
    const bool is_up = link->output.find("LOWER_UP") != std::string::npos;
    if (is_up == expected.is_up) return std::nullopt;
    return fmt::format("carrier of {} {} expected, came {}", end, expected.is_up ? "up" : "down", is_up ? "up" : "down");
}

// Looks until all carriers are as they are to be, or the time is over.
std::vector<std::string> other_carriers(const LabState& lab, const DeedCheck& check, Clock::time_point deadline) {
    for (;;) {
        std::vector<std::string> other;
        for (const CarrierExpectation& each : check.carriers)
            if (auto problem = other_carrier(lab, each)) other.push_back(*std::move(problem));
        if (other.empty() || Clock::now() >= deadline) return other;
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

std::vector<std::string> other_fate(const DeedCheck& check, const StreamFate& came) {
    std::vector<std::string> other;
    if (check.resets && *check.resets != came.resets)
        other.push_back(fmt::format("resets {} expected, came {}{}", *check.resets, came.resets,
                                    came.problem.empty() ? "" : " (" + came.problem + ")"));
    if (check.gap && came.gap >= *check.gap)
        other.push_back(fmt::format("a gap of less than {} ms expected, came {} ms", check.gap->count(), came.gap.count()));
    if (other.empty() && !came.goes_on && came.resets == 0)
        other.push_back(fmt::format("the connection does not go on, after {} ms", check.within.count()));
    return other;
}

Result<TcpStream> open_stream(const LabState& lab, const DeedCheck& check) {
    const NodeState* from = lab.find(check.stream->from);
    const NodeState* to = lab.find(check.stream->to);
    if (from == nullptr || to == nullptr || to->addresses.empty())
        return failure(fmt::format("the lab that is up has not both \"{}\" and \"{}\"", check.stream->from, check.stream->to));
    const std::string& address = to->addresses.front();
    return TcpStream::open(lab.namespace_of(*from), lab.namespace_of(*to), address.substr(0, address.find('/')),
                           check.stream->port, check.within);
}

}  // namespace

std::optional<std::string> try_deed(const LabState& lab, const std::string& test, const DeedCheck& check) {
    std::optional<TcpStream> stream;
    if (check.stream) {
        auto opened = open_stream(lab, check);
        if (!opened) return "before anything was done: " + opened.error().message;
        stream.emplace(*std::move(opened));
    }
    Deed deed{lab, test, check};
    if (const auto begun = deed.begin(); !begun) return begun.error().message;
    const auto begun_at = Clock::now();
    std::vector<std::string> problems = other_carriers(lab, check, begun_at + check.within);
    std::this_thread::sleep_until(begun_at + check.lasting);
    if (const auto undone = deed.undo(); !undone) problems.push_back("it cannot be undone: " + undone.error().message);
    if (stream)
        for (std::string& each : other_fate(check, stream->end(check.within))) problems.push_back(std::move(each));
    if (problems.empty()) return std::nullopt;
    return fmt::format("{}", fmt::join(problems, "; "));
}

}  // namespace hairpin::lab

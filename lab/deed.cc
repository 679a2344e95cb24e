#include "lab/deed.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "lab/daemon_process.h"
#include "lab/lab_lock.h"
#include "lab/lookup.h"
#include "lab/port_settings.h"
#include "lab/processes.h"
#include "lab/recorder.h"
#include "lab/tcp_stream.h"

namespace hairpin::lab {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
using Problems = std::vector<std::string>;

constexpr milliseconds kBetweenLooks{20};
constexpr milliseconds kLookLimit{5000};

// What is done to a port's cable, and what was before.
class Cable {
public:
    Cable(const LabState& lab, const std::string& test, const CableDeed& deed)
        : lab_(lab), what_(fmt::format("hairpin lab test {}", test)), deed_(deed) {}

    Result<void> begin() {
        return change_port(lab_.lab, deed_.port, what_, [&](Json& port) -> Result<void> {
            for (const char* key : {"state", "flap"}) {
                if (port.contains(key)) before_[key] = port[key];
                port.erase(key);
            }
            if (deed_.plug == Plug::out) port["state"] = "down";
            return {};
        });
    }
    Result<void> undo() {
        return change_port(lab_.lab, deed_.port, what_ + ", undone", [&](Json& port) -> Result<void> {
            port.erase("state");
            port.update(before_);
            return {};
        });
    }

private:
    const LabState& lab_;
    std::string what_;
    const CableDeed& deed_;
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
Problems other_carriers(const LabState& lab, const DeedCheck& check, Clock::time_point deadline) {
    for (;;) {
        Problems other;
        for (const CarrierExpectation& each : check.carriers)
            if (auto problem = other_carrier(lab, each)) other.push_back(*std::move(problem));
        if (other.empty() || Clock::now() >= deadline) return other;
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

Problems other_fate(const DeedCheck& check, const StreamFate& came) {
    Problems other;
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

// Each does it, looks, and returns what came instead of what is expected. An error: it could not be done.
Result<Problems> carry_out(const CableDeed& deed, const LabState& lab, const std::string& test, const DeedCheck& check) {
    Cable cable{lab, test, deed};
    if (const auto begun = cable.begin(); !begun) return tl::unexpected(begun.error());
    const auto begun_at = Clock::now();
    Problems problems = other_carriers(lab, check, begun_at + check.within);
    std::this_thread::sleep_until(begun_at + deed.lasting);
    if (const auto undone = cable.undo(); !undone) problems.push_back("it cannot be undone: " + undone.error().message);
    return problems;
}

// Links that are captured from the start are captured anew.
Result<Problems> carry_out(const RestartDeed&, const LabState& lab, const std::string&, const DeedCheck& check) {
    const auto lock = LabLock::take(lab.lab);
    if (!lock) return tl::unexpected(lock.error());
    auto now = read_state(lab.lab);  // by which it may have been restarted before
    if (!now) return failure("the lab has gone");
    const auto runs = restart_daemon(*now).and_then([&] { return topology_of(*now); }).and_then([&](const Topology& topology) {
        return start_recorder(topology, *now);
    });
    if (!runs) return tl::unexpected(runs.error());
    return other_carriers(lab, check, Clock::now() + check.within);
}

}  // namespace

std::optional<std::string> try_deed(const LabState& lab, const std::string& test, const DeedCheck& check) {
    std::optional<TcpStream> stream;
    if (check.stream) {
        auto opened = open_stream(lab, check);
        if (!opened) return "before anything was done: " + opened.error().message;
        stream.emplace(*std::move(opened));
    }
    auto problems = std::visit([&](const auto& deed) { return carry_out(deed, lab, test, check); }, check.deed);
    if (!problems) return problems.error().message;
    if (stream)
        for (std::string& each : other_fate(check, stream->end(check.within))) problems->push_back(std::move(each));
    if (problems->empty()) return std::nullopt;
    return fmt::format("{}", fmt::join(*problems, "; "));
}

}  // namespace hairpin::lab

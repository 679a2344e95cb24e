#include "lab/reachability.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "lab/processes.h"
#include "lab/progress.h"

namespace hairpin::lab {
namespace {

constexpr std::chrono::milliseconds kPingLimit{5000};  // beyond the wait, for a machine with much to do

bool pings(const LabState& lab, const NodeState& from, const std::string& address, std::chrono::milliseconds wait) {
    const std::string seconds = fmt::format("{:.3f}", std::chrono::duration<double>{wait}.count());
    // Of a container, too, it is the network that is asked for, and the ping is ours: an image need not have one.
    const auto came =
        run_in_namespace(lab.namespace_of(from), {.words = {"ping", "-c", "1", "-W", seconds, address}}, wait + kPingLimit);
    return came && came->status == 0;
}

std::vector<const NodeState*> hosts_with_addresses(const LabState& lab) {
    std::vector<const NodeState*> hosts;
    for (const NodeState& node : lab.nodes)
        if (has_taps(node.role) && !node.addresses.empty()) hosts.push_back(&node);
    return hosts;
}

}  // namespace

std::size_t Reachability::reached_pairs() const {
    std::size_t count = 0;
    for (std::size_t from = 0; from < hosts.size(); ++from)
        for (std::size_t to = 0; to < hosts.size(); ++to) count += from != to && reached[from][to] ? 1 : 0;
    return count;
}

Reachability pairs_of(const LabState& lab) {
    Reachability pairs;
    for (const NodeState* host : hosts_with_addresses(lab)) pairs.hosts.push_back(host->name);
    return pairs;
}

Reachability ping_all(const LabState& lab, std::chrono::milliseconds wait) {
    const std::vector<const NodeState*> hosts = hosts_with_addresses(lab);
    Reachability result = pairs_of(lab);
    // Bytes, since threads write neighbours at the same time, which bits do not bear.
    const std::size_t count = hosts.size();
    std::vector<unsigned char> answers(count * count, 0);
    std::atomic<std::size_t> next{0};
    Progress progress{"pairs", result.pairs()};
    std::mutex progressing;
    std::vector<std::thread> workers;
    for (std::size_t worker = 0; worker < std::min(kPingsAtOnce, count * count); ++worker)
        workers.emplace_back([&] {
            for (std::size_t pair = next++; pair < count * count; pair = next++) {
                const std::size_t from = pair / count;
                const std::size_t to = pair % count;
                const std::string& address = hosts[to]->addresses.front();
                answers[pair] = from == to || pings(lab, *hosts[from], address.substr(0, address.find('/')), wait) ? 1 : 0;
                const std::lock_guard lock{progressing};
                if (from != to) progress.step();
            }
        });
    for (std::thread& worker : workers) worker.join();
    for (std::size_t from = 0; from < count; ++from) {
        auto& row = result.reached.emplace_back();
        for (std::size_t to = 0; to < count; ++to) row.push_back(answers[from * count + to] != 0);
    }
    return result;
}

}  // namespace hairpin::lab

// What a commit costs from the request's line to the answer's, and where the time goes: site_with_rules() of 10, 1,000 and 10,000
// firewall rules, a tenth as many NAT rules, and kSessions sessions that live. Nothing is forwarded meanwhile, so a commit's time is
// what packets wait at most. First each step alone, then all of them, through the dispatcher and as a client at the control socket
// sees it. Each commit changes one rule of those that are in force.

#include <benchmark/benchmark.h>
#include <libyang/libyang.h>

#include <filesystem>
#include <thread>

#include "bench/memory/rules_document.h"
#include "bench/memory/udp_frame.h"
#include "config/compile.h"
#include "config/document.h"
#include "config/json_form.h"
#include "config/schema.h"
#include "control/client.h"
#include "gateway/analysis/analysis.h"
#include "runtime/capture/captures.h"
#include "runtime/clock.h"
#include "runtime/commits.h"
#include "runtime/control_socket.h"
#include "runtime/counter_baselines.h"
#include "runtime/event_feed.h"
#include "runtime/inquiries/inquiries.h"
#include "runtime/live_traces.h"
#include "runtime/log.h"
#include "runtime/methods.h"
#include "runtime/replays.h"
#include "runtime/traffic_monitor.h"
#include "runtime/worker.h"

namespace hairpin::bench {
namespace {

using namespace runtime;
using nlohmann::json;

constexpr std::size_t kSessions = 1000;

const bool kQuiet = log::start("warn").has_value();

// A folder of its own under the working one, where a disk is; /tmp may be memory.
class Folder {
public:
    Folder() {
        char name[] = "commit-bench-XXXXXX";
        ensure(mkdtemp(name) != nullptr);
        path_ = std::filesystem::absolute(name);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

CommitHistory opened(const std::string& folder) {
    std::vector<std::string> warnings;
    return *CommitHistory::open(folder, warnings);
}

std::string request_line(std::size_t rules, std::size_t variant) {
    return json{
        {"jsonrpc", "2.0"}, {"id", 1}, {"method", "config.commit"}, {"params", {{"config", site_with_rules(rules, variant)}}}}
        .dump();
}

// A daemon without devices, whose gateway has sessions of many of its customers.
struct Daemon {
    explicit Daemon(std::size_t rules, CommitHistory history = {})
        : configuration(*RunningConfiguration::read(site_with_rules(rules).dump())),
          worker(loop, configuration.compiled().switching, 4 * kSessions),
          events(worker),
          commits(configuration, worker, std::move(history), [](std::string_view, const Commit&) {}) {
        ensure(configuration.apply_to(worker).has_value());
        register_methods(dispatcher, {worker, configuration, commits, events, inquiries, baselines, traffic, live_traces, replays,
                                      captures, [] {}});
        open_sessions(rules);
    }

    void open_sessions(std::size_t rules) {
        const InterfaceId lan = *worker.gateway().ruleset().interface_id("lan");
        Outbox<InterfaceId> out;
        for (std::size_t i = 0; i < kSessions; ++i) {
            const auto host = Ipv4Address::parse(host_of(i * 10 % rules + 1 + i % 3));
            const Ipv4FlowKey flow{
                *host, {198, 51, 100, 10}, L4Port{static_cast<std::uint16_t>(20'000 + i)}, L4Port{53}, IpProtocol::udp};
            Batch batch;
            batch.push_back(UdpFrame{worker.gateway().ruleset().interfaces[index_of(lan)].mac,
                                     MacAddress::from_number(0x0200'0000'0001), flow}
                                .packet_from(worker.pool()));
            worker.gateway().forward(lan, batch, monotonic_now(), out);
            out.drain([](InterfaceId, Batch& sent) { sent.clear(); });
        }
        ensure(worker.gateway().sessions().size() == kSessions);
    }
    void commit(const std::string& line) {
        const std::string answer = dispatcher.handle(line, caller);
        ensure(answer.find("\"result\"") != std::string::npos);
        benchmark::DoNotOptimize(answer);
    }

    EventLoop loop;
    RunningConfiguration configuration;
    Worker worker;
    EventFeed events;
    Commits commits;
    Inquiries inquiries{loop, worker};
    CounterBaselines baselines;
    TrafficMonitor traffic{worker};
    LiveTraces live_traces{worker};
    Replays replays;
    Captures captures{loop, worker};
    control::Dispatcher dispatcher;
    control::Caller caller;
};

// ---- Parts ----------------------------------------------------------------------------------------------------------------------

std::size_t rules_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

void ReadMessage(benchmark::State& state) {
    const std::string line = request_line(rules_of(state), 0);
    for (auto _ : state) benchmark::DoNotOptimize(json::parse(line));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * line.size()));
}

void WriteDocument(benchmark::State& state) {
    const json document = site_with_rules(rules_of(state));
    for (auto _ : state) benchmark::DoNotOptimize(document.dump());
}

void CheckForm(benchmark::State& state) {
    const std::string text = site_with_rules(rules_of(state)).dump();
    for (auto _ : state) benchmark::DoNotOptimize(config::find_json_fault(text));
}

void YangRead(benchmark::State& state) {
    const std::string text = site_with_rules(rules_of(state)).dump();
    ly_ctx* context = config::Schema::hairpin().context();
    for (auto _ : state) {
        lyd_node* tree = nullptr;
        ensure(lyd_parse_data_mem(context, text.c_str(), LYD_JSON, LYD_PARSE_STRICT | LYD_PARSE_ONLY, 0, &tree) == LY_SUCCESS);
        state.PauseTiming();
        lyd_free_all(tree);
        state.ResumeTiming();
    }
}

void YangValidate(benchmark::State& state) {
    const std::string text = site_with_rules(rules_of(state)).dump();
    ly_ctx* context = config::Schema::hairpin().context();
    for (auto _ : state) {
        state.PauseTiming();
        lyd_node* tree = nullptr;
        ensure(lyd_parse_data_mem(context, text.c_str(), LYD_JSON, LYD_PARSE_STRICT | LYD_PARSE_ONLY, 0, &tree) == LY_SUCCESS);
        state.ResumeTiming();
        ensure(lyd_validate_all(&tree, context, LYD_VALIDATE_NO_STATE, nullptr) == LY_SUCCESS);
        state.PauseTiming();
        lyd_free_all(tree);
        state.ResumeTiming();
    }
}

void Compile(benchmark::State& state) {
    const auto document = config::Document::parse(site_with_rules(rules_of(state)).dump());
    for (auto _ : state) benchmark::DoNotOptimize(config::compile(*document, nullptr));
}

void Analyse(benchmark::State& state) {
    const Daemon daemon{rules_of(state)};
    for (auto _ : state) benchmark::DoNotOptimize(gateway::analyse(*daemon.configuration.compiled().ruleset));
}

void Foresee(benchmark::State& state) {
    Daemon daemon{rules_of(state)};
    const auto next = daemon.configuration.rules_of(site_with_rules(rules_of(state), 1).dump());
    for (auto _ : state) benchmark::DoNotOptimize(daemon.worker.gateway().foresee(**next, gateway::RouteTable{**next}));
}

void Adopt(benchmark::State& state) {
    Daemon daemon{rules_of(state)};
    const gateway::RulesetPtr rules = daemon.configuration.compiled().ruleset;
    for (auto _ : state) ensure(daemon.worker.adopt(rules).has_value());
}

void Keep(benchmark::State& state) {
    const Folder folder;
    CommitHistory history = opened(folder / "commits");
    const Commit commit{1, wall_clock_text(), "somebody", "commit", "", true, site_with_rules(rules_of(state)).dump()};
    for (auto _ : state) ensure(history.add(commit).has_value());
}

// ---- The whole ------------------------------------------------------------------------------------------------------------------

void commit_again_and_again(benchmark::State& state, Daemon& daemon) {
    const std::string lines[] = {request_line(rules_of(state), 1), request_line(rules_of(state), 0)};
    std::size_t which = 0;
    for (auto _ : state) daemon.commit(lines[which++ % 2]);
}

void CommitInMemory(benchmark::State& state) {
    Daemon daemon{rules_of(state)};
    commit_again_and_again(state, daemon);
}

void CommitOnDisk(benchmark::State& state) {
    const Folder folder;
    Daemon daemon{rules_of(state), opened(folder / "commits")};
    commit_again_and_again(state, daemon);
}

void CheckCommit(benchmark::State& state) {
    Daemon daemon{rules_of(state)};
    const json request{
        {"jsonrpc", "2.0"}, {"id", 1}, {"method", "config.check"}, {"params", {{"config", site_with_rules(rules_of(state), 1)}}}};
    const std::string line = request.dump();
    for (auto _ : state) daemon.commit(line);
}

// Client and daemon take turns, so this is the daemon's time and the way there and back.
void CommitBySocket(benchmark::State& state) {
    const Folder folder;
    Daemon daemon{rules_of(state), opened(folder / "commits")};
    const std::string path = folder / "control.sock";
    auto socket = ControlSocket::listen(daemon.loop, path, daemon.dispatcher);
    auto stop = UvHandle<uv_async_t>::make(
        "stop", [&] { daemon.loop.stop(); },
        [&](uv_async_t* async) { return uv_async_init(daemon.loop.get(), async, UvHandle<uv_async_t>::on_event); });
    std::thread serving{[&] { daemon.loop.run(); }};
    {
        control::UnixSocket client;
        ensure(client.connect(path, {}) == 0);
        const std::string lines[] = {request_line(rules_of(state), 1) + "\n", request_line(rules_of(state), 0) + "\n"};
        std::size_t which = 0;
        std::string answer;
        for (auto _ : state) {
            answer.clear();
            ensure(client.send(lines[which++ % 2], {}) == 0);
            while (answer.find('\n') == std::string::npos) ensure(client.receive(answer, {}) == 0);
        }
        ensure(answer.find("\"result\"") != std::string::npos);
    }
    uv_async_send(stop->get());
    serving.join();
}

void sizes(benchmark::internal::Benchmark* bench) {
    bench->ArgName("rules")->Arg(10)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);
}
BENCHMARK(ReadMessage)->Apply(sizes);
BENCHMARK(WriteDocument)->Apply(sizes);
BENCHMARK(CheckForm)->Apply(sizes);
BENCHMARK(YangRead)->Apply(sizes);
BENCHMARK(YangValidate)->Apply(sizes);
BENCHMARK(Compile)->Apply(sizes);
BENCHMARK(Analyse)->Apply(sizes);
BENCHMARK(Foresee)->Apply(sizes);
BENCHMARK(Adopt)->Apply(sizes);
BENCHMARK(Keep)->Apply(sizes)->UseRealTime();
BENCHMARK(CommitInMemory)->Apply(sizes);
BENCHMARK(CommitOnDisk)->Apply(sizes)->UseRealTime();
BENCHMARK(CommitBySocket)->Apply(sizes)->UseRealTime();
BENCHMARK(CheckCommit)->Apply(sizes);

}  // namespace
}  // namespace hairpin::bench

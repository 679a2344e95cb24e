#include "runtime/daemon.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "runtime/capture/captures.h"
#include "runtime/clock.h"
#include "runtime/commits.h"
#include "runtime/control_socket.h"
#include "runtime/counter_baselines.h"
#include "runtime/cpu_affinity.h"
#include "runtime/event_feed.h"
#include "runtime/inquiries/inquiries.h"
#include "runtime/kept_counters.h"
#include "runtime/kept_port_counters.h"
#include "runtime/live_traces.h"
#include "runtime/log.h"
#include "runtime/methods.h"
#include "runtime/port_block_log.h"
#include "runtime/port_socket.h"
#include "runtime/replays.h"
#include "runtime/rule_log.h"
#include "runtime/running_configuration.h"
#include "runtime/shortages.h"
#include "runtime/traffic_monitor.h"
#include "runtime/tunnel_alarms.h"
#include "runtime/tunnel_remarks.h"
#include "runtime/watch.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

namespace {

constexpr std::size_t kLargestConfiguration = 64 * 1024 * 1024;

Result<std::string> read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return failure(fmt::format("configuration {}: {}", path, std::strerror(errno)));
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().size() > kLargestConfiguration)
        return failure(fmt::format("configuration {}: cannot be read, or is larger than {} bytes", path, kLargestConfiguration));
    return text.str();
}

Result<RunningConfiguration> read_configuration(const std::string& path) {
    const auto text = read_file(path);
    if (!text) return tl::unexpected(text.error());
    auto configuration = RunningConfiguration::read(*text);
    if (!configuration)
        return failure(configuration.error().message,
                       path + (configuration.error().path.empty() ? "" : ": " + configuration.error().path));
    return configuration;
}

// The newest commit that was confirmed; else the file; else nothing is configured.
Result<RunningConfiguration> boot_configuration(const DaemonOptions& options, const CommitHistory& history) {
    if (const auto document = Commits::document_to_boot(history)) {
        auto configuration = RunningConfiguration::read(*document);
        if (configuration) {
            log::info("event=boot from=\"" + options.state_folder + "\"");
            return configuration;
        }
        return failure("its newest commit is refused: " + configuration.error().path + ": " + configuration.error().message,
                       options.state_folder);
    }
    if (options.config_file.empty()) return RunningConfiguration::read("{}");
    return read_configuration(options.config_file);
}

void tell_ready(int descriptor) {
    if (descriptor < 0) return;
    if (::write(descriptor, "1\n", 2) != 2) log::warn("event=ready_untold");
    ::close(descriptor);
}

}  // namespace

Result<void> check_configuration(const std::string& file) {
    if (file.empty()) return failure("--check wants --config FILE");
    const auto configuration = read_configuration(file);
    if (!configuration) return tl::unexpected(configuration.error());
    return {};
}

Result<void> run_daemon(const DaemonOptions& options) {
    monotonic_now();  // time begins
    if (options.seed) seed_random_keys(*options.seed);
    if (options.test_hooks)
        log::warn("event=test_hooks reason=\"not for use: the clock can be turned, and ports may be foreseen\"");
    CommitHistory history;
    if (!options.state_folder.empty()) {
        std::vector<std::string> warnings;
        auto opened = CommitHistory::open(options.state_folder, warnings);
        if (!opened) return tl::unexpected(opened.error());
        history = std::move(*opened);
        for (const std::string& warning : warnings) log::warn(warning);
    }
    auto configuration = boot_configuration(options, history);
    if (!configuration) return tl::unexpected(configuration.error());
    if (auto pinned = pin_thread(options.core); !pinned) return pinned;
    if (auto claimed = claim_socket_path(options.socket_path); !claimed) return claimed;

    EventLoop loop;
    Worker worker{loop, configuration->compiled().switching, configuration->compiled().ruleset->session_capacity};
    EventFeed events{worker};
    RuleLog rule_log{worker, events};
    PortBlockLog port_block_log{worker};
    KeptCounters kept_counters{worker.gateway(), options.state_folder};
    if (const auto restored = kept_counters.restore(clock_now()); !restored)
        log::warn("event=rule_counters_begin_anew reason=\"" + restored.error().message + "\"");
    Shortages shortages{worker.ledger()};
    TunnelAlarms tunnel_alarms{worker};
    TrafficMonitor traffic{worker};
    LiveTraces live_traces{worker};
    Replays replays;
    Captures captures{loop, worker};
    if (auto applied = configuration->apply_to(worker); !applied) return applied;
    for (const auto& warning : configuration->compiled().warnings) log::info("event=configuration_remark " + warning);
    for (const auto& remark : tunnel_remarks(configuration->compiled())) log::info("event=configuration_remark " + remark);
    for (const auto& finding : gateway::analyse(*configuration->compiled().ruleset, gateway::Thoroughness::brief))
        log::info("event=configuration_remark " + finding.text);

    Commits commits{*configuration, worker, std::move(history),
                    [&events](std::string_view what, const Commit& commit) { events.configuration_changed(what, commit); }};
    control::Dispatcher dispatcher;
    Inquiries inquiries{loop, worker};
    CounterBaselines baselines;
    KeptPortCounters kept_port_counters{worker, baselines, options.state_folder};
    if (const auto restored = kept_port_counters.restore(); !restored)
        log::warn("event=port_counters_begin_anew reason=\"" + restored.error().message + "\"");
    const auto catch_up_log = [&] {
        rule_log.look(monotonic_now());
        port_block_log.look();
    };
    const auto turn = [&] {
        events.look();
        catch_up_log();
        shortages.look(monotonic_now());
        tunnel_alarms.look(monotonic_now());
        traffic.look();
        captures.look();
        commits.look(monotonic_now());
        for (const auto& turned : configuration->follow_schedules(worker))
            events.schedule_turned(turned.schedule, turned.in_force);
        kept_counters.look(clock_now());
        kept_port_counters.look(monotonic_now());
    };
    register_methods(dispatcher,
                     {worker, *configuration, commits, events, inquiries, baselines, traffic, live_traces, replays, captures,
                      [&loop] { loop.stop(); }, catch_up_log, options.test_hooks ? turn : std::function<void()>{}});
    auto ticker = Ticker::start(loop, std::chrono::milliseconds{250}, turn);
    auto terminated = SignalWatch::on(loop, SIGTERM, [&loop] { loop.stop(); });
    auto interrupted = SignalWatch::on(loop, SIGINT, [&loop] { loop.stop(); });
    for (const auto* problem : {&terminated, &interrupted})
        if (!*problem) return tl::unexpected(problem->error());
    if (!ticker) return tl::unexpected(ticker.error());
    auto socket = ControlSocket::listen(loop, options.socket_path, dispatcher);
    if (!socket) return tl::unexpected(socket.error());

    std::unique_ptr<PortSocket> port_socket;
    if (!options.port_socket_path.empty()) {
        auto listening = PortSocket::listen(loop, options.port_socket_path, worker);
        if (!listening) return tl::unexpected(listening.error());
        port_socket = std::move(*listening);
    }

    const auto started = std::chrono::duration_cast<std::chrono::microseconds>(monotonic_now().time_since_epoch()).count();
    log::info(fmt::format("event=ready socket={} ports={} after_us={}", options.socket_path, worker.ports().size(), started));
    tell_ready(options.ready_descriptor);
    loop.run();
    rule_log.finish();
    port_block_log.look();
    if (const auto kept = kept_counters.finish(clock_now()); !kept)
        log::warn("event=rule_counters_not_kept reason=\"" + kept.error().message + "\"");
    if (const auto kept = kept_port_counters.finish(); !kept)
        log::warn("event=port_counters_not_kept reason=\"" + kept.error().message + "\"");
    log::info("event=stop");
    return {};
}

}  // namespace hairpin::runtime

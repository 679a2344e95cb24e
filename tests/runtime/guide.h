#pragma once
// A daemon that runs the guide's gateway, all but its socket.

#include <unistd.h>
#include <uv.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "control/rpc.h"
#include "runtime/capture/captures.h"
#include "runtime/commits.h"
#include "runtime/counter_baselines.h"
#include "runtime/event_feed.h"
#include "runtime/inquiries/inquiries.h"
#include "runtime/live_traces.h"
#include "runtime/methods.h"
#include "runtime/replays.h"
#include "runtime/running_configuration.h"
#include "runtime/traffic_monitor.h"
#include "runtime/worker.h"
#include "tests/runtime/hosts.h"
#include "tests/support/guide_document.h"
#include "tests/support/packet_builder.h"

namespace hairpin::runtime {

using testing::guide_document;

// A Worker that runs it, on a loop that nobody turns, with all that the control socket would reach.
struct GuideDaemon {
    EventLoop loop;
    RunningConfiguration configuration;
    Worker worker{loop, configuration.compiled().switching, 1024};
    EventFeed events{worker};
    TrafficMonitor traffic{worker};
    LiveTraces live_traces{worker};
    Replays replays;
    Captures captures{loop, worker};
    Commits commits{configuration, worker, {}, [](std::string_view, const Commit&) {}};
    Inquiries inquiries{loop, worker};
    CounterBaselines baselines;
    control::Dispatcher dispatcher;

    explicit GuideDaemon(
        const nlohmann::json& document = guide_document(),
        RunningConfiguration::TellTime tell_time = [] { return clocks_on_the_wall(); })
        : configuration(*RunningConfiguration::read(document.dump(), std::move(tell_time))) {
        ensure(configuration.apply_to(worker).has_value());
        register_methods(dispatcher, {worker, configuration, commits, events, inquiries, baselines, traffic, live_traces, replays,
                                      captures, [] {}, [] {}});
    }
    // The answer as a client gets it: a "result" or an "error".
    nlohmann::json answer(const std::string& method, const nlohmann::json& parameters = nlohmann::json::object()) {
        control::Caller caller;
        caller.uid = 0;
        const nlohmann::json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", parameters}};
        return nlohmann::json::parse(dispatcher.handle(request.dump(), caller));
    }
    nlohmann::json ask(const std::string& method, const nlohmann::json& parameters = nlohmann::json::object()) {
        const nlohmann::json answered = answer(method, parameters);
        return answered.contains("result") ? answered["result"] : answered;
    }

    MacAddress mac_of(const char* interface) const {
        const gateway::Ruleset& rules = *configuration.compiled().ruleset;
        return rules.interfaces[index_of(*rules.interface_id(interface))].mac;
    }
    // Lets frames come in by a port of that name, which is added for them, and turns the loop until they have been dealt with.
    void play(const std::string& port, const char* segment, const std::vector<testing::Bytes>& frames) {
        l2::PortSettings settings;
        settings.name = port;
        settings.segment = segment;
        settings.device = l2::PcapSettings{.read_file = capture_of(frames)};
        const auto added = worker.add_port(settings);
        ::unlink(std::get<l2::PcapSettings>(settings.device).read_file.c_str());
        ensure(added.has_value());
        while (worker.ports().at(port).port->counters().in_packets < frames.size()) uv_run(loop.get(), UV_RUN_ONCE);
    }

private:
    // A capture file of these frames, a microsecond apart; whoever has opened it may delete it.
    static std::string capture_of(const std::vector<testing::Bytes>& frames) {
        std::string name = "/tmp/hairpin-played-XXXXXX";
        const int file = mkstemp(name.data());
        const auto put = [&](const auto& bytes, std::size_t size) {
            ensure(::write(file, &bytes, size) == static_cast<ssize_t>(size));
        };
        const std::uint32_t header[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
        put(header, sizeof header);
        for (std::uint32_t i = 0; i < frames.size(); ++i) {
            const auto length = static_cast<std::uint32_t>(frames[i].size());
            const std::uint32_t record[] = {1, i, length, length};
            put(record, sizeof record);
            put(*frames[i].data(), length);
        }
        ::close(file);
        return name;
    }
};

// A packet that the guide's rules refuse: nobody may open the web server but the workstation.
inline testing::PacketBuilder refused(const GuideDaemon& daemon, unsigned port) {
    return testing::tcp().from(kStranger, port).to(kExternal, 80).syn().to_mac(daemon.mac_of("lan"));
}
// The web server asks for the gateway, which so learns where it is.
inline testing::PacketBuilder known_server() { return testing::arp_request().from_mac(kServerMac).from(kWebServer).to(kGateway); }

// A client that stays connected, and what it has been told.
struct GuideClient {
    GuideDaemon& daemon;
    std::vector<nlohmann::json> events = {};
    std::vector<std::function<void()>> farewells = {};
    control::Caller caller = {};

    explicit GuideClient(GuideDaemon& to) : daemon(to) {
        caller.uid = 0;
        caller.notify = [this](std::string_view line) { events.push_back(nlohmann::json::parse(line)["params"]); };
        caller.on_close = [this](std::function<void()> closed) { farewells.push_back(std::move(closed)); };
    }
    ~GuideClient() {
        for (const auto& farewell : farewells) farewell();
    }
    GuideClient(const GuideClient&) = delete;
    GuideClient& operator=(const GuideClient&) = delete;

    nlohmann::json ask(const std::string& method, const nlohmann::json& parameters) {
        const nlohmann::json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", parameters}};
        return nlohmann::json::parse(daemon.dispatcher.handle(request.dump(), caller));
    }
    // The packets that it was told of, with the direction where there is one, and how its watch ended.
    std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        for (const nlohmann::json& event : events) {
            const std::string kind = event["event"];
            if (kind == "end")
                lines.push_back("end: " + event["why"].get<std::string>());
            else if (kind == "skipped")
                lines.push_back("skipped " + event["packets"].dump());
            else
                lines.push_back((event.contains("direction") ? event["direction"].get<std::string>() + " " : "") +
                                event["packet"].get<std::string>());
        }
        return lines;
    }
};

}  // namespace hairpin::runtime

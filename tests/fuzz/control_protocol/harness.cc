// What a client may send to the control socket: bytes, cut into lines, dispatched to all of the daemon's methods over the guide's
// gateway with ports in memory. Answers are JSON-RPC, no method loses its head, and no packet is lost.
//
//   first byte: how many bytes come in one piece
//
// There is no port but memory: open_configured_port() is defined here, so that the linker takes it and not runtime/port_opener.cc,
// and nothing that is sent can make a device or write a file.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "control/line_splitter.h"
#include "runtime/log.h"
#include "runtime/port_opener.h"
#include "switch/ports/memory_port.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {

Result<std::unique_ptr<l2::Port>> open_configured_port(const l2::PortSettings& settings, PacketPool& pool, Ledger& ledger,
                                                       l2::VxlanEndpoints&) {
    const auto* memory = std::get_if<l2::MemorySettings>(&settings.device);
    if (memory == nullptr) return failure(fmt::format("port \"{}\": there are no devices here", settings.name));
    return std::make_unique<l2::MemoryPort>(pool, ledger, l2::MemoryPort::Options{.mtu = memory->mtu});
}

namespace {

using fuzz::holds;
using nlohmann::json;

constexpr Timestamp kFarAway{std::chrono::hours{1000}};  // past every confirmation's end

// All of hairpind but its socket, and one client.
struct Daemon : GuideDaemon {
    Daemon() {
        caller.uid = 0;
        caller.notify = [](std::string_view line) { holds(json::accept(line), "an event that is no JSON"); };
        caller.on_close = [this](std::function<void()> farewell) { farewells.push_back(std::move(farewell)); };
    }
    ~Daemon() {
        for (const auto& farewell : farewells) farewell();
    }
    control::Caller caller;
    std::vector<std::function<void()>> farewells;
};

void check_one(const json& answer) {
    holds(answer.is_object() && answer.value("jsonrpc", "") == "2.0" && answer.contains("id"), "no JSON-RPC: " + answer.dump());
    holds(answer.contains("result") != answer.contains("error"), "neither result nor error, or both: " + answer.dump());
    if (!answer.contains("error")) return;
    holds(answer["error"]["code"] != control::kInternalError, "a method threw: " + answer.dump());
    holds(!answer["error"]["message"].get<std::string>().empty(), "an error without a reason: " + answer.dump());
}

void check_answer(const std::string& line) {
    if (line.empty()) return;
    const json answer = json::parse(line, nullptr, false);
    holds(!answer.is_discarded() && line.find('\n') == std::string::npos, "an answer that is no line of JSON: " + line);
    if (!answer.is_array()) return check_one(answer);
    for (const json& one : answer) check_one(one);
}

void serve(Daemon& daemon, fuzz::Input input) {
    const std::size_t piece = input.byte() + 1;
    control::LineSplitter splitter;
    while (!input.empty()) {
        const auto bytes = input.take(piece);
        splitter.feed({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        while (const auto line = splitter.next()) check_answer(daemon.dispatcher.handle(*line, daemon.caller));
    }
    splitter.feed("\n");  // the last line, whether it was finished or not
    while (const auto line = splitter.next()) check_answer(daemon.dispatcher.handle(*line, daemon.caller));
}

}  // namespace
}  // namespace hairpin::runtime

extern "C" int LLVMFuzzerInitialize(int*, char***) { return hairpin::runtime::log::start("off").has_value() ? 0 : 1; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::runtime;
    Daemon daemon;
    serve(daemon, {data, size});
    daemon.commits.look(kFarAway);
    daemon.events.look();
    holds(daemon.worker.imbalance() == 0, "a packet was lost, or counted twice");
    const auto in_force = RunningConfiguration::read(daemon.configuration.document().dump());
    holds(in_force.has_value(), "what is in force would be refused: " + (in_force ? "" : in_force.error().message));
    return 0;
}

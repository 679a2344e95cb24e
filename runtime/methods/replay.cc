// A capture through a gateway of its own: begun, fed with frames, ended.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/methods/method.h"
#include "runtime/packet_summary.h"
#include "runtime/passage_view.h"
#include "runtime/replays.h"
#include "runtime/running_configuration.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

// Each takes its time, in which the running gateway forwards nothing.
constexpr std::size_t kMostFramesAtOnce = 64;

Result<gateway::RulesetPtr> rules_for(DaemonParts& parts, const json& parameters) {
    if (parameters.contains("config")) return parts.configuration.rules_of(parameters["config"].get<std::string>());
    return parts.configuration.compiled().ruleset;
}

Answer begin(DaemonParts& parts, const json& parameters, Caller& caller) {
    auto rules = rules_for(parts, parameters);
    if (!rules) return refusal(control::kConfigurationRefused, rules.error());
    std::optional<InterfaceId> inbound;
    if (parameters.contains("interface")) {
        const json& name = parameters["interface"];
        inbound = name.is_string() ? (*rules)->interface_id(name.get<std::string>()) : std::nullopt;
        if (!inbound)
            return refusal(control::kNotFound, Error{fmt::format("there is no interface {}", name.dump()), "interface"});
    }
    const auto known = [&worker = parts.worker](InterfaceId interface, Ipv4Address address) {
        return worker.gateway().neighbors().peek(interface, address);
    };
    const auto token = parts.replays.begin(std::make_unique<Replay>(std::move(*rules), inbound, known));
    if (!token) return refusal(control::kOperationFailed, token.error());
    caller.on_close([&replays = parts.replays, token = *token] { replays.end(token); });
    return json{{"replay", *token},
                {"frames_at_once", kMostFramesAtOnce},
                {"most_frames", Replay::kMostFrames},
                {"most_bytes", Replay::kMostBytes}};
}

int digit_of(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    return -1;
}

std::optional<std::vector<std::byte>> bytes_of(const std::string& hexadecimal) {
    if (hexadecimal.size() % 2 != 0 || hexadecimal.size() > 2 * PacketPool::kLargestFrame) return std::nullopt;
    std::vector<std::byte> bytes;
    bytes.reserve(hexadecimal.size() / 2);
    for (std::size_t i = 0; i < hexadecimal.size(); i += 2) {
        const int high = digit_of(hexadecimal[i]), low = digit_of(hexadecimal[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return bytes;
}

struct GivenFrame {
    std::vector<std::byte> bytes;
    std::int64_t nanoseconds = 0;
    std::size_t length = 0;
};

Result<GivenFrame> read_frame(const json& given, std::size_t number) {
    const auto wrong = [&](const char* what) { return failure(fmt::format("frame {}: {}", number, what), "frames"); };
    if (!given.is_object() || !given.contains("bytes") || !given["bytes"].is_string()) return wrong("bytes are missing");
    auto bytes = bytes_of(given["bytes"].get<std::string>());
    if (!bytes) return wrong("bytes are no hexadecimal digits in pairs, or too many");
    const json time = given.value("time", json(0)), length = given.value("length", json(bytes->size()));
    if (!time.is_number_integer()) return wrong("time must be a number of nanoseconds");
    if (!length.is_number_unsigned() || length.get<std::uint64_t>() < bytes->size())
        return wrong("length is less than its bytes");
    return GivenFrame{std::move(*bytes), time.get<std::int64_t>(), length.get<std::size_t>()};
}

const char* name_of(Replay::Fate fate) {
    switch (fate) {
        case Replay::Fate::played: break;
        case Replay::Fate::from_gateway: return "from-gateway";
        case Replay::Fate::for_others: return "for-others";
        case Replay::Fate::cut_off: return "cut-off";
    }
    return "";
}

json row_of(const GivenFrame& frame, const Replay::Played& played, const Replay& replay) {
    const bool passed = played.fate == Replay::Fate::played;
    json row = passed ? passage_view(played.passage, replay.rules()) : json{{"verdict", nullptr}};
    row["number"] = replay.frames();
    row["time"] = utc_text(std::chrono::nanoseconds{frame.nanoseconds});
    row["length"] = frame.length;
    row["packet"] = packet_summary(frame.bytes, frame.length);
    row["in_interface"] = passed ? json(replay.rules().name_of(played.inbound)) : json(nullptr);
    row["not_traced"] = passed ? json(nullptr) : json(name_of(played.fate));
    return row;
}

Replay* replay_in(DaemonParts& parts, const json& parameters) {
    const json token = parameters.value("replay", json());
    return token.is_number_unsigned() ? parts.replays.find(token.get<std::uint64_t>()) : nullptr;
}

Answer play(DaemonParts& parts, const json& parameters, Caller&) {
    Replay* replay = replay_in(parts, parameters);
    if (replay == nullptr) return refusal(control::kNotFound, Error{"there is no such replay", "replay"});
    const json frames = parameters.value("frames", json::array());
    if (!frames.is_array() || frames.size() > kMostFramesAtOnce)
        return refusal(control::kInvalidParams,
                       Error{fmt::format("frames must be a list of at most {}", kMostFramesAtOnce), "frames"});
    std::vector<GivenFrame> given;
    std::size_t bytes = replay->bytes();
    for (const json& one : frames) {
        auto frame = read_frame(one, replay->frames() + given.size() + 1);
        if (!frame) return refusal(control::kInvalidParams, frame.error());
        bytes += frame->bytes.size();
        given.push_back(std::move(*frame));
    }
    if (replay->frames() + given.size() > Replay::kMostFrames || bytes > Replay::kMostBytes)
        return refusal(control::kInvalidParams, Error{fmt::format("a capture is traced up to {} frames and {} bytes",
                                                                  Replay::kMostFrames, Replay::kMostBytes),
                                                      "frames"});
    json result = no_rows();
    for (const GivenFrame& frame : given)
        result["rows"].push_back(row_of(frame, replay->play({frame.nanoseconds, frame.length, frame.bytes}), *replay));
    return result;
}

Answer end(DaemonParts& parts, const json& parameters, Caller&) {
    if (replay_in(parts, parameters) == nullptr) return refusal(control::kNotFound, Error{"there is no such replay", "replay"});
    parts.replays.end(parameters["replay"].get<std::uint64_t>());
    return json::object();
}

constexpr auto kReplayMethods = std::to_array<MethodRow>({
    {control::method::kReplayBegin, "makes a gateway of its own for a capture", begin},
    {control::method::kReplayFrames, "sends frames of the capture through it", play},
    {control::method::kReplayEnd, "ends it", end},
});

}  // namespace

std::span<const MethodRow> replay_methods() { return kReplayMethods; }

}  // namespace hairpin::runtime

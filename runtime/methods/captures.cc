// Captures: behind the answer of `capture` its connection carries the file, until it ends.

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "runtime/capture/captures.h"
#include "runtime/clock.h"
#include "runtime/methods/method.h"
#include "runtime/parameters.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

constexpr std::uint64_t kMostCount = 1'000'000'000'000, kMostSeconds = 366 * 86400;
constexpr std::size_t kMostNames = 256;

Result<std::vector<std::string>> places_in(const json& parameters) {
    const json names = parameters.value("places", json::array());
    std::vector<std::string> places;
    if (!names.is_array() || names.size() > kMostNames)
        return failure(fmt::format("places must be a list of names, at most {}", kMostNames), "places");
    for (const json& name : names) {
        if (!name.is_string()) return failure("places must be a list of names", "places");
        places.push_back(name.get<std::string>());
    }
    return places;
}

Result<Capture::Wish> wish_in(const json& parameters) {
    Capture::Wish wish;
    const json filter = parameters.value("filter", json("")), drops = parameters.value("drops", json(false));
    if (!filter.is_string()) return failure("filter must be a text", "filter");
    if (!drops.is_boolean()) return failure("drops must be true or false", "drops");
    auto places = places_in(parameters);
    if (!places) return tl::unexpected(places.error());
    auto compiled = PacketFilter::compile(filter.get<std::string>());
    if (!compiled) return tl::unexpected(compiled.error());
    const auto count = number_in(parameters, "count", 1, kMostCount, 0);
    const auto seconds = number_in(parameters, "duration", 1, kMostSeconds, 0);
    const auto snap_length = number_in(parameters, "snaplen", 14, Capture::kMostSnapLength, Capture::kMostSnapLength);
    const auto buffer = number_in(parameters, "buffer", Capture::kLeastBuffer, Capture::kMostBuffer, Capture::kUsualBuffer);
    for (const auto* number : {&count, &seconds, &snap_length, &buffer})
        if (!*number) return tl::unexpected(number->error());

    wish.places = std::move(*places);
    wish.filter = std::move(*compiled);
    wish.filter_text = filter.get<std::string>();
    wish.drops = drops.get<bool>();
    if (*count != 0) wish.count = *count;
    if (*seconds != 0) wish.duration = std::chrono::seconds{*seconds};
    wish.snap_length = static_cast<std::uint32_t>(*snap_length);
    wish.buffer = *buffer;
    return wish;
}

Answer capture(DaemonParts& parts, const json& parameters, Caller& caller) {
    if (!caller.become_stream)
        return refusal(control::kOperationFailed, Error{"a capture is read from a connection of its own, and this is none"});
    auto wish = wish_in(parameters);
    if (!wish) return refusal(control::kInvalidParams, wish.error());
    wish->client = fmt::format("{} (pid {})", user_of(caller), caller.pid);
    const auto id = parts.captures.begin(std::move(*wish));
    if (!id) return refusal(id.error().path.empty() ? control::kOperationFailed : control::kNotFound, id.error());
    Captures& captures = parts.captures;
    captures.write_to(*id, caller.become_stream([&captures, id = *id] { captures.finish(id); }));
    caller.on_close([&captures, id = *id] { captures.end(id); });
    const Capture& begun = captures.all().at(*id).capture;
    json interfaces = json::array();
    for (const CapturePlaces::Place& place : begun.places().all()) interfaces.push_back(place.name);
    return json{{"capture", *id}, {"format", "pcapng"}, {"interfaces", std::move(interfaces)}};
}

json capture_row(Captures::Id id, const Captures::Running& running) {
    const Capture& capture = running.capture;
    json interfaces = json::array();
    for (const CapturePlaces::Place& place : capture.places().all())
        interfaces.push_back({{"name", place.name}, {"packets", place.seen - place.lost}, {"lost", place.lost}});
    const auto age = monotonic_now() - capture.begun();
    return {{"id", id},
            {"client", capture.wish().client},
            {"places", capture.places().text()},
            {"filter", capture.wish().filter_text.empty() ? json(nullptr) : json(capture.wish().filter_text)},
            {"drops", capture.wish().drops},
            {"packets", capture.captured()},
            {"lost", capture.lost()},
            {"waiting_bytes", capture.waiting()},
            {"buffer_bytes", capture.wish().buffer},
            {"age_seconds", std::chrono::duration_cast<std::chrono::seconds>(age).count()},
            {"interfaces", std::move(interfaces)}};
}

Answer show_captures(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [id, running] : parts.captures.all()) result["rows"].push_back(capture_row(id, running));
    return result;
}

constexpr auto kCaptureMethods = std::to_array<MethodRow>({
    {control::method::kCapture, "packets as a pcapng file, which follows the answer", capture},
    {control::method::kShowCaptures, "the captures that run", show_captures},
});

}  // namespace

std::span<const MethodRow> capture_methods() { return kCaptureMethods; }

}  // namespace hairpin::runtime

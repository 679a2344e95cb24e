#include "runtime/log.h"

#include <fmt/chrono.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace hairpin::runtime::log {

namespace {

// Where kept lines stand: the loop's thread is the only one that logs.
struct Memory {
    std::deque<Line> lines;
    std::function<void(const Line&)> listener;
    bool telling = false;
};
Memory& memory() {
    static Memory kept;
    return kept;
}

std::string time_text(spdlog::log_clock::time_point time) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(since / 1000)), since % 1000);
}

class MemorySink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
        const auto level = spdlog::level::to_string_view(message.level);
        Line line{time_text(message.time), {level.data(), level.size()}, {message.payload.data(), message.payload.size()}};
        auto& [lines, listener, telling] = memory();
        if (lines.size() == kKept) lines.pop_front();
        lines.push_back(line);
        if (!listener || telling) return;
        telling = true;
        listener(line);
        telling = false;
    }
    void flush_() override {}
};

}  // namespace

Result<void> start(const std::string& level) {
    const auto parsed = spdlog::level::from_str(level);
    if (parsed == spdlog::level::off && level != "off")
        return failure("log level \"" + level + "\" is none: debug, info, warn, error or off");
    const spdlog::sinks_init_list sinks{std::make_shared<spdlog::sinks::stderr_sink_st>(), std::make_shared<MemorySink>()};
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("hairpind", sinks));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-5l %v", spdlog::pattern_time_type::utc);
    spdlog::set_level(parsed);
    return {};
}

void debug(std::string_view line) { spdlog::debug(line); }
void info(std::string_view line) { spdlog::info(line); }
void warn(std::string_view line) { spdlog::warn(line); }
void error(std::string_view line) { spdlog::error(line); }

const std::deque<Line>& kept() { return memory().lines; }
void clear() { memory().lines.clear(); }
void listen(std::function<void(const Line& line)> listener) { memory().listener = std::move(listener); }

}  // namespace hairpin::runtime::log

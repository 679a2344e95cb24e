#include "runtime/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace hairpin::runtime::log {

Result<void> start(const std::string& level) {
    const auto parsed = spdlog::level::from_str(level);
    if (parsed == spdlog::level::off && level != "off")
        return failure("log level \"" + level + "\" is none: debug, info, warn, error or off");
    spdlog::set_default_logger(spdlog::stderr_logger_st("hairpind"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-5l %v", spdlog::pattern_time_type::utc);
    spdlog::set_level(parsed);
    return {};
}

void debug(std::string_view line) { spdlog::debug(line); }
void info(std::string_view line) { spdlog::info(line); }
void warn(std::string_view line) { spdlog::warn(line); }
void error(std::string_view line) { spdlog::error(line); }

}  // namespace hairpin::runtime::log

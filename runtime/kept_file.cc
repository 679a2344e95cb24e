#include "runtime/kept_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/durable_file.h"
#include "runtime/log.h"

namespace hairpin::runtime {

using nlohmann::json;

Result<json> KeptFile::read() const {
    std::error_code error;
    const auto size = std::filesystem::file_size(path_, error);
    if (error == std::errc::no_such_file_or_directory) return json{};
    if (error) return failure("cannot read " + path_ + ": " + error.message());
    if (size > most_bytes_) return failure(fmt::format("{} is larger than {} bytes", path_, most_bytes_));
    std::ifstream stream{path_, std::ios::binary};
    if (!stream) return failure("cannot read " + path_ + ": " + std::strerror(errno));
    json content = json::parse(stream, nullptr, false);
    if (content.is_null()) return failure(path_ + " is damaged");
    return content;
}

KeptFile::Writing KeptFile::writing() {
    if (!writing_.valid()) return Writing::none;
    if (writing_.wait_for(std::chrono::seconds{0}) != std::future_status::ready) return Writing::going_on;
    const auto written = writing_.get();
    if (written) return Writing::none;
    log::warn(fmt::format("event={}_not_kept reason=\"{}\"", what_, written.error().message));
    return Writing::failed;
}

void KeptFile::write(std::string text) {
    writing_ = std::async(std::launch::async, [file = path_, text = std::move(text)] { return replace_durably(file, text); });
}

Result<void> KeptFile::finish(const std::string& text) {
    if (writing_.valid()) writing_.wait();
    writing();
    return replace_durably(path_, text);
}

}  // namespace hairpin::runtime

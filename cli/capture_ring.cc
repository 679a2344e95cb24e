#include "cli/capture_ring.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "cli/pcapng_blocks.h"
#include "cli/write_all.h"
#include "net/numbers.h"

namespace hairpin::cli {

namespace {

constexpr std::size_t kSmallestRing = 64'000;
constexpr std::size_t kLargestRing = 1'000'000'000'000;

struct UnitRow {
    std::string_view name;
    std::size_t bytes;
};
constexpr auto kRingUnits = std::to_array<UnitRow>({{"", 1}, {"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}});

}  // namespace

Outcome<std::size_t> read_ring_size(const std::string& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_number(std::string_view{text}.substr(0, digits), kLargestRing);
    for (const UnitRow& unit : kRingUnits) {
        if (!number || text.substr(digits) != unit.name || *number > kLargestRing / unit.bytes) continue;
        if (const std::size_t size = *number * unit.bytes; size >= kSmallestRing) return size;
    }
    return misused(fmt::format("\"{}\" is no size from 64kB to 1000GB, as 100MB", text));
}

Outcome<CaptureRing> CaptureRing::open(const std::string& file, std::size_t room) {
    CaptureRing ring{file, room};
    std::remove((file + ".1").c_str());
    if (const int error = ring.begin_file(); error != 0)
        return failed_with(ExitCode::failed, fmt::format("cannot write to {}: {}", file, std::strerror(error)));
    return ring;
}

int CaptureRing::begin_file() {
    output_ = FileDescriptor{::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!output_) return errno;
    written_ = head_.size();
    holds_more_ = false;
    return write_all(output_.get(), head_);
}

int CaptureRing::take(std::string_view bytes) {
    waiting_ += bytes;
    std::string_view rest = waiting_;
    while (rest.size() >= kSmallestBlock) {
        const std::size_t length = number_at<std::uint32_t>(rest, 4);
        if (length < kSmallestBlock) return EBADMSG;
        if (rest.size() < length) break;
        if (const int error = write_block(rest.substr(0, length)); error != 0) return error;
        rest.remove_prefix(length);
    }
    waiting_.erase(0, waiting_.size() - rest.size());
    return 0;
}

int CaptureRing::write_block(std::string_view block) {
    const std::uint32_t type = number_at<std::uint32_t>(block, 0);
    packets_began_ |= type == kEnhancedPacket;
    const bool is_head = type == kSectionHeader || type == kInterfaceDescription || !packets_began_;
    if (holds_more_ && written_ + block.size() > half_) {
        if (std::rename(file_.c_str(), (file_ + ".1").c_str()) != 0) return errno;
        if (const int error = begin_file(); error != 0) return error;
    }
    if (is_head) head_ += block;
    holds_more_ |= !is_head;
    written_ += block.size();
    return write_all(output_.get(), block);
}

}  // namespace hairpin::cli

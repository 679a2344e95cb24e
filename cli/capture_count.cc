#include "cli/capture_count.h"

#include <algorithm>
#include <cstdint>

#include "cli/pcapng_blocks.h"

namespace hairpin::cli {

namespace {

constexpr std::size_t kHead = 8, kLargestStatistics = 4096;
constexpr std::size_t kStatisticsOptions = kHead + 12;  // behind the interface and the time
constexpr std::uint16_t kDropped = 5;                   // isb_ifdrop

}  // namespace

void CaptureCount::take(std::string_view bytes) {
    while (!bytes.empty()) {
        if (const std::size_t skipped = std::min(to_skip_, bytes.size()); skipped > 0) {
            to_skip_ -= skipped;
            bytes.remove_prefix(skipped);
            continue;
        }
        const std::size_t taken = std::min(wanted_ - block_.size(), bytes.size());
        block_ += bytes.substr(0, taken);
        bytes.remove_prefix(taken);
        if (block_.size() < wanted_) return;
        if (wanted_ == kHead)
            read_head();
        else
            read_statistics();
    }
}

void CaptureCount::read_head() {
    const auto type = number_at<std::uint32_t>(block_, 0);
    const std::size_t length = std::max<std::size_t>(number_at<std::uint32_t>(block_, 4), kSmallestBlock);
    if (type == kEnhancedPacket) ++packets_;
    if (type == kInterfaceStatistics && length <= kLargestStatistics) {
        wanted_ = length;
        return;
    }
    block_.clear();
    to_skip_ = length - kHead;
}

void CaptureCount::read_statistics() {
    for (std::size_t at = kStatisticsOptions; at + 4 <= block_.size();) {
        const auto code = number_at<std::uint16_t>(block_, at), length = number_at<std::uint16_t>(block_, at + 2);
        if (code == kDropped && length == 8 && at + 12 <= block_.size()) lost_ += number_at<std::uint64_t>(block_, at + 4);
        at += 4 + (length + 3U) / 4 * 4;
    }
    block_.clear();
    wanted_ = kHead;
}

}  // namespace hairpin::cli

#pragma once
// How many packets a pcapng stream has, while it passes: blocks are looked at by their heads, and not kept.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hairpin::cli {

class CaptureCount {
public:
    // The next bytes of the stream, cut anywhere. What is no pcapng counts nothing.
    void take(std::string_view bytes);

    std::uint64_t packets() const { return packets_; }
    // Those that the reader was too slow for, as the statistics at the end of the stream tell.
    std::uint64_t lost() const { return lost_; }

private:
    void read_head();
    void read_statistics();

    std::string block_;        // its beginning, as far as it is looked at
    std::size_t wanted_ = 8;   // so much of it is
    std::size_t to_skip_ = 0;  // and then so much is not
    std::uint64_t packets_ = 0, lost_ = 0;
};

}  // namespace hairpin::cli

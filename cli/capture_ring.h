#pragma once
// A capture that goes on for ever in bounded room: what came last is kept, in two files of half the room each.
//
//   FILE      what comes now
//   FILE.1    what came before it, replaced each time FILE is full
//
// So there is never more than the room, and at least half of it, where so much has come. Each is a capture of its own, which begins with the
// header, the interfaces and the names that the first began with; `mergecap` makes one of both. A block that is longer than half the room
// is written all the same.

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/failure.h"
#include "net/file_descriptor.h"

namespace hairpin::cli {

// The bytes of "64kB", "100MB", "2GB" or "1000000": at least 64 kB, at most 1 TB. kB are 1000 bytes.
Outcome<std::size_t> read_ring_size(const std::string& text);

class CaptureRing {
public:
    // The file can be read by its owner alone. One of an earlier ring is begun anew, and FILE.1 removed.
    static Outcome<CaptureRing> open(const std::string& file, std::size_t room);

    // The next bytes of a pcapng stream, cut anywhere. 0, or errno.
    int take(std::string_view bytes);

private:
    CaptureRing(std::string file, std::size_t room) : file_(std::move(file)), half_(room / 2) {}
    int begin_file();
    int write_block(std::string_view block);

    std::string file_;
    std::size_t half_;
    FileDescriptor output_;
    std::string waiting_;         // the beginning of a block
    std::string head_;            // blocks that each file begins with
    bool packets_began_ = false;  // in the stream
    std::size_t written_ = 0;     // to this file
    bool holds_more_ = false;     // than the head
};

}  // namespace hairpin::cli

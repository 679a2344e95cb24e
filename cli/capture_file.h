#pragma once
// The Ethernet frames of a capture file, pcap or pcapng, as libpcap reads it: with the rights of whoever runs the program, and never by the
// daemon.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/failure.h"

struct pcap;

namespace hairpin::cli {

struct CapturedFrame {
    std::int64_t nanoseconds = 0;  // since 1970
    std::size_t length = 0;        // of the frame
    std::string bytes;             // those that were captured
};

class CaptureFile {
public:
    // Fails when the file cannot be read, is no capture, or holds no Ethernet frames.
    static Outcome<CaptureFile> open(const std::string& path);

    // Nothing at the end. A file that is broken from here on is a failure with the number of the frame that cannot be read.
    Outcome<std::optional<CapturedFrame>> next();

private:
    struct Close {
        void operator()(pcap* file) const;
    };
    CaptureFile(std::string path, pcap* file) : path_(std::move(path)), file_(file) {}

    std::string path_;
    std::unique_ptr<pcap, Close> file_;
    std::size_t read_ = 0;
};

}  // namespace hairpin::cli

#pragma once
// A capture as the daemon sends it, and taking it to a file, a pipe or a socket: with the rights of whoever runs the program, and never by the
// daemon. So who reads slowly, or from a file system that does, holds up this program and nobody else.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/capture_count.h"
#include "cli/capture_ring.h"
#include "cli/failure.h"
#include "control/client.h"

namespace hairpin::cli {

struct OpenCapture {
    control::Client::Stream stream;
    std::vector<std::string> places;  // where it looks, as the daemon calls them
};
// Begins a capture at the daemon of this socket. `typed` stands before what the daemon refuses.
Outcome<OpenCapture> open_capture(const std::string& socket, const nlohmann::json& wish, std::string_view typed);

// Writes all that comes to the descriptor, at once, until the daemon ends it or nobody reads the descriptor any more, which is no failure. Answers what it was.
// At the first SIGINT or SIGTERM the daemon is asked for the end, which it writes as a file ends; a second one ends the program.
Outcome<CaptureCount> carry_capture(control::Client::Stream stream, int output, const std::string& name_of_output);
// The same into a ring.
Outcome<CaptureCount> carry_capture(control::Client::Stream stream, CaptureRing ring, const std::string& name_of_output);

}  // namespace hairpin::cli

// Captures: packets as a file, in pcapng, or as a stream to whoever reads one.

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/capture_listener.h"
#include "cli/capture_ring.h"
#include "cli/capture_stream.h"
#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

using How = Term::How;
using nlohmann::json;

namespace {

Outcome<json> read_file_to_write(const std::string& text) { return json{{"file", text}}; }
Outcome<json> read_listener(const std::string& text) {
    const auto at = read_listen_address(text);
    if (!at) return tl::unexpected(at.error());
    return json{{"address", at->address}, {"port", at->port}};
}

const ValueType kPlace{
    .shape = "PLACE",
    .description = "a port of the switch, an interface of the gateway or a segment; `gateway` is all its interfaces",
    .known_by = control::method::kShowPorts,
    .known_in = "name"};
const ValueType kFileToWrite{
    .shape = "FILE", .description = "a file to write to; - is standard output", .read = read_file_to_write};
Outcome<json> read_ring(const std::string& text) {
    const auto size = read_ring_size(text);
    if (!size) return tl::unexpected(size.error());
    return json(*size);
}
const ValueType kRing{.shape = "SIZE",
                      .description = "how much is kept of what came last, as 100MB, half of it in the file and half in FILE.1",
                      .read = read_ring};
const ValueType kListener{.shape = "[ADDRESS:]PORT",
                          .description = "where readers connect by TCP (pcap-over-IP), as 127.0.0.1:57012",
                          .read = read_listener};

const auto kCaptureTerms = std::to_array<Term>({
    {"", &kPlace, "places", How::repeated},
    {"filter", &value::kFilter, "filter", How::optional, "", true, "-f"},
    {"drops", nullptr, "drops", How::optional, "only packets that are dropped, with the reason"},
    {"count", &value::kNumber, "count", How::optional, "end after so many packets", true, "-n"},
    {"duration", &value::kDuration, "duration", How::optional, "end after this time, as 90s or 10m", true, "-a"},
    {"snaplen", &value::kNumber, "snaplen", How::optional, "keep so many bytes of a packet; all of them otherwise", true, "-s"},
    {"buffer", &value::kNumber, "buffer", How::optional, "bytes that wait for a slow reader at most; 8 MiB otherwise", true,
     "-B"},
    {"quiet", nullptr, "quiet", How::optional, "say nothing of the beginning and the end", true, "-q"},
    {"ring", &kRing, "ring", How::optional, "", true},
    {"write", &kFileToWrite, "to", How::required, "", true, "-w"},
    {"listen", &kListener, "to", How::required},
});

// A file that only its owner may read: what hosts say to each other is nobody else's business.
Outcome<int> open_output(const std::string& name) {
    if (name == "-") {
        if (::isatty(STDOUT_FILENO) == 0) return ::dup(STDOUT_FILENO);
        return misused("a capture is nothing to read on a terminal: write it to a file, or into a pipe, as | wireshark -k -i -");
    }
    const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return failed_with(ExitCode::failed, fmt::format("cannot write to {}: {}", name, std::strerror(errno)));
    return file;
}

constexpr std::size_t kMostPlaces = 8;  // in a line

std::string places_text(const std::vector<std::string>& places) {
    return places.size() > kMostPlaces ? fmt::format("{} places", places.size()) : fmt::format("{}", fmt::join(places, ", "));
}

// On standard error, as tcpdump does: the capture itself may be on standard output.
void tell_beginning(const OpenCapture& open, const std::string& output) {
    fmt::print(stderr, "capturing at {}, to {}; Ctrl-C ends it\n", places_text(open.places), output);
}
void tell_end(const CaptureCount& count) {
    fmt::print(stderr, "{} {} captured{}\n", count.packets(), count.packets() == 1 ? "packet" : "packets",
               count.lost() == 0 ? "" : fmt::format(", and {} lost because they were read too slowly", count.lost()));
}

Outcome<CaptureCount> carry_to_file(OpenCapture open, const std::string& name) {
    const auto output = open_output(name);
    if (!output) return tl::unexpected(output.error());
    auto carried = carry_capture(std::move(open.stream), *output, name == "-" ? "standard output" : name);
    const bool closed = ::close(*output) == 0;  // which is when some file systems tell that they are full
    if (carried && !closed)
        return failed_with(ExitCode::failed, fmt::format("cannot write the capture to {}: {}", name, std::strerror(errno)));
    return carried;
}

Outcome<CaptureCount> carry_to_ring(OpenCapture open, const std::string& name, std::size_t size) {
    auto ring = CaptureRing::open(name, size);
    if (!ring) return tl::unexpected(ring.error());
    return carry_capture(std::move(open.stream), std::move(*ring), name);
}

Outcome<void> carry(const json& parameters, const std::string& socket, std::string_view typed) {
    json wish = parameters;
    const json to = wish["to"];
    for (const char* ours : {"to", "ring", "quiet"}) wish.erase(ours);
    const bool is_ring = parameters.contains("ring"), is_told = !parameters.contains("quiet");
    if (is_ring && to.value("file", "-") == "-")
        return misused("a ring is files: `ring` wants `write FILE`, and neither - nor listen");
    if (to.contains("address"))
        return serve_captures(socket, wish, {to["address"], to["port"]}, is_told ? Remarks::told : Remarks::kept_quiet);
    auto open = open_capture(socket, wish, typed);
    if (!open) return tl::unexpected(open.error());
    const std::string name = to["file"];
    if (is_told) tell_beginning(*open, name == "-" ? "standard output" : name);
    const auto carried =
        is_ring ? carry_to_ring(std::move(*open), name, parameters["ring"]) : carry_to_file(std::move(*open), name);
    if (!carried) return tl::unexpected(carried.error());
    if (is_told) tell_end(*carried);
    return {};
}

std::string options_text(const json& row, const Style& style) {
    const std::string filter = text_of(row, "filter");
    return std::string{row.value("drops", false) ? "drops " : ""} + (filter.empty() ? "" : style.fit(filter));
}

constexpr auto kRunningColumns = std::to_array<Column>({
    {"id", "ID", Align::right},
    {"client", "CLIENT"},
    {"places", "PLACES"},
    {"", "FILTER", Align::left, options_text},
    {"packets", "PACKETS", Align::right},
    {"lost", "LOST", Align::right},
    {"waiting_bytes", "WAITING", Align::right},
    {"age_seconds", "SINCE", Align::right, ago},
});

const auto kCaptureCommands = std::to_array<Command>({
    {.words = "capture",
     .description = "packets into a file, for Wireshark",
     .details = "What passes the ports and interfaces goes to a file in pcapng, or to whoever connects, until Ctrl-C. A place is "
                "a port, an "
                "interface of the gateway or a segment, whichever has that name; port:NAME, gateway:NAME and segment:NAME say "
                "which. Without any, "
                "everything is captured.\n"
                "Each place is an interface of the file. Comments name the session and its rules, and why a packet was dropped; "
                "the packet's id "
                "is the same at each place where it was seen, before and after NAT. Who reads too slowly loses packets, which "
                "are counted in the "
                "file; traffic is never held up. `hairpin capture lan -w - | wireshark -k -i -` shows them live.",
     .example = "capture workstation gateway filter \"tcp port 80\" duration 1s write workstation.pcapng",
     .terms = kCaptureTerms,
     .method = control::method::kCapture,
     .schema = "capture",
     .carry = carry},
    {.words = "show captures",
     .description = "the captures that run",
     .details = "How many packets each has seen, how many it has lost because its reader is slow, and how many bytes wait for "
                "that reader.",
     .example = "show captures",
     .method = control::method::kShowCaptures,
     .schema = "captures",
     .columns = kRunningColumns,
     .nothing = "nobody captures"},
});

}  // namespace

std::span<const Command> capture_commands() { return kCaptureCommands; }

}  // namespace hairpin::cli

#include "cli/extcap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "cli/capture_stream.h"
#include "cli/table.h"
#include "control/client.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr std::string_view kPrefix = "hairpin:";
constexpr std::chrono::milliseconds kPatience{2000};  // with one daemon: Wireshark waits for all of them when it starts

struct ExtcapOptions {
    bool interfaces = false, dlts = false, config = false, capture = false, drops = false;
    std::string interface, filter, fifo, version;
    std::uint32_t snap_length = 0;
};

struct ExtcapInterface {
    std::string lab, place;  // empty: the machine's own daemon; everything
};

std::optional<ExtcapInterface> read_interface(std::string_view value) {
    if (!value.starts_with(kPrefix)) return std::nullopt;
    value.remove_prefix(kPrefix.size());
    const auto colon = value.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    return ExtcapInterface{std::string{value.substr(0, colon)}, std::string{value.substr(colon + 1)}};
}

std::string own_socket(const ExtcapSurroundings& around) {
    const char* given = around.environment("HAIRPIN_SOCKET");
    return given != nullptr && *given != '\0' ? given : around.places.default_socket;
}

json rows_of(control::Client& daemon, const char* method) {
    const auto answer = daemon.call(method);
    return answer && answer->is_object() ? answer->value("rows", json::array()) : json::array();
}

// Those of one daemon; none when it does not answer.
void list_places(const std::string& lab, const std::string& socket, std::ostream& out) {
    auto daemon = control::Client::connect(socket, kPatience);
    if (!daemon) return;
    const std::string whose = lab.empty() ? "Hairpin" : "Hairpin lab " + lab;
    const auto offer = [&](const std::string& place, const std::string& what) {
        out << fmt::format("interface {{value={}{}:{}}}{{display={}: {}}}\n", kPrefix, lab, place, whose, what);
    };
    offer("", "everything");
    for (const json& row : rows_of(*daemon, control::method::kShowPorts))
        offer("port:" + text_of(row, "name"), "port " + text_of(row, "name"));
    offer("gateway", "the gateway, all interfaces");
    for (const json& row : rows_of(*daemon, control::method::kShowInterfaces))
        offer("gateway:" + text_of(row, "name"), "the gateway's interface " + text_of(row, "name"));
    for (const json& row : rows_of(*daemon, control::method::kShowSegments))
        offer("segment:" + text_of(row, "name"), "segment " + text_of(row, "name"));
}

void list_interfaces(const ExtcapSurroundings& around) {
    around.out << "extcap {version=" HAIRPIN_VERSION "}{display=Hairpin}\n";
    list_places("", own_socket(around), around.out);
    for (const std::string& lab : running_labs(around.places))
        list_places(lab, around.places.labs_folder + "/" + lab + "/control.sock", around.out);
}

constexpr char kDlts[] = "dlt {number=1}{name=EN10MB}{display=Ethernet}\n";
constexpr char kConfiguration[] =
    "arg {number=0}{call=--drops}{display=Only dropped packets}{type=boolflag}{default=false}"
    "{tooltip=The reason stands in each packet's comment}\n"
    "arg {number=1}{call=--snaplen}{display=Bytes of each packet}{type=unsigned}{range=14,262144}{required=false}"
    "{tooltip=All of them otherwise}\n";

Outcome<OpenCapture> begin_capture(const ExtcapOptions& options, const ExtcapSurroundings& around) {
    const auto interface = read_interface(options.interface);
    if (!interface) return misused("there is no interface " + options.interface);
    const auto socket = interface->lab.empty() ? Outcome<std::string>{own_socket(around)}
                                               : find_daemon("", interface->lab, around.environment, around.places);
    if (!socket) return tl::unexpected(socket.error());
    json wish{{"drops", options.drops}};
    if (!interface->place.empty()) wish["places"] = json::array({interface->place});
    if (!options.filter.empty()) wish["filter"] = options.filter;
    if (options.snap_length != 0) wish["snaplen"] = options.snap_length;
    return open_capture(*socket, wish, "");
}

Outcome<void> capture_into_fifo(const ExtcapOptions& options, const ExtcapSurroundings& around) {
    auto stream = begin_capture(options, around);
    if (!stream) return tl::unexpected(stream.error());
    const int fifo = ::open(options.fifo.c_str(), O_WRONLY | O_CLOEXEC);
    if (fifo < 0) return failed_with(ExitCode::failed, fmt::format("cannot open {}: {}", options.fifo, std::strerror(errno)));
    auto carried = carry_capture(std::move(stream->stream), fifo, options.fifo);
    ::close(fifo);
    if (!carried) return tl::unexpected(carried.error());
    return {};
}

Outcome<void> answer(const ExtcapOptions& options, const ExtcapSurroundings& around) {
    if (options.interfaces) return list_interfaces(around), Outcome<void>{};
    if (!read_interface(options.interface))
        return misused("wanted: --extcap-interfaces, or --extcap-interface hairpin:LAB:PLACE");
    if (options.dlts) return around.out << kDlts, Outcome<void>{};
    if (options.config) return around.out << kConfiguration, Outcome<void>{};
    if (options.capture) {
        if (options.fifo.empty()) return misused("--capture wants --fifo");
        return capture_into_fifo(options, around);
    }
    // Wireshark colours the field of the filter by whether something is said about it.
    if (options.filter.empty()) return {};
    if (const auto begun = begin_capture(options, around); !begun) around.out << begun.error().sentence << "\n";
    return {};
}

}  // namespace

int run_extcap(std::vector<std::string> arguments, const ExtcapSurroundings& around) {
    ExtcapOptions options;
    CLI::App app{
        "Hairpin's ports as interfaces of Wireshark. Put it, or a link to it, into the folder that Wireshark calls its personal "
        "extcap path.",
        "hairpindump"};
    app.add_flag("--extcap-interfaces", options.interfaces, "Lists the interfaces");
    app.add_option("--extcap-version", options.version, "Of Wireshark, which calls")->expected(0, 1);
    app.add_option("--extcap-interface", options.interface, "One of them")->type_name("INTERFACE");
    app.add_flag("--extcap-dlts", options.dlts, "Lists its link types");
    app.add_flag("--extcap-config", options.config, "Lists its options");
    app.add_option("--extcap-capture-filter", options.filter, "Which packets; without --capture it is only tried")
        ->type_name("FILTER");
    app.add_flag("--capture", options.capture, "Captures");
    app.add_option("--fifo", options.fifo, "Where to")->type_name("PATH");
    app.add_flag("--drops", options.drops, "Only packets that are dropped");
    app.add_option("--snaplen", options.snap_length, "Bytes of each packet that are kept")->type_name("NUMBER");
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
        app.parse(arguments);
    } catch (const CLI::ParseError& end) {
        return app.exit(end, around.out, around.error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    const auto done = answer(options, around);
    around.out << std::flush;
    if (done) return 0;
    around.error << "hairpindump: error: " << done.error().sentence << std::endl;
    return static_cast<int>(done.error().code);
}

}  // namespace hairpin::cli

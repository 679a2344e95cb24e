#include "cli/daemon_address.h"

#include <algorithm>
#include <filesystem>

#include "cli/choice.h"

namespace hairpin::cli {

namespace {

std::string socket_of(const std::string& lab, const Places& places) { return places.labs_folder + "/" + lab + "/control.sock"; }

bool exists(const std::string& path) {
    std::error_code ignored;  // what we may not look at is not there for us
    return std::filesystem::exists(path, ignored);
}

Outcome<std::string> daemon_of(const std::string& lab, const Places& places) {
    if (lab.find('/') != std::string::npos) return misused("\"" + lab + "\" is no lab's name");
    if (exists(places.labs_folder + "/" + lab)) return socket_of(lab, places);
    const auto running = running_labs(places);
    return failed_with(ExitCode::not_found,
                       "lab \"" + lab + "\" does not run" +
                           (running.empty() ? " (start it: hairpin lab up " + lab + ")" : " (running: " + listed(running) + ")"));
}

std::string value_of(const Environment& environment, const char* name) {
    const char* value = environment(name);
    return value == nullptr ? "" : value;
}

}  // namespace

std::vector<std::string> running_labs(const Places& places) {
    std::vector<std::string> labs;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(places.labs_folder, ignored))
        if (exists(entry.path().string() + "/control.sock")) labs.push_back(entry.path().filename().string());
    std::sort(labs.begin(), labs.end());
    return labs;
}

Outcome<std::string> find_daemon(const std::string& socket, const std::string& lab, const Environment& environment,
                                 const Places& places) {
    if (!socket.empty()) return socket;
    if (!lab.empty()) return daemon_of(lab, places);
    if (const std::string path = value_of(environment, "HAIRPIN_SOCKET"); !path.empty()) return path;
    if (const std::string name = value_of(environment, "HAIRPIN_LAB"); !name.empty()) return daemon_of(name, places);
    if (exists(places.default_socket)) return places.default_socket;

    const auto running = running_labs(places);
    if (running.size() == 1) return socket_of(running.front(), places);
    if (running.empty())
        return failed_with(ExitCode::unreachable, "no daemon runs: there is no " + places.default_socket +
                                                      " and no lab is up (start one: hairpin lab up NAME)");
    return misused("several labs run: say which with --lab " + listed(running));
}

}  // namespace hairpin::cli

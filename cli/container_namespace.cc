#include "cli/container_namespace.h"

#include <fmt/format.h>
#include <sys/mount.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "control/unix_socket.h"
#include "lab/namespaces.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr std::string_view kGivenPrefix = "ns-";
constexpr std::chrono::seconds kEnginePatience{10};

bool is_number(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos; }

// What may stand in a path of the engine's and in the name of a file.
bool is_container_name(const std::string& text) {
    return !text.empty() && text.size() <= 128 && text.front() != '.' &&
           std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return (c < 0x80 && std::isalnum(c) != 0) || c == '.' || c == '_' || c == '-'; });
}

std::string engine_socket() {
    const char* host = std::getenv("DOCKER_HOST");
    const std::string_view address = host == nullptr ? "" : host;
    constexpr std::string_view kUnix = "unix://";
    return address.starts_with(kUnix) ? std::string{address.substr(kUnix.size())} : "/var/run/docker.sock";
}

// The body of the engine's answer; HTTP 1.0, so it ends with the connection and comes in one piece.
Outcome<json> ask_engine(const std::string& path) {
    const std::string socket_path = engine_socket();
    const control::Deadline deadline = std::chrono::steady_clock::now() + kEnginePatience;
    control::UnixSocket socket;
    if (const int problem = socket.connect(socket_path, deadline))
        return failed_with(ExitCode::unreachable,
                           fmt::format("the Docker engine at {}: {}", socket_path, std::strerror(problem)));
    std::string text;
    int problem = socket.send(fmt::format("GET {} HTTP/1.0\r\nHost: docker\r\n\r\n", path), deadline);
    for (std::size_t before = std::string::npos; problem == 0 && before != text.size();) {
        before = text.size();
        problem = socket.receive(text, deadline);
    }
    if (problem != 0)
        return failed_with(ExitCode::failed, fmt::format("the Docker engine at {}: {}", socket_path, std::strerror(problem)));
    const std::size_t body = text.find("\r\n\r\n");
    json answer = body == std::string::npos ? json() : json::parse(text.substr(body + 4), nullptr, false);
    if (!answer.is_object())
        return failed_with(ExitCode::failed, fmt::format("the Docker engine at {} answers what is not understood", socket_path));
    return answer;
}

Outcome<std::string> process_of(const std::string& container) {
    if (is_number(container)) return container;
    if (!is_container_name(container)) return wrong_at(0, fmt::format("\"{}\" is no container's name", container));
    const auto answer = ask_engine("/containers/" + container + "/json");
    if (!answer) return tl::unexpected(answer.error());
    const json state = answer->value("State", json());
    const json process = state.is_object() ? state.value("Pid", json()) : json();
    if (!process.is_number_unsigned())
        return wrong_at(
            0, Failure{ExitCode::not_found,
                       fmt::format("there is no container \"{}\" at the Docker engine, and `ip netns` lists none", container)});
    if (process == 0U) return wrong_at(0, Failure{ExitCode::failed, fmt::format("the container \"{}\" does not run", container)});
    return process.dump();
}

std::string file_of_namespace(const std::string& name) { return fmt::format("{}/{}", lab::kNamespaceFolder, name); }

}  // namespace

Outcome<std::string> named_namespace_of(const std::string& container) {
    if (!is_container_name(container)) return wrong_at(0, fmt::format("\"{}\" is no container's name", container));
    for (const std::string& name : {container, std::string{kGivenPrefix} + container})
        if (lab::namespace_id(file_of_namespace(name))) return name;
    return wrong_at(0, Failure{ExitCode::not_found, fmt::format("nothing of \"{}\" is attached", container)});
}

Outcome<std::string> name_namespace_of(const std::string& container) {
    if (is_container_name(container) && lab::namespace_id(file_of_namespace(container))) return container;
    const auto process = process_of(container);
    if (!process) return tl::unexpected(process.error());
    const std::string there = fmt::format("/proc/{}/ns/net", *process);
    const auto theirs = lab::namespace_id(there);
    if (!theirs)
        return wrong_at(0, Failure{ExitCode::not_found,
                                   fmt::format("{}: there is no such process, or it is not for us to see (needs root)", there)});
    if (theirs == lab::namespace_id("/proc/self/ns/net"))
        return wrong_at(0, fmt::format("\"{}\" has the network of the machine itself, where nothing is wired", container));

    const std::string name = std::string{kGivenPrefix} + container, file = file_of_namespace(name);
    if (const auto known = lab::namespace_id(file)) {
        if (known == theirs) return name;
        // Of a container that has been started anew.
        if (auto removed = lab::remove_namespace(name); !removed) return failed_with(ExitCode::failed, removed.error().message);
    }
    // The folder and the file as `ip netns` has them, and in them the container's in place of a new one.
    if (auto made = lab::create_namespace(name); !made) return failed_with(ExitCode::failed, made.error().message);
    if (::umount2(file.c_str(), MNT_DETACH) != 0 || ::mount(there.c_str(), file.c_str(), "none", MS_BIND, nullptr) != 0) {
        const int problem = errno;
        (void)lab::remove_namespace(name);
        return failed_with(ExitCode::failed, fmt::format("mount {} on {}: {}", there, file, std::strerror(problem)));
    }
    return name;
}

Outcome<void> let_namespace_go(const std::string& name) {
    if (!name.starts_with(kGivenPrefix)) return {};
    if (auto removed = lab::remove_namespace(name); !removed) return failed_with(ExitCode::failed, removed.error().message);
    return {};
}

}  // namespace hairpin::cli

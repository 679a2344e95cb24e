#include "lab/containers/container_namespace.h"

#include <fmt/format.h>
#include <sys/mount.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "control/unix_socket.h"
#include "lab/files.h"
#include "lab/processes.h"

namespace hairpin::lab {

namespace {

using EngineJson = nlohmann::json;

tl::unexpected<ContainerProblem> fails(ExitCode code, std::string message) {
    return tl::unexpected<ContainerProblem>(ContainerProblem{.code = code, .message = std::move(message)});
}
tl::unexpected<ContainerProblem> wrong_name(ExitCode code, std::string message) {
    return tl::unexpected<ContainerProblem>(ContainerProblem{.code = code, .message = std::move(message), .is_in_name = true});
}

constexpr std::string_view kGivenPrefix = "ns-";
constexpr std::chrono::seconds kEnginePatience{10};

bool is_number(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos; }

std::string engine_socket() {
    const char* host = std::getenv("DOCKER_HOST");
    const std::string_view address = host == nullptr ? "" : host;
    constexpr std::string_view kUnix = "unix://";
    return address.starts_with(kUnix) ? std::string{address.substr(kUnix.size())} : "/var/run/docker.sock";
}

// The body of the engine's answer; HTTP 1.0, so it ends with the connection and comes in one piece.
ContainerResult<EngineJson> ask_engine(const std::string& path) {
    const std::string socket_path = engine_socket();
    const control::Deadline deadline = std::chrono::steady_clock::now() + kEnginePatience;
    control::UnixSocket socket;
    if (const int problem = socket.connect(socket_path, deadline))
        return fails(ExitCode::unreachable, fmt::format("the Docker engine at {}: {}", socket_path, std::strerror(problem)));
    std::string text;
    int problem = socket.send(fmt::format("GET {} HTTP/1.0\r\nHost: docker\r\n\r\n", path), deadline);
    for (std::size_t before = std::string::npos; problem == 0 && before != text.size();) {
        before = text.size();
        problem = socket.receive(text, deadline);
    }
    if (problem != 0)
        return fails(ExitCode::failed, fmt::format("the Docker engine at {}: {}", socket_path, std::strerror(problem)));
    const std::size_t body = text.find("\r\n\r\n");
    EngineJson answer = body == std::string::npos ? EngineJson() : EngineJson::parse(text.substr(body + 4), nullptr, false);
    if (!answer.is_object())
        return fails(ExitCode::failed, fmt::format("the Docker engine at {} answers what is not understood", socket_path));
    return answer;
}

ContainerResult<std::string> process_by_podman(const std::string& container) {
    const auto done = run_here({.words = {"podman", "inspect", "--format", "{{.State.Pid}}", container}}, kEnginePatience);
    if (!done) return fails(ExitCode::unreachable, fmt::format("podman: {}", done.error().message));
    const std::string process = last_lines(done->output, 1);
    if (done->status != 0 || !is_number(process))
        return wrong_name(ExitCode::not_found, fmt::format("podman has no container \"{}\"", container));
    if (process == "0") return wrong_name(ExitCode::failed, fmt::format("the container \"{}\" does not run", container));
    return process;
}

ContainerResult<std::string> process_of(const std::string& container, Runtime runtime) {
    if (is_number(container)) return container;
    if (!is_container_name(container))
        return wrong_name(ExitCode::usage, fmt::format("\"{}\" is no container's name", container));
    if (runtime == Runtime::podman) return process_by_podman(container);
    const auto answer = ask_engine("/containers/" + container + "/json");
    if (!answer) return tl::unexpected(answer.error());
    const EngineJson state = answer->value("State", EngineJson());
    const EngineJson process = state.is_object() ? state.value("Pid", EngineJson()) : EngineJson();
    if (!process.is_number_unsigned())
        return wrong_name(ExitCode::not_found, fmt::format("there is no container \"{}\" at the Docker engine", container));
    if (process == 0U) return wrong_name(ExitCode::failed, fmt::format("the container \"{}\" does not run", container));
    return process.dump();
}

std::string file_of_name(const std::string& name) { return fmt::format("{}/{}", kNamespaceFolder, name); }

}  // namespace

bool is_container_name(const std::string& text) {
    return !text.empty() && text.size() <= 128 && text.front() != '.' &&
           std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return (c < 0x80 && std::isalnum(c) != 0) || c == '.' || c == '_' || c == '-'; });
}

ContainerResult<std::string> namespace_file_of(const std::string& container, Runtime runtime) {
    const auto process = process_of(container, runtime);
    if (!process) return tl::unexpected(process.error());
    std::string file = fmt::format("/proc/{}/ns/net", *process);
    const auto theirs = namespace_id(file);
    if (!theirs)
        return wrong_name(ExitCode::not_found,
                          fmt::format("{}: there is no such process, or it is not for us to see (needs root)", file));
    if (theirs == namespace_id("/proc/self/ns/net"))
        return wrong_name(ExitCode::usage,
                          fmt::format("\"{}\" has the network of the machine itself, where nothing is wired", container));
    return file;
}

ContainerResult<void> name_namespace(const std::string& there, const std::string& name) {
    const std::string file = file_of_name(name);
    if (const auto known = namespace_id(file)) {
        if (known == namespace_id(there)) return {};
        if (auto removed = remove_namespace(name); !removed) return fails(ExitCode::failed, removed.error().message);
    }
    // The folder and the file as `ip netns` has them, and in them the container's in place of a new one.
    if (auto made = create_namespace(name); !made) return fails(ExitCode::failed, made.error().message);
    if (::umount2(file.c_str(), MNT_DETACH) != 0 || ::mount(there.c_str(), file.c_str(), "none", MS_BIND, nullptr) != 0) {
        const int problem = errno;
        (void)remove_namespace(name);
        return fails(ExitCode::failed, fmt::format("mount {} on {}: {}", there, file, std::strerror(problem)));
    }
    return {};
}

ContainerResult<std::string> named_namespace_of(const std::string& container) {
    if (!is_container_name(container))
        return wrong_name(ExitCode::usage, fmt::format("\"{}\" is no container's name", container));
    for (const std::string& name : {container, std::string{kGivenPrefix} + container})
        if (namespace_id(file_of_name(name))) return name;
    return wrong_name(ExitCode::not_found, fmt::format("nothing of \"{}\" is attached", container));
}

ContainerResult<std::string> name_namespace_of(const std::string& container) {
    if (is_container_name(container) && namespace_id(file_of_name(container))) return container;
    const auto there = namespace_file_of(container);
    if (!there) return tl::unexpected(there.error());
    const std::string name = std::string{kGivenPrefix} + container;
    if (const auto named = name_namespace(*there, name); !named) return tl::unexpected(named.error());
    return name;
}

ContainerResult<void> let_namespace_go(const std::string& name) {
    if (!name.starts_with(kGivenPrefix)) return {};
    if (auto removed = remove_namespace(name); !removed) return fails(ExitCode::failed, removed.error().message);
    return {};
}

}  // namespace hairpin::lab

#include "sidecar/sidecar.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "net/file_descriptor.h"
#include "sidecar/application.h"
#include "sidecar/host_interface.h"
#include "sidecar/place.h"
#include "sidecar/port_client.h"
#include "sidecar/signals.h"

namespace hairpin::sidecar {

namespace {

using std::chrono::milliseconds;

// A socket that appears is told of by its folder; that somebody listens at it, or that a port has been configured, is not.
constexpr milliseconds kRetry{250};

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

// Whether something has been put into a folder. One that is not there, or cannot be watched, is looked at every kRetry all the same.
class FolderWatch {
public:
    explicit FolderWatch(const std::string& folder) : descriptor_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
        inotify_add_watch(descriptor_.get(), folder.c_str(), IN_CREATE | IN_MOVED_TO);
    }
    int descriptor() const { return descriptor_.get(); }
    void drain() const {
        std::array<char, 4096> events{};
        while (::read(descriptor_.get(), events.data(), events.size()) > 0) {
        }
    }

private:
    FileDescriptor descriptor_;
};

class Sidecar {
public:
    Sidecar(const Plan& plan, std::string port, HostInterface interface, Signals signals)
        : plan_(plan),
          port_(std::move(port)),
          interface_(std::move(interface)),
          signals_(std::move(signals)),
          folder_(folder_of(plan.socket)) {}

    Result<int> run() {
        if (!plan_.command.empty()) {
            auto started = Application::start(plan_.command, plan_.user);
            if (!started) return tl::unexpected(started.error());
            application_ = *started;
        }
        while (true) {
            // Before it is looked whether the socket is there: who comes in between is told of.
            folder_.drain();
            if (!asked_ && std::chrono::steady_clock::now() >= not_before_) ask();
            wait_for(signals_, gateway_ ? gateway_->descriptor() : folder_.descriptor(),
                     asked_ ? std::nullopt : std::optional{kRetry});
            while (const auto signal = signals_.next())
                if (const auto status = hear(*signal)) return *status;
            if (gateway_) listen();
        }
    }

private:
    void say(const std::string& what) {
        if (what == said_) return;
        said_ = what;
        std::fprintf(stderr, "hairpin-port: port %s: %s\n", port_.c_str(), what.c_str());
    }

    // Whoever refuses, or cuts off whom it has let in, is asked again in a while and not at once.
    void ask_later() {
        asked_ = false;
        not_before_ = std::chrono::steady_clock::now() + kRetry;
    }

    void lose(const std::string& why) {
        gateway_.reset();
        ask_later();
        interface_.set_carrier(false);
        say(why);
    }

    void ask() {
        if (!gateway_) {
            auto connected = PortClient::connect(plan_.socket);
            if (!connected) return say("waiting for the gateway: " + connected.error().message);
            gateway_ = std::move(*connected);
        }
        const auto passed = gateway_->pass(port_, interface_.descriptor());
        if (!passed) return lose(passed.error().message);
        asked_ = true;
    }

    // An answer, or the gateway's end; nothing when another descriptor has woken us.
    void listen() {
        const auto answer = gateway_->answer();
        if (!answer) return lose(answer.error().message);
        if (!*answer) return;
        if (!(*answer)->ok) {  // it may be configured yet
            ask_later();
            return say("refused: " + (*answer)->error);
        }
        if (const auto set = interface_.set_mtu((*answer)->mtu); !set) say(set.error().message);
        interface_.set_carrier(true);
        say(fmt::format("{} is up, mac {}, mtu {}", interface_.name(), (*answer)->mac, (*answer)->mtu));
    }

    // The status to end with, when this signal is the end.
    std::optional<int> hear(int signal) const {
        if (signal == SIGCHLD) return application_ ? application_->reap() : std::nullopt;
        if (application_) {
            application_->send(signal);
            return std::nullopt;
        }
        if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT) return 0;
        return std::nullopt;
    }

    const Plan& plan_;
    std::string port_;
    HostInterface interface_;
    Signals signals_;
    FolderWatch folder_;
    std::optional<Application> application_;
    std::optional<PortClient> gateway_;
    bool asked_ = false;  // the device has been passed, and not refused
    std::chrono::steady_clock::time_point not_before_{};
    std::string said_;
};

}  // namespace

Result<int> run(const Plan& plan) {
    auto signals = Signals::watch();
    if (!signals) return tl::unexpected(signals.error());
    const auto place = take_place(folder_of(plan.socket), plan.ports);
    if (!place) return tl::unexpected(place.error());
    auto interface = HostInterface::open(plan.device, plan.addresses_of(place->index), plan.routes);
    if (!interface) return tl::unexpected(interface.error());
    return Sidecar{plan, plan.ports[place->index], std::move(*interface), std::move(*signals)}.run();
}

}  // namespace hairpin::sidecar

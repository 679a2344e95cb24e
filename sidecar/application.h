#pragma once
// A program that runs beside the port in the same container, where an image is to be both: it has none of the capabilities that its
// container was given for the port, and can get none.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "net/result.h"
#include "sidecar/options.h"

namespace hairpin::sidecar {

class Application {
public:
    static Result<Application> start(const std::vector<std::string>& command, const std::optional<User>& user);

    void send(int signal) const;
    // Reaps every child that has ended, as the first process of a container must. The status to end with, when the application was among them:
    // its own, or 128 and the signal that ended it.
    std::optional<int> reap() const;

private:
    explicit Application(pid_t process) : process_(process) {}
    pid_t process_;
};

}  // namespace hairpin::sidecar

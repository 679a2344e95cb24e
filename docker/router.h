#pragma once
// The daemon, as the driver sees it: what its configuration is made to agree with, and who takes devices.
//
// Every call ends after kPatience. That nobody is there is no error of the engine's: it is told that all is well, and what was asked is done as
// soon as the daemon is there (Driver::follow). That the daemon refuses is one.

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "docker/records.h"
#include "net/result.h"

namespace hairpin::docker {

// Why something was not done.
struct Trouble : Error {
    bool is_absence = false;  // nobody was there, or did not answer in time: it may be done later
};

struct RouterSockets {
    std::string control, ports;
};

class Router {
public:
    static constexpr std::chrono::milliseconds kPatience{3000};
    static constexpr int kMostTries = 20;  // somebody else commits between our question and our commit

    // `keep` writes the records down before the commit that they tell of.
    using Keep = std::function<Result<void>(const Records& records)>;

    explicit Router(RouterSockets sockets) : sockets_(std::move(sockets)) {}

    // Makes the configuration agree with the records, by a commit with this comment where it does not yet.
    tl::expected<void, Trouble> agree(Records& records, const std::string& comment, const Keep& keep) const;
    tl::expected<nlohmann::json, Trouble> configuration() const;
    // Of every port whether it has a device.
    tl::expected<std::map<std::string, bool>, Trouble> ports() const;
    // The port has the device, also when we are gone. Its descriptor stays the caller's.
    tl::expected<void, Trouble> pass(const std::string& port, int device) const;

    // Returns when the daemon has ended, or is not there at all.
    void wait_for_its_end() const;

private:
    RouterSockets sockets_;
};

}  // namespace hairpin::docker

#pragma once
// What the engine asks of a network driver, and what becomes of it: the records change, are on the disk, and the router is made to agree. Only
// then the engine is answered. So both may be killed between any two calls, and in one: whoever is asked again does what is left to do.
//
// A call that the router refuses leaves the records as they were. When nobody is there the call succeeds, because the engine starts
// containers while the daemon may still be starting; what is missing is done as soon as it is there, by follow(). The engine itself is
// never asked anything: it holds locks while it waits for us.
//
// Calls may come on several threads at once, and are taken one after another.

#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "docker/records.h"
#include "docker/router.h"
#include "net/result.h"

namespace hairpin::docker {

class Driver {
public:
    static Result<Driver> begin(std::string record_file, RouterSockets sockets);

    Result<nlohmann::json> create_network(const nlohmann::json& request);
    Result<nlohmann::json> delete_network(const nlohmann::json& request);
    Result<nlohmann::json> create_endpoint(const nlohmann::json& request);
    Result<nlohmann::json> endpoint_info(const nlohmann::json& request);
    Result<nlohmann::json> delete_endpoint(const nlohmann::json& request);
    Result<nlohmann::json> join(const nlohmann::json& request);
    Result<nlohmann::json> leave(const nlohmann::json& request);
    Result<nlohmann::json> publish(const nlohmann::json& request);
    Result<nlohmann::json> withdraw(const nlohmann::json& request);

    // For ever: brings a daemon that has begun, or begun anew, to agree, and passes it the devices of containers that run. What went wrong is
    // written to standard error, once.
    [[noreturn]] void follow();

private:
    Driver(std::string record_file, RouterSockets sockets, Records records)
        : record_file_(std::move(record_file)), router_(std::move(sockets)), records_(std::move(records)) {}

    // The records as they shall be from now on.
    Result<void> settle(Records next, const std::string& comment);
    Result<void> keep(const Records& records) const;
    Result<void> plug(const Endpoint& endpoint, unsigned mtu) const;
    void pass_devices();
    void remove_leftovers(Records& records) const;

    std::string record_file_;
    Router router_;
    std::unique_ptr<std::mutex> turn_ = std::make_unique<std::mutex>();
    Records records_;
};

}  // namespace hairpin::docker

#pragma once
// The endpoints of VXLAN tunnels that there are: ports of one local address and UDP port share one. An endpoint whose last port has gone
// stays until let_go_of_unused(): a commit that changes a port closes it and opens another, and what arrives meanwhile waits in the
// socket.
//
// Owned by one Worker.

#include <functional>
#include <memory>
#include <vector>

#include "net/hash.h"
#include "net/ledger.h"
#include "net/random.h"
#include "net/result.h"
#include "switch/ports/vxlan_endpoint.h"

namespace hairpin::l2 {

class VxlanEndpoints {
public:
    // Told of an endpoint that has been opened, which is not taken where that fails; and of one that is about to be closed.
    struct Watcher {
        std::function<Result<void>(VxlanEndpoint&)> opened = [](VxlanEndpoint&) -> Result<void> { return {}; };
        std::function<void(VxlanEndpoint&)> closing = [](VxlanEndpoint&) {};
    };
    // The ledger is the worker's and outlives the endpoints.
    VxlanEndpoints(const HashKey& key, Ledger& ledger) : random_(key), ledger_(ledger) {}
    ~VxlanEndpoints();

    void watch(Watcher watcher) { watcher_ = std::move(watcher); }
    // In the network namespace in which the calling thread is.
    Result<std::shared_ptr<VxlanEndpoint>> take(Ipv4Address local, L4Port port);
    void let_go_of_unused();

    // For whoever hashes flows and stations of a tunnel.
    HashKey new_key() { return {random_.next(), random_.next()}; }

private:
    struct Entry {
        unsigned long long network_namespace;  // its inode
        std::shared_ptr<VxlanEndpoint> endpoint;
    };
    Random random_;
    Ledger& ledger_;
    Watcher watcher_;
    std::vector<Entry> entries_;
};

}  // namespace hairpin::l2

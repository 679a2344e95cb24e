#pragma once
// The port socket: where somebody who has opened a TAP device passes it to a port of the switch that waits for one (tap origin passed).
// A Unix socket of its own, of type SOCK_SEQPACKET and mode 0660: who may pass ports need not be allowed to control the router. A
// message carries its descriptor and ends where it ends, so there is no half of one, and none that is taken for another's.
//
//   client  {"version":1,"port":"workstation"}                         with one descriptor in SCM_RIGHTS
//   daemon  {"version":1,"ok":true,"port":"workstation","device":"eth1","mac":"02:...","mtu":1500}
//   daemon  {"version":1,"ok":false,"error":"there is no port \"workstation\" (...)"}
//
// A device stays for as long as the connection by which it came: when a container ends, so does its sidecar, the port is detached, and the
// namespace goes, which an open descriptor would keep alive with nobody in it. With "keep":true it stays without the connection. Whoever
// passes a port last has it.
//
// Every descriptor that came is used or closed. At most kMostClients are connected; when one more comes, the oldest that holds no port is
// cut off, and if all hold one, the newcomer. A turn of the loop reads one message of a client. Who does not read its answers is cut off
// when the socket takes no more of them.

#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "runtime/descriptor_message.h"
#include "runtime/watch.h"

namespace hairpin::runtime {

class Worker;

class PortSocket {
public:
    static constexpr std::size_t kMostClients = 1024;
    static constexpr unsigned kVersion = 1;

    // Claims the path and begins to listen. Loop and worker outlive the socket.
    static Result<std::unique_ptr<PortSocket>> listen(EventLoop& loop, const std::string& path, Worker& worker,
                                                      std::size_t most_clients = kMostClients);
    ~PortSocket();  // closes every connection and removes the file; the ports keep what they have
    PortSocket(const PortSocket&) = delete;
    PortSocket& operator=(const PortSocket&) = delete;

private:
    // By the order in which they came.
    using ClientId = std::uint64_t;
    struct Client {
        FileDescriptor socket;
        Poller poller;
        ucred peer{};
        std::size_t holds = 0;  // ports that are detached when it goes
    };

    PortSocket(EventLoop& loop, std::string path, Worker& worker, std::size_t most_clients)
        : loop_(loop), path_(std::move(path)), worker_(worker), most_clients_(most_clients) {}
    void accept();
    bool make_room();
    void on_readable(ClientId id);
    std::string answer_to(ClientId id, DescriptorMessage& message);
    void hold(const std::string& port, ClientId id);
    void release(const std::string& port);
    void close(ClientId id);

    EventLoop& loop_;
    std::string path_;
    Worker& worker_;
    std::size_t most_clients_;
    FileDescriptor listener_, spare_;
    Poller poller_;
    ClientId last_ = 0;
    std::map<ClientId, Client> clients_;
    std::map<std::string, ClientId> holders_;  // of ports whose device stays with the connection
};

}  // namespace hairpin::runtime

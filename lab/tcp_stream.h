#pragma once
// A TCP connection from one namespace of this machine to another, on which a byte goes every few milliseconds: what becomes of connections while
// something is done to the lab.
//
//   TcpStream::open(ns of a, ns of b, "192.0.2.2", 0)      a byte has come through
//   ... a cable is pulled, and plugged in again ...
//   stream.end(10s)                                        {gap = 1.3 s, resets = 0}: nothing came for so long at most, and it goes on

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "net/result.h"

namespace hairpin::lab {

struct StreamFate {
    std::chrono::milliseconds gap{0};  // the longest time in which nothing came
    unsigned resets = 0;               // how often the connection was broken, which is once at most
    std::string problem = {};          // what the system said of it; empty: none
    bool goes_on = false;              // what was sent at the end has come
};

class TcpStream {
public:
    // The server listens at `port` of its namespace, 0: at one that is free; the client connects to this address. An error where no byte comes
    // through before `limit`.
    static Result<TcpStream> open(const std::string& client_namespace, const std::string& server_namespace,
                                  const std::string& address, std::uint16_t port, std::chrono::milliseconds limit);
    TcpStream(TcpStream&&) noexcept;
    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;
    TcpStream& operator=(TcpStream&&) = delete;
    ~TcpStream();

    // Waits until a byte that is sent from now on has come, for so long at most, and ends the connection.
    StreamFate end(std::chrono::milliseconds limit);

private:
    class Pump;
    explicit TcpStream(std::unique_ptr<Pump> pump);
    std::unique_ptr<Pump> pump_;
};

}  // namespace hairpin::lab

#pragma once
// What tests of ports have in common behind which virtual machines are: a folder for sockets, a port that is opened and must not lose
// count, and the sockets of the other side. No root is needed.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/file_descriptor.h"
#include "net/packet_pool.h"
#include "switch/ports/local_socket.h"
#include "tests/support/packet_builder.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {

class MachinePortTest : public ::testing::Test {
protected:
    using Bytes = hairpin::testing::Bytes;

    ~MachinePortTest() override {
        batch_.clear();
        EXPECT_EQ(ledger_.expected_held(), held_) << "packets were lost";
    }

    std::string place(const std::string& name) const { return folder_.path() + "/" + name; }
    static Bytes frame(std::size_t payload = 10) {
        using namespace hairpin::testing;
        return udp().from(kHere, 1).to(kThere, 2).payload(payload).bytes();
    }

    template <class AnyPort, class Settings>
    std::unique_ptr<AnyPort> open(const Settings& settings) {
        auto port = AnyPort::open(settings, pool_, ledger_);
        EXPECT_TRUE(port.has_value()) << (port ? "" : port.error().message);
        return port ? std::move(*port) : nullptr;
    }
    // Everything that is there, in as many bursts as it takes.
    std::vector<Bytes> receive(Port& port) {
        std::vector<Bytes> frames;
        do {
            Batch burst;
            port.receive(burst, {});
            EXPECT_LE(burst.size(), kBurstPackets);
            for (const PacketPtr& packet : burst) frames.push_back(hairpin::testing::bytes_of(*packet));
            held_ += static_cast<std::int64_t>(burst.size());  // with the test, as if it were a neighbour queue
        } while (readable(port));
        return frames;
    }
    void send(Port& port, const std::vector<Bytes>& frames) {
        Batch batch;
        for (const Bytes& bytes : frames) batch.push_back(pool_.make(bytes));
        ledger_.originated += batch.size();
        port.send(batch, {});
        EXPECT_TRUE(batch.empty());
    }
    static bool readable(const Port& port) {
        pollfd waiting{port.readable_descriptor(), POLLIN, 0};
        return poll(&waiting, 1, 0) == 1;
    }

    // The other side.
    static FileDescriptor connected(const std::string& path) {
        FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)};
        const sockaddr_un address = local_address(path);
        EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << path;
        return socket;
    }
    static FileDescriptor bound_datagram(const std::string& path) {
        FileDescriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)};
        const sockaddr_un address = local_address(path);
        unlink(path.c_str());
        EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << path;
        return socket;
    }
    static bool send_to(const FileDescriptor& socket, const std::string& path, const Bytes& bytes) {
        const sockaddr_un address = local_address(path);
        return ::sendto(socket.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address),
                        sizeof address) == static_cast<ssize_t>(bytes.size());
    }
    static bool write_to(const FileDescriptor& socket, const Bytes& bytes) {
        return ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    // What is there to be read at once; nothing is one empty piece, or the end.
    static Bytes read_from(const FileDescriptor& socket) {
        Bytes bytes(200000);
        const ssize_t size = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
        bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return bytes;
    }
    static bool at_its_end(const FileDescriptor& socket) {
        std::byte byte;
        const ssize_t size = ::recv(socket.get(), &byte, 1, 0);
        return size == 0 || (size < 0 && errno == ECONNRESET);
    }

    hairpin::testing::TemporaryFolder folder_;
    PacketPool pool_{{.small = 2048, .large = 64}};
    Ledger ledger_;
    Batch batch_;
    std::int64_t held_ = 0;
};

}  // namespace hairpin::l2

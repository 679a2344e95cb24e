// What the port socket is asked by others than it should be: none of this needs a TAP device, nor root. What becomes of devices that are
// passed is in tests/labs/test_passed_ports.py.
#include "runtime/port_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <thread>

#include "tests/runtime/guide.h"
#include "tests/support/temporary_folder.h"

namespace hairpin::runtime {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// A connection of a client, which waits for what it is answered.
class PortClient {
public:
    explicit PortClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        connected_ = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        EXPECT_TRUE(connected_);
    }
    bool send(const std::string& text, const std::vector<int>& descriptors = {}) const {
        alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(64 * sizeof(int))> control{};
        iovec place{const_cast<char*>(text.data()), text.size()};
        msghdr message{};
        message.msg_iov = &place;
        message.msg_iovlen = 1;
        if (!descriptors.empty()) {
            message.msg_control = control.data();
            message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
            cmsghdr* part = CMSG_FIRSTHDR(&message);
            part->cmsg_level = SOL_SOCKET;
            part->cmsg_type = SCM_RIGHTS;
            part->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
            std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size() * sizeof(int));
        }
        return ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) >= 0;
    }
    // Nothing, when the daemon has closed the connection.
    json receive() const {
        std::string text(65536, 0);
        const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), 0);
        return size > 0 ? json::parse(text.substr(0, static_cast<std::size_t>(size))) : json();
    }
    json ask(const std::string& text, const std::vector<int>& descriptors = {}) const {
        return send(text, descriptors) ? receive() : json();
    }
    std::string refusal(const std::string& text, const std::vector<int>& descriptors = {}) const {
        const json answer = ask(text, descriptors);
        EXPECT_EQ(answer.value("ok", json()), false) << answer;
        return answer.value("error", std::string{});
    }

private:
    FileDescriptor socket_;
    bool connected_ = false;
};

// A pipe whose one end is passed, so that the other tells when nobody has it any more.
class Passed {
public:
    Passed() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        kept_ = FileDescriptor{ends[0]};
        given_ = FileDescriptor{ends[1]};
    }
    int number() const { return given_.get(); }
    bool closed_by_all() {
        given_.reset();
        char byte = 0;
        return ::read(kept_.get(), &byte, 1) == 0;  // waits for the last one
    }

private:
    FileDescriptor kept_, given_;
};

constexpr char kGuestPort[] = R"({"version":1,"port":"guest"})";

class PortSocketTest : public ::testing::Test {
protected:
    PortSocketTest() {
        l2::PortSettings guest{.name = "guest", .segment = "lan"};
        guest.device = l2::TapSettings{.mtu = 1400, .origin = l2::TapSettings::Origin::passed};
        EXPECT_TRUE(daemon_.worker.add_port(guest).has_value());
        l2::PortSettings other{.name = "other", .segment = "lan"};
        EXPECT_TRUE(daemon_.worker.add_port(other).has_value());
    }
    std::string path() const { return folder_.path() + "/run/ports.sock"; }

    // Serves on this thread while `client` runs on another.
    template <class Client>
    void serve(Client&& client, std::size_t most_clients = PortSocket::kMostClients) {
        auto socket = PortSocket::listen(daemon_.loop, path(), daemon_.worker, most_clients);
        ASSERT_TRUE(socket.has_value()) << socket.error().message;
        auto done = UvHandle<uv_async_t>::make(
            "stop", [this] { daemon_.loop.stop(); },
            [&](uv_async_t* async) { return uv_async_init(daemon_.loop.get(), async, UvHandle<uv_async_t>::on_event); });
        ASSERT_TRUE(done.has_value());
        std::thread thread{[&] {
            client();
            uv_async_send(done->get());
        }};
        daemon_.loop.run();
        thread.join();
    }

    testing::TemporaryFolder folder_;
    GuideDaemon daemon_;
};

TEST_F(PortSocketTest, APortThatWaitsIsThereAndDropsWhatItIsGiven) {
    const auto row = [&] {
        const json answer = daemon_.ask("show.ports");
        for (const json& one : answer["rows"])
            if (one["name"] == "guest") return one;
        return json();
    };
    EXPECT_EQ(row()["state"], "detached");
    EXPECT_EQ(row()["origin"], "passed");
    EXPECT_EQ(row()["device"], nullptr);
    EXPECT_EQ(row()["mtu"], 1400);
    daemon_.play("asks", "lan", {known_server().bytes()});  // to everybody on the segment
    EXPECT_EQ(row()["drops"], 1);
    EXPECT_EQ(daemon_.worker.ledger().dropped_for(DropReason::port_detached), 1U);
    EXPECT_EQ(daemon_.worker.imbalance(), 0);
}

TEST_F(PortSocketTest, IsForOwnerAndGroupAlone) {
    serve([&] {
        struct stat status {};
        ASSERT_EQ(stat(path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0660U);
    });
    EXPECT_FALSE(std::filesystem::exists(path())) << "the file goes with the socket";
}

TEST_F(PortSocketTest, AnotherDaemonsPathIsNotTakenAndOneLeftOverIs) {
    serve([&] {
        GuideDaemon another;
        const auto second = PortSocket::listen(another.loop, path(), another.worker);
        ASSERT_FALSE(second.has_value());
        EXPECT_THAT(second.error().message, HasSubstr("another hairpind answers there"));
    });
    serve([&] {  // what a daemon that was killed leaves
        std::filesystem::create_hard_link(path(), path() + ".kept");
    });
    std::filesystem::rename(path() + ".kept", path());
    serve([&] { EXPECT_THAT(PortClient{path()}.refusal(kGuestPort), HasSubstr("no descriptor")); });
}

TEST_F(PortSocketTest, WhatIsNoTapIsRefusedAndClosed) {
    serve([&] {
        const PortClient client{path()};
        Passed pipe;
        EXPECT_THAT(client.refusal(kGuestPort, {pipe.number()}), HasSubstr("is no TAP device's (open /dev/net/tun"));
        EXPECT_TRUE(pipe.closed_by_all());
        int pair[2];
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        EXPECT_THAT(client.refusal(kGuestPort, {pair[0]}), HasSubstr("is no TAP device's"));
        for (const int end : pair) ::close(end);
    });
}

TEST_F(PortSocketTest, WhateverElseIsPassedIsClosed) {
    serve([&] {
        const PortClient client{path()};
        Passed first, second, third;
        EXPECT_THAT(client.refusal(kGuestPort, {first.number(), second.number()}), HasSubstr("carries 2 descriptors"));
        EXPECT_THAT(client.refusal(kGuestPort, std::vector<int>(20, third.number())), HasSubstr("more than 8 descriptors"));
        EXPECT_TRUE(first.closed_by_all() && second.closed_by_all() && third.closed_by_all());
        const std::vector<std::string> bad{"{}", "[", R"({"version":1,"port":"nobody"})", R"({"version":1,"port":"other"})",
                                           std::string(5000, ' ')};
        for (const std::string& message : bad) {
            Passed with_it;
            EXPECT_NE(client.refusal(message, {with_it.number()}), "");
            EXPECT_TRUE(with_it.closed_by_all()) << message;
        }
    });
}

TEST_F(PortSocketTest, SaysWhatIsWrongWithAMessage) {
    serve([&] {
        const PortClient client{path()};
        EXPECT_THAT(client.refusal(kGuestPort), HasSubstr("carries no descriptor"));
        EXPECT_THAT(client.refusal("passed"), HasSubstr("is no JSON object"));
        EXPECT_THAT(client.refusal(std::string(3000, '[')), HasSubstr("is no JSON object"));
        EXPECT_THAT(client.refusal("{}"), HasSubstr("of version null, and this daemon speaks 1"));
        EXPECT_THAT(client.refusal(R"({"version":2,"port":"guest"})"), HasSubstr("of version 2"));
        EXPECT_THAT(client.refusal(R"({"version":1})"), HasSubstr("names no port"));
        EXPECT_THAT(client.refusal(R"({"version":1,"port":["guest"]})"), HasSubstr("names no port"));
        EXPECT_THAT(client.refusal(R"({"version":1,"port":"guest","keep":1})"), HasSubstr("neither true nor false"));
        EXPECT_THAT(client.refusal(R"({"version":1,"port":"guest","queues":2})"), HasSubstr("unknown \"queues\""));
        EXPECT_THAT(client.refusal(R"({"version":1,"port":"nobody"})"), HasSubstr("there is no port \"nobody\""));
        EXPECT_THAT(client.refusal("{\"version\":1,\"port\":\"\xff\"}"), HasSubstr("is no JSON object"));
        EXPECT_THAT(client.refusal(R"({"version":1,"port":"other"})"), HasSubstr("it is of kind memory"));
        EXPECT_THAT(client.refusal(std::string(5000, ' ')), HasSubstr("longer than 4096 bytes"));
    });
}

TEST_F(PortSocketTest, WhoReadsNoAnswersIsCutOffAndHarmsNobody) {
    serve([&] {
        const PortClient deaf{path()};
        while (deaf.send(kGuestPort)) {  // ends when the daemon has had enough
        }
        EXPECT_THAT(PortClient{path()}.refusal(kGuestPort), HasSubstr("carries no descriptor"));
    });
}

TEST_F(PortSocketTest, OneClientMoreCostsTheOldestItsPlace) {
    serve(
        [&] {
            const PortClient first{path()}, second{path()};
            EXPECT_NE(first.refusal(kGuestPort), "");
            EXPECT_NE(second.refusal(kGuestPort), "");
            const PortClient third{path()};
            EXPECT_NE(third.refusal(kGuestPort), "");
            EXPECT_EQ(first.receive(), json());
            EXPECT_NE(second.refusal(kGuestPort), "");
        },
        2);
}

}  // namespace
}  // namespace hairpin::runtime

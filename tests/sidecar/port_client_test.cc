// The client's side of the port socket, against a gateway that is played here.
#include "sidecar/port_client.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "tests/support/json.h"
#include "tests/support/temporary_folder.h"

namespace hairpin::sidecar {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class PlayedGateway {
public:
    explicit PlayedGateway(const std::string& path) : listener_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_.get(), 1), 0);
    }
    void accept() { client_ = FileDescriptor{::accept(listener_.get(), nullptr, nullptr)}; }
    // What was asked, and the descriptor that came with it.
    std::pair<json, FileDescriptor> receive() const {
        std::array<char, 4096> text{};
        alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
        iovec place{text.data(), text.size()};
        msghdr message{};
        message.msg_iov = &place;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t size = ::recvmsg(client_.get(), &message, 0);
        int number = -1;
        if (const cmsghdr* part = CMSG_FIRSTHDR(&message)) std::memcpy(&number, CMSG_DATA(part), sizeof number);
        return {json::parse(std::string{text.data(), static_cast<std::size_t>(size)}), FileDescriptor{number}};
    }
    void send(const std::string& text) const { EXPECT_GE(::send(client_.get(), text.data(), text.size(), 0), 0); }
    void hang_up() { client_.reset(); }

private:
    FileDescriptor listener_, client_;
};

TEST(SidecarPortClient, PassesADeviceAndHearsWhatBecameOfIt) {
    const hairpin::testing::TemporaryFolder folder;
    PlayedGateway gateway{folder.file("ports.sock").string()};
    const auto client = PortClient::connect(folder.file("ports.sock").string());
    ASSERT_TRUE(client) << client.error().message;
    gateway.accept();

    const FileDescriptor device{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    ASSERT_TRUE(client->pass("web", device.get()));
    const auto [asked, passed] = gateway.receive();
    EXPECT_EQ(asked, (json{{"version", 1}, {"port", "web"}}));
    struct stat ours {
    }, theirs{};
    ASSERT_EQ(fstat(device.get(), &ours), 0);
    ASSERT_EQ(fstat(passed.get(), &theirs), 0);
    EXPECT_EQ(ours.st_rdev, theirs.st_rdev);

    auto answer = client->answer();
    ASSERT_TRUE(answer);
    EXPECT_FALSE(*answer) << "nothing has been answered yet";
    gateway.send(R"({"version":1,"ok":true,"port":"web","device":"eth1","mac":"02:00:00:00:00:10","mtu":1400})");
    answer = client->answer();
    ASSERT_TRUE(answer && *answer);
    EXPECT_TRUE((*answer)->ok);
    EXPECT_EQ((*answer)->mac, "02:00:00:00:00:10");
    EXPECT_EQ((*answer)->mtu, 1400U);

    gateway.hang_up();
    answer = client->answer();
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("has closed the connection"));
    EXPECT_FALSE(client->pass("web", device.get()));
}

TEST(SidecarPortClient, SaysWhyThereIsNoGateway) {
    const hairpin::testing::TemporaryFolder folder;
    const std::string path = folder.file("ports.sock").string();
    EXPECT_THAT(PortClient::connect(path).error().message, HasSubstr("No such file or directory (no gateway has begun yet"));
    { const PlayedGateway gone{path}; }
    EXPECT_THAT(PortClient::connect(path).error().message,
                HasSubstr("Connection refused (its gateway has ended, or is just beginning)"));
    EXPECT_THAT(PortClient::connect(std::string(200, 'x')).error().message, HasSubstr("is shorter than 108"));
}

TEST(SidecarPortClient, ARefusalIsToldInTheGatewaysWords) {
    const auto refused = read_answer(R"({"version":1,"ok":false,"error":"there is no port \"web\""})");
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->ok);
    EXPECT_EQ(refused->error, "there is no port \"web\"");
}

TEST(SidecarPortClient, AnAnswerMayBeAnything) {
    for (const char* text : {"", "x", "[]", "{}", R"({"ok":1})", R"({"ok":true})", R"({"ok":true,"mac":"a","mtu":-1})",
                             R"({"ok":true,"mac":1,"mtu":1})"})
        EXPECT_FALSE(read_answer(text)) << text;
}

}  // namespace
}  // namespace hairpin::sidecar

// A port by UDP datagrams, by the socket of the other side: what GNS3 and QEMU say, what a stranger says, and what happens when nobody is there.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>

#include <string>
#include <utility>

#include "switch/ports/udp_port.h"
#include "tests/switch/machine_port_rig.h"

namespace hairpin::l2 {
namespace {

using hairpin::testing::Bytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// The other side: bound to a port of the loopback's, the kernel's choice where it is 0.
class OtherSide {
public:
    explicit OtherSide(std::uint16_t port = 0) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        const sockaddr_in address = loopback(port);
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        sockaddr_in bound{};
        socklen_t size = sizeof bound;
        EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound), &size), 0);
        port_ = ntohs(bound.sin_port);
    }
    std::uint16_t port() const { return port_; }
    void send_to(std::uint16_t port, const Bytes& bytes) const {
        const sockaddr_in to = loopback(port);
        EXPECT_EQ(::sendto(socket_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to),
                  static_cast<ssize_t>(bytes.size()));
    }
    // Empty: nothing is there.
    Bytes read() const {
        Bytes bytes(70000);
        const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return bytes;
    }
    void close() { socket_.reset(); }

private:
    FileDescriptor socket_;
    std::uint16_t port_ = 0;
};

class UdpPortTest : public MachinePortTest {
protected:
    static constexpr Ipv4Address here() { return Ipv4Address{127, 0, 0, 1}; }
    // A port of the loopback's that was free a moment ago.
    static std::uint16_t free_port() { return OtherSide{}.port(); }
    UdpSettings settings_to(const OtherSide& other) const { return {here(), L4Port{own_}, here(), L4Port{other.port()}, 1500}; }

    const std::uint16_t own_ = free_port();
};

TEST_F(UdpPortTest, OneFrameIsOneDatagramEitherWay) {
    const OtherSide other;
    const auto port = open<UdpPort>(settings_to(other));
    EXPECT_FALSE(readable(*port));
    for (const std::size_t size : {0U, 1434U, 3000U, 60000U}) other.send_to(own_, frame(size));
    EXPECT_THAT(receive(*port), ElementsAre(frame(0), frame(1434), frame(3000), frame(60000)));
    send(*port, {frame(1), frame(1434)});
    EXPECT_EQ(other.read(), frame(1));
    EXPECT_EQ(other.read(), frame(1434));
    EXPECT_EQ(port->counters().drops, 0U);
}

TEST_F(UdpPortTest, StrangersAreNotHeard) {
    const OtherSide other, stranger;
    const auto port = open<UdpPort>(settings_to(other));
    stranger.send_to(own_, frame());
    EXPECT_FALSE(readable(*port));
    EXPECT_THAT(receive(*port), IsEmpty());
    other.send_to(own_, frame());
    EXPECT_THAT(receive(*port), SizeIs(1));
}

TEST_F(UdpPortTest, WhoIsNotThereIsSeenAndMayComeBack) {
    OtherSide other;
    const UdpSettings settings = settings_to(other);
    const auto port = open<UdpPort>(settings);
    EXPECT_TRUE(port->attached());
    other.close();
    send(*port, {frame()});  // the kernel refuses it at once, and tells us next time
    EXPECT_TRUE(readable(*port)) << "an error is something to read";
    EXPECT_THAT(receive(*port), IsEmpty());
    EXPECT_FALSE(port->attached());
    EXPECT_FALSE(readable(*port)) << "it is told once, and nobody spins";

    send(*port, {frame()});
    send(*port, {frame()});
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_detached), 1U) << "the second is told of the first";

    const OtherSide again{settings.remote_port.number()};
    receive(*port);
    send(*port, {frame()});
    EXPECT_EQ(again.read(), frame());
    again.send_to(own_, frame());
    EXPECT_THAT(receive(*port), SizeIs(1));
    EXPECT_TRUE(port->attached());
}

TEST_F(UdpPortTest, AnAddressThatIsTakenIsRefused) {
    const OtherSide other;
    UdpSettings settings = settings_to(other);
    settings.local_port = L4Port{other.port()};
    settings.remote_port = L4Port{own_};
    const auto refused = UdpPort::open(settings, pool_, ledger_);
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message,
                HasSubstr("127.0.0.1:" + std::to_string(other.port()) + ": bind: Address already in use"));
}

}  // namespace
}  // namespace hairpin::l2

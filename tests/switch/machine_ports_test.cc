// Ports that virtual machines plug into, by the sockets of the other side: what QEMU and VDE say, and what they would not.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "switch/ports/dgram_port.h"
#include "switch/ports/stream_port.h"
#include "switch/ports/vde_port.h"
#include "switch/stream_framing.h"
#include "switch/vde_request.h"
#include "tests/switch/machine_port_rig.h"

namespace hairpin::l2 {
namespace {

using hairpin::testing::Bytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

Bytes operator+(Bytes one, const Bytes& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}
Bytes length_before(std::size_t length) {
    Bytes bytes(StreamFraming::kLengthSize);
    StreamFraming::write_length(bytes.data(), length);
    return bytes;
}
Bytes framed(const Bytes& frame) { return length_before(frame.size()) + frame; }

// ---- Paths ------------------------------------------------------------------------------------------------------------------------

class LocalSocketTest : public MachinePortTest {
protected:
    std::string refusal(const std::string& path) {
        const auto bound = LocalSocket::bind(path, LocalSocket::Kind::stream);
        return bound ? "" : bound.error().message;
    }
};

TEST_F(LocalSocketTest, IsForItsGroupAndGoesWithItsOwner) {
    {
        const auto bound = LocalSocket::bind(place("deep/er/a.sock"), LocalSocket::Kind::stream);
        ASSERT_TRUE(bound.has_value());
        struct stat about {};
        ASSERT_EQ(stat(place("deep/er/a.sock").c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 0777, 0660U);
    }
    EXPECT_FALSE(fs::exists(place("deep/er/a.sock")));
}

TEST_F(LocalSocketTest, WhatADeadDaemonLeftIsTakenOver) {
    bound_datagram(place("dgram"));
    ASSERT_TRUE(fs::exists(place("dgram")));
    EXPECT_TRUE(LocalSocket::bind(place("dgram"), LocalSocket::Kind::datagram).has_value());
    bound_datagram(place("other"));
    EXPECT_TRUE(LocalSocket::bind(place("other"), LocalSocket::Kind::stream).has_value());
}

TEST_F(LocalSocketTest, WhatSomebodyHasIsRefused) {
    const auto bound = LocalSocket::bind(place("a"), LocalSocket::Kind::stream);
    EXPECT_THAT(refusal(place("a")), HasSubstr("somebody has it"));
    const FileDescriptor other = bound_datagram(place("b"));
    EXPECT_THAT(refusal(place("b")), HasSubstr("somebody has it"));
    std::ofstream{place("file")} << "precious";
    EXPECT_THAT(refusal(place("file")), HasSubstr("no socket"));
    EXPECT_EQ(fs::file_size(place("file")), 8U);
    EXPECT_THAT(refusal(place(std::string(108, 'x'))), HasSubstr("longer than 107"));
}

TEST_F(LocalSocketTest, WhatAnotherHasPutThereStays) {
    {
        const auto bound = LocalSocket::bind(place("a"), LocalSocket::Kind::stream);
        bound_datagram(place("a"));
    }
    EXPECT_TRUE(fs::exists(place("a")));
}

// ---- dgram ------------------------------------------------------------------------------------------------------------------------

class DgramPortTest : public MachinePortTest {
protected:
    const DgramSettings settings_{place("switch"), place("machine"), 1500};
};

TEST_F(DgramPortTest, OneFrameIsOneDatagramEitherWay) {
    const FileDescriptor machine = bound_datagram(settings_.remote);
    const auto port = open<DgramPort>(settings_);
    EXPECT_TRUE(port->attached());
    EXPECT_FALSE(readable(*port));
    for (const std::size_t size : {0U, 1434U, 3000U, 60000U}) ASSERT_TRUE(send_to(machine, settings_.socket, frame(size)));
    EXPECT_THAT(receive(*port), ElementsAre(frame(0), frame(1434), frame(3000), frame(60000)));
    send(*port, {frame(1), frame(1434)});
    EXPECT_EQ(read_from(machine), frame(1));
    EXPECT_EQ(read_from(machine), frame(1434));
    EXPECT_EQ(port->counters().in_packets, 4U);
    EXPECT_EQ(port->counters().out_packets, 2U);
    EXPECT_EQ(port->counters().drops, 0U);
}

TEST_F(DgramPortTest, EitherSideMayEndAndBeginAgain) {
    auto port = open<DgramPort>(settings_);
    EXPECT_FALSE(port->attached());
    send(*port, {frame()});
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_detached), 1U);

    FileDescriptor machine = bound_datagram(settings_.remote);
    send(*port, {frame()});
    EXPECT_TRUE(port->attached());
    EXPECT_EQ(read_from(machine), frame());

    machine.reset();
    send(*port, {frame(), frame()});
    EXPECT_FALSE(port->attached());
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_detached), 3U);
    machine = bound_datagram(settings_.remote);
    ASSERT_TRUE(send_to(machine, settings_.socket, frame()));
    EXPECT_THAT(receive(*port), SizeIs(1));
    EXPECT_TRUE(port->attached());

    port.reset();
    EXPECT_FALSE(send_to(machine, settings_.socket, frame()));
    port = open<DgramPort>(settings_);
    EXPECT_TRUE(port->attached()) << "a machine that is there is seen at once";
    ASSERT_TRUE(send_to(machine, settings_.socket, frame()));
    EXPECT_THAT(receive(*port), SizeIs(1));
    port.reset();
    EXPECT_FALSE(fs::exists(settings_.socket));
    EXPECT_TRUE(fs::exists(settings_.remote)) << "the machine's own socket is the machine's";
}

TEST_F(DgramPortTest, WhatIsTooMuchIsCounted) {
    const FileDescriptor machine = bound_datagram(settings_.remote);
    const auto port = open<DgramPort>(settings_);
    ASSERT_TRUE(send_to(machine, settings_.socket, Bytes(70000)));
    ASSERT_TRUE(send_to(machine, settings_.socket, frame()));
    EXPECT_THAT(receive(*port), ElementsAre(frame()));
    EXPECT_EQ(ledger_.dropped_for(DropReason::oversize), 1U);

    // The kernel keeps some frames for a machine that does not read, and no more.
    for (int i = 0; i < 20; ++i) send(*port, std::vector<Bytes>(64, frame()));
    EXPECT_GT(ledger_.dropped_for(DropReason::egress_refused), 0U);
    EXPECT_EQ(ledger_.dropped_for(DropReason::egress_refused) + port->counters().out_packets, 20U * 64);
    EXPECT_TRUE(port->attached());
}

// ---- stream -----------------------------------------------------------------------------------------------------------------------

class StreamPortTest : public MachinePortTest {
protected:
    const StreamSettings settings_{place("switch"), 1500};
};

TEST(StreamFraming, FramesAreTheSameHoweverTheyAreCutIntoReads) {
    Bytes stream;
    std::vector<Bytes> frames;
    for (const std::size_t size : {60U, 0U, 1U, 1514U, 65535U, 14U}) {
        frames.emplace_back(size, std::byte(size % 251));
        stream = stream + framed(frames.back());
    }
    for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U, 70000U}) {
        StreamFraming framing;
        std::vector<Bytes> found;
        for (std::size_t at = 0; at < stream.size();) {
            const auto room = framing.room();
            const std::size_t count = std::min({step, room.size(), stream.size() - at});
            ASSERT_GT(count, 0U);
            std::memcpy(room.data(), stream.data() + at, count);
            framing.put(count);
            at += count;
            while (const auto next = framing.next()) found.emplace_back(next->begin(), next->end());
        }
        EXPECT_EQ(found, frames) << step;
        EXPECT_FALSE(framing.broken());
    }
}

TEST_F(StreamPortTest, FramesStandBehindTheirLengths) {
    const auto port = open<StreamPort>(settings_);
    EXPECT_FALSE(port->attached());
    const FileDescriptor machine = connected(settings_.socket);
    ASSERT_TRUE(write_to(machine, framed(frame(0)) + framed(frame(5000)) + Bytes(3)));
    EXPECT_THAT(receive(*port), ElementsAre(frame(0), frame(5000)));
    EXPECT_TRUE(port->attached());
    ASSERT_TRUE(write_to(machine, Bytes(1)));  // the length is whole now, and none
    EXPECT_THAT(receive(*port), ElementsAre(Bytes{}));
    send(*port, {frame(1), frame(1400)});
    EXPECT_EQ(read_from(machine), framed(frame(1)) + framed(frame(1400)));
}

TEST_F(StreamPortTest, FramesThatAreInHandAlreadyKeepThePortReadable) {
    const auto port = open<StreamPort>(settings_);
    const FileDescriptor machine = connected(settings_.socket);
    Bytes many;
    for (int i = 0; i < 500; ++i) many = many + framed(frame(1));
    ASSERT_TRUE(write_to(machine, many));
    Batch burst;
    EXPECT_TRUE(port->receive(burst, {}));
    EXPECT_EQ(burst.size(), kBurstPackets);
    held_ += static_cast<std::int64_t>(burst.size());
    EXPECT_TRUE(readable(*port)) << "although the kernel has nothing left";
    EXPECT_THAT(receive(*port), SizeIs(500 - kBurstPackets));
    EXPECT_FALSE(readable(*port)) << "an event loop must not be woken for ever";
}

TEST_F(StreamPortTest, AnAbsurdLengthCostsTheOneWhoSaidIt) {
    const auto port = open<StreamPort>(settings_);
    {
        const FileDescriptor machine = connected(settings_.socket);
        ASSERT_TRUE(write_to(machine, framed(frame()) + length_before(0xffffffff) + framed(frame())));
        EXPECT_THAT(receive(*port), ElementsAre(frame()));
        EXPECT_TRUE(at_its_end(machine));
        EXPECT_FALSE(port->attached());
        EXPECT_EQ(ledger_.dropped_for(DropReason::oversize), 1U);
    }
    const FileDescriptor machine = connected(settings_.socket);
    ASSERT_TRUE(write_to(machine, framed(frame())));
    EXPECT_THAT(receive(*port), ElementsAre(frame()));
}

TEST_F(StreamPortTest, TheSecondIsRefusedAndTheNextIsWelcome) {
    const auto port = open<StreamPort>(settings_);
    FileDescriptor first = connected(settings_.socket);
    EXPECT_THAT(receive(*port), IsEmpty());
    const FileDescriptor second = connected(settings_.socket);
    EXPECT_THAT(receive(*port), IsEmpty());
    EXPECT_TRUE(at_its_end(second));
    EXPECT_TRUE(port->attached());

    // One that ends while its last frames are still to be read, and its successor, seen in one turn of the loop.
    ASSERT_TRUE(write_to(first, framed(frame(7)) + framed(frame(8)) + length_before(100)));
    first.reset();
    const FileDescriptor third = connected(settings_.socket);
    ASSERT_TRUE(write_to(third, framed(frame(9))));
    EXPECT_THAT(receive(*port), ElementsAre(frame(7), frame(8), frame(9)));
    EXPECT_TRUE(port->attached());
    send(*port, {frame()});
    EXPECT_EQ(read_from(third), framed(frame()));
}

TEST_F(StreamPortTest, OneWhoDoesNotReadLosesWholeFrames) {
    const auto port = open<StreamPort>(settings_);
    const FileDescriptor machine = connected(settings_.socket);
    EXPECT_THAT(receive(*port), IsEmpty());
    std::uint64_t given = 0;
    while (ledger_.dropped_for(DropReason::egress_refused) == 0) send(*port, std::vector<Bytes>(50, frame(1400))), given += 50;

    // Every frame that was counted as sent arrives, whole, and none else.
    StreamFraming framing;
    std::uint64_t arrived = 0;
    const auto read_all = [&] {
        while (true) {
            const auto room = framing.room();
            const ssize_t count = ::recv(machine.get(), room.data(), room.size(), 0);
            if (count <= 0) break;
            framing.put(static_cast<std::size_t>(count));
            while (const auto next = framing.next()) {
                ASSERT_EQ((Bytes{next->begin(), next->end()}), frame(1400));
                ++arrived;
            }
        }
    };
    read_all();
    EXPECT_THAT(receive(*port), IsEmpty());  // sends the rest of a frame that went in part
    read_all();
    EXPECT_EQ(arrived, port->counters().out_packets);
    EXPECT_EQ(arrived + ledger_.dropped_for(DropReason::egress_refused), given);
    send(*port, {frame(1400)});
    read_all();
    EXPECT_EQ(arrived, port->counters().out_packets);
}

TEST_F(StreamPortTest, WhatIsSentToNobodyIsDropped) {
    const auto port = open<StreamPort>(settings_);
    send(*port, {frame()});
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_detached), 1U);
    FileDescriptor machine = connected(settings_.socket);
    EXPECT_THAT(receive(*port), IsEmpty());
    machine.reset();
    send(*port, {frame(), frame()});
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_detached), 3U);
    EXPECT_FALSE(port->attached());
    EXPECT_TRUE(port->may_return());
}

// ---- vde --------------------------------------------------------------------------------------------------------------------------

// What libvdeplug sends.
Bytes vde_request(const std::string& socket, const std::string& description = "test", std::uint32_t magic = 0xfeedface,
                  std::uint32_t version = 3, std::uint32_t type = 0) {
    Bytes bytes(VdeRequest::kFixedSize);
    const std::uint16_t family = AF_UNIX;
    std::memcpy(&bytes[0], &magic, 4);
    std::memcpy(&bytes[4], &version, 4);
    std::memcpy(&bytes[8], &type, 4);
    std::memcpy(&bytes[12], &family, 2);
    std::memcpy(&bytes[14], socket.data(), std::min<std::size_t>(socket.size(), 108));
    for (const char letter : description) bytes.push_back(std::byte(letter));
    return bytes;
}

TEST(VdeRequest, IsReadAsPlugsWriteIt) {
    const auto request = VdeRequest::read(vde_request("/tmp/x", "QEMU\n user=root", 0xfeedface, 3, 7 << 8));
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->socket, "/tmp/x");
    EXPECT_EQ(request->description, "QEMU? user=root");
    EXPECT_EQ(VdeRequest::read(vde_request("/tmp/x", std::string(1000, 'd')))->description.size(), 128U);
    EXPECT_TRUE(VdeRequest::read(vde_request("/tmp/x", "", 0xfeedface, 3, 1)).has_value());
}

TEST(VdeRequest, AnythingElseIsNone) {
    Bytes shorter = vde_request("/tmp/x", "");
    shorter.pop_back();
    const Bytes hostile[] = {{},
                             shorter,
                             vde_request("/tmp/x", "", 0xfeedfacf),
                             vde_request("/tmp/x", "", 0xfeedface, 2),
                             vde_request("/tmp/x", "", 0xfeedface, 3, 2),
                             vde_request(""),
                             vde_request(std::string("\0abstract", 9)),
                             vde_request("relative"),
                             vde_request("/" + std::string(107, 'x'))};
    for (const Bytes& bytes : hostile) EXPECT_FALSE(VdeRequest::read(bytes).has_value()) << bytes.size();
}

class VdePortTest : public MachinePortTest {
protected:
    struct Plug {
        FileDescriptor control, data;
        std::string ours;  // where the switch has its socket for this plug
    };
    // A plug that has been let in, or whose control connection has been closed.
    Plug plug(VdePort& port, const std::string& name) {
        Plug plug{connected(settings_.folder + "/ctl"), bound_datagram(place(name)), ""};
        EXPECT_TRUE(write_to(plug.control, vde_request(place(name))));
        EXPECT_THAT(receive(port), IsEmpty());
        sockaddr_un answer{};
        if (::recv(plug.control.get(), &answer, sizeof answer, 0) == sizeof answer) plug.ours = answer.sun_path;
        return plug;
    }
    // What the port makes of these bytes: whether the connection is closed.
    bool is_refused(VdePort& port, const Bytes& request) {
        const FileDescriptor control = connected(settings_.folder + "/ctl");
        EXPECT_TRUE(write_to(control, request));
        EXPECT_THAT(receive(port), IsEmpty());
        return at_its_end(control) && !port.attached();
    }

    const VdeSettings settings_{place("vde"), 1500};
};

TEST_F(VdePortTest, APlugIsInForAsLongAsItsConnectionLives) {
    auto port = open<VdePort>(settings_);
    EXPECT_FALSE(port->attached());
    for (int round = 0; round < 2; ++round) {
        const Plug plug = this->plug(*port, "plug.1");
        ASSERT_FALSE(plug.ours.empty());
        EXPECT_TRUE(port->attached());
        ASSERT_TRUE(send_to(plug.data, plug.ours, frame(1400)));
        EXPECT_THAT(receive(*port), ElementsAre(frame(1400)));
        send(*port, {frame(1), frame(2)});
        EXPECT_EQ(read_from(plug.data), frame(1));
        EXPECT_EQ(read_from(plug.data), frame(2));

        const Plug second = this->plug(*port, "plug.2");
        EXPECT_TRUE(second.ours.empty());
        EXPECT_TRUE(at_its_end(second.control));
        EXPECT_FALSE(send_to(second.data, plug.ours, frame())) << "only the plug that is in may send";
        EXPECT_TRUE(port->attached());
    }
    EXPECT_THAT(receive(*port), IsEmpty());
    EXPECT_FALSE(port->attached());
    send(*port, {frame()});
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_detached), 1U);
    port.reset();
    EXPECT_FALSE(fs::exists(settings_.folder));
}

TEST_F(VdePortTest, AFolderThatWasThereStays) {
    fs::create_directory(settings_.folder);
    open<VdePort>(settings_).reset();
    EXPECT_TRUE(fs::is_empty(settings_.folder));
}

TEST_F(VdePortTest, WhoAsksForSomethingElseIsCutOff) {
    const auto port = open<VdePort>(settings_);
    EXPECT_TRUE(is_refused(*port, Bytes(10)));
    EXPECT_TRUE(is_refused(*port, vde_request(place("nowhere"))));
    std::ofstream{place("file")} << "no socket";
    EXPECT_TRUE(is_refused(*port, vde_request(place("file"))));
    const FileDescriptor other = bound_datagram(place("other"));
    fs::create_symlink(place("other"), place("link"));
    EXPECT_TRUE(is_refused(*port, vde_request(place("link")))) << "what is at a path must be a socket itself";
    const auto listening = LocalSocket::bind(place("stream"), LocalSocket::Kind::stream);
    EXPECT_TRUE(is_refused(*port, vde_request(place("stream"))));
    EXPECT_FALSE(this->plug(*port, "plug.1").ours.empty()) << "and nobody else has lost anything";
}

TEST_F(VdePortTest, ThoseWhoSayNothingMakeRoom) {
    const auto port = open<VdePort>(settings_);
    std::vector<FileDescriptor> silent;
    for (std::size_t i = 0; i < 3 * VdePort::kWaiting; ++i) {
        silent.push_back(connected(settings_.folder + "/ctl"));
        EXPECT_THAT(receive(*port), IsEmpty());
    }
    EXPECT_TRUE(at_its_end(silent.front()));
    EXPECT_FALSE(at_its_end(silent.back()));
    EXPECT_FALSE(this->plug(*port, "plug.1").ours.empty());
}

}  // namespace
}  // namespace hairpin::l2

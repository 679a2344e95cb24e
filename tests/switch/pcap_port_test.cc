#include "switch/ports/pcap_port.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "switch/port_catalog.h"
#include "tests/support/packet_builder.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;
using ::testing::HasSubstr;

class PcapPortTest : public ::testing::Test {
protected:
    PcapPortTest() {
        std::string folder = ::testing::TempDir() + "hairpin-pcap-XXXXXX";
        folder_ = mkdtemp(folder.data());
    }
    ~PcapPortTest() override { std::filesystem::remove_all(folder_); }

    std::string file(const char* name) const { return folder_ + "/" + name; }
    std::unique_ptr<PcapPort> open(const PcapSettings& settings) {
        auto port = PcapPort::open(settings, pool_, ledger_);
        EXPECT_TRUE(port.has_value()) << (port ? "" : port.error().message);
        return port ? std::move(*port) : nullptr;
    }
    void record(const std::string& name, std::vector<PacketBuilder> packets) {
        const auto port = open({.write_file = name});
        Batch batch;
        for (const auto& packet : packets) batch.push_back(packet.in(pool_));
        ledger_.originated += batch.size();
        port->send(batch, Timestamp{std::chrono::seconds{5}});
    }
    static bool readable(const Port& port) {
        pollfd waiting{port.readable_descriptor(), POLLIN, 0};
        return poll(&waiting, 1, 0) == 1;
    }
    std::string folder_;
    PacketPool pool_{{.small = 256, .large = 8}};
    Ledger ledger_;
};

TEST_F(PcapPortTest, WhatWasRecordedIsPlayedAgainAsItWasOnTheWire) {
    record(file("a.pcap"), {udp().payload(10), tcp().payload(2500).super_packet(1000), udp().payload(5).partial_checksum()});
    const auto port = open({.read_file = file("a.pcap")});
    EXPECT_TRUE(readable(*port));
    Batch played;
    EXPECT_FALSE(port->receive(played, {}));
    ASSERT_EQ(played.size(), 5u);
    EXPECT_EQ(bytes_of(*played[0]), udp().payload(10).bytes());
    EXPECT_EQ(bytes_of(*played[4]), udp().payload(5).bytes());
    for (const PacketPtr& packet : played) EXPECT_TRUE(checksums_hold(*packet));
    EXPECT_FALSE(readable(*port)) << "an event loop must not be woken for ever";
    EXPECT_FALSE(port->receive(played, {}));
    EXPECT_EQ(ledger_.expected_held(), 5);
}

TEST_F(PcapPortTest, WithoutARecordPacketsAreCountedOnly) {
    const auto port = open({});
    EXPECT_EQ(port->readable_descriptor(), -1);
    Batch batch;
    batch.push_back(udp().in(pool_));
    port->send(batch, {});
    EXPECT_EQ(port->counters().out_packets, 1u);
}

TEST_F(PcapPortTest, FilesThatCannotBeUsedAreNamed) {
    const auto message = [&](const PcapSettings& settings) { return PcapPort::open(settings, pool_, ledger_).error().message; };
    EXPECT_THAT(message({.read_file = file("missing")}), HasSubstr("No such file"));
    EXPECT_THAT(message({.write_file = file("no/such/folder")}), HasSubstr("No such file"));
    std::ofstream{file("nonsense")} << "this is no capture at all";
    EXPECT_THAT(message({.read_file = file("nonsense")}), HasSubstr("nonsense"));
}

TEST_F(PcapPortTest, AFileThatBreaksOffIsPlayedUntilThere) {
    record(file("a.pcap"), {udp().payload(10), udp().payload(10)});
    std::filesystem::resize_file(file("a.pcap"), std::filesystem::file_size(file("a.pcap")) - 5);
    const auto port = open({.read_file = file("a.pcap")});
    Batch played;
    EXPECT_FALSE(port->receive(played, {}));
    EXPECT_EQ(played.size(), 1u);
}

TEST(PortCatalog, EveryKindOfDeviceHasItsRow) {
    EXPECT_EQ(kind_of({.name = "a", .segment = "lan", .device = MemorySettings{}}).name, "memory");
    EXPECT_EQ(kind_of({.name = "b", .segment = "lan", .device = TapSettings{.device = "eth1"}}).name, "tap");
    EXPECT_EQ(kind_of({.name = "c", .segment = "lan", .device = PcapSettings{}}).name, "pcap");
    EXPECT_EQ(kind_of({.name = "d", .segment = "lan", .device = VxlanSettings{}}).name, "vxlan");
    for (const PortKind& kind : port_kinds()) EXPECT_FALSE(kind.description.empty());
}

TEST(PortCatalog, OpensWhatItsSettingsSay) {
    PacketPool pool{{.small = 4, .large = 1}};
    Ledger ledger;
    VxlanEndpoints endpoints{{}, ledger};
    const auto port =
        open_port({.name = "loop", .segment = "lan", .device = MemorySettings{.mtu = 9000}}, pool, ledger, endpoints);
    ASSERT_TRUE(port);
    EXPECT_EQ((*port)->kind(), "memory");
    EXPECT_EQ((*port)->mtu(), 9000u);
    EXPECT_FALSE(open_port({.name = "x", .segment = "lan", .device = TapSettings{.device = "lo"}}, pool, ledger, endpoints));
}

}  // namespace
}  // namespace hairpin::l2

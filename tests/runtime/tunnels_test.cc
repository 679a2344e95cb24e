// Tunnels of a running daemon: what is shown of them, and what commits do to them. The network underneath is the loopback.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <bit>
#include <cstring>

#include "net/vxlan.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A UDP port that nobody has, on any address.
std::uint16_t unused_udp_port() {
    const int probe = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    socklen_t size = sizeof any;
    ensure(bind(probe, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
    getsockname(probe, reinterpret_cast<sockaddr*>(&any), &size);
    ::close(probe);
    return std::bit_cast<Be16>(any.sin_port).value();
}

struct Tunnels {
    std::uint16_t udp_port = unused_udp_port();
    GuideDaemon daemon;

    json tunnel(const char* name, std::uint32_t vni, std::vector<const char*> remotes = {"127.0.0.2"}) const {
        json vxlan{{"vni", vni}, {"local", "127.0.0.1"}, {"udp-port", udp_port}, {"remote", json::array()}};
        for (const char* remote : remotes) vxlan["remote"].push_back({{"address", remote}});
        return {{"name", name}, {"segment", "lan"}, {"vxlan", vxlan}};
    }
    Result<RunningConfiguration::Change> commit(const std::vector<json>& tunnels) {
        json document = guide_document();
        for (const json& tunnel : tunnels) document["hairpin:switch"]["port"].push_back(tunnel);
        return daemon.configuration.replace(document.dump(), daemon.worker);
    }
    // The remote at 127.0.0.2 sends a frame, and the loop turns until it has been dealt with.
    void hear(std::uint32_t vni, const Bytes& frame) {
        const int remote = socket(AF_INET, SOCK_DGRAM, 0);
        sockaddr_in own{}, to{};
        own.sin_family = to.sin_family = AF_INET;
        own.sin_addr.s_addr = inet_addr("127.0.0.2");
        to.sin_addr.s_addr = inet_addr("127.0.0.1");
        to.sin_port = std::bit_cast<in_port_t>(Be16{udp_port});
        ensure(bind(remote, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
        const VxlanHeader header{Be32{VxlanHeader::kVniPresent}, Be32{vni << 8}};
        Bytes bytes(sizeof header + frame.size());
        std::memcpy(bytes.data(), &header, sizeof header);
        std::memcpy(bytes.data() + sizeof header, frame.data(), frame.size());
        const std::uint64_t before = daemon.worker.ledger().received;
        ensure(sendto(remote, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) ==
               static_cast<ssize_t>(bytes.size()));
        ::close(remote);
        while (daemon.worker.ledger().received == before) uv_run(daemon.loop.get(), UV_RUN_ONCE);
    }
};

Bytes greeting() { return arp_request().from_mac(kServerMac).from(kWebServer).to(kGateway).bytes(); }

TEST(Tunnels, AreShownWithTheirRemotesStationsAndSockets) {
    Tunnels lab;
    ASSERT_TRUE(lab.commit({lab.tunnel("far", 100, {"127.0.0.2", "127.0.0.3"}), lab.tunnel("lab", 7)}).has_value());
    lab.hear(100, greeting());
    const json rows = lab.daemon.ask("show.vxlan")["rows"];
    ASSERT_EQ(rows.size(), 3u) << rows;
    EXPECT_EQ(rows[0]["port"], "far");
    EXPECT_EQ(rows[0]["vni"], 100);
    EXPECT_EQ(rows[0]["remote"], "127.0.0.2");
    EXPECT_EQ(rows[0]["in_packets"], 1);
    EXPECT_EQ(rows[0]["stations"], 1);
    EXPECT_EQ(rows[0]["outer_mtu"], 65535);
    EXPECT_EQ(rows[0]["inner_mtu"], 65535 - 50);
    EXPECT_EQ(rows[1]["stations"], 0);

    const json stations = lab.daemon.ask("show.vxlan-stations")["rows"];
    ASSERT_EQ(stations.size(), 1u);
    EXPECT_EQ(stations[0]["mac"], kServerMac.to_string());
    EXPECT_EQ(stations[0]["remote"], "127.0.0.2");
    EXPECT_EQ(stations[0]["type"], "dynamic");

    lab.hear(9, greeting());
    const json endpoints = lab.daemon.ask("show.vxlan-endpoints")["rows"];
    ASSERT_EQ(endpoints.size(), 1u) << "one socket for both";
    EXPECT_EQ(endpoints[0]["vnis"], (json{100, 7}));
    EXPECT_EQ(endpoints[0]["in_datagrams"], 2);
    EXPECT_EQ(endpoints[0]["unknown_vni"], 1);
    EXPECT_EQ(endpoints[0]["source_ports"].size(), 16u);
    EXPECT_EQ(lab.daemon.worker.imbalance(), 0);

    const json ports = lab.daemon.ask("show.ports")["rows"];
    EXPECT_EQ(ports[0]["kind"], "vxlan");
    EXPECT_EQ(ports[0]["device"], "vni 100");
}

TEST(Tunnels, TheGatewayAnswersThroughThem) {
    Tunnels lab;
    ASSERT_TRUE(lab.commit({lab.tunnel("far", 100)}).has_value());
    lab.hear(100, greeting());
    const json row = lab.daemon.ask("show.vxlan")["rows"][0];
    EXPECT_EQ(row["in_packets"], 1);
    EXPECT_GE(row["out_packets"].get<int>() + row["drops"].get<int>(), 1) << "the ARP reply";
}

TEST(Tunnels, AreForgottenAndCountedAnew) {
    Tunnels lab;
    ASSERT_TRUE(lab.commit({lab.tunnel("far", 100)}).has_value());
    lab.hear(100, greeting());
    EXPECT_THAT(lab.daemon.answer("clear.vxlan-stations", {{"port", "workstation"}})["error"]["message"].get<std::string>(),
                HasSubstr("no tunnel \"workstation\""));
    EXPECT_EQ(lab.daemon.ask("clear.vxlan-stations", {{"port", "far"}})["cleared"], 1);
    EXPECT_EQ(lab.daemon.ask("show.vxlan-stations")["rows"].size(), 0u);
    lab.daemon.ask("clear.counters");
    EXPECT_EQ(lab.daemon.ask("show.vxlan")["rows"][0]["in_packets"], 0);
    lab.hear(100, greeting());
    EXPECT_EQ(lab.daemon.ask("show.vxlan")["rows"][0]["in_packets"], 1);
}

TEST(Tunnels, ComeChangeAndGoWhileTheOthersStay) {
    Tunnels lab;
    ASSERT_TRUE(lab.commit({lab.tunnel("far", 100), lab.tunnel("lab", 7)}).has_value());
    lab.hear(7, greeting());
    ASSERT_TRUE(lab.commit({lab.tunnel("far", 100, {"127.0.0.2", "127.0.0.3"}), lab.tunnel("lab", 7)}).has_value());
    EXPECT_EQ(lab.daemon.ask("show.vxlan")["rows"].size(), 3u);
    EXPECT_EQ(lab.daemon.ask("show.vxlan-stations")["rows"].size(), 1u) << "what the other has learned stays";
    ASSERT_TRUE(lab.commit({lab.tunnel("renamed", 100), lab.tunnel("lab", 7)}).has_value()) << "one VNI, another name";
    ASSERT_TRUE(lab.commit({}).has_value());
    EXPECT_EQ(lab.daemon.ask("show.vxlan")["rows"].size(), 0u);
    lab.daemon.worker.tick();
    ASSERT_TRUE(lab.commit({lab.tunnel("far", 100)}).has_value()) << "the sockets were closed, and are opened again";
    lab.hear(100, greeting());
    EXPECT_EQ(lab.daemon.ask("show.vxlan")["rows"][0]["in_packets"], 1);
}

TEST(Tunnels, OneThatCannotBeOpenedLeavesAllAsItWas) {
    Tunnels lab;
    ASSERT_TRUE(lab.commit({lab.tunnel("far", 100)}).has_value());
    json elsewhere = lab.tunnel("lab", 7);
    elsewhere["vxlan"]["namespace"] = "no-such-namespace";
    const auto refused = lab.commit({lab.tunnel("far", 100), elsewhere});
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("port \"lab\": network namespace \"no-such-namespace\""));
    lab.hear(100, greeting());
    EXPECT_EQ(lab.daemon.ask("show.vxlan")["rows"].size(), 1u);
}

TEST(Tunnels, ACommitSaysWhatTheNetworkUnderneathLacks) {
    Tunnels lab;
    json nowhere = lab.tunnel("far", 100);
    nowhere["vxlan"]["local"] = "192.0.2.77";  // TEST-NET-1: nobody has it
    const auto change = lab.commit({nowhere});
    ASSERT_TRUE(change.has_value()) << change.error().message;
    EXPECT_THAT(
        change->warnings,
        ElementsAre(HasSubstr("/hairpin:switch/port[name='far']/vxlan: there is no way from 192.0.2.77 to 127.0.0.2 yet")));
}

}  // namespace
}  // namespace hairpin::runtime

// Cables of a running daemon's ports: what commits do to them while packets pass, and what is shown of it. The clock is turned by hand.

#include <gtest/gtest.h>

#include <string>

#include "runtime/clock.h"
#include "switch/ports/memory_port.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using namespace std::chrono_literals;
using nlohmann::json;

// Two hosts of one segment, in memory.
struct Cables {
    GuideDaemon daemon;
    json document = guide_document();

    Cables() {
        for (const char* name : {"left", "right"})
            document["hairpin:switch"]["port"].push_back({{"name", name}, {"segment", "lan"}, {"memory", json::object()}});
        commit();
        daemon.worker.observe(nullptr);
        wait(10s);  // by then the gateway has said who it is, twice (RFC 5227 2.3)
        // So that what is sent to the one goes to nobody else.
        inject("right", udp().from_mac(kDestinationMac).to_mac(kSourceMac).from(kWebServer, 1).to(kWorkstation, 1).bytes());
        sent("left");
        sent("right");
    }
    json& port(const std::string& name) {
        for (json& each : document["hairpin:switch"]["port"])
            if (each["name"] == name) return each;
        unreachable_because("the test has added it");
    }
    void commit() {
        const auto change = daemon.configuration.replace(document.dump(), daemon.worker);
        ASSERT_TRUE(change.has_value()) << change.error().path << ": " << change.error().message;
    }
    l2::MemoryPort& memory(const std::string& name) { return static_cast<l2::MemoryPort&>(*daemon.worker.ports().at(name).port); }
    void inject(const std::string& name, const Bytes& frame) {
        memory(name).inject(frame);
        daemon.worker.receive_at(name);
    }
    void left_sends(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            inject("left", udp().from_mac(kSourceMac).to_mac(kDestinationMac).from(kWorkstation, 1).to(kWebServer, 1).bytes());
    }
    std::size_t sent(const std::string& name) { return memory(name).take_sent().size(); }
    void wait(Duration time) {
        advance_clocks(time);
        daemon.worker.tick();
    }
    json row(const std::string& name, const std::string& direction) {
        const json answer = daemon.ask("show.ports-impairment");
        for (const json& each : answer["rows"])
            if (each["port"] == name && each["direction"] == direction) return each;
        return nullptr;
    }
    json port_row(const std::string& name) {
        const json answer = daemon.ask("show.ports");
        for (const json& each : answer["rows"])
            if (each["name"] == name) return each;
        return nullptr;
    }
    std::uint64_t dropped(DropReason reason) { return daemon.worker.ledger().dropped_for(reason); }
    ~Cables() { EXPECT_EQ(daemon.worker.imbalance(), 0); }
};

TEST(Cables, ADelayIsSetWhileTrafficRunsAndThePortStays) {
    Cables lab;
    lab.left_sends(1);
    EXPECT_EQ(lab.sent("right"), 1U);
    const l2::Port* before = lab.daemon.worker.ports().at("right").port.get();
    lab.port("right")["impairment"]["out"]["delay"] = "100s";
    lab.commit();
    EXPECT_EQ(lab.daemon.worker.ports().at("right").port.get(), before) << "it was not opened anew";
    lab.left_sends(3);
    EXPECT_EQ(lab.sent("right"), 0U);
    EXPECT_EQ(lab.daemon.worker.held(), 3U);
    EXPECT_EQ(lab.daemon.worker.imbalance(), 0) << "what waits is in the books";
    lab.wait(99s);
    EXPECT_EQ(lab.sent("right"), 0U);
    lab.wait(1s);
    EXPECT_EQ(lab.sent("right"), 3U);
    const json row = lab.row("right", "out");
    EXPECT_EQ(row["settings"], json({{"delay", "100s"}}));
    EXPECT_EQ(row["packets"], 3);
    EXPECT_GE(row["delay_mean_us"].get<double>(), 100e6);
}

TEST(Cables, InIsWhatTheHostSends) {
    Cables lab;
    lab.port("left")["impairment"]["in"]["delay"] = "10s";
    lab.commit();
    lab.left_sends(1);
    EXPECT_EQ(lab.row("left", "in")["held"], 1);
    EXPECT_EQ(lab.row("left", "out")["held"], 0);
    lab.wait(10s);
    EXPECT_EQ(lab.sent("right"), 1U);
}

TEST(Cables, WhatIsTakenBackLosesNothing) {
    Cables lab;
    lab.port("right")["impairment"]["out"]["delay"] = "100s";
    lab.commit();
    lab.left_sends(5);
    lab.port("right").erase("impairment");
    lab.commit();
    EXPECT_EQ(lab.sent("right"), 5U) << "all of it has arrived";
    EXPECT_EQ(lab.row("right", "out"), nullptr);
}

TEST(Cables, ARefusedDocumentLeavesTheCableAsItWas) {
    Cables lab;
    lab.port("right")["impairment"]["out"]["delay"] = "10s";
    lab.commit();
    const json good = lab.document;
    lab.port("right")["impairment"]["out"]["delay"] = "1s";
    lab.document["hairpin:switch"]["port"].push_back(
        {{"name", "bad"}, {"segment", "lan"}, {"pcap", {{"read", "/nonexistent/file.pcap"}}}});
    EXPECT_FALSE(lab.daemon.configuration.replace(lab.document.dump(), lab.daemon.worker).has_value());
    EXPECT_EQ(lab.row("right", "out")["settings"], json({{"delay", "10s"}}));
    EXPECT_EQ(lab.daemon.configuration.document(), good);
}

TEST(Cables, APortsVlanIsChangedWhileItsDeviceStays) {
    Cables lab;
    lab.left_sends(3);
    EXPECT_EQ(lab.sent("right"), 3U);
    const l2::MemoryPort* const device = &lab.memory("right");
    const json counted = lab.port_row("right")["out_packets"];
    EXPECT_GE(counted, 3);
    for (const char* name : {"left", "right"}) lab.port(name)["vlan"]["access"] = 7;
    lab.commit();
    EXPECT_EQ(&lab.memory("right"), device);
    EXPECT_EQ(lab.port_row("right")["out_packets"], counted) << "its counters go on";
    lab.left_sends(2);
    EXPECT_EQ(lab.sent("right"), 2U);
    lab.port("right")["vlan"]["access"] = 8;
    lab.commit();
    lab.left_sends(2);
    EXPECT_EQ(lab.sent("right"), 0U);
}

TEST(Cables, ARefusedDocumentLeavesThePortInItsVlan) {
    Cables lab;
    lab.port("right")["vlan"]["access"] = 8;
    lab.document["hairpin:switch"]["port"].push_back(
        {{"name", "bad"}, {"segment", "lan"}, {"pcap", {{"read", "/nonexistent/file.pcap"}}}});
    EXPECT_FALSE(lab.daemon.configuration.replace(lab.document.dump(), lab.daemon.worker).has_value());
    lab.left_sends(2);
    EXPECT_EQ(lab.sent("right"), 2U);
}

TEST(Cables, APulledOneForgetsItsStationsAndCountsWhatComes) {
    Cables lab;
    lab.port("right")["state"] = "down";
    lab.commit();
    EXPECT_EQ(lab.port_row("right")["state"], "down");
    lab.inject("right", arp_request().from_mac(kDestinationMac).from(kWebServer).to(kWorkstation).bytes());
    EXPECT_EQ(lab.dropped(DropReason::port_down), 1U);
    lab.left_sends(1);  // to a station that is known no more: to everybody, and so to the pulled port as well
    EXPECT_EQ(lab.dropped(DropReason::port_down), 2U);
    EXPECT_EQ(lab.sent("right"), 0U);
    EXPECT_EQ(lab.row("right", "in")["while_down"], 1);
    EXPECT_EQ(lab.port_row("right")["drops"], 2);
    lab.port("right").erase("state");
    lab.commit();
    EXPECT_EQ(lab.port_row("right")["state"], "up");
    EXPECT_EQ(lab.port_row("right")["drops"], 2) << "what it has counted stays";
    lab.left_sends(1);
    EXPECT_EQ(lab.sent("right"), 1U);
}

TEST(Cables, AFlapFollowsItsSchedule) {
    Cables lab;
    lab.port("right")["flap"] = {{"up", "100s"}, {"down", "50s"}};
    lab.commit();
    EXPECT_EQ(lab.port_row("right")["state"], "up");
    lab.wait(100s);
    EXPECT_EQ(lab.port_row("right")["state"], "down");
    lab.wait(50s);
    EXPECT_EQ(lab.port_row("right")["state"], "up");
    EXPECT_EQ(lab.row("right", "out")["pulled"], 1);
}

TEST(Cables, ClearedFiguresBeginAnewAndTheLedgerGoesOn) {
    Cables lab;
    lab.port("right")["impairment"]["out"]["loss"] = "100%";
    lab.commit();
    lab.left_sends(4);
    EXPECT_EQ(lab.row("right", "out")["lost"], 4);
    lab.daemon.ask("clear.counters", {{"what", "ports"}});
    EXPECT_EQ(lab.row("right", "out")["lost"], 0);
    EXPECT_EQ(lab.port_row("right")["drops"], 0);
    EXPECT_EQ(lab.dropped(DropReason::impairment_loss), 4U);
}

TEST(Cables, APortThatGoesTakesWhatWaitsWithIt) {
    Cables lab;
    lab.port("right")["impairment"]["out"]["delay"] = "100s";
    lab.commit();
    lab.left_sends(2);
    const std::uint64_t before = lab.dropped(DropReason::port_detached);
    ASSERT_TRUE(lab.daemon.worker.remove_port("right").has_value());
    EXPECT_EQ(lab.dropped(DropReason::port_detached), before + 2);
}

}  // namespace
}  // namespace hairpin::runtime

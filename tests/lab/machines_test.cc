// Virtual machines: what their labels mean, what QEMU is told, and how their agent is spoken to.

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "lab/daemon_config.h"
#include "lab/machines/agent.h"
#include "lab/machines/boot.h"
#include "lab/machines/monitor.h"
#include "lab/machines/qemu.h"
#include "sample_topology.h"
#include "tests/support/temporary_folder.h"

namespace hairpin::lab {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Where one connects, as QEMU has it.
FileDescriptor listen_at(const std::string& path) {
    FileDescriptor listener{::socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    return listener;
}

const std::string kMachineNode =
    "    host:\n      kind: generic_vm\n      labels: {hairpin.kernel: guest/vmlinuz, hairpin.initrd: /guest/initrd, "
    "hairpin.mem: \"512\"}\n";

std::string sample_with_machine(const std::string& node = kMachineNode) {
    return sample_with("    host:\n      env: {COLOUR: blue}\n      exec: [\"echo __clabNodeName__\"]\n", node);
}
std::string complaint_about(const std::string& labels) {
    const auto read = read_sample(sample_with_machine("    host: {kind: generic_vm, labels: {" + labels + "}}\n"));
    return read ? "" : read.error().message;
}

Qemu qemu_of(unsigned major, unsigned minor) {
    return {.program = "qemu",
            .major = major,
            .minor = minor,
            .version = std::to_string(major) + "." + std::to_string(minor),
            .backends = {"stream", "dgram", "tap", "vde", "vhost-user"}};
}
MachinePort port_of_kind(const std::string& kind) {
    return {.name = "vm1",
            .kind = kind,
            .place = "/run/a",
            .remote = "/run/b",
            .network_namespace = "place",
            .mac = usual_mac("vm1"),
            .mtu = 1500};
}

TEST(Machines, AreReadByTheirLabels) {
    const auto read = read_sample(sample_with_machine());
    ASSERT_TRUE(read) << read.error().message;
    const Node& node = *read->find("host");
    EXPECT_EQ(node.role, NodeRole::machine);
    EXPECT_EQ(node.machine.kernel, "guest/vmlinuz");
    EXPECT_EQ(node.machine.memory_mebibytes, 512U);
    EXPECT_EQ(node.machine.netdev, "dgram");
    EXPECT_TRUE(node.machine.has_agent);
    EXPECT_EQ(node.environment.at("COLOUR"), "red");
}

TEST(Machines, WhatIsWrongWithLabelsIsTold) {
    EXPECT_THAT(complaint_about(""), HasSubstr("has nothing to boot"));
    EXPECT_THAT(complaint_about("hairpin.initrd: x, hairpin.disk: y"), HasSubstr("has no hairpin.kernel"));
    EXPECT_THAT(complaint_about("hairpin.kernel: x, hairpin.netdev: user"),
                HasSubstr("expected one of dgram, stream, vde, tap, vhost-user"));
    EXPECT_THAT(complaint_about("hairpin.kernel: x, hairpin.mem: lots"), HasSubstr("expected a number from 32"));
    EXPECT_THAT(complaint_about("hairpin.kernel: x, hairpin.role: gateway"),
                HasSubstr("of a virtual machine (expected hairpin.disk"));
    EXPECT_THAT(complaint_about("hairpin.kernel: x, hairpin.agent: perhaps"), HasSubstr("expected yes or no"));
    EXPECT_THAT(complaint_about("hairpin.disk: x"), IsEmpty());
}

TEST(Machines, HaveAPortOfTheirBackendsKind) {
    const auto port = [](const std::string& netdev) {
        const auto read = read_sample(
            sample_with_machine("    host: {kind: generic_vm, labels: {hairpin.kernel: x, hairpin.netdev: " + netdev + "}}\n"));
        const auto config =
            daemon_config(*read, R"({"hairpin:gateway": {"interface": [{"name": "uplink"}, {"name": "lan", "vlan": 10}]}})");
        EXPECT_TRUE(config) << config.error().message;
        return nlohmann::json::parse(config->text)["hairpin:switch"]["port"][0];
    };
    EXPECT_EQ(port("dgram"), nlohmann::json::parse(R"({"name": "host", "segment": "lan", "vlan": {"access": 10}, "dgram": {
        "socket": "/run/hairpin/labs/sample/vm/host.sock", "remote": "/run/hairpin/labs/sample/vm/host.qemu", "mtu": 1400}})"));
    EXPECT_EQ(port("vde")["vde"]["folder"], "/run/hairpin/labs/sample/vm/host.sock");
    EXPECT_EQ(port("vhost-user")["vhost-user"],
              nlohmann::json::parse(R"({"socket": "/run/hairpin/labs/sample/vm/host.sock", "mtu": 1400})"));
    EXPECT_EQ(port("tap")["netdev"], nlohmann::json::parse(R"({"device": "eth1", "namespace": "hp-sample-host", "mtu": 1400})"));
}

TEST(Machines, QemuIsToldHowTheyBootAndWhereTheyArePluggedIn) {
    auto read = read_sample(sample_with_machine());
    ASSERT_TRUE(read) << read.error().message;
    read->folder = "/labs";
    const auto words = qemu_words(*read, *read->find("host"), qemu_of(7, 2));
    ASSERT_TRUE(words) << words.error().message;
    EXPECT_THAT(*words, Contains("tcg"));
    EXPECT_THAT(*words, Contains("/labs/guest/vmlinuz"));
    EXPECT_THAT(*words, Contains("/guest/initrd"));
    EXPECT_THAT(*words, Contains(HasSubstr("hairpin.name=host hairpin.if=eth1,02:00:00:00:00:02,192.0.2.2/24,192.0.2.1,1400")));
    EXPECT_THAT(*words, Contains("virtio-net-pci,netdev=net-host,mac=02:00:00:00:00:02,host_mtu=1400"));
    EXPECT_THAT(*words,
                Contains("dgram,id=net-host,local.type=unix,local.path=/run/hairpin/labs/sample/vm/host.qemu,remote.type=unix,"
                         "remote.path=/run/hairpin/labs/sample/vm/host.sock"));
    EXPECT_THAT(*words, Not(Contains(::testing::StartsWith("user"))));
    Qemu with_kvm = qemu_of(7, 2);
    with_kvm.kvm = true;
    EXPECT_THAT(*qemu_words(*read, *read->find("host"), with_kvm), Contains("kvm"));
    EXPECT_THAT(*words, Not(Contains("-numa")));
}

TEST(Qemu, IsKnownByWhatItSays) {
    const auto qemu = read_qemu("qemu", "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright (c)\n",
                                "Available netdev backend types:\nsocket\nstream\ndgram\n");
    ASSERT_TRUE(qemu.has_value());
    EXPECT_EQ(qemu->version, "7.2.22");
    EXPECT_TRUE(qemu->at_least(7, 2));
    EXPECT_FALSE(qemu->at_least(8, 0));
    EXPECT_FALSE(qemu->at_least(7, 10));
    EXPECT_THAT(qemu->backends, ElementsAre("socket", "stream", "dgram"));
    EXPECT_EQ(read_qemu("qemu", "QEMU emulator version 10.0.2\n", "")->major, 10U);
    for (const char* other : {"", "busybox v1.35", "version ", "version x.y", "version 7"})
        EXPECT_FALSE(read_qemu("other", other, "")) << other;
}

TEST(Qemu, HasARowForEachKindOfPort) {
    const auto words = [](const std::string& kind, const Qemu& qemu) {
        return arguments_for(port_of_kind(kind), qemu)->words[1];
    };
    EXPECT_EQ(words("dgram", qemu_of(7, 2)),
              "dgram,id=net-vm1,local.type=unix,local.path=/run/b,remote.type=unix,remote.path=/run/a");
    EXPECT_EQ(words("stream", qemu_of(7, 2)), "stream,id=net-vm1,server=off,addr.type=unix,addr.path=/run/a");
    EXPECT_THAT(arguments_for(port_of_kind("stream"), qemu_of(7, 2))->remarks, ElementsAre(HasSubstr("connects once")));
    EXPECT_EQ(words("stream", qemu_of(8, 0)), "stream,id=net-vm1,server=off,addr.type=unix,addr.path=/run/a,reconnect=1");
    EXPECT_EQ(words("stream", qemu_of(9, 2)), "stream,id=net-vm1,server=off,addr.type=unix,addr.path=/run/a,reconnect-ms=500");
    EXPECT_THAT(arguments_for(port_of_kind("stream"), qemu_of(10, 0))->remarks, IsEmpty());
    EXPECT_EQ(words("vde", qemu_of(7, 2)), "vde,id=net-vm1,sock=/run/a");
    EXPECT_EQ(words("netdev", qemu_of(7, 2)), "tap,id=net-vm1,ifname=/run/a,script=no,downscript=no,vnet_hdr=on");
    EXPECT_THAT(arguments_for(port_of_kind("netdev"), qemu_of(7, 2))->remarks, ElementsAre(HasSubstr("ip netns exec place")));

    EXPECT_THAT(arguments_for(port_of_kind("tap"), qemu_of(7, 2)).error().message,
                HasSubstr("one of dgram, stream, vde, netdev and vhost-user"));
    Qemu old = qemu_of(6, 2);
    old.backends = {"socket"};
    EXPECT_THAT(arguments_for(port_of_kind("dgram"), old).error().message, HasSubstr("has no backend dgram"));
    MachinePort odd = port_of_kind("vde");
    odd.place = "/run/a,b";
    EXPECT_EQ(arguments_for(odd, qemu_of(7, 2))->words[1], "vde,id=net-vm1,sock=/run/a,,b");
}

TEST(Qemu, SharesTheMemoryOfAMachineByVhostUser) {
    const auto told = [](const Qemu& qemu, bool qemu_listens = false) {
        MachinePort port = port_of_kind("vhost-user");
        port.qemu_listens = qemu_listens;
        return arguments_for(port, qemu).value();
    };
    EXPECT_THAT(told(qemu_of(7, 2)).words, ElementsAre("-chardev", "socket,id=channel-vm1,path=/run/a,reconnect=1", "-netdev",
                                                       "vhost-user,id=net-vm1,chardev=channel-vm1", "-device",
                                                       "virtio-net-pci,netdev=net-vm1,mac=" + usual_mac("vm1").to_string() +
                                                           ",rx_queue_size=1024,vectors=0"));
    EXPECT_THAT(told(qemu_of(7, 2)).remarks, ElementsAre(HasSubstr("KVM")));
    EXPECT_THAT(told(qemu_of(9, 2)).words[1], ::testing::EndsWith(",reconnect-ms=500"));
    EXPECT_THAT(told(qemu_of(7, 2), true).words[1], ::testing::EndsWith(",server=on,wait=off"));
    Qemu with_kvm = qemu_of(7, 2);
    with_kvm.kvm = true;
    EXPECT_THAT(told(with_kvm).words.back(), Not(HasSubstr("vectors")));
    EXPECT_THAT(told(with_kvm).remarks, IsEmpty());
    EXPECT_TRUE(told(with_kvm).shares_memory);
    EXPECT_FALSE(arguments_for(port_of_kind("dgram"), with_kvm)->shares_memory);
    EXPECT_THAT(shared_memory(192),
                ElementsAre("-object", "memory-backend-memfd,id=memory,size=192M,share=on", "-numa", "node,memdev=memory"));
}

// However many such ports a machine has, its memory is one.
TEST(Machines, ShareTheirMemoryOnce) {
    std::string text = sample_with_machine(
        "    host: {kind: generic_vm, labels: {hairpin.kernel: x, hairpin.netdev: vhost-user, hairpin.mem: \"512\"}}\n");
    text += "    - endpoints: [\"lan:second\", \"host:eth2\"]\n";
    const auto read = read_sample(text);
    ASSERT_TRUE(read) << read.error().message;
    const auto words = qemu_words(*read, *read->find("host"), qemu_of(7, 2));
    ASSERT_TRUE(words) << words.error().message;
    EXPECT_EQ(std::count(words->begin(), words->end(), "-netdev"), 2);
    EXPECT_EQ(std::count(words->begin(), words->end(), "-object"), 1);
    EXPECT_THAT(*words, Contains("memory-backend-memfd,id=memory,size=512M,share=on"));
}

// A monitor of a few lines: it greets, tells of an event in between, and refuses what it does not have.
TEST(Monitor, PullsACable) {
    hairpin::testing::TemporaryFolder folder;
    const std::string path = folder.path() + "/qmp";
    const FileDescriptor listener = listen_at(path);
    std::vector<std::string> asked;
    std::thread qemu{[&] {
        for (const char* answer :
             {R"({"return": {}})", R"({"error": {"class": "DeviceNotFound", "desc": "Device 'net-x' not found"}})"}) {
            const FileDescriptor client{::accept(listener.get(), nullptr, nullptr)};
            const auto say = [&](const std::string& text) {
                EXPECT_GT(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL), 0);
            };
            const auto line = [&] {
                std::string text;
                for (char byte = 0; ::recv(client.get(), &byte, 1, 0) == 1 && byte != '\n';) text += byte;
                return text;
            };
            say("{\"QMP\": {\"version\": {}}}\r\n");
            asked.push_back(line());
            say("{\"return\": {}}\r\n{\"event\": \"RESUME\"}\r\n");
            asked.push_back(line());
            say(std::string{answer} + "\r\n");
        }
    }};
    EXPECT_TRUE(set_link(path, "net-vm1", false));
    EXPECT_THAT(set_link(path, "net-x", true).error().message, HasSubstr("Device 'net-x' not found"));
    qemu.join();
    ASSERT_EQ(asked.size(), 4U);
    EXPECT_EQ(nlohmann::json::parse(asked[0])["execute"], "qmp_capabilities");
    EXPECT_EQ(nlohmann::json::parse(asked[1]),
              nlohmann::json::parse(R"({"execute": "set_link", "arguments": {"name": "net-vm1", "up": false}})"));
    EXPECT_EQ(nlohmann::json::parse(asked[3])["arguments"]["up"], true);
}

TEST(Qemu, AMacIsAPortsOwn) {
    EXPECT_EQ(usual_mac("vm1"), usual_mac("vm1"));
    EXPECT_NE(usual_mac("vm1"), usual_mac("vm2"));
    EXPECT_EQ(usual_mac("vm1").to_string().substr(0, 8), "52:54:00");
}

TEST(Agent, Base64GoesBothWays) {
    EXPECT_EQ(to_base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");  // RFC 4648 has shorter ones
    std::string text;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from_base64(to_base64(text)), text);
        text += static_cast<char>(i * 7);
    }
    for (const char* none : {"a", "ab=", "a===", "ab*=", "====", "=abc"}) EXPECT_FALSE(from_base64(none)) << none;
}

// A guest of a few lines: whatever it is asked, it answers to somebody who has gone, and then to who asks.
TEST(Agent, AnswersAreToldApartByTheirIds) {
    hairpin::testing::TemporaryFolder folder;
    const std::string path = folder.path() + "/agent";
    const FileDescriptor listener = listen_at(path);
    std::thread guest{[&] {
        const FileDescriptor client{::accept(listener.get(), nullptr, nullptr)};
        const auto say = [&](const std::string& text) {
            EXPECT_GT(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL), 0);
        };
        say("noise\r\nready\r\n");
        std::string asked;
        while (asked.size() < 2 || asked.back() != '\n') {
            char byte = 0;
            if (::recv(client.get(), &byte, 1, 0) != 1) return;
            asked += byte;
        }
        const std::string id = asked.substr(1, asked.find(' ') - 1);
        say("12.34 0 =" + to_base64("for another") + " =\r\nhalf a li");
        say("ne\n" + id + " 7 =" + to_base64("out") + " =" + to_base64("err") + "\n");
    }};
    auto agent = Agent::connect(path, std::chrono::seconds{5});
    ASSERT_TRUE(agent) << agent.error().message;
    EXPECT_TRUE(agent->wait_until_ready(std::chrono::seconds{5}));
    const auto done = agent->run("true", std::chrono::seconds{5});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->status, 7);
    EXPECT_EQ(done->output, "out");
    EXPECT_EQ(done->error_output, "err");
    guest.join();
    EXPECT_THAT(agent->run("true", std::chrono::seconds{5}).error().message, HasSubstr("has ended"));
}

TEST(Agent, WhoIsNotThereIsToldInASentence) {
    EXPECT_THAT(Agent::connect("/nowhere/agent", std::chrono::milliseconds{0}).error().message,
                HasSubstr("/nowhere/agent: No such file"));
}

}  // namespace
}  // namespace hairpin::lab

// What is written as pcapng is read again as it was meant.

#include "runtime/capture/pcapng.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdio>
#include <memory>

#include "tests/runtime/capture/pcapng_reader.h"

namespace hairpin::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using testing::PcapngReader;
using ::testing::SizeIs;

std::span<const std::byte> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string begun(std::initializer_list<const char*> interfaces) {
    std::string file;
    pcapng::put_section(file, {"x86_64", "Linux", "hairpin"});
    for (const char* name : interfaces) pcapng::put_interface(file, {name, "", "", 0});
    return file;
}

TEST(Pcapng, BeginsWithWhoWroteItAndWhere) {
    std::string file;
    pcapng::put_section(file, {"x86_64", "Linux 6.1", "hairpin 0.1.0"});
    pcapng::put_interface(file, {"workstation", "port of segment lan", "tcp port 80", 96});
    const PcapngReader read{file};
    EXPECT_EQ(read.hardware, "x86_64");
    EXPECT_EQ(read.system, "Linux 6.1");
    EXPECT_EQ(read.application, "hairpin 0.1.0");
    ASSERT_THAT(read.interfaces, SizeIs(1));
    EXPECT_EQ(read.interfaces[0].name, "workstation");
    EXPECT_EQ(read.interfaces[0].description, "port of segment lan");
    EXPECT_EQ(read.interfaces[0].filter, "tcp port 80");
    EXPECT_EQ(read.interfaces[0].snap_length, 96U);
    EXPECT_EQ(read.interfaces[0].time_resolution, 9);
}

TEST(Pcapng, NamesAddressesAndTellsStatistics) {
    std::string file = begun({"lan", "uplink"});
    const std::vector<pcapng::Name> names{{Ipv4Address{192, 0, 2, 1}, "workstation"}, {Ipv4Address{192, 0, 2, 20}, "web"}};
    pcapng::put_names(file, names);
    pcapng::put_statistics(
        file, {.interface = 1, .begun = pcapng::WallTime{5}, .ended = pcapng::WallTime{9}, .received = 7, .lost = 2});
    const PcapngReader read{file};
    EXPECT_THAT(read.names, ElementsAre(Pair("192.0.2.1", "workstation"), Pair("192.0.2.20", "web")));
    EXPECT_EQ(read.statistics.at("uplink").received, 7U);
    EXPECT_EQ(read.statistics.at("uplink").lost, 2U);
    EXPECT_FALSE(read.statistics.contains("lan"));
}

TEST(Pcapng, ATextThatIsTooLongIsCut) {
    std::string file = begun({"lan"});
    const std::string comment(70'000, 'x');
    pcapng::put_packet(file, {.comment = comment});
    EXPECT_EQ(PcapngReader{file}.packets.at(0).comment, std::string(pcapng::kLongestText, 'x'));
}

RC_GTEST_PROP(Pcapng, AnyPacketIsReadBackAsItWas, (const std::string& frame, const std::string& text)) {
    const auto interface = *rc::gen::inRange<std::uint32_t>(0, 3);
    const auto direction = *rc::gen::element(pcapng::Direction::unknown, pcapng::Direction::inbound, pcapng::Direction::outbound);
    const auto time = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 62);
    const auto beyond = *rc::gen::inRange<std::uint32_t>(0, 70'000);
    const auto lost = *rc::gen::arbitrary<std::uint64_t>(), id = *rc::gen::arbitrary<std::uint64_t>();
    const auto length = static_cast<std::uint32_t>(frame.size()) + beyond;

    std::string file = begun({"a", "b", "c"});
    pcapng::put_packet(file, {interface, pcapng::WallTime{time}, length, bytes_of(frame), direction, id, lost, text});
    pcapng::put_packet(file, {});
    const PcapngReader read{file};
    RC_ASSERT(read.packets.size() == 2U);
    const PcapngReader::Packet& packet = read.packets[0];
    RC_ASSERT(packet.interface == std::string(1, static_cast<char>('a' + interface)));
    RC_ASSERT(packet.nanoseconds == static_cast<std::uint64_t>(time));
    RC_ASSERT(packet.bytes == frame);
    RC_ASSERT(packet.length == length);
    RC_ASSERT(packet.flags == static_cast<std::uint32_t>(direction));
    RC_ASSERT(packet.packet_id == id);
    RC_ASSERT(packet.lost == lost);
    RC_ASSERT(packet.comment == text);
}

TEST(Pcapng, LibpcapReadsItToo) {
    std::string file = begun({"lan"});
    const std::string frame(60, '\x2a');
    pcapng::put_packet(
        file, {.time = pcapng::WallTime{1'700'000'000'123'456'789}, .length = 60, .bytes = bytes_of(frame), .comment = "one"});
    pcapng::put_packet(file, {.length = 1500, .bytes = bytes_of(frame)});
    FILE* stream = fmemopen(file.data(), file.size(), "r");  // is closed with what reads it
    std::array<char, PCAP_ERRBUF_SIZE> problem{};
    pcap_t* opened = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, problem.data());
    ASSERT_NE(opened, nullptr) << problem.data();
    const std::unique_ptr<pcap_t, void (*)(pcap_t*)> reader{opened, pcap_close};
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    ASSERT_EQ(pcap_next_ex(opened, &header, &bytes), 1);
    EXPECT_EQ(header->caplen, 60U);
    EXPECT_EQ(header->ts.tv_usec, 123'456'789);
    ASSERT_EQ(pcap_next_ex(opened, &header, &bytes), 1);
    EXPECT_EQ(header->len, 1500U);
    EXPECT_EQ(pcap_next_ex(opened, &header, &bytes), PCAP_ERROR_BREAK);
}

}  // namespace
}  // namespace hairpin::runtime

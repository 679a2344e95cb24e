// What is remembered, on the disk.
#include "docker/record_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/temporary_folder.h"

namespace hairpin::docker {
namespace {

using ::testing::HasSubstr;

Records some() {
    Records records;
    records.networks["n"] = {.segment = "lan",
                             .interface = "lan",
                             .subnet = "192.168.1.0/24",
                             .address = "192.168.1.1/24",
                             .uplink = "up",
                             .number = 7};
    records.endpoints["e"] = {
        .network = "n",
        .address = "192.168.1.10/24",
        .mac = "02:00:00:00:00:0a",
        .port = "lan-192.168.1.10",
        .device = "hp1",
        .sandbox = "/run/x",
        .published = {{.rule = 1, .protocol = "udp", .host_address = "203.0.113.80", .host_port = 53, .port = 5353}}};
    records.segments = {"lan"};
    records.leftover_devices = {"hp2"};
    return records;
}

TEST(RecordFile, IsReadAsItWasWritten) {
    const auto read = read_records(text_of(some()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(text_of(*read), text_of(some()));
    EXPECT_EQ(read->endpoints.at("e").published.at(0).host_port, 53);
    EXPECT_EQ(read->networks.at("n").uplink, "up");
}

TEST(RecordFile, IsKeptAndFoundAgain) {
    const testing::TemporaryFolder folder;
    const std::string file = folder.path() + "/deeper/docker.json";
    EXPECT_TRUE(load_records(file)->networks.empty());
    ASSERT_TRUE(keep_records(file, some()));
    EXPECT_EQ(text_of(*load_records(file)), text_of(some()));
}

TEST(RecordFile, IsNotBelievedWhenItIsNone) {
    EXPECT_FALSE(read_records(""));
    EXPECT_FALSE(read_records("{}"));
    EXPECT_FALSE(read_records("[1]"));
    EXPECT_THAT(read_records(R"({"version": 2})").error().message, HasSubstr("version 2"));
    std::string text = text_of(some());
    text.replace(text.find("\"network\": \"n\""), 14, "\"network\": \"m\"");
    EXPECT_THAT(read_records(text).error().message, HasSubstr("of no network"));
}

}  // namespace
}  // namespace hairpin::docker

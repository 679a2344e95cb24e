// LLDP as it is sent: bytes that IEEE 802.1AB asks for, when, and what must not be.
#include "switch/lldp.h"

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <string>

#include "feature_lab.h"

namespace hairpin::l2 {
namespace {

using namespace std::chrono_literals;
using testing::Bytes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LldpTest : public FeatureLab {
protected:
    LldpTest() {
        bridge_.set_lldp({.chassis = kAlice, .name = "core", .description = "Hairpin, of a test"});
        bridge_.name_port(a_, "uplink", "port uplink of segment lan");
        bridge_.set_features(a_, {.lldp = true});
    }
    Sent tick() {
        bridge_.tick(now_, out_);
        return collect();
    }
    // The TLVs of a frame, by type; a type that is there twice fails.
    static std::map<unsigned, std::string> tlvs(const Bytes& frame) {
        std::map<unsigned, std::string> found;
        std::size_t at = 14;
        while (at + 2 <= frame.size()) {
            const unsigned header = static_cast<unsigned>(frame[at]) << 8 | static_cast<unsigned>(frame[at + 1]);
            const std::size_t length = header & 0x1ff;
            at += 2;
            EXPECT_LE(at + length, frame.size());
            std::string value;
            for (std::size_t i = 0; i < length; ++i) value += static_cast<char>(frame[at + i]);
            EXPECT_TRUE(found.emplace(header >> 9, value).second);
            at += length;
            if (header == 0) break;
        }
        return found;
    }
    PortId a_ = add_port(), b_ = add_port(trunk({10}));
};

TEST_F(LldpTest, TellsWhoWeAre) {
    const Sent sent = tick();
    ASSERT_THAT(ports_of(sent), ElementsAre(a_));
    const Bytes& frame = sent.begin()->second;
    EXPECT_EQ(Bytes(frame.begin(), frame.begin() + 6),
              (Bytes{std::byte{1}, std::byte{0x80}, std::byte{0xc2}, std::byte{0}, std::byte{0}, std::byte{0x0e}}));
    EXPECT_EQ(frame[12], std::byte{0x88});
    EXPECT_EQ(frame[13], std::byte{0xcc});
    const auto told = tlvs(frame);
    EXPECT_EQ(told.at(1), std::string("\4\2\0\0\0\0\xaa", 7)) << "a MAC";
    EXPECT_EQ(told.at(2), "\5uplink") << "an interface name";
    EXPECT_EQ(told.at(3), std::string("\0\x79", 2)) << "121 s";
    EXPECT_EQ(told.at(4), "port uplink of segment lan");
    EXPECT_EQ(told.at(5), "core");
    EXPECT_EQ(told.at(6), "Hairpin, of a test");
    EXPECT_EQ(told.at(7), std::string("\0\x14\0\x14", 4)) << "a bridge and a router";
    EXPECT_EQ(told.at(0), "");
    EXPECT_EQ(ledger_.originated, 1u);
}

TEST_F(LldpTest, EachThirtySeconds) {
    tick();
    now_ += 29s;
    EXPECT_THAT(tick(), IsEmpty());
    now_ += 1s;
    EXPECT_THAT(ports_of(tick()), ElementsAre(a_));
}

TEST_F(LldpTest, UntaggedWhateverThePortCarries) {
    tick();
    bridge_.name_port(b_, "b", "");
    bridge_.set_features(b_, {.lldp = true});
    const Sent sent = tick();
    ASSERT_THAT(ports_of(sent), ElementsAre(b_));
    EXPECT_EQ(sent.begin()->second[12], std::byte{0x88});
}

TEST_F(LldpTest, SaysWhenItEnds) {
    tick();
    bridge_.set_features(a_, {});
    const Sent sent = tick();
    ASSERT_THAT(ports_of(sent), ElementsAre(a_));
    const auto told = tlvs(sent.begin()->second);
    EXPECT_EQ(told.at(3), std::string(2, '\0'));
    EXPECT_EQ(told.count(5), 0u);
    now_ += 1h;
    EXPECT_THAT(tick(), IsEmpty());
}

TEST_F(LldpTest, APortThatGoesSaysNothing) {
    tick();
    bridge_.remove_port(a_);
    now_ += 1h;
    EXPECT_THAT(tick(), IsEmpty());
}

TEST_F(LldpTest, NamesThatAreTooLongAreCut) {
    bridge_.set_lldp({.chassis = kAlice, .name = std::string(1000, 'n'), .description = std::string(300, 'd')});
    const auto told = tlvs(tick().begin()->second);
    EXPECT_EQ(told.at(5).size(), Lldp::kLongestText);
    EXPECT_EQ(told.at(6).size(), Lldp::kLongestText);
}

TEST_F(LldpTest, WhatANeighbourTellsGoesNowhere) {
    const Sent own = tick();
    EXPECT_THAT(forward(a_, pool_.make(own.begin()->second)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::link_local_control), 1u);
}

}  // namespace
}  // namespace hairpin::l2

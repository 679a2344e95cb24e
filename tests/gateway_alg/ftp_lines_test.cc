// The lines in which FTP says where data are awaited.

#include "gateway/alg/ftp_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hairpin::gateway {
namespace {

constexpr Ipv4Address kOwn{192, 168, 255, 2};

TEST(FtpLines, SayWhereDataAreAwaited) {
    for (const char* line : {"PORT 192,168,255,2,195,90", "port 192,168,255,2,195,90", "EPRT |1|192.168.255.2|50010|",
                             "Eprt !1!192.168.255.2!50010!"}) {
        const auto found = read_ftp_command(line);
        ASSERT_TRUE(found) << line;
        EXPECT_EQ(found->address, kOwn) << line;
        EXPECT_EQ(found->port, L4Port{50010}) << line;
        EXPECT_FALSE(read_ftp_reply(line)) << line;
    }
    for (const char* line : {"227 Entering Passive Mode (192,168,255,2,195,90)",
                             "227 Entering Passive Mode (192,168,255,2,195,90).", "227 =192,168,255,2,195,90"}) {
        const auto found = read_ftp_reply(line);
        ASSERT_TRUE(found) << line;
        EXPECT_EQ(found->address, kOwn) << line;
        EXPECT_EQ(found->port, L4Port{50010}) << line;
    }
    const auto extended = read_ftp_reply("229 Entering Extended Passive Mode (|||50010|)");
    ASSERT_TRUE(extended);
    EXPECT_FALSE(extended->address);
    EXPECT_EQ(extended->port, L4Port{50010});
}

TEST(FtpLines, ThatAreNotExactlySoSayNothing) {
    for (const char* line : {"",
                             "PORT",
                             "PORT ",
                             "PORTS 192,168,255,2,195,90",
                             "PORT 192,168,255,2,195",
                             "PORT 192,168,255,2,195,90,1",
                             "PORT 192,168,255,2,195,256",
                             "PORT 192,168,255,2,195,090",
                             "PORT 192,168,255,2,195,90 ",
                             "PORT  192,168,255,2,195,90",
                             "PORT 192.168.255.2,195,90",
                             "PORT 192,168,255,,195,90",
                             "XPORT 192,168,255,2,195,90",
                             "EPRT |2|::1|50010|",
                             "EPRT |1|192.168.255.2|65536|",
                             "EPRT |1|192.168.255.2|50010",
                             "EPRT |1|192.168.255|50010|",
                             "EPRT 11192.168.255.2150010",
                             "EPRT |1|192.168.255.2|50010|x",
                             "EPRT |1|192.168.255.2!50010|"})
        EXPECT_FALSE(read_ftp_command(line)) << line;
    for (const char* line :
         {"227", "227 ", "227 Entering", "227-Entering Passive Mode (192,168,255,2,195,90)",
          "226 Entering Passive Mode (192,168,255,2,195,90)", "227 Passive (1,2,3,4,5)", "229 Entering (||50010|)",
          "229 Entering (|||50010)", "229 Entering |||50010|", "229 Entering (1112)"})
        EXPECT_FALSE(read_ftp_reply(line)) << line;
}

TEST(FtpLines, KnowAClientByItsVerbs) {
    for (const char* line : {"USER me", "quit", "PORT 1", "Opts utf8 on"}) EXPECT_TRUE(is_ftp_command(line)) << line;
    for (const char* line : {"", "POST / HTTP/1.1", "GET / HTTP/1.1", "Host: x", "USERS", "USE", "OPTIONS * HTTP/1.1"})
        EXPECT_FALSE(is_ftp_command(line)) << line;
}

RC_GTEST_PROP(FtpLines, AreReadAsTheyAreWritten, (std::uint32_t number, std::uint16_t port, bool extended)) {
    const Ipv4Address other{number};
    const std::string line = extended ? "EPRT |1|10.0.0.1|7|" : "PORT 10,0,0,1,0,7";
    const auto found = read_ftp_command(line);
    RC_ASSERT(found);
    const std::string rewritten =
        line.substr(0, found->at) + found->with(other, L4Port{port}) + line.substr(found->at + found->length);
    const auto again = read_ftp_command(rewritten);
    RC_ASSERT(again);
    RC_ASSERT(again->address == other);
    RC_ASSERT(again->port == L4Port{port});
}

RC_GTEST_PROP(FtpLines, OfAnyBytesStayWithinThem, (const std::string& noise, std::uint8_t where, char what)) {
    std::string line = "227 Entering Passive Mode (192,168,255,2,195,90)";
    line[where % line.size()] = what;
    for (const std::string& text : {noise, "PORT " + noise, "EPRT " + noise, "227 " + noise, "229 (" + noise, line}) {
        for (const auto& found : {read_ftp_command(text), read_ftp_reply(text)}) {
            if (!found) continue;
            RC_ASSERT(found->length > 0U);
            RC_ASSERT(found->at + found->length <= text.size());
        }
        is_ftp_command(text);
    }
}

}  // namespace
}  // namespace hairpin::gateway

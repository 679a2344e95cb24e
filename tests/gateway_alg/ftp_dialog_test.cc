// Who is listened to.

#include "gateway/alg/ftp_dialog.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace hairpin::gateway {
namespace {

using Heard = FtpDialog::Heard;
constexpr Direction kClient = Direction::original, kServer = Direction::reply;

class Conversation {
public:
    explicit Conversation(bool greeted = true) {
        dialog.begin(kClient, next_[0]);
        dialog.begin(kServer, next_[1]);
        if (greeted) says(kServer, "220 hello\r\n");
    }
    FtpDialog::Hearing says(Direction side, std::string_view text) {
        const auto hearing = dialog.hear(side, next_[index_of(side)], std::as_bytes(std::span{text}));
        next_[index_of(side)] += static_cast<std::uint32_t>(text.size());
        return hearing;
    }
    FtpDialog dialog;

private:
    std::uint32_t next_[2] = {0xffff'fff0, 77};
};

TEST(FtpDialog, HearsWhatStandsInASegment) {
    Conversation talk;
    const auto heard = talk.says(kClient, "NOOP\r\nPORT 10,0,0,1,4,0\r\n");
    ASSERT_EQ(heard.heard, Heard::announcement);
    EXPECT_EQ(heard.announcement.at, 11U) << "counted from the segment's first byte";
    EXPECT_EQ(talk.says(kClient, "PORT 10,0,0,1,4,0\r\nPORT 10,0,0,1,4,1\r\n").heard, Heard::split);
    EXPECT_EQ(talk.says(kClient, "PORT 10,0,0,1,4,0").heard, Heard::split);
    EXPECT_EQ(talk.says(kClient, "\r\n").heard, Heard::nothing);
    EXPECT_EQ(talk.says(kClient, "PORT 10,0,0,1,4,0\r\n").heard, Heard::announcement);
}

TEST(FtpDialog, HearsAServersAnswerToWhatItWasAsked) {
    Conversation talk;
    EXPECT_EQ(talk.says(kServer, "227 x (10,0,0,1,4,0)\r\n").heard, Heard::nothing);
    talk.says(kClient, "PASV\r\n");
    EXPECT_EQ(talk.says(kServer, "229 x (|||1024|)\r\n").heard, Heard::nothing);
    EXPECT_EQ(talk.says(kServer, "227 x (10,0,0,1,4,0)\r\n").heard, Heard::announcement);
    EXPECT_EQ(talk.says(kServer, "227 x (10,0,0,1,4,0)\r\n").heard, Heard::nothing) << "once";
    talk.says(kClient, "EPSV\r\n");
    EXPECT_EQ(talk.says(kServer, "229 x (|||1024|)\r\n").heard, Heard::announcement);
}

TEST(FtpDialog, StopsWhereItIsNoFtp) {
    EXPECT_EQ(Conversation{false}.says(kClient, "USER me\r\n").heard, Heard::stopped) << "before the greeting";
    EXPECT_EQ(Conversation{false}.says(kServer, "SSH-2.0\r\n").heard, Heard::stopped);
    EXPECT_EQ(Conversation{}.says(kClient, "GET / HTTP/1.0\r\n").heard, Heard::stopped);
    EXPECT_EQ(Conversation{}.says(kClient, "GE").heard, Heard::stopped) << "its beginning alone";
    EXPECT_EQ(Conversation{}.says(kClient, "AUTH TLS\r\n").heard, Heard::stopped) << "what follows is encrypted";
    Conversation talk;
    const std::string line = "PORT 10,0,0,1,4,0\r\n";
    EXPECT_EQ(talk.dialog.hear(kClient, 5000, std::as_bytes(std::span{line})).heard, Heard::stopped) << "behind a gap";
    EXPECT_EQ(talk.says(kClient, line).heard, Heard::nothing) << "and for good";
    FtpDialog middle;
    EXPECT_EQ(middle.hear(kClient, 0, std::as_bytes(std::span{line})).heard, Heard::stopped) << "its beginning was not seen";
}

TEST(FtpDialog, HearsNothingTwice) {
    Conversation talk;
    const std::string line = "PORT 10,0,0,1,4,0\r\n";
    EXPECT_EQ(talk.says(kClient, line).heard, Heard::announcement);
    EXPECT_EQ(talk.dialog.hear(kClient, 0xffff'fff0, std::as_bytes(std::span{line})).heard, Heard::nothing);
    EXPECT_TRUE(talk.dialog.listens());
}

// Of a client that says anything before, between or instead, nothing is taken but whole commands behind commands.
RC_GTEST_PROP(FtpDialog, TakesNothingBehindWhatIsNoCommand, (const std::string& noise, bool newline)) {
    Conversation talk;
    const std::string first = noise + (newline ? "\r\n" : "");
    const bool command = !noise.empty() && is_ftp_command(noise.substr(0, noise.find('\n')));
    const char begins = first.empty() ? '\n' : first[0];
    RC_PRE(!command && begins != '\xff' && begins != '\n');
    talk.says(kClient, first);
    RC_ASSERT(talk.says(kClient, "PORT 10,0,0,1,4,0\r\n").heard != Heard::announcement);
}

}  // namespace
}  // namespace hairpin::gateway

#include "runtime/control_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "control/client.h"

namespace hairpin::runtime {
namespace {

using nlohmann::json;

// A socket in a folder of its own, served by this thread while `client` runs on another.
class ControlSocketTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::signal(SIGPIPE, SIG_IGN);  // as hairpind does: who reads may go at any time
        char name[] = "/tmp/hairpin-test-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
        dispatcher_.add({"echo", "what it was sent",
                         [](const json& parameters, control::Caller&) -> control::Dispatcher::Answer { return parameters; }});
        dispatcher_.add({"who", "who calls", [](const json&, control::Caller& caller) -> control::Dispatcher::Answer {
                             return json{{"pid", caller.pid}};
                         }});
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    template <class Client>
    void serve(Client&& client) {
        EventLoop loop;
        auto socket = ControlSocket::listen(loop, path(), dispatcher_);
        ASSERT_TRUE(socket.has_value()) << socket.error().message;
        auto done = UvHandle<uv_async_t>::make(
            "stop", [&loop] { loop.stop(); },
            [&](uv_async_t* async) { return uv_async_init(loop.get(), async, UvHandle<uv_async_t>::on_event); });
        ASSERT_TRUE(done.has_value());
        std::thread thread{[&] {
            client();
            uv_async_send(done->get());
        }};
        loop.run();
        thread.join();
    }
    std::string path() const { return folder_ + "/run/control.sock"; }

    std::string folder_;
    control::Dispatcher dispatcher_;
};

TEST_F(ControlSocketTest, AnswersAndKnowsWhoCalls) {
    ASSERT_TRUE(claim_socket_path(path()).has_value());
    serve([&] {
        auto client = control::Client::connect(path());
        ASSERT_TRUE(client.has_value()) << client.error().message;
        EXPECT_EQ(*client->call("echo", {{"a", 1}}), (json{{"a", 1}}));
        EXPECT_EQ((*client->call("who", json::object()))["pid"], getpid());
        // Longer than any buffer on the way.
        const json large{{"text", std::string(3'000'000, 'x')}};
        EXPECT_EQ(*client->call("echo", large), large);
    });
    EXPECT_FALSE(std::filesystem::exists(path())) << "the file goes with the socket";
}

TEST_F(ControlSocketTest, IsForOwnerAndGroupAlone) {
    ASSERT_TRUE(claim_socket_path(path()).has_value());
    serve([&] {
        struct stat status {};
        ASSERT_EQ(stat(path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0660U);
    });
}

// What a client reads from a stream until it ends.
std::string rest_of(control::Client::Stream& stream) {
    std::string bytes = std::move(stream.begun);
    for (std::size_t before = bytes.size();; before = bytes.size())
        if (stream.socket.receive(bytes, std::nullopt) != 0 || bytes.size() == before) return bytes;
}

TEST_F(ControlSocketTest, AConnectionMayBecomeAStreamThatItsReaderEnds) {
    constexpr std::size_t kLength = 3'000'000;  // more than a socket takes at once
    std::size_t portions = 0, ended = 0;
    control::ByteStream stream;
    const auto last = [&] { stream.send("\nlast", [&] { stream.close(); }); };
    const auto all = [&] {
        stream.send(std::string(kLength, '\n'), [&] {
            ++portions;
            last();
        });
    };
    dispatcher_.add({"stream", "bytes", [&](const json&, control::Caller& caller) -> control::Dispatcher::Answer {
                         stream = caller.become_stream(all);
                         caller.on_close([&] { ++ended; });
                         return json{{"begun", true}};
                     }});
    ASSERT_TRUE(claim_socket_path(path()).has_value());
    serve([&] {
        auto client = control::Client::connect(path());
        ASSERT_TRUE(client.has_value());
        const auto begun = client->call("stream");
        ASSERT_TRUE(begun.has_value()) << begun.error().message;
        auto reader = std::move(*client).into_stream();
        ASSERT_EQ(reader.socket.send("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"who\"}\n", std::nullopt), 0);
        reader.socket.send_no_more();
        EXPECT_TRUE(rest_of(reader) == std::string(kLength, '\n') + "\nlast") << "or there is an answer in between";
    });
    EXPECT_EQ(portions, 1U);
    EXPECT_EQ(ended, 1U);
}

TEST_F(ControlSocketTest, AStreamEndsWhenItsReaderGoes) {
    std::size_t ended = 0, taken = 0;
    control::ByteStream stream;
    const auto all = [&] { stream.send(std::string(30'000'000, 'x'), [&] { ++taken; }); };
    dispatcher_.add({"stream", "bytes", [&](const json&, control::Caller& caller) -> control::Dispatcher::Answer {
                         stream = caller.become_stream(all);
                         caller.on_close([&] { ++ended; });
                         return json{{"begun", true}};
                     }});
    dispatcher_.add(
        {"ended", "how many", [&](const json&, control::Caller&) -> control::Dispatcher::Answer { return json(ended); }});
    ASSERT_TRUE(claim_socket_path(path()).has_value());
    serve([&] {
        {
            auto client = control::Client::connect(path());
            ASSERT_TRUE(client.has_value() && client->call("stream").has_value());
            auto reader = std::move(*client).into_stream();
            reader.socket.send_no_more();
        }
        auto other = control::Client::connect(path());
        while (*other->call("ended") == 0) std::this_thread::yield();
    });
    EXPECT_EQ(ended, 1U);
    EXPECT_EQ(taken, 0U);
}

TEST_F(ControlSocketTest, AnotherDaemonsPathIsNotTaken) {
    ASSERT_TRUE(claim_socket_path(path()).has_value());
    serve([&] {
        const auto claimed = claim_socket_path(path());
        ASSERT_FALSE(claimed.has_value());
        EXPECT_NE(claimed.error().message.find("another hairpind answers there"), std::string::npos);
    });
}

TEST_F(ControlSocketTest, WhatACrashLeftIsReplaced) {
    ASSERT_TRUE(claim_socket_path(path()).has_value());
    { std::ofstream{path()} << "left over"; }
    EXPECT_TRUE(claim_socket_path(path()).has_value());
    EXPECT_FALSE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace hairpin::runtime

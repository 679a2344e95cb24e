// The client against a server of this test's own: a thread behind a Unix socket in a temporary folder, which answers each line with
// what the test tells it to.
#include "control/client.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "control/rpc.h"

namespace hairpin::control {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "hairpin-control-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

int listen_at(const std::string& path) {
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0) << std::strerror(errno);
    EXPECT_EQ(::listen(listener, 1), 0);
    return listener;
}

// Serves one connection, and closes it when `answer` returns "hang up" or the client leaves.
class Server {
public:
    using Answering = std::function<std::string(const std::string& line)>;
    Server(const std::string& path, Answering answering)
        : listener_(listen_at(path)), thread_([this, answering = std::move(answering)] { serve(answering); }) {}
    ~Server() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

private:
    void serve(const Answering& answering) {
        const int connection = ::accept(listener_, nullptr, nullptr);
        if (connection < 0) return;
        LineSplitter lines;
        std::array<char, 4096> chunk;
        for (ssize_t size; (size = ::read(connection, chunk.data(), chunk.size())) > 0;) {
            lines.feed({chunk.data(), static_cast<std::size_t>(size)});
            while (const auto line = lines.next()) {
                const std::string answer = answering(std::string{*line});
                if (answer == "hang up") {
                    ::close(connection);
                    return;
                }
                for (std::string_view rest = answer; !rest.empty();) {
                    const ssize_t sent = ::send(connection, rest.data(), std::min<std::size_t>(rest.size(), 1000), MSG_NOSIGNAL);
                    if (sent < 0) break;
                    rest.remove_prefix(static_cast<std::size_t>(sent));
                }
            }
        }
        ::close(connection);
    }

    int listener_;
    std::thread thread_;
};

class ClientTest : public ::testing::Test {
protected:
    Client connected(milliseconds timeout = milliseconds{5000}) {
        auto client = Client::connect(path, timeout);
        EXPECT_TRUE(client.has_value()) << client.error().message;
        return std::move(*client);
    }
    static std::string event(int number) {
        return json{{"jsonrpc", "2.0"}, {"method", "event"}, {"params", {{"number", number}}}}.dump() + "\n";
    }
    static std::string result(const std::string& request, const json& value) {
        return json{{"jsonrpc", "2.0"}, {"id", json::parse(request)["id"]}, {"result", value}}.dump() + "\n";
    }

    Folder folder;
    std::string path = folder.file("control.sock");
};

TEST_F(ClientTest, CallsAMethodOfADispatcher) {
    Dispatcher dispatcher;
    dispatcher.add({"echo", "", [](const json& params, Caller&) -> Dispatcher::Answer { return params; }});
    dispatcher.add({"refuse", "", [](const json&, Caller&) -> Dispatcher::Answer {
                        return tl::unexpected(RpcError{
                            kConfigurationRefused, "refused", {{"path", "/a"}, {"reason", "too long"}, {"hint", "cut it"}}});
                    }});
    Caller caller;
    Server server{path, [&](const std::string& line) { return dispatcher.handle(line, caller) + "\n"; }};
    Client client = connected();

    EXPECT_EQ(client.call("echo", {{"text", "hello"}}).value(), json({{"text", "hello"}}));
    EXPECT_EQ(client.call("echo").value(), json::object());

    const auto refused = client.call("refuse");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, CallFailure::refused);
    EXPECT_EQ(refused.error().code, kConfigurationRefused);
    EXPECT_EQ(json::parse(refused.error().data)["reason"], "too long");
    EXPECT_EQ(refused.error().sentence(), "/a: too long (cut it)");

    const auto unknown = client.call("ehco");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, kMethodNotFound);
    EXPECT_THAT(unknown.error().sentence(), HasSubstr("did you mean \"echo\"?"));
}

TEST_F(ClientTest, AnAnswerOfSeveralMegabytesComesWhole) {
    Server server{path, [](const std::string& line) { return result(line, std::string(3'000'000, 'x')); }};
    EXPECT_EQ(connected().call("big").value().get<std::string>().size(), 3'000'000u);
}

TEST_F(ClientTest, EventsAreHandedOverInOrderThoseBeforeTheAnswerToo) {
    Server server{path, [](const std::string& line) { return event(1) + result(line, true) + event(2) + event(3); }};
    Client client = connected();
    ASSERT_TRUE(client.call("monitor"));
    std::vector<int> numbers;
    const auto done = client.listen([&](const json& params) {
        numbers.push_back(params["number"]);
        return numbers.size() < 3;
    });
    EXPECT_TRUE(done);
    EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
}

TEST_F(ClientTest, ListeningEndsWithAnErrorWhenTheDaemonDoes) {
    Server server{
        path, [](const std::string& line) { return line.find("monitor") != std::string::npos ? result(line, true) : "hang up"; }};
    Client client = connected();
    ASSERT_TRUE(client.call("monitor"));
    EXPECT_FALSE(client.call("stop"));
    const auto done = client.listen([](const json&) { return true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().failure, CallFailure::unreachable);
}

TEST_F(ClientTest, AnAnswerThatComesTooLateIsATimeout) {
    Server server{path, [](const std::string&) { return ""; }};
    const auto late = connected(milliseconds{50}).call("slow");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().failure, CallFailure::timed_out);
    EXPECT_THAT(late.error().message, HasSubstr("did not answer slow within 50 ms"));
}

TEST_F(ClientTest, ALateAnswerIsNotTakenForTheNextOne) {
    std::string first;
    Server server{path, [&](const std::string& line) {
                      if (first.empty()) return first = line, std::string{};
                      return result(first, "late") + result(line, "mine");
                  }};
    Client client = connected(milliseconds{50});
    EXPECT_FALSE(client.call("slow"));
    EXPECT_EQ(client.call("quick").value(), "mine");
}

TEST_F(ClientTest, WhatDoesNotSpeakOurProtocolIsAProtocolError) {
    Server server{path, [](const std::string&) { return "220 mail.example ESMTP\n"; }};
    const auto answer = connected().call("version");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, CallFailure::protocol);
}

// Whatever a daemon says, it is an answer, an event, or an error.
TEST_F(ClientTest, MembersOfWrongTypesAreNoMembers) {
    std::string answer;
    Server server{path, [&](const std::string& line) { return answer + "\n" + result(line, "mine"); }};
    Client client = connected();
    for (const char* strange : {R"({"method":7,"params":[]})", R"({"id":[],"error":7})", R"({"id":null,"method":{}})"}) {
        answer = strange;
        const auto called = client.call("version");
        ASSERT_TRUE(called) << strange << ": " << called.error().message;
        EXPECT_EQ(*called, "mine");
    }
    answer = R"({"id":null,"error":{"code":"x","message":[],"data":[]}})";
    const auto refused = client.call("version");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, kInternalError);
    EXPECT_EQ(refused.error().message, "the daemon gave no reason");
}

TEST_F(ClientTest, AnAnswerThatNestsTooDeeplyIsAProtocolError) {
    Server server{path, [](const std::string&) { return std::string(1'000'000, '[') + "\n"; }};
    const auto answer = connected().call("version");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, CallFailure::protocol);
    EXPECT_THAT(answer.error().message, HasSubstr("nests too deeply"));
}

TEST_F(ClientTest, NobodyThere) {
    const auto client = Client::connect(path);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().failure, CallFailure::unreachable);
    EXPECT_THAT(client.error().sentence(), AllOf(HasSubstr(path), HasSubstr("No such file"), HasSubstr("hairpind --config")));
}

TEST_F(ClientTest, ASocketThatItsDaemonLeftBehind) {
    ::close(listen_at(path));
    const auto client = Client::connect(path);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().failure, CallFailure::unreachable);
    EXPECT_THAT(client.error().sentence(), HasSubstr("without cleaning up"));
}

TEST_F(ClientTest, AFileThatIsNoSocket) {
    std::ofstream{path} << "text";
    const auto client = Client::connect(path);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().failure, CallFailure::unreachable);
}

TEST_F(ClientTest, ASocketThatWeMayNotOpen) {
    const int listener = listen_at(path);
    ::chmod(path.c_str(), 0);
    const uid_t user = ::geteuid();
    const uid_t nobody = 65534;  // root may open everything, so it must be somebody else for a moment
    EXPECT_EQ(::seteuid(user == 0 ? nobody : user), 0);
    const auto client = Client::connect(path);
    EXPECT_EQ(::seteuid(user), 0);
    ::close(listener);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().failure, CallFailure::denied);
    EXPECT_THAT(client.error().sentence(), AllOf(HasSubstr(path), HasSubstr("Permission denied"), HasSubstr("try as root")));
}

TEST_F(ClientTest, APathThatIsTooLong) {
    const auto client = Client::connect("/" + std::string(200, 'x'));
    ASSERT_FALSE(client);
    EXPECT_THAT(client.error().message, HasSubstr("107 bytes"));
}

TEST_F(ClientTest, ADaemonThatAcceptsNobodyIsATimeout) {
    const int listener = listen_at(path);
    std::vector<Client> waiting;  // they fill the backlog, which nobody empties
    for (int i = 0; i < 10; ++i) {
        auto client = Client::connect(path, milliseconds{50});
        if (!client) {
            EXPECT_EQ(client.error().failure, CallFailure::timed_out);
            ::close(listener);
            return;
        }
        waiting.push_back(std::move(*client));
    }
    ::close(listener);
    FAIL() << "ten clients fit into a backlog of one";
}

}  // namespace
}  // namespace hairpin::control

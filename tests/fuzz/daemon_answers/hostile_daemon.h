#pragma once
// A daemon that answers what a script says, at a Unix socket of its own, on a thread of its own.
//
// A line of the script is the result of the request that came, `{"rows":[]}`; one that begins with ! is sent as it is, before it. After
// an answer the daemon hangs up, so nobody ever waits for one that it thinks it has given; a client that asks again connects again.
// When the script is at its end, it hangs up at once.

#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "tests/fuzz/temporary_folder.h"

namespace hairpin::fuzz {

class HostileDaemon {
public:
    HostileDaemon();
    ~HostileDaemon();
    HostileDaemon(const HostileDaemon&) = delete;
    HostileDaemon& operator=(const HostileDaemon&) = delete;

    std::string socket() const { return folder_.path() + "/control.sock"; }

    // What is sent to whoever connects from now on: for one request an answer, or everything that is left.
    enum class Pace : std::uint8_t { answer_by_answer, all_at_once };
    void play(std::string_view script, Pace pace);

private:
    void serve();
    void answer(int client);
    // The next lines of the script, ready to be sent.
    std::string next_lines(std::string_view request);

    TemporaryFolder folder_;
    int listener_ = -1;
    std::mutex mutex_;  // of the two below
    std::string script_;
    Pace pace_ = Pace::answer_by_answer;
    std::thread thread_;
};

}  // namespace hairpin::fuzz

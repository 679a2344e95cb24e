#include "lab/processes.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hairpin::lab {
namespace {

TEST(Processes, ANumberThatWasGivenAwayAgainIsNotTheSameProcess) {
    const ProcessId own = ProcessId::of(::getpid());
    EXPECT_TRUE(own.is_running());
    EXPECT_FALSE((ProcessId{.pid = own.pid, .start_ticks = own.start_ticks + 1}).is_running());
    EXPECT_FALSE(ProcessId{}.is_running());
}

TEST(Processes, AZombieHasEnded) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(7);
    siginfo_t ended{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(ProcessId::of(child).is_running());
    EXPECT_EQ(wait_for(child, std::chrono::seconds{1}), 7);
}

TEST(Processes, WhatDoesNotEndIsKilled) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::setsid();
        for (;;) ::pause();
    }
    const auto status = wait_for(child, std::chrono::milliseconds{200});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, "did not end within 0.2 s and was killed");
}

TEST(Processes, OurOwnNamespaceIsNeverEmptied) {
    const auto own = namespace_id("/proc/self/ns/net");
    ASSERT_TRUE(own);
    EXPECT_FALSE(end_processes(std::span{&*own, 1}, {}));
}

}  // namespace
}  // namespace hairpin::lab

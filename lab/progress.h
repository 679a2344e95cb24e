#pragma once
// How far long work has come: `hosts: 120 of 200`, on one line that writes over itself and is gone at the end. Only for somebody who looks: when
// standard error is a terminal, and there is more to do than a few.

#include <chrono>
#include <cstddef>
#include <string>

namespace hairpin::lab {

class Progress {
public:
    static constexpr std::size_t kWorthALine = 20;

    Progress(std::string what, std::size_t total);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    Progress(Progress&&) = delete;
    Progress& operator=(Progress&&) = delete;
    ~Progress();
    void step();

private:
    std::string what_;
    std::size_t total_;
    std::size_t done_ = 0;
    bool shown_;
    std::chrono::steady_clock::time_point next_{};  // when the line is written again
};

}  // namespace hairpin::lab

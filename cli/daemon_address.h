#pragma once
// Which daemon is meant. In this order: --socket PATH, --lab NAME, $HAIRPIN_SOCKET, $HAIRPIN_LAB, the default socket when there is
// one, the only running lab's.

#include <string>
#include <vector>

#include "cli/failure.h"
#include "cli/style.h"

namespace hairpin::cli {

struct Places {
    std::string default_socket;  // /run/hairpin/control.sock
    std::string labs_folder;     // has a folder for each running lab, with control.sock in it
};

// `socket` and `lab` are the options' values, or empty.
Outcome<std::string> find_daemon(const std::string& socket, const std::string& lab, const Environment& environment,
                                 const Places& places);

// The labs whose daemons have a socket, sorted.
std::vector<std::string> running_labs(const Places& places);

}  // namespace hairpin::cli

#pragma once
// The lab and the port that were meant by the words of `hairpin lab impair` and `hairpin lab link`.

#include <string>

#include "lab/verbs/impair.h"
#include "net/result.h"

namespace hairpin::lab {

struct LinkPlace {
    std::string lab;
    std::string port;  // of the switch; empty: no link was named
    std::string link;  // as it was typed
};
inline constexpr const char* kWhichLink = "which link? [LAB] NODE:INTERFACE, or [LAB] with the port's name";
Result<LinkPlace> find_link(const LinkChoice& choice);

}  // namespace hairpin::lab

#pragma once
// `hairpin lab ...`: labs go up and down, are looked at, entered and tested. The verbs are containerlab's, with shorter ones
// beside them:
//
//   deploy (up, apply)   destroy (down)   list (ls)   inspect (ps)   exec   shell   capture   test (verify, validate)
//
// Answers go to standard output, errors to standard error as one line `hairpin: error: ...`. What a shell asks at a TAB is
// `hairpin lab --complete WORD...`: the words that may stand in place of the last one, a line each.

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hairpin::lab {

inline constexpr const char* kComplete = "--complete";

// `arguments` is everything behind `hairpin lab`, in order. Returns the program's exit status (lab/exit_code.h); of `exec` it is
// the command's own.
int lab_main(std::vector<std::string> arguments);

// Hands over what may be typed, a subcommand for each verb: the manual is made of it.
void describe_lab(const std::function<void(const CLI::App&)>& read);

}  // namespace hairpin::lab

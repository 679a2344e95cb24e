#pragma once
// What may be typed next: a word of the language, a value that is known, or the shape of one that is not. Help after `?`, completion
// and the words of an error are made of these.

#include <string>
#include <vector>

namespace hairpin::cli {

struct Expected {
    std::string word;         // "protocol", "lan"; of a shape "<address>"
    std::string description;  // a few words; may be empty
    bool shape = false;       // it stands for a value: to be read, not to be typed
};
using Expectations = std::vector<Expected>;

}  // namespace hairpin::cli

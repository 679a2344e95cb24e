#pragma once
// What people type into a candidate, made up by dice: mostly what makes sense for the guide's gateway, so that what they commit is often
// good and concerns its traffic, and now and then whatever the schema lets one type, or nonsense.
//
// No device comes of it: ports are in memory, but for one whose capture file is not there, so that it cannot be opened.

#include <cstdint>
#include <string>
#include <vector>

#include "config/candidate/candidate.h"

namespace hairpin::runtime {

// Throws of dice that a number decides: the same number, the same throws.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::size_t below(std::size_t end);
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <class T>
    const T& any_of(const std::vector<T>& choices) {
        return choices[below(choices.size())];
    }

private:
    std::uint64_t state_;
};

// "set gateway nat rule <65537|65538> enabled <true|false>" with one of each.
std::string filled(const std::string& pattern, Dice& dice);

struct RandomEdit {
    std::string line;   // as typed
    std::string error;  // empty: done
};
// One edit. One that fails must have changed nothing, which is for the caller to see.
RandomEdit edit_at_random(config::Candidate& candidate, Dice& dice);

// Whether a document names only devices that touch nothing outside the program.
bool is_harmless(const std::string& document);

}  // namespace hairpin::runtime

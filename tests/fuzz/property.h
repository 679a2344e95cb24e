#pragma once
// What must hold of every input. What does not is a finding: its sentence stands on stderr, and libFuzzer keeps the input.

#include <cstdio>
#include <cstdlib>
#include <string>

namespace hairpin::fuzz {

inline void holds(bool property, const std::string& otherwise) {
    if (property) return;
    std::fprintf(stderr, "finding: %s\n", otherwise.c_str());
    std::abort();
}

}  // namespace hairpin::fuzz

#pragma once
// How much an answer about rules that are not in force yet may cost. Packets wait for it.

#include <cstdint>

namespace hairpin::gateway {

enum class Thoroughness : std::uint8_t {
    brief,  // of a commit: what ordinary rules take, and some milliseconds at most where they are not
    full,   // of somebody who asks what a commit would do
};

}  // namespace hairpin::gateway

#pragma once
// Why packets were dropped whose numbers are known: the last of those that share a place here, which is kMost of them where their numbers follow
// each other. So a capture that has seen a packet come in can say, a little later, what became of it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/drop_reason.h"

namespace hairpin::runtime {

class RecentDrops {
public:
    static constexpr std::size_t kMost = 8192;

    void note(std::uint64_t packet, DropReason reason) { drops_[packet % kMost] = {packet, reason}; }
    std::optional<DropReason> find(std::uint64_t packet) const {
        const Drop& drop = drops_[packet % kMost];
        return drop.packet == packet && packet != 0 ? std::optional{drop.reason} : std::nullopt;
    }

private:
    struct Drop {
        std::uint64_t packet = 0;
        DropReason reason{};
    };
    std::array<Drop, kMost> drops_{};
};

}  // namespace hairpin::runtime

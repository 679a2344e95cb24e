#pragma once
// The replays that clients have begun. Each belongs to a connection and ends with it at the latest; at most kMost live at once, since each
// holds some megabytes.

#include <cstdint>
#include <map>
#include <memory>

#include "net/result.h"
#include "runtime/replay.h"

namespace hairpin::runtime {

class Replays {
public:
    static constexpr std::size_t kMost = 8;
    using Token = std::uint64_t;

    Result<Token> begin(std::unique_ptr<Replay> replay) {
        if (replays_.size() == kMost) return failure("too many captures are being traced already: wait until one has ended");
        replays_[++last_token_] = std::move(replay);
        return last_token_;
    }
    Replay* find(Token token) {
        const auto found = replays_.find(token);
        return found == replays_.end() ? nullptr : found->second.get();
    }
    void end(Token token) { replays_.erase(token); }

private:
    std::map<Token, std::unique_ptr<Replay>> replays_;
    Token last_token_ = 0;
};

}  // namespace hairpin::runtime

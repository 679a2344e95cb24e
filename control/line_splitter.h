#pragma once
// Bytes come in pieces of any size; lines come out whole, without their newline.

#include <string>
#include <string_view>

#include "control/protocol.h"

namespace hairpin::control {

class LineSplitter {
public:
    // Calls `line(std::string_view)` for each line that `bytes` complete. False when a line grows beyond kLongestLine: the peer
    // does not speak our protocol, and nothing more can be made of what it sends.
    template <class Line>
    bool feed(std::string_view bytes, Line&& line) {
        while (true) {
            const auto newline = bytes.find('\n');
            if (newline == std::string_view::npos) break;
            if (pending_.size() + newline > kLongestLine) return false;
            if (pending_.empty()) {
                line(bytes.substr(0, newline));
            } else {
                pending_.append(bytes.substr(0, newline));
                line(std::string_view{pending_});
                pending_.clear();
            }
            bytes.remove_prefix(newline + 1);
        }
        if (pending_.size() + bytes.size() > kLongestLine) return false;
        pending_.append(bytes);
        return true;
    }

private:
    std::string pending_;
};

}  // namespace hairpin::control

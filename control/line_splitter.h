#pragma once
// Bytes in, as a stream socket gives them; complete lines out, as the protocol means them.
//
//   feed("{\"a\":")   next() -> nothing yet
//   feed("1}\n{")     next() -> {"a":1}     next() -> nothing yet
//
// Holds at most one line of `longest` bytes and what was fed last. A longer line is a protocol error: overflowed() says so, what
// came before it is still handed out, and nothing more is taken in, because nobody can say where the next message would begin.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "control/protocol.h"

namespace hairpin::control {

class LineSplitter {
public:
    explicit LineSplitter(std::size_t longest = kMaxLine) : longest_(longest) {}

    void feed(std::string_view bytes);
    // The next complete line without its newline; the view is good until the next feed(). Take all of them after each feed().
    std::optional<std::string_view> next();
    bool overflowed() const { return overflowed_; }
    // What was fed behind the last line that was handed out, for whoever goes on with it as something else than lines.
    std::string take_rest();

private:
    std::size_t longest_;
    std::string buffer_;
    std::size_t begin_ = 0;     // of the line that is not handed out yet
    std::size_t searched_ = 0;  // no newline between begin_ and here, so a long line is searched once and not once a feed
    bool overflowed_ = false;
};

}  // namespace hairpin::control

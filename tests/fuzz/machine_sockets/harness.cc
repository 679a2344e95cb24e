// What a virtual machine, or whoever may connect to the sockets of one, writes: a stream of frames, and a VDE plug's request.
//
//   how many bytes each read brings (2 bytes), what is written
//
// A stream yields the same frames whatever the reads are, and they lie in it one behind the other.

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "switch/stream_framing.h"
#include "switch/vde_request.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"

namespace hairpin::l2 {
namespace {

using fuzz::holds;
using Frames = std::vector<std::vector<std::byte>>;

struct Framed {
    Frames frames;
    bool broken = false;
    friend bool operator==(const Framed&, const Framed&) = default;
};

Framed framed(std::span<const std::byte> stream, std::size_t step) {
    StreamFraming framing;
    Framed result;
    std::size_t taken = 0;
    while (!stream.empty() && !framing.broken()) {
        const auto room = framing.room();
        holds(!room.empty(), "there is no room, and no frame either");
        const auto part = stream.first(std::min({step, room.size(), stream.size()}));
        std::memcpy(room.data(), part.data(), part.size());
        framing.put(part.size());
        stream = stream.subspan(part.size());
        taken += part.size();
        for (;;) {
            const bool promised = framing.has_frame();
            const auto frame = framing.next();
            holds(promised == frame.has_value(), "what has_frame() says and what next() gives differ");
            if (!frame) break;
            holds(frame->size() <= StreamFraming::kLongestFrame, "a frame that is longer than any");
            result.frames.emplace_back(frame->begin(), frame->end());
        }
    }
    std::size_t given = 0;
    for (const auto& frame : result.frames) given += StreamFraming::kLengthSize + frame.size();
    holds(given <= taken, "more has come out than went in");
    result.broken = framing.broken();
    return result;
}

}  // namespace
}  // namespace hairpin::l2

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::l2;
    hairpin::fuzz::Input input{data, size};
    const std::size_t step = std::max(input.word(), 1U);
    const auto text = input.rest();
    const std::span bytes{reinterpret_cast<const std::byte*>(text.data()), text.size()};
    hairpin::fuzz::holds(framed(bytes, step) == framed(bytes, bytes.size() + 1), "the reads make a difference");

    if (const auto request = VdeRequest::read(bytes)) {
        hairpin::fuzz::holds(request->socket.size() < 108 && request->socket.front() == '/', "a socket without a path");
        hairpin::fuzz::holds(request->socket.find('\0') == std::string::npos, "a path with an end in it");
        for (const char letter : request->description)
            hairpin::fuzz::holds(letter >= ' ' && letter <= '~', "a description that is not printable");
    }
    return 0;
}

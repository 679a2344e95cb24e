#pragma once
// Which ports' frames are copied to which other ports, and how many have been.
//
//   mirror "ids": source web (in, out), to analyser
//   web ── in ──►  switch ── out ──► db         a copy of each goes to analyser, as it came in, and as it goes out
//
// A mirror's destination is outside of its segment: nothing else is sent to it, what comes in there is dropped, and it is the source of no
// mirror. So a mirror never mirrors a mirror, and needs no guard against loops.
//
// Owned by the Bridge, which makes the copies; a port in no mirror costs it a branch.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "net/numbers.h"

namespace hairpin::l2 {

struct Mirror {
    struct Source {
        PortId port;
        bool in, out;
    };
    std::string name;
    std::vector<Source> sources;
    PortId to;
    std::uint64_t copies = 0, bytes = 0;  // a super-packet is one
};

class Mirrors {
public:
    enum class Way : std::uint8_t { in, out };

    // Takes the place of all there are; one of the same name and destination counts on.
    void set(std::vector<Mirror> mirrors) {
        for (Mirror& mirror : mirrors)
            for (const Mirror& old : mirrors_)
                if (old.name == mirror.name && old.to == mirror.to) mirror.copies = old.copies, mirror.bytes = old.bytes;
        mirrors_ = std::move(mirrors);
    }
    // A port that is no more: neither source nor destination.
    void forget(PortId port) {
        std::erase_if(mirrors_, [&](const Mirror& mirror) { return mirror.to == port; });
        for (Mirror& mirror : mirrors_)
            std::erase_if(mirror.sources, [&](const Mirror::Source& source) { return source.port == port; });
    }
    // Every mirror that wants what goes this way at the port: `visit(Mirror&)`.
    template <class Visit>
    void for_each(PortId port, Way way, Visit&& visit) {
        for (Mirror& mirror : mirrors_)
            for (const Mirror::Source& source : mirror.sources)
                if (source.port == port && (way == Way::in ? source.in : source.out)) visit(mirror);
    }
    const std::vector<Mirror>& all() const { return mirrors_; }

private:
    std::vector<Mirror> mirrors_;
};

}  // namespace hairpin::l2

#pragma once
// What is wrong in a file that people write, told the way compilers do: `hairpin.clab.yml:12:7: unknown key "endpoint" (...)`.
//
// A reader complains and reads on with a default in its hand, so that it needs no way out at every step. Whoever started it asks
// at the end: the first error is the one that is told, because those behind it often only follow from it.

#include <optional>
#include <string>
#include <vector>

#include "net/result.h"

namespace hairpin::lab {

// A place in a file, both counted from 1.
struct Position {
    unsigned line = 1;
    unsigned column = 1;
    friend bool operator==(const Position&, const Position&) = default;
};

struct PlacedText {
    std::string text;
    Position at;
};

class Complaints {
public:
    explicit Complaints(std::string file) : file_(std::move(file)) {}

    void error(Position at, const std::string& message);
    // Something that is accepted and has no effect here.
    void warning(Position at, const std::string& message);

    const std::optional<Error>& first_error() const { return first_error_; }
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    std::string located(Position at, const std::string& message) const;

    std::string file_;
    std::optional<Error> first_error_;
    std::vector<std::string> warnings_;
};

}  // namespace hairpin::lab

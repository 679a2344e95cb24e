#pragma once
// What a value in a command may be: how it is called in help, which words it is one of, who knows those that are in use, and how it
// is read.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/expected.h"
#include "cli/failure.h"

namespace hairpin::cli {

struct Choice {
    std::string_view word;
    std::string_view description;
};

std::vector<std::string> words_of(std::span<const Choice> choices);
Expectations expected_of(std::span<const Choice> choices);

struct ValueType {
    std::string_view shape;  // "INTERFACE" in a usage line, "<interface>" after `?`
    std::string_view description;
    // One of these words, which may be abbreviated;
    std::span<const Choice> choices = {};
    // or text, of which the daemon knows some: the column `known_in` of the rows that `known_by` answers. They are offered, not demanded.
    std::string_view known_by = {}, known_in = {};
    // What the parameter becomes. An error's sentence says what is wrong with `text`.
    Outcome<nlohmann::json> (*read)(const std::string& text) = nullptr;  // nullptr: the text itself
    bool of_words = false;  // often several words, which then stand in quotes: an error behind it says so
};

// The values in use: what a method of the daemon answers in a column. Empty when nobody can be asked.
using KnownValues = std::function<std::vector<std::string>(std::string_view method, std::string_view column)>;

namespace value {
extern const ValueType kNumber, kDuration, kProtocol, kEndpoint, kAddressOrEndpoint, kAddress, kMac, kInterface, kSegment, kPort,
    kNewName, kDevice, kNamespace, kAddressWithLength, kTcpFlags, kJsonFile, kTopic, kDropReason, kFilter, kCaptureFile, kText,
    kCommandWord, kLabVerb, kHost, kTcpPort, kUdpPort;
}

}  // namespace hairpin::cli

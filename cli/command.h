#pragma once
// What can be typed, as rows of a table. A row says which words make the command, what may follow them, which method of the daemon
// answers it, and how the result is read: so parameters, table, JSON, help, completion and the manual follow from it.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "cli/failure.h"
#include "cli/table.h"
#include "cli/terms.h"

namespace hairpin::cli {

// A question to the daemon, and its answer.
using Ask = std::function<Outcome<nlohmann::json>(std::string_view method, const nlohmann::json& parameters)>;

struct Command {
    std::string_view words;        // "show nat rules"
    std::string_view description;  // a few words
    // For help and the manual: what a few words are too few for, in whole sentences; and lines to type, as they work on the guide's lab.
    // A newline in the details begins a paragraph. Tests type every example.
    std::string_view details = {}, example = {};
    bool needs_hosts = false;  // the example wants hosts that answer, or root: only a lab has them, and not queues in memory
    std::span<const Term> terms = {};
    std::string_view method = {};  // of the daemon; empty for what is answered without it
    std::string_view schema = {};  // of --json output: {"schema":"hairpin.<schema>/1", ...}
    // The method's parameters, where they are not the terms' own.
    nlohmann::json (*parameters)(nlohmann::json terms) = nullptr;
    // Where one question is not enough: asks `method` and others as often as it takes, and answers what reads as the result. A failure's
    // word is counted from the first behind the command's own. What could be told although something failed has a "failure".
    Outcome<nlohmann::json> (*converse)(const nlohmann::json& parameters, const Ask& ask) = nullptr;

    // How the result reads: its "rows" in these columns, or this sentence when there are none;
    std::span<const Column> columns = {};
    std::string_view nothing = {};
    // below the table, or that sentence, lines about all of it; empty where there is nothing to say;
    std::string (*below)(const nlohmann::json& result) = nullptr;
    // or, for what is no table, this text;
    std::string (*text)(const nlohmann::json& result, const Style& style) = nullptr;
    // and a line, or several, for each event that follows, for what goes on until it is interrupted.
    std::string (*event)(const nlohmann::json& event, const Style& style) = nullptr;
    // Where a file follows the answer: begins it at the daemon of this socket and takes it to where the parameters say, until it ends.
    Outcome<void> (*carry)(const nlohmann::json& parameters, const std::string& socket, std::string_view typed) = nullptr;
    // Whether the result says no to what was asked: then the program ends with status 1, for scripts.
    bool (*is_no)(const nlohmann::json& result) = nullptr;
};

}  // namespace hairpin::cli

#include "cli/described.h"

#include <cctype>

#include "cli/command_table.h"

namespace hairpin::cli {

Described described(const Command& command) {
    return {command.words, usage_of(command), command.description, command.details, command.example, command.terms};
}

std::string brief_usage(const Described& command, std::size_t columns) {
    if (columns_of(command.usage) <= columns) return command.usage;
    std::string usage{command.words};
    for (const Term& term : command.terms)
        if (term.how == Term::How::required) usage += " " + usage_of(term);
    return usage + " ...";
}

std::string as_sentence(std::string_view text) {
    std::string sentence{text};
    if (sentence.empty()) return sentence;
    sentence.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
    return sentence.ends_with('.') ? sentence : sentence + ".";
}

}  // namespace hairpin::cli

#include "lab/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "lab/enclave.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"

namespace hairpin::lab {
namespace {

using Names = std::vector<std::string>;

// How help calls a place where a lab may be named first, and the verbs that take a topology there which is not up.
constexpr std::array<std::string_view, 4> kOfALab = {"TOPOLOGY", "LAB", "NAME", "WORD"};
constexpr std::array<std::string_view, 4> kTakeWhatIsNotUp = {"up", "verify", "check", "graph"};

void append(Names& names, const Names& more) { names.insert(names.end(), more.begin(), more.end()); }

// A line as far as it was typed, without the word that is not whole yet.
struct Typed {
    const CLI::App* verb;
    const CLI::Option* open = nullptr;  // an option whose value comes next
    Names places = {};                  // words that are neither verbs nor options, and what -t says
    bool in_command = false;            // behind `--`
};

const CLI::App* verb_called(const CLI::App& app, const std::string& word) {
    const auto found = app.get_subcommands([&](const CLI::App* verb) { return verb->check_name(word); });
    return found.empty() ? nullptr : found.front();
}

Typed read(const CLI::App& lab, const std::vector<std::string>& words) {
    Typed typed{.verb = &lab};
    for (const std::string& word : words) {
        if (word == "--") typed.in_command = true;
        if (typed.in_command) break;
        if (typed.open != nullptr) {
            if (typed.open->check_lname("topo")) typed.places.insert(typed.places.begin(), word);
            typed.open = nullptr;
        } else if (word.starts_with("-")) {
            const CLI::Option* option = typed.verb->get_option_no_throw(word);
            if (option != nullptr && option->get_items_expected_min() > 0) typed.open = option;
        } else if (const CLI::App* verb = verb_called(*typed.verb, word)) {
            typed.verb = verb;
        } else {
            typed.places.push_back(word);
        }
    }
    return typed;
}

Names verb_names(const CLI::App& app) {
    Names names;
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(verb->get_name());
    return names;
}

Names option_names(const CLI::App& verb) {
    Names names;
    for (const CLI::Option* option : verb.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

// The lab whose hosts and links are meant: the one that is named, or the only one there is.
std::optional<LabState> lab_meant(const Typed& typed) {
    if (!typed.places.empty()) return is_known_lab(typed.places.front()) ? read_state(typed.places.front()) : std::nullopt;
    const Names labs = known_labs();
    return labs.size() == 1 ? read_state(labs.front()) : std::nullopt;
}

Names node_names(const LabState& lab) {
    Names names;
    for (const NodeState& node : lab.nodes)
        if (lab.has_namespace(node)) names.push_back(node.name);
    return names;
}

// By the switch's ports, whose names have no `:`, at which bash would begin another word.
Names link_names(const LabState& lab) {
    Names names;
    for (const NodeState& node : lab.nodes) append(names, node.ports);
    return names;
}

// What stands at the place of a positional or as an option's value, by what help calls it there.
Names values_at(const CLI::Option& option, const Typed& typed) {
    const std::string type = option.get_type_name();
    if (type.starts_with("NODE") || type.starts_with("HOST")) {
        const auto lab = lab_meant(typed);
        return lab ? node_names(*lab) : Names{};
    }
    if (!option.get_positional() && type != "TOPOLOGY") return {};  // a name that is given
    Names names;
    if (typed.places.empty() && std::count(kOfALab.begin(), kOfALab.end(), type) != 0) {
        names = known_labs();
        if (std::count(kTakeWhatIsNotUp.begin(), kTakeWhatIsNotUp.end(), typed.verb->get_name()) != 0)
            append(names, known_topologies());
    }
    if (type != "NAME") return names;
    const bool of_a_link = typed.verb->get_option_no_throw("--interface") != nullptr;
    if (const auto lab = lab_meant(typed)) append(names, of_a_link ? link_names(*lab) : node_names(*lab));
    return names;
}

Names values(const Typed& typed) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);  // where this user's labs are known
    if (typed.open != nullptr) return values_at(*typed.open, typed);
    for (const CLI::Option* option : typed.verb->get_options())
        if (option->get_positional()) return values_at(*option, typed);
    return {};
}

}  // namespace

std::vector<std::string> completions(const CLI::App& lab, const std::vector<std::string>& words) {
    if (words.empty()) return {};
    const std::string& begun = words.back();
    const Typed typed = read(lab, {words.begin(), words.end() - 1});
    if (typed.in_command) return {};
    Names found = verb_names(*typed.verb);
    if (begun.starts_with("-"))
        found = option_names(*typed.verb);
    else if (found.empty() || typed.open != nullptr)
        found = values(typed);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::erase_if(found, [&](const std::string& name) { return !name.starts_with(begun); });
    return found;
}

}  // namespace hairpin::lab

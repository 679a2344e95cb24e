#include "runtime/connectivity/remedies.h"

#include <algorithm>
#include <array>

#include "config/candidate/words.h"
#include "runtime/connectivity/generators.h"
#include "runtime/worker.h"

namespace hairpin::runtime::connectivity {

using config::Candidate;

namespace {

struct GeneratorRow {
    Obstacle obstacle;
    void (*suggest)(const Situation& situation, std::vector<Remedy>& found);
};
constexpr auto kGenerators = std::to_array<GeneratorRow>({
    {Obstacle::refused, suggest_destination_rules},  // of what is refused as addressed to the gateway
    {Obstacle::refused, suggest_firewall_rules},
    {Obstacle::nobody_listens, suggest_firewall},
    {Obstacle::nobody_listens, suggest_destination_rules},
    {Obstacle::answer_past_gateway, suggest_firewall},
    {Obstacle::answer_past_gateway, suggest_source_rules},
    {Obstacle::answer_lost, suggest_firewall},
    {Obstacle::answer_lost, suggest_source_rules},
    {Obstacle::no_route, suggest_default_route},
    {Obstacle::client_unknown, suggest_default_route},
});

std::vector<std::string> words_of(const std::string& line) {
    const auto tokens = config::tokenize(line);
    ensure(tokens.has_value());
    std::vector<std::string> words;
    for (const config::Token& token : *tokens) words.push_back(token.text);
    return words;
}

bool apply_line(const std::vector<std::string>& words, Candidate& document) {
    const config::Words path = config::Words{words}.subspan(1);
    if (words.front() == "set") return document.set(path).has_value();
    ensure(words.front() == "insert");
    const auto before = static_cast<std::size_t>(std::find(path.begin(), path.end(), "before") - path.begin());
    return document.insert(path.first(before), true, path.subspan(before + 1)).has_value();
}

}  // namespace

std::vector<Remedy> remedies_for(const Verdict& verdict, const Question& question, Worker& worker, const Candidate& document) {
    const gateway::EdgeGateway& gateway = worker.gateway();
    const Situation situation{verdict, question, gateway, gateway.ruleset(), document};
    std::vector<Remedy> found;
    for (const GeneratorRow& row : kGenerators)
        if (row.obstacle == verdict.obstacle) row.suggest(situation, found);
    return found;
}

bool apply(const Remedy& remedy, Candidate& document) {
    return std::all_of(remedy.lines.begin(), remedy.lines.end(),
                       [&](const std::string& line) { return apply_line(words_of(line), document); });
}

}  // namespace hairpin::runtime::connectivity

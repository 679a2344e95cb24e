#include "cli/shell/configuration_mode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/choice.h"
#include "cli/help.h"
#include "config/candidate/words.h"
#include "config/data_path.h"
#include "control/protocol.h"
#include "control/suggest.h"
#include "net/numbers.h"

namespace hairpin::cli {

using config::Candidate;
using nlohmann::json;
using Purpose = Candidate::Purpose;

namespace {

// What the daemon says of a document, with the words of the shell for the place in it.
tl::unexpected<Failure> refused(control::CallError error) {
    const std::vector<std::string> place = config::words_of_path(error.path);
    if (error.code == control::kConfigurationRefused && !place.empty()) error.path = config::quoted(place);
    return tl::unexpected(failure_of(error, ""));
}

// "accept|drop|reject"; what has no names has a placeholder.
std::string what_may_be_set(const Expectations& expected) {
    std::string names, placeholder;
    for (const Expected& one : expected) {
        if (one.is_value)
            placeholder = placeholder.empty() ? one.word : placeholder;
        else if (placeholder.empty())
            names += (names.empty() ? "" : "|") + one.word;
    }
    return names.empty() ? placeholder : names;
}

// The words before and behind the one in the middle.
struct Halves {
    Words left, right;
};
std::optional<Halves> halves(Words words, std::string_view middle) {
    const auto at = static_cast<std::size_t>(std::find(words.begin(), words.end(), middle) - words.begin());
    if (at == words.size() || at == 0 || at + 1 == words.size()) return std::nullopt;
    return Halves{words.first(at), words.subspan(at + 1)};
}

// An address that is mistyped means no other address.
bool has_letters(const std::string& word) {
    return std::any_of(word.begin(), word.end(), [](unsigned char letter) { return std::isalpha(letter) != 0; });
}

// `trace candidate tcp ...` is `trace tcp ...`: here the candidate is asked anyway.
constexpr std::string_view kCandidate = "candidate";
bool names_candidate(Words words) { return words.size() > 1 && words[0] == "trace" && words[1] == kCandidate; }
std::vector<std::string> without_candidate(Words words) {
    std::vector<std::string> rest{words.begin(), words.end()};
    if (names_candidate(words)) rest.erase(rest.begin() + 1);
    return rest;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// "/hairpin:gateway/interface[name='lan']/address: ..." with its place as it is typed.
std::string place_in_words(const std::string& warning) {
    const auto colon = warning.find(": ");
    if (!warning.starts_with("/") || colon == std::string::npos) return warning;
    return config::quoted(config::words_of_path(warning.substr(0, colon))) + warning.substr(colon);
}

// What the daemon says of a commit, besides that it is done.
std::string remarks_of(const json& answer) {
    std::string text;
    for (const json& line : answer.value("summary", json::array())) text += "  " + line.get<std::string>() + "\n";
    for (const json& row : answer.value("consequences", json::array())) text += "  " + row.value("text", "") + "\n";
    for (const json& line : answer.value("warnings", json::array())) text += "  warning: " + place_in_words(line) + "\n";
    return printable(std::move(text));
}

// What reads an answer throws where something else has come than is documented: of that nothing is done.
template <class Read>
auto understood(Read read) -> decltype(read()) {
    try {
        return read();
    } catch (const json::exception&) {
        return failed_with(ExitCode::failed, "the daemon's answer is not understood; it is probably of another version");
    }
}

Outcome<std::string> read_configuration(const std::string& file) {
    if (file == "terminal" || file == "-") return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    if (!stream || !(text << stream.rdbuf()))
        return failed_with(ExitCode::failed, file + " cannot be read: " + std::strerror(errno));
    return text.str();
}

}  // namespace

Outcome<const ConfigurationMode::Row*> ConfigurationMode::row_of(const std::string& word) {
    std::vector<std::string> names;
    for (const Row& row : rows()) names.emplace_back(row.word);
    const auto chosen = choose(word, names, "");
    if (!chosen) return wrong_at(0, chosen.error());
    return &*std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.word == *chosen; });
}

ConfigurationMode::ConfigurationMode(std::string name, DaemonLink& daemon, OperationalMode& operational, Candidate running,
                                     std::uint64_t generation)
    : name_(std::move(name)),
      daemon_(daemon),
      operational_(operational),
      running_(std::move(running)),
      candidate_(running_.copy()),
      generation_(generation) {}

Outcome<ConfigurationMode> ConfigurationMode::enter(std::string name, DaemonLink& daemon, OperationalMode& operational) {
    ConfigurationMode mode{std::move(name), daemon, operational, Candidate{}, 0};
    if (const auto fetched = understood([&] { return mode.fetch_running(); }); !fetched) return tl::unexpected(fetched.error());
    mode.candidate_ = mode.running_.copy();
    return mode;
}

Outcome<void> ConfigurationMode::fetch_running() {
    const auto answer = daemon_.call(control::method::kConfigGet);
    if (!answer) return refused(answer.error());
    const auto generation = answer->at("generation").get<std::uint64_t>();
    auto running = Candidate::from_json(answer->at("config").dump());
    if (!running) return failed_with(ExitCode::failed, "the daemon's configuration cannot be read: " + running.error().message);
    running_ = std::move(*running);
    generation_ = generation;
    return {};
}

std::string ConfigurationMode::prompt() const {
    return (level_.empty() ? "[edit]\n" : "[edit " + joined(level_) + "]\n") + name_ + "# ";
}

Expectations ConfigurationMode::expect(Words words) {
    if (words.empty()) {
        Expectations expected;
        for (const Row& row : rows()) expected.push_back({std::string{row.word}, std::string{row.description}});
        return expected;
    }
    const auto found = row_of(words[0]);
    if (!found) return {};
    const Row& row = **found;
    const Words rest = words.subspan(1);
    if (row.word == "run") return operational_.expect_command(rest);
    if (row.word == "trace" || row.word == "test") {
        Expectations expected = operational_.expect_command(without_candidate(words));
        if (row.word == "trace" && rest.empty())
            expected.insert(expected.begin(),
                            {std::string{kCandidate}, "the candidate, which is asked without this word as well"});
        return expected;
    }
    if (row.word == "help") return rest.empty() ? expect({}) : Expectations{};
    if (!row.path) {
        return expected_terms(
            rest, row.terms, [this](std::string_view method, std::string_view column) { return daemon_.column(method, column); });
    }
    // copy ENTRY to KEY, insert ENTRY before KEY: behind the word in the middle stands a key, and before it the word may come.
    const bool moves = row.word == "insert", makes = row.word == "copy" || row.word == "rename";
    for (std::size_t i = 1; i < rest.size(); ++i)
        if ((makes && rest[i] == "to") || (moves && (rest[i] == "before" || rest[i] == "after")))
            return i + 1 == rest.size() ? expect_key(rest.first(i), moves ? Purpose::remove : Purpose::set) : Expectations{};
    Expectations expected = candidate_.expect(from_top(rest), *row.path);
    if (!rest.empty() && candidate_.exists(from_top(rest))) {
        if (makes) expected.insert(expected.begin(), {"to", "the new key follows"});
        if (moves)
            expected.insert(expected.begin(), {{"before", "move it before the entry whose key follows"},
                                               {"after", "move it behind the entry whose key follows"}});
        if (row.word == "annotate") expected.push_back({"<text>", "the comment, in quotes; \"\" removes it", true});
    }
    return expected;
}

bool ConfigurationMode::may_end(Words words) {
    const auto found = row_of(words[0]);
    if (!found) return false;
    const Row& row = **found;
    const Words rest = words.subspan(1);
    if (row.word == "run") return operational_.may_end(rest);
    if (row.word == "trace" || row.word == "test") return operational_.may_end(without_candidate(words));
    if (row.word == "copy" || row.word == "rename") return halves(rest, "to").has_value();
    if (row.word == "insert") return halves(rest, "before") || halves(rest, "after");
    if (row.word == "annotate") return rest.size() > 1 && candidate_.exists(from_top(rest.first(rest.size() - 1)));
    return row.path ? candidate_.may_end(from_top(rest), *row.path) : read_terms(rest, row.terms).has_value();
}

std::optional<Failure> ConfigurationMode::mistake(Words words) const {
    const auto found = row_of(words[0]);
    if (!found) return found.error();
    const Row& row = **found;
    if (row.word == "trace" || row.word == "test") {
        auto mistake = mistake_in(without_candidate(words));
        if (mistake && names_candidate(words)) ++*mistake->word;
        return mistake;
    }
    const Words rest = words.subspan(1);
    std::optional<Failure> mistake = row.word == "run" ? mistake_in(rest)
                                     : row.path        ? mistake_in_path(row, rest)
                                                       : mistake_in(rest, row.terms);
    if (mistake) ++*mistake->word;
    return mistake;
}

std::optional<Failure> ConfigurationMode::mistake_in_path(const Row& row, Words words) const {
    // Of ENTRY to KEY, ENTRY before KEY, and PATH TEXT the first.
    const auto entry = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
        return row.word == "insert" ? word == "before" || word == "after" : row.path == Purpose::show && word == "to";
    });
    words = words.first(static_cast<std::size_t>(entry - words.begin()));
    if (row.word == "annotate" && words.size() > 1 && candidate_.exists(from_top(words.first(words.size() - 1)))) return {};
    const std::vector<std::string> path = from_top(words);
    if (row.path != Purpose::set && candidate_.exists(path)) return {};

    const auto why_not = [&]() -> std::optional<config::EditError> {
        Candidate tried = candidate_.copy();
        if (row.path == Purpose::set || row.path == Purpose::remove) {
            const auto done = row.path == Purpose::set ? tried.set(path) : tried.remove(path);
            return done ? std::nullopt : std::optional{done.error()};
        }
        const auto level = tried.resolve(path);
        return level ? std::nullopt : std::optional{level.error()};
    }();
    if (!why_not) return {};
    Failure failure = wrong(*why_not, words).value();
    return failure.word < words.size() ? std::optional{std::move(failure)} : std::nullopt;
}

// Keys beside an entry's: those that are there, or those that a new one may have.
Expectations ConfigurationMode::expect_key(Words entry, Purpose purpose) const {
    Expectations expected = candidate_.expect(from_top(entry.first(entry.size() - 1)), purpose);
    std::erase_if(expected, [&](const Expected& one) { return one.word == entry.back() || one.word == "["; });
    if (purpose == Purpose::set)
        std::erase_if(expected, [&](const Expected& one) {
            std::vector<std::string> sibling = from_top(entry);
            sibling.back() = one.word;
            return candidate_.exists(sibling);
        });
    return expected;
}

Outcome<Next> ConfigurationMode::run(Words words, OutputStream& out) {
    const auto found = row_of(words[0]);
    if (!found) return tl::unexpected(found.error());
    const Row& row = **found;
    auto next = understood([&] {
        return row.with_words != nullptr ? (this->*row.with_words)(words.subspan(1), out)
                                         : run_with_terms(row, words.subspan(1), out);
    });
    if (!next && next.error().word) ++*next.error().word;  // behind the command's own
    return next;
}

Outcome<Next> ConfigurationMode::run_with_terms(const Row& row, Words words, OutputStream& out) {
    const auto terms = read_terms(words, row.terms);
    if (!terms) return tl::unexpected(terms.error());
    return (this->*row.with_terms)(*terms, out);
}

std::vector<std::string> ConfigurationMode::from_top(Words words) const {
    std::vector<std::string> path = level_;
    path.insert(path.end(), words.begin(), words.end());
    return path;
}

// The candidate counts from the top of the tree, and knows nothing of a word in the middle; `words` were typed at a level.
tl::unexpected<Failure> ConfigurationMode::wrong(const config::EditError& error, Words words, std::size_t middle) const {
    std::size_t word = error.word < level_.size() ? 0 : error.word - level_.size();
    if (word >= middle) ++word;
    std::vector<std::string> known;
    bool only_words = true;  // of a value the message says itself what it may be
    for (const Expected& one : error.expected) {
        known.push_back(one.word);
        only_words = only_words && !one.is_value;
    }
    std::string sentence = error.message;
    constexpr std::size_t kMostListed = 16;
    // Of a value that will not do the message says what would; the values that other settings have are no better.
    if (!known.empty() && known.size() <= kMostListed && (only_words || word >= words.size()))
        sentence += ": expected " + listed(known);
    if (word < words.size() && has_letters(words[word]))
        if (const auto meant = control::nearest_word(words[word], known)) sentence += " (did you mean " + *meant + "?)";
    return wrong_at(word, std::move(sentence));
}

// ---- Changing -------------------------------------------------------------------------------------------------------------------

Outcome<Next> ConfigurationMode::set(Words words, OutputStream&) {
    if (const auto done = candidate_.set(from_top(words)); !done) return wrong(done.error(), words);
    return Next::here;
}

Outcome<Next> ConfigurationMode::remove(Words words, OutputStream&) {
    if (const auto done = candidate_.remove(from_top(words)); !done) return wrong(done.error(), words);
    return Next::here;
}

Outcome<Next> ConfigurationMode::copy(Words words, OutputStream&) {
    const auto parts = halves(words, "to");
    if (!parts) return wrong_at(words.size(), "expected ENTRY to KEY, as: copy gateway firewall rule 3 to 30");
    if (const auto done = candidate_.copy_entry(from_top(parts->left), parts->right); !done)
        return wrong(done.error(), words, parts->left.size());
    return Next::here;
}

Outcome<Next> ConfigurationMode::rename(Words words, OutputStream&) {
    const auto parts = halves(words, "to");
    if (!parts) return wrong_at(words.size(), "expected ENTRY to KEY, as: rename gateway interface lan to office");
    if (const auto done = candidate_.rename_entry(from_top(parts->left), parts->right); !done)
        return wrong(done.error(), words, parts->left.size());
    return Next::here;
}

Outcome<Next> ConfigurationMode::insert(Words words, OutputStream&) {
    const auto before = halves(words, "before");
    const auto parts = before ? before : halves(words, "after");
    if (!parts) return wrong_at(words.size(), "expected ENTRY before|after KEY, as: insert gateway firewall rule 9 before 3");
    const auto done = candidate_.insert(from_top(parts->left), before.has_value(), parts->right);
    if (!done) return wrong(done.error(), words, parts->left.size());
    return Next::here;
}

Outcome<Next> ConfigurationMode::annotate(Words words, OutputStream&) {
    if (words.size() < 2)
        return wrong_at(words.size(), "expected PATH TEXT, as: annotate gateway firewall rule 3 \"asked for by the shop\"");
    const auto done = candidate_.annotate(from_top(words.first(words.size() - 1)), words.back());
    if (!done) return wrong(done.error(), words);
    return Next::here;
}

Outcome<Next> ConfigurationMode::load(const json& terms, OutputStream&) {
    const auto text = read_configuration(terms["file"]);
    if (!text) return tl::unexpected(Failure{text.error().code, text.error().sentence, 1});
    const auto done = candidate_.load(*text, terms["way"] == "merge" ? Candidate::Load::merge : Candidate::Load::replace);
    if (!done) return wrong_at(1, terms["file"].get<std::string>() + ": " + done.error().path + ": " + done.error().message);
    return Next::here;
}

// ---- Looking --------------------------------------------------------------------------------------------------------------------

Outcome<Next> ConfigurationMode::edit(Words words, OutputStream&) {
    auto level = candidate_.resolve(from_top(words));
    if (!level) return wrong(level.error(), words);
    level_ = std::move(*level);
    return Next::here;
}

Outcome<Next> ConfigurationMode::up(const json& terms, OutputStream&) {
    // A level is a container or an entry with its keys, so words are taken away until a level is left.
    for (auto levels = terms.value("levels", std::uint64_t{1}); levels > 0 && !level_.empty(); --levels) {
        do level_.pop_back();
        while (!level_.empty() && !candidate_.resolve(level_));
    }
    return Next::here;
}

Outcome<Next> ConfigurationMode::top(const json&, OutputStream&) {
    level_.clear();
    return Next::here;
}

Outcome<Next> ConfigurationMode::show(Words words, OutputStream& out) {
    const std::vector<std::string> path = from_top(words);
    if (!path.empty() && !candidate_.exists(path)) {
        // Nothing there, or nothing that could be: the schema knows which.
        if (const auto level = candidate_.resolve(path); !level) return wrong(level.error(), words);
        return Next::here;
    }
    switch (out.form()) {
        case Form::text: out.put(candidate_.as_text(path)); break;
        case Form::set: out.put(candidate_.as_set(path)); break;
        case Form::json_document: out.put(candidate_.as_json(path)); break;
    }
    return Next::here;
}

Outcome<Candidate> ConfigurationMode::rolled_back(const std::string& number) {
    const auto parsed = parse_number(number, 49);
    if (!parsed) return failed_with(ExitCode::usage, "\"" + number + "\" is no number from 0 to 49");
    const auto answer = daemon_.call(control::method::kConfigRollback, json{{"number", *parsed}});
    if (!answer) return refused(answer.error());
    auto document = Candidate::from_json(answer->at("config").dump());
    if (!document) return failed_with(ExitCode::failed, document.error().message);
    return std::move(*document);
}

Outcome<Next> ConfigurationMode::compare(const json& terms, OutputStream& out) {
    if (terms.contains("rollback")) {
        const auto other = rolled_back(terms["rollback"]);
        if (!other) return tl::unexpected(Failure{other.error().code, other.error().sentence, 1});
        out.put(candidate_.difference(*other));
    } else if (terms.contains("saved")) {
        const auto text = read_configuration(terms["saved"]);
        if (!text) return tl::unexpected(Failure{text.error().code, text.error().sentence, 1});
        Candidate other;
        if (const auto done = other.load(*text, Candidate::Load::replace); !done)
            return wrong_at(1, done.error().path + ": " + done.error().message);
        out.put(candidate_.difference(other));
    } else {
        out.put(candidate_.difference(running_));
    }
    return Next::here;
}

Outcome<Next> ConfigurationMode::save(const json& terms, OutputStream& out) {
    const std::string file = terms["file"];
    const std::string text = file.ends_with(".json")  ? candidate_.as_json()
                             : file.ends_with(".set") ? candidate_.as_set()
                                                      : candidate_.as_text();
    std::ofstream stream{file, std::ios::binary};
    stream << text << std::flush;
    if (!stream) return wrong_at(0, file + " cannot be written: " + std::strerror(errno));
    out.remark("the candidate is in " + file + "\n");
    return Next::here;
}

// ---- Putting it in force --------------------------------------------------------------------------------------------------------

// Where a setting lacks its value, what to type is said as well.
tl::unexpected<Failure> ConfigurationMode::refused_document(control::CallError error) const {
    const std::vector<std::string> place = config::words_of_path(error.path);
    const std::string values = place.empty() ? "" : what_may_be_set(candidate_.expect(place, Purpose::set));
    if (error.message.ends_with(" is missing") && !values.empty())
        error.hint = "type: set " + config::quoted(place) + " " + values;
    return refused(error);
}

Outcome<bool> ConfigurationMode::waits_for_confirmation() {
    const auto history = daemon_.call(control::method::kConfigHistory);
    if (!history) return refused(history.error());
    const json& rows = history->at("rows");
    return !rows.empty() && !rows[0].value("pending_seconds", json()).is_null();
}

Outcome<Next> ConfigurationMode::commit(const json& terms, OutputStream& out) {
    const bool check = terms.contains("check");
    // Another commit keeps one that waits to be confirmed, and one that is to be confirmed may have its timer begin anew.
    if (!check && !changed() && !terms.contains("confirm_seconds")) {
        const auto waits = waits_for_confirmation();
        if (!waits) return tl::unexpected(waits.error());
        if (!*waits) {
            out.put("there are no changes to commit\n");
            return Next::here;
        }
    }
    json parameters = terms;
    parameters.erase("check");
    parameters["config"] = json::parse(candidate_.to_json());
    parameters["base"] = generation_;
    const auto answer = daemon_.call(check ? control::method::kConfigCheck : control::method::kConfigCommit, parameters);
    if (!answer) {
        if (answer.error().code == control::kConfigurationRefused) return refused_document(answer.error());
        if (answer.error().code != control::kConflict) return refused(answer.error());
        const json about = json::parse(answer.error().data, nullptr, false);
        return failed_with(
            ExitCode::rejected,
            fmt::format("{} has committed generation {} at {} since you began: `update` puts your changes on top of it, "
                        "`discard` forgets them",
                        about.value("user", "somebody"), about.value("generation", 0), about.value("time", "?")));
    }
    if (check) {
        out.put_sentences("the candidate can be committed\n" + remarks_of(*answer), operational_.style());
        return Next::here;
    }
    // What is in force may be more than was committed: without a switch in it, the switch stays. Unless somebody was quicker, that is
    // where editing goes on.
    const auto committed = answer->at("generation").get<std::uint64_t>();
    if (fetch_running() && generation_ == committed)
        candidate_ = running_.copy();
    else
        running_ = candidate_.copy();
    generation_ = committed;
    std::string text = fmt::format("commit complete, generation {}\n", generation_) + remarks_of(*answer);
    if (parameters.contains("confirm_seconds"))
        text +=
            fmt::format("  it will be undone in {} s unless you `confirm`\n", parameters["confirm_seconds"].get<std::uint64_t>());
    out.put_sentences(text, operational_.style());
    return Next::here;
}

Outcome<Next> ConfigurationMode::confirm(const json&, OutputStream& out) {
    const auto answer = daemon_.call(control::method::kConfigConfirm);
    if (!answer) return refused(answer.error());
    out.put(fmt::format("generation {} stays in force\n", answer->at("generation").get<std::uint64_t>()));
    return Next::here;
}

Outcome<Next> ConfigurationMode::update(const json&, OutputStream& out) {
    const Candidate base = running_.copy();
    const std::uint64_t before = generation_;
    if (const auto fetched = fetch_running(); !fetched) return tl::unexpected(fetched.error());
    if (generation_ == before) {
        out.put("nobody has committed since you began\n");
        return Next::here;
    }
    if (const auto merged = candidate_.merge_changes(base, running_); !merged) {
        running_ = base.copy();
        generation_ = before;
        return failed_with(ExitCode::rejected, merged.error().path + ": " + merged.error().message +
                                                   "; see theirs by `run show configuration`, and `set` the same, or `delete` "
                                                   "it where they did, before you `update` again; or `discard` your changes");
    }
    out.put(fmt::format("your changes stand on top of generation {} now: see `compare`, then `commit`\n", generation_));
    return Next::here;
}

Outcome<Next> ConfigurationMode::discard(const json&, OutputStream&) {
    if (const auto fetched = fetch_running(); !fetched) return tl::unexpected(fetched.error());
    candidate_ = running_.copy();
    return Next::here;
}

Outcome<Next> ConfigurationMode::rollback(const json& terms, OutputStream& out) {
    auto document = rolled_back(terms["number"]);
    if (!document) return tl::unexpected(Failure{document.error().code, document.error().sentence, 0});
    candidate_ = std::move(*document);
    out.remark("it is the candidate now: see `compare`, then `commit`\n");
    return Next::here;
}

Outcome<Next> ConfigurationMode::trace(Words words, OutputStream& out) { return ask_candidate("trace", words, out); }
Outcome<Next> ConfigurationMode::test(Words words, OutputStream& out) { return ask_candidate("test", words, out); }

// The operational mode's command, with the candidate beside its question.
Outcome<Next> ConfigurationMode::ask_candidate(std::string_view word, Words words, OutputStream& out) {
    std::vector<std::string> command{std::string{word}};
    command.insert(command.end(), words.begin(), words.end());
    const bool named = names_candidate(command);
    auto next = operational_.run_command(without_candidate(command), out, json{{"config", json::parse(candidate_.to_json())}});
    // Counted from behind the first word, as it was typed.
    if (!next && next.error().word.value_or(0) > 0 && !named) --*next.error().word;
    return next;
}

Outcome<Next> ConfigurationMode::run_operational(Words words, OutputStream& out) {
    if (words.empty()) return wrong_at(0, "expected a command of the operational mode, as: run show sessions");
    return operational_.run_command(words, out);
}

Outcome<Next> ConfigurationMode::help(const json& terms, OutputStream& out) {
    if (terms.contains("command")) {
        const auto row = row_of(terms["command"]);
        if (!row) return tl::unexpected(row.error());
        out.put(help_of(described(**row), "", operational_.style()));
        return Next::here;
    }
    std::vector<Described> commands;
    for (const Row& row : rows()) commands.push_back(described(row));
    out.put("Commands of the configuration mode:\n" + list_of(commands, operational_.style()) + std::string{kHelpInShell});
    return Next::here;
}

Outcome<Next> ConfigurationMode::exit(const json& terms, OutputStream&) {
    if (terms.contains("discard")) return Next::back;
    if (!level_.empty()) {
        level_.clear();
        return Next::here;
    }
    if (changed())
        return failed_with(ExitCode::rejected, "there are changes that are not committed: `commit`, or `exit discard`");
    return Next::back;
}

}  // namespace hairpin::cli

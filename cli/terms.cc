#include "cli/terms.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/choice.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

// One word of the language and where it was typed: `--source=X` is two words typed as one.
struct TypedWord {
    std::string text;
    std::size_t word;
};

std::vector<TypedWord> without_dashes(Words words, std::span<const Term> terms) {
    std::vector<TypedWord> plain;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const auto lettered = std::find_if(terms.begin(), terms.end(),
                                           [&](const Term& term) { return !term.letter.empty() && term.letter == word; });
        if (lettered != terms.end()) {
            plain.push_back({std::string{lettered->keyword}, i});
            continue;
        }
        if (!word.starts_with("--")) {
            plain.push_back({word, i});
            continue;
        }
        const auto equals = word.find('=');
        plain.push_back({word.substr(2, equals == std::string::npos ? equals : equals - 2), i});
        if (equals != std::string::npos) plain.push_back({word.substr(equals + 1), i});
    }
    return plain;
}

bool alone(const Term& term) { return term.keyword.empty(); }
bool listed_in(const Term& term) { return term.how == Term::How::repeated; }

Outcome<json> read_value(const ValueType& type, const std::string& text) {
    if (!type.choices.empty()) {
        const auto chosen = choose(text, words_of(type.choices), "");
        if (!chosen) return tl::unexpected(chosen.error());
        return json(*chosen);
    }
    return type.read != nullptr ? type.read(text) : Outcome<json>{json(text)};
}

// Reads from the front as far as it goes. `values` has what each term has got; `next` is the term whose value is missing.
struct Reading {
    struct Got {
        const Term* term;
        json value;
        std::size_t word;
    };
    std::vector<Got> values;
    const Term* next = nullptr;
    std::optional<Failure> failure;

    bool has(const Term& term) const {
        return std::any_of(values.begin(), values.end(), [&](const Got& got) { return got.term == &term; });
    }
    // The term that sets the same parameter and has been said: `df` and `no-df` exclude each other.
    const Term* said(std::string_view key) const {
        const auto found = std::find_if(values.begin(), values.end(),
                                        [&](const Got& got) { return got.term->key == key && !listed_in(*got.term); });
        return found == values.end() ? nullptr : found->term;
    }
};

Reading read_on(Words words, std::span<const Term> terms) {
    Reading reading;
    const std::vector<TypedWord> typed = without_dashes(words, terms);
    auto position = terms.begin();  // of the values that stand alone
    const auto next_alone = [&] {
        while (position != terms.end() && (!alone(*position) || (reading.has(*position) && !listed_in(*position)))) ++position;
        return position == terms.end() ? nullptr : &*position;
    };
    const auto fail = [&](std::size_t word, Failure failure) {
        failure.word = word;
        reading.failure = std::move(failure);
    };
    const auto take = [&](const Term& term, const TypedWord& word) {
        auto value = read_value(*term.value, word.text);
        if (!value) {
            if (!alone(term)) value.error().sentence = std::string{term.keyword} + " " + value.error().sentence;
            return fail(word.word, value.error());
        }
        reading.values.push_back({&term, std::move(*value), word.word});
    };

    std::vector<std::string> keywords;
    for (const Term& term : terms)
        if (!alone(term)) keywords.emplace_back(term.keyword);
    // Words that are not said yet: those that are make no other ambiguous, and an error does not offer them.
    const auto choose_of_rest = [&](const std::string& text) -> Outcome<std::string> {
        std::vector<std::string> rest;
        for (const Term& term : terms)
            if (!alone(term) && (listed_in(term) || reading.said(term.key) == nullptr)) rest.emplace_back(term.keyword);
        auto chosen =
            rest.empty() ? misused("\"" + text + "\" is too much: the command takes nothing more") : choose(text, rest, "");
        const ValueType* before = reading.values.empty() ? nullptr : reading.values.back().term->value;
        if (!chosen && before != nullptr && before->of_words)
            chosen.error().sentence += "; words that belong together stand in quotes";
        return chosen;
    };
    for (std::size_t i = 0; i < typed.size() && !reading.failure; ++i) {
        const Term* value = next_alone();
        const bool left_out = value != nullptr && value->how != Term::How::required &&
                              std::find(keywords.begin(), keywords.end(), typed[i].text) != keywords.end();
        if (value != nullptr && !left_out) {
            take(*value, typed[i]);
            continue;
        }
        if (keywords.empty()) {
            fail(typed[i].word, {ExitCode::usage, "\"" + typed[i].text + "\" is too much: the command takes nothing more"});
            break;
        }
        auto chosen = choose(typed[i].text, keywords, "");
        if (!chosen) chosen = choose_of_rest(typed[i].text);
        if (!chosen) {
            fail(typed[i].word, chosen.error());
            break;
        }
        const Term& term = *std::find_if(terms.begin(), terms.end(), [&](const Term& row) { return row.keyword == *chosen; });
        if (const Term* other = listed_in(term) ? nullptr : reading.said(term.key)) {
            fail(typed[i].word,
                 {ExitCode::usage, other == &term ? *chosen + " is said twice"
                                                  : *chosen + " and " + std::string{other->keyword} + " exclude each other"});
        } else if (term.value == nullptr) {
            reading.values.push_back({&term, json(term.constant), typed[i].word});
        } else if (i + 1 == typed.size()) {
            reading.next = &term;
        } else {
            take(term, typed[++i]);
        }
    }
    if (!reading.failure && reading.next == nullptr)
        if (const Term* value = next_alone()) reading.next = value;
    return reading;
}

std::string shape_of(const ValueType& type) {
    if (type.choices.empty() || type.choices.size() > 8) return std::string{type.shape};
    std::string text;
    for (const Choice& choice : type.choices) text += (text.empty() ? "" : "|") + std::string{choice.word};
    return text;
}

}  // namespace

std::string_view description_of(const Term& term) {
    return !term.description.empty() || term.value == nullptr ? term.description : term.value->description;
}

std::string usage_of(const Term& term) {
    std::string text{term.keyword};
    if (term.value != nullptr) text += (text.empty() ? "" : " ") + shape_of(*term.value);
    return text;
}

namespace {

// Those of which one can be said: they stand together and set the same parameter.
std::span<const Term> alternatives(std::span<const Term> terms, const Term& first) {
    auto rest = terms.subspan(static_cast<std::size_t>(&first - terms.data()));
    const auto end = std::find_if(rest.begin(), rest.end(), [&](const Term& term) { return term.key != first.key; });
    return rest.first(listed_in(first) ? 1 : static_cast<std::size_t>(end - rest.begin()));
}

// "tcp PORT|udp PORT|icmp"
std::string usage_of_alternatives(std::span<const Term> terms) {
    std::string text;
    for (const Term& term : terms) text += (text.empty() ? "" : "|") + usage_of(term);
    return text;
}

}  // namespace

Outcome<json> read_terms(Words words, std::span<const Term> terms) {
    Reading reading = read_on(words, terms);
    if (reading.failure) return tl::unexpected(*reading.failure);
    const bool optional_value = reading.next != nullptr && alone(*reading.next) && reading.next->how != Term::How::required;
    if (reading.next != nullptr && !optional_value) {
        const std::string missing =
            alone(*reading.next) ? "expected " + usage_of(*reading.next) + ": " + std::string{description_of(*reading.next)}
                                 : "a value is missing after " + std::string{reading.next->keyword};
        return wrong_at(words.size(), {ExitCode::usage, missing});
    }
    for (const Term& term : terms)
        if (term.how == Term::How::required && reading.said(term.key) == nullptr)
            return wrong_at(words.size(), {ExitCode::usage, "expected " + usage_of_alternatives(alternatives(terms, term)) +
                                                                ": " + std::string{description_of(term)}});

    json parameters = json::object();
    for (Reading::Got& got : reading.values) {
        json& parameter = parameters[std::string{got.term->key}];
        if (listed_in(*got.term))
            parameter.push_back(std::move(got.value));
        else
            parameter = std::move(got.value);
    }
    return parameters;
}

std::optional<Failure> mistake_in(Words words, std::span<const Term> terms) { return read_on(words, terms).failure; }

std::size_t word_of(std::string_view key, Words words, std::span<const Term> terms) {
    const Reading reading = read_on(words, terms);
    for (const Reading::Got& got : reading.values)
        if (got.term->key == key) return got.word;
    return words.size();
}

Expectations expected_values(const ValueType& type, std::string_view description, const KnownValues& known) {
    Expectations expected = expected_of(type.choices);
    if (!expected.empty()) return expected;
    if (!type.known_by.empty() && known)
        for (std::string& word : known(type.known_by, type.known_in)) expected.push_back({std::move(word), ""});
    std::string shape{type.shape};
    std::transform(shape.begin(), shape.end(), shape.begin(), [](unsigned char letter) { return std::tolower(letter); });
    expected.push_back({"<" + shape + ">", std::string{description.empty() ? type.description : description}, true});
    return expected;
}

Expectations expected_terms(Words words, std::span<const Term> terms, const KnownValues& known) {
    const Reading reading = read_on(words, terms);
    if (reading.failure) return {};
    Expectations expected;
    if (reading.next != nullptr) {
        expected = expected_values(*reading.next->value, reading.next->description, known);
        if (!alone(*reading.next) || reading.next->how == Term::How::required) return expected;
    }
    for (const Term& term : terms)
        if (!alone(term) && (listed_in(term) || reading.said(term.key) == nullptr))
            expected.push_back({std::string{term.keyword}, std::string{description_of(term)}});
    return expected;
}

std::string usage_of(std::span<const Term> terms) {
    std::string usage;
    while (!terms.empty()) {
        const std::span<const Term> together = alternatives(terms, terms.front());
        const std::string one = usage_of_alternatives(together);
        usage += usage.empty() ? "" : " ";
        switch (terms.front().how) {
            case Term::How::required: usage += one; break;
            case Term::How::optional: usage += "[" + one + "]"; break;
            case Term::How::repeated: usage += "[" + one + "]..."; break;
        }
        terms = terms.subspan(together.size());
    }
    return usage;
}

}  // namespace hairpin::cli

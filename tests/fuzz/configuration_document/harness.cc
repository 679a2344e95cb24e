// A configuration document as the daemon is given one: RFC 7951 JSON, the schema, then what YANG cannot say. It is compiled, or refused
// with a path; what was compiled can be analysed, and the shell can read and write it.

#include <nlohmann/json.hpp>

#include "config/candidate/candidate.h"
#include "config/compile.h"
#include "gateway/analysis/analysis.h"
#include "gateway/routing/route_table.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"
#include "tests/support/guide_document.h"

namespace hairpin::config {
namespace {

using fuzz::holds;

const gateway::Ruleset& rules_in_force() {
    static const gateway::RulesetPtr rules = compile(*Document::parse(testing::guide_document().dump()), nullptr)->ruleset;
    return *rules;
}

// A client must be able to read it.
void check_refusal(const Error& error) {
    holds(!error.message.empty(), "a refusal without a reason");
    (void)nlohmann::json(error.message + error.path).dump();  // throws at what is no UTF-8
}

void check_document(const std::string& text, const Document& document) {
    holds(nlohmann::json::accept(text), "a document that is no JSON");
    const std::string written = document.to_json();
    const auto again = Document::parse(written);
    holds(again.has_value() && again->to_json() == written, "a document that was written is another when it is read: " + written);
}

// What config.get answers is what the shell begins with, and what it would commit.
void check_candidate(const std::string& text, const Document& document) {
    const auto candidate = Candidate::from_json(text);
    holds(candidate.has_value(), "the shell cannot read a valid document: " + (candidate ? "" : candidate.error().message));
    const auto committed = Document::parse(candidate->to_json());
    holds(committed.has_value(), "the shell makes an invalid document of a valid one: " + candidate->to_json());
    const auto same = Candidate::from_json(document.to_json());
    holds(same.has_value() && same->difference(*candidate).empty(), "the shell and the daemon read two different documents");
}

void check_compiled(const Document& document, const gateway::Ruleset* previous) {
    const auto compiled = compile(document, previous);
    if (!compiled) {
        check_refusal(compiled.error());
        holds(!compiled.error().path.empty(), "a valid document is refused without a path: " + compiled.error().message);
        return;
    }
    const gateway::Ruleset& rules = *compiled->ruleset;
    (void)gateway::RouteTable{rules};
    for (const gateway::Finding& finding : gateway::analyse(rules)) holds(!finding.text.empty(), "a finding without a text");
}

}  // namespace
}  // namespace hairpin::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::config;
    const std::string text{hairpin::fuzz::Input{data, size}.rest()};
    const auto document = Document::parse(text);
    if (!document) {
        check_refusal(document.error());
        return 0;
    }
    check_document(text, *document);
    check_candidate(text, *document);
    check_compiled(*document, nullptr);
    check_compiled(*document, &rules_in_force());
    return 0;
}

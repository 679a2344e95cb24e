// A configuration as text, in any of its three forms. What loads is written in each form, and each loads back to an equal tree; what does
// not load is refused with a place, and leaves the candidate as it was.
//
//   first byte: even: it replaces an empty candidate; odd: it is merged into the guide's lab

#include "config/candidate/candidate.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"
#include "tests/support/guide_document.h"

namespace hairpin::config {
namespace {

using fuzz::holds;
using Load = Candidate::Load;

const Candidate& guide() {
    static const Candidate candidate = *Candidate::from_json(testing::guide_document().dump());
    return candidate;
}

void check_refusal(const Error& error) {
    holds(!error.message.empty(), "a refusal without a reason");
    holds(error.path.starts_with("line "), "a refusal without a place: " + error.message);
}

void check_round_trip(const Candidate& candidate) {
    const std::string tree = candidate.to_json();
    for (const std::string& text : {candidate.as_set(), candidate.as_text(), candidate.as_json(), tree}) {
        Candidate again;
        const auto loaded = again.load(text, Load::replace);
        holds(loaded.has_value(),
              "what was written does not load: " + (loaded ? "" : loaded.error().path + loaded.error().message));
        holds(again.to_json() == tree, "what was written loads to another tree:\n" + text);
        holds(again.load(text, Load::merge).has_value() && again.to_json() == tree, "once more changes something:\n" + text);
    }
}

// Equal trees have no difference, and what was in force before the load can be told from what is there now.
void check_difference(const Candidate& candidate, const Candidate& before) {
    holds(candidate.difference(candidate.copy()).empty(), "a candidate differs from its copy");
    const bool none = candidate.difference(before).empty();
    holds(none == before.difference(candidate).empty(), "a difference is there in one direction alone");
    holds(none == candidate.changed_paths(before).empty(), "a difference without a path, or a path without one");
}

}  // namespace
}  // namespace hairpin::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::config;
    hairpin::fuzz::Input input{data, size};
    const bool merges = input.byte() % 2 != 0;
    Candidate candidate = merges ? guide().copy() : Candidate{};
    const Candidate before = candidate.copy();
    const auto loaded = candidate.load(std::string{input.rest()}, merges ? Load::merge : Load::replace);
    if (!loaded) {
        check_refusal(loaded.error());
        holds(candidate.to_json() == before.to_json(), "what was refused has changed something");
        return 0;
    }
    check_round_trip(candidate);
    check_difference(candidate, before);
    return 0;
}

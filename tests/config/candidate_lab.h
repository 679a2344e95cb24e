#pragma once
// Small words for tests of candidates, and candidates made at random by walking through what may be typed.

#include <string>
#include <string_view>
#include <vector>

#include "config/candidate/candidate.h"

namespace hairpin::config {

std::vector<std::string> words(std::string_view line);  // as the shell takes a line apart
// Of lines of `set` and `annotate`, or of any other form. The test fails where they do not load.
Candidate candidate_of(const std::string& text);
Candidate guide_candidate();  // the guide's lab
void set(Candidate& candidate, std::string_view line);
void remove(Candidate& candidate, std::string_view line);
// "3: there is no ...": the word that is wrong, and why; "done" where nothing is.
std::string outcome(const Edit<void>& done);

// Within a rapidcheck property only. A path that may end, or comes to a dead end; values are right or hostile.
std::vector<std::string> any_path(const Candidate& candidate, Candidate::Purpose purpose);
void edit_at_random(Candidate& candidate, int edits);
Candidate any_candidate();

}  // namespace hairpin::config

#pragma once
// What may be typed next: a word of the language, a value that is known, or a placeholder for one that is not. Help after `?`,
// completion and the words of an error are made of these, whether commands or the configuration's schema name them.

#include <vector>

#include "config/candidate/candidate.h"

namespace hairpin::cli {

using config::Expected;
using Expectations = std::vector<Expected>;

}  // namespace hairpin::cli

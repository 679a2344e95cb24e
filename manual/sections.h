#pragma once
// What a marker in a page may ask for.

#include <string>
#include <vector>

#include "manual/page.h"

namespace hairpin::manual {

// The text that stands behind a marker. `requests` are all of the same page: settings that have a place of their own are left out of
// the place above them.
Result<std::string> generated(const Request& request, Form form, const std::vector<Request>& requests);

}  // namespace hairpin::manual

#pragma once
// A page that people wrote, with parts that are generated:
//
//   <!-- generated: settings gateway arp -->          in Markdown
//   ...
//   <!-- end -->
//
//   ; generated: settings gateway arp                 in scdoc, where a line that begins with ; is a comment
//   ...
//   ; end
//
// What stands between the two lines is written anew; everything else is left alone.

#include <functional>
#include <string>
#include <vector>

#include "manual/markup.h"
#include "net/result.h"

namespace hairpin::manual {

// Whether a file can be a page: NAME.md or NAME.scd.
bool is_page(const std::string& file);
Form form_of(const std::string& file);

// What a marker asks for: "settings gateway arp".
using Request = std::string;
std::vector<Request> requests_in(const std::string& text, Form form);

// The page as it should be. An error's path is the line.
Result<std::string> filled(const std::string& text, Form form,
                           const std::function<Result<std::string>(const Request&)>& generate);

}  // namespace hairpin::manual

#include "manual/page.h"

#include <array>
#include <optional>
#include <sstream>
#include <string_view>

namespace hairpin::manual {

namespace {

struct Marks {
    std::string_view begin, behind_request, end;
};
constexpr Marks kMarkdownMarks{"<!-- generated: ", " -->", "<!-- end -->"};
constexpr Marks kScdocMarks{"; generated: ", "", "; end"};

const Marks& marks_of(Form form) { return form == Form::markdown ? kMarkdownMarks : kScdocMarks; }

std::optional<Request> request_in(std::string_view line, const Marks& marks) {
    if (!line.starts_with(marks.begin) || !line.ends_with(marks.behind_request)) return std::nullopt;
    line.remove_prefix(marks.begin.size());
    line.remove_suffix(marks.behind_request.size());
    return Request{line};
}

tl::unexpected<Error> wrong_at(std::size_t line, std::string message) {
    return tl::unexpected(Error{std::move(message), std::to_string(line)});
}

}  // namespace

bool is_page(const std::string& file) { return file.ends_with(".md") || file.ends_with(".scd"); }

Form form_of(const std::string& file) { return file.ends_with(".scd") ? Form::scdoc : Form::markdown; }

std::vector<Request> requests_in(const std::string& text, Form form) {
    std::vector<Request> requests;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        if (auto request = request_in(line, marks_of(form))) requests.push_back(std::move(*request));
    return requests;
}

Result<std::string> filled(const std::string& text, Form form,
                           const std::function<Result<std::string>(const Request&)>& generate) {
    const Marks& marks = marks_of(form);
    std::string result;
    std::size_t number = 0, open = 0;  // the line of a marker whose end has not come yet
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const auto request = request_in(line, marks);
        if (request && open != 0) return wrong_at(open, "what is generated has no end: " + std::string{marks.end});
        if (line == marks.end) {
            if (open == 0) return wrong_at(number, "this ends nothing");
            open = 0;
        }
        if (open == 0) result += line + "\n";
        if (!request) continue;
        const auto generated = generate(*request);
        if (!generated) return wrong_at(number, generated.error().message);
        result += "\n" + *generated + "\n";
        open = number;
    }
    if (open != 0) return wrong_at(open, "what is generated has no end: " + std::string{marks.end});
    return result;
}

}  // namespace hairpin::manual

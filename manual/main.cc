// hairpin-manual: writes the generated parts of the manual, or says which of them are stale.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "manual/commands.h"
#include "manual/page.h"
#include "manual/sections.h"

namespace {

using namespace hairpin;
using namespace hairpin::manual;
namespace fs = std::filesystem;

std::vector<fs::path> pages_below(const fs::path& root) {
    std::vector<fs::path> pages;
    for (const auto& entry : fs::recursive_directory_iterator{root / "docs"})
        if (entry.is_regular_file() && is_page(entry.path())) pages.push_back(entry.path());
    std::sort(pages.begin(), pages.end());
    return pages;
}

Result<std::string> read(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    if (!(text << stream.rdbuf())) return failure("cannot be read");
    return text.str();
}

Result<std::string> up_to_date(const std::string& text, Form form) {
    const auto requests = requests_in(text, form);
    return filled(text, form, [&](const Request& request) { return generated(request, form, requests); });
}

std::size_t first_different_line(const std::string& one, const std::string& other) {
    const auto [end, unused] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    return 1 + static_cast<std::size_t>(std::count(one.begin(), end, '\n'));
}

enum class Mode { write, check };

// Whether the page was in order. What is wrong with it is said on standard error as FILE:LINE.
bool visit(const fs::path& file, Mode mode) {
    const auto tell = [&](const std::string& where, const std::string& what) {
        std::cerr << file.string() << ":" << where << ": " << what << "\n";
        return false;
    };
    const auto text = read(file);
    if (!text) return tell("", text.error().message);
    const auto wanted = up_to_date(*text, form_of(file));
    if (!wanted) return tell(wanted.error().path, wanted.error().message);
    if (*wanted == *text) return true;
    if (mode == Mode::check)
        return tell(std::to_string(first_different_line(*text, *wanted)), "is not what would be generated: run scripts/manual");
    std::ofstream stream{file, std::ios::binary};
    if (!(stream << *wanted << std::flush)) return tell("", "cannot be written");
    std::cout << file.string() << "\n";
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Writes the generated parts of the manual, in docs/."};
    std::string root = ".";
    bool check = false, examples = false;
    app.add_option("root", root, "The folder of the repository")->capture_default_str();
    app.add_flag("--check", check, "Write nothing; say which page is stale, and end with 1 if any is");
    app.add_flag("--examples", examples, "Print every command's example as JSON instead");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 2;
    }
    if (examples) {
        std::cout << examples_as_json();
        return 0;
    }
    if (!fs::is_directory(fs::path{root} / "docs")) {
        std::cerr << "hairpin-manual: error: " << root << " has no folder docs: run it in the repository, or name its folder\n";
        return 2;
    }
    bool good = true;
    for (const fs::path& page : pages_below(root)) good = visit(page, check ? Mode::check : Mode::write) && good;
    return good ? 0 : 1;
}

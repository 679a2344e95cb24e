#include <fmt/format.h>

#include <filesystem>

#include "lab/compose_import.h"
#include "lab/files.h"
#include "lab/generator.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

namespace fs = std::filesystem;

// Nothing that is there already is written over.
Result<void> write_lab_folder(const std::string& folder, const std::map<std::string, std::string>& files) {
    std::error_code none;
    if (fs::exists(folder, none) && !fs::is_empty(folder, none))
        return failure(fmt::format("{} is there already, and not empty", folder));
    for (const auto& [name, text] : files) {
        const fs::path path = fs::path{folder} / name;
        if (auto made = make_folders(path.parent_path()); !made) return made;
        if (auto written = write_file(path, text); !written) return written;
    }
    return {};
}

ExitCode hand_over(const std::string& folder, const std::map<std::string, std::string>& files) {
    if (const auto written = write_lab_folder(folder, files); !written) return report(ExitCode::failed, written.error().message);
    fmt::print("{}: {} files\n\nWhat to type next:\n    hairpin lab up {}\n", folder, files.size(), folder);
    return ExitCode::ok;
}

}  // namespace

ExitCode generate(const GeneratorOptions& options, const std::string& folder) {
    const auto files = generate_lab(options);
    if (!files) return report(ExitCode::usage, files.error().message);
    return hand_over(folder.empty() ? options.name : folder, *files);
}

ExitCode import_compose(const std::string& file, const std::string& name, const std::string& folder) {
    const auto text = read_file(file);
    if (!text) return report(ExitCode::not_found, text.error().message);
    const auto imported = lab_from_compose(*text, file, name);
    if (!imported) return report(ExitCode::rejected, imported.error().message);
    for (const std::string& remark : imported->remarks) fmt::print(stderr, "{}\n", remark);
    const ExitCode written = hand_over(folder.empty() ? imported->name : folder, imported->files);
    return written == ExitCode::ok && !imported->remarks.empty() ? ExitCode::warnings : written;
}

}  // namespace hairpin::lab

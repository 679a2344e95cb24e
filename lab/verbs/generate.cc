#include <fmt/format.h>

#include <filesystem>

#include "lab/files.h"
#include "lab/generator.h"
#include "lab/imports/compose_import.h"
#include "lab/imports/gns3_import.h"
#include "lab/imports/kathara_import.h"
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

// What lies in the folder, and the texts of those files that an import reads.
Result<KatharaFiles> kathara_files(const fs::path& folder) {
    KatharaFiles files;
    std::error_code problem;
    for (fs::directory_iterator each{folder, problem}; !problem && each != fs::directory_iterator{}; each.increment(problem)) {
        std::error_code none;
        const std::string name = each->path().filename().string();
        if (name.starts_with('.')) continue;
        std::string& text = files[each->is_directory(none) ? name + "/" : name];
        if (!is_read_of_kathara(name)) continue;
        auto read = read_file(each->path().string());
        if (!read) return tl::unexpected(read.error());
        text = std::move(*read);
    }
    if (problem) return failure(fmt::format("{}: {}", folder.string(), problem.message()));
    return files;
}

Result<ImportedLab> read_kathara(const std::string& source, const ImportOptions& options) {
    std::error_code none;
    const bool is_folder = fs::is_directory(source, none);
    const fs::path beside = fs::path{source}.parent_path();
    const fs::path folder = is_folder ? fs::path{source} : beside.empty() ? fs::path{"."} : beside;
    if (!is_folder && fs::path{source}.filename() != "lab.conf")
        return failure(fmt::format("{} is neither the folder of a lab of Kathara nor its lab.conf", source));
    const auto files = kathara_files(folder);
    if (!files) return tl::unexpected(files.error());
    return lab_from_kathara(*files, folder.string(), options);
}

// The scripts of VPCS and the interfaces of containers beside a project.
Gns3Files gns3_files(const fs::path& folder) {
    Gns3Files files;
    std::error_code problem;
    for (const std::string type : {"vpcs", "docker"})
        for (fs::directory_iterator each{folder / "project-files" / type, problem}; !problem && each != fs::directory_iterator{};
             each.increment(problem)) {
            const std::string name = gns3_addresses_file(type, each->path().filename().string());
            if (name.empty()) continue;
            if (auto text = read_file((folder / name).string())) files.emplace(name, std::move(*text));
        }
    return files;
}

Result<ImportedLab> read_import(ImportForm form, const std::string& source, const ImportOptions& options) {
    if (form == ImportForm::kathara) return read_kathara(source, options);
    const auto text = read_file(source);
    if (!text) return tl::unexpected(text.error());
    if (form == ImportForm::gns3) return lab_from_gns3(*text, source, gns3_files(fs::path{source}.parent_path()), options);
    return lab_from_compose(*text, source, options.name);
}

}  // namespace

ExitCode generate(const GeneratorOptions& options, const std::string& folder) {
    const auto files = generate_lab(options);
    if (!files) return report(ExitCode::usage, files.error().message);
    return hand_over(folder.empty() ? options.name : folder, *files);
}

ExitCode import_lab(ImportForm form, const std::string& source, const ImportOptions& options, const std::string& folder) {
    if (form == ImportForm::compose && !options.gateway.empty())
        return report(ExitCode::usage, "--gateway: no service of a compose file is the gateway, which stands for Docker itself");
    std::error_code none;
    if (!fs::exists(source, none)) return report(ExitCode::not_found, fmt::format("{} is not there", source));
    const auto imported = read_import(form, source, options);
    if (!imported) return report(ExitCode::rejected, imported.error().message);
    for (const std::string& remark : imported->remarks) fmt::print(stderr, "{}\n", remark);
    const ExitCode written = hand_over(folder.empty() ? imported->name : folder, imported->files);
    return written == ExitCode::ok && !imported->remarks.empty() ? ExitCode::warnings : written;
}

}  // namespace hairpin::lab

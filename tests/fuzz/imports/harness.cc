// A lab of another program, its files each behind a line "%% NAME" whose first says whose it is: lab.conf is Kathara's, project.gns3 is
// GNS3's, and any other a compose file. It is refused with file:line:column; or what it becomes is a lab: our readers take all its files,
// and hairpind its configuration.

#include <map>

#include "config/compile.h"
#include "lab/daemon_config.h"
#include "lab/imports/compose_import.h"
#include "lab/imports/gns3_import.h"
#include "lab/imports/kathara_import.h"
#include "lab/lab_tests.h"
#include "lab/topology_reader.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"

namespace hairpin::lab {
namespace {

using fuzz::holds;

constexpr std::string_view kDivider = "%% ";
constexpr char kKathara[] = "lab.conf", kGns3[] = "project.gns3", kCompose[] = "docker-compose.yml";

struct Files {
    std::string first;  // whose it is
    std::map<std::string, std::string> texts;
};

Files files_in(std::string_view text) {
    Files files;
    while (!text.empty()) {
        if (text.starts_with(kDivider)) text.remove_prefix(kDivider.size());
        const std::size_t line = std::min(text.find('\n'), text.size() - 1);
        const std::string name{text.substr(0, line)};
        text.remove_prefix(line + 1);
        const std::size_t end = std::min(text.find("\n%% "), text.size());
        if (files.texts.empty()) files.first = name;
        files.texts[name] = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return files;
}

Result<ImportedLab> imported(const Files& files, const ImportOptions& options) {
    if (files.first == kKathara) return lab_from_kathara(files.texts, "k", options);
    const auto first = files.texts.find(files.first);
    const std::string text = first == files.texts.end() ? "" : first->second;
    if (files.first == kGns3) return lab_from_gns3(text, kGns3, files.texts, options);
    return lab_from_compose(text, kCompose, options.name);
}

std::optional<std::string> no_variable(const std::string&) { return std::nullopt; }

std::string all_of(const ImportedLab& lab) {
    std::string all;
    for (const auto& [name, text] : lab.files) all += "\n--- " + name + "\n" + text;
    return all;
}

void check_lab(const ImportedLab& lab) {
    const std::string file = lab.name + ".clab.yml", tests_file = lab.name + ".tests.yml";
    const auto topology = parse_topology(lab.files.at(file), file, no_variable);
    holds(topology.has_value(), topology ? "" : "no topology: " + topology.error().message + all_of(lab));
    const auto document = daemon_config(*topology, lab.files.at(topology->gateway().config_file));
    holds(document.has_value(), document ? "" : "no configuration: " + document.error().message + all_of(lab));
    const auto parsed = config::Document::parse(document->text);
    holds(parsed.has_value(), parsed ? "" : "not of the schema: " + parsed.error().path + parsed.error().message + all_of(lab));
    const auto compiled = config::compile(*parsed, nullptr);
    holds(compiled.has_value(),
          compiled ? "" : "hairpind refuses it: " + compiled.error().path + ": " + compiled.error().message + all_of(lab));
    if (const auto tests = lab.files.find(tests_file); tests != lab.files.end()) {
        const auto read = parse_lab_tests(tests->second, tests_file, *topology);
        holds(read.has_value(), read ? "" : "no tests: " + read.error().message + all_of(lab));
    }
}

}  // namespace
}  // namespace hairpin::lab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::lab;
    const Files files = files_in(hairpin::fuzz::Input{data, size}.rest());
    // What a user would say next, where several could be the gateway, or none.
    for (const char* gateway : {"", "r", "pc"}) {
        const auto lab = imported(files, {.name = "fuzz", .gateway = gateway});
        if (lab)
            check_lab(*lab);
        else
            hairpin::fuzz::holds(!lab.error().message.empty(), "a refusal without a reason");
    }
    return 0;
}

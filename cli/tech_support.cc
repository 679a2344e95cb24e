#include "cli/tech_support.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "cli/archive.h"
#include "cli/command_table.h"
#include "cli/output.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

std::string usual_name() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return fmt::format("hairpin-tech-{:%Y%m%dT%H%M%SZ}.tar.gz", fmt::gmtime(now));
}

// "hairpin-tech-20261125T150000Z" of "/tmp/hairpin-tech-20261125T150000Z.tar.gz": what is taken out of the archive lies in one folder.
std::string folder_in(const std::string& file) {
    const std::string name = std::filesystem::path{file}.filename();
    return name.substr(0, name.find('.'));
}

// A row that shows something, once, and wants no words.
bool shows(const Command& command) {
    return command.words.starts_with("show ") && !command.method.empty() && command.converse == nullptr &&
           command.event == nullptr && std::none_of(command.terms.begin(), command.terms.end(), [](const Term& term) {
               return term.how == Term::How::required;
           });
}

std::string file_name(const Command& command) {
    std::string name{command.words};
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

std::string contents_of(const char* file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

// What the daemon cannot say of the machine that it runs on.
std::string machine() {
    utsname system{};
    ::uname(&system);
    return fmt::format("{} {} {}\n{} processors\n\n{}\n{}", system.sysname, system.release, system.machine,
                       std::thread::hardware_concurrency(), contents_of("/etc/os-release"), contents_of("/proc/meminfo"));
}

class Collection {
public:
    Collection(Archive archive, std::string folder) : archive_(std::move(archive)), folder_(std::move(folder)) {}

    Outcome<void> add(const std::string& name, const std::string& text) {
        ++entries_;
        return archive_.add(folder_ + "/" + name, text);
    }
    Outcome<void> add_shown(const Command& command, const Ask& ask) {
        const auto parameters = parameters_of(command, {});
        const auto answer = parameters ? ask(command.method, *parameters) : parameters;
        if (!answer) {
            missing_.push_back(command.words);
            return add(file_name(command) + ".txt", answer.error().sentence + "\n");
        }
        auto added = add(file_name(command) + ".txt", render(command, *answer, Form::text, Style{}));
        return added ? add(file_name(command) + ".json", render(command, *answer, Form::json_document, Style{})) : added;
    }
    Outcome<void> finish() { return archive_.finish(); }
    std::size_t entries() const { return entries_; }
    const json& missing() const { return missing_; }

private:
    Archive archive_;
    std::string folder_;
    std::size_t entries_ = 0;
    json missing_ = json::array();
};

}  // namespace

Outcome<json> write_tech_support(const json& parameters, const Ask& ask) {
    const std::string file = parameters.value("file", usual_name());
    auto archive = Archive::create(file);
    if (!archive) return wrong_at(0, archive.error());
    Collection collection{std::move(*archive), folder_in(file)};
    for (const Command* command : command_table())
        if (shows(*command))
            if (const auto added = collection.add_shown(*command, ask); !added) return tl::unexpected(added.error());
    if (const auto added = collection.add("machine.txt", machine()); !added) return tl::unexpected(added.error());
    if (const auto finished = collection.finish(); !finished) return tl::unexpected(finished.error());
    return json{{"file", std::filesystem::absolute(file).string()},
                {"entries", collection.entries()},
                {"bytes", std::filesystem::file_size(file)},
                {"missing", collection.missing()}};
}

std::string tech_support_text(const json& result, const Style& style) {
    std::string text = fmt::format("{}: {} files, {}\n", style.fit(text_of(result, "file")), text_of(result, "entries"),
                                   bytes(result.value("bytes", json()), style));
    if (const json missing = result.value("missing", json::array()); !missing.empty())
        text += "not answered: " + plain(missing, style) + "\n";
    return text;
}

}  // namespace hairpin::cli

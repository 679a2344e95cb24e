#include "tests/runtime/edits/commit_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

namespace hairpin::runtime {

using nlohmann::json;

namespace {
constexpr std::size_t kKept = 50;  // docs/control.md, config.history
constexpr const char* kSwitch = "hairpin:switch";
}  // namespace

std::string canonical(const std::string& text) { return json::parse(text).dump(); }

CommitModel::CommitModel(const std::string& document) : in_force_(*config::compile(*config::Document::parse(document), nullptr)) {
    history_.push_front({generation(), "", "boot", "", true, canonical(document)});
}

std::string CommitModel::completed(const std::string& document) const {
    if (document.find(kSwitch) != std::string::npos) return document;
    json whole = json::parse(document);
    whole[kSwitch] = json::parse(history_[0].document)[kSwitch];
    return whole.dump();
}

CommitModel::Judged CommitModel::judge(const std::string& completed) const {
    const auto document = config::Document::parse(completed);
    if (!document) return tl::unexpected(document.error());
    return config::compile(*document, in_force_.ruleset.get());
}

bool CommitModel::opens(const config::Configuration& configuration) {
    return std::all_of(configuration.switching.ports.begin(), configuration.switching.ports.end(),
                       [](const auto& port) { return std::holds_alternative<l2::MemorySettings>(port.device); });
}

void CommitModel::commit(Entry entry, config::Configuration configuration, std::optional<Wait> wait) {
    entry.confirmed = !wait;
    const std::string before = pending_ ? pending_->document : history_[0].document;
    if (pending_ && !wait) history_[0].confirmed = true;
    pending_.reset();
    if (wait) pending_ = Pending{wait->earliest, wait->latest, before};
    put_in_force(std::move(entry), std::move(configuration));
}

void CommitModel::change_port(Entry entry, config::Configuration configuration) {
    entry.confirmed = !pending_;
    put_in_force(std::move(entry), std::move(configuration));
}

void CommitModel::confirm() {
    history_[0].confirmed = true;
    pending_.reset();
}

void CommitModel::undo() {
    const std::string document = pending_->document;
    pending_.reset();
    put_in_force({0, history_[0].user, "confirm timeout", "", true, document}, *judge(document));
}

void CommitModel::put_in_force(Entry entry, config::Configuration configuration) {
    in_force_ = std::move(configuration);
    entry.generation = generation();
    history_.push_front(std::move(entry));
    if (history_.size() > kKept) history_.pop_back();
}

}  // namespace hairpin::runtime

#include "lab/machines/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "net/numbers.h"
#include "net/result.h"

namespace hairpin::lab {

namespace {

// Each takes over what its label says; an answer is what is wrong with it.
using Wrong = std::optional<std::string>;

template <std::string Machine::*member>
Wrong take_text(const std::string& text, Machine& machine) {
    machine.*member = text;
    return std::nullopt;
}

template <unsigned Machine::*member, unsigned smallest, unsigned largest>
Wrong take_number(const std::string& text, Machine& machine) {
    const auto number = parse_number(text, largest);
    if (!number || *number < smallest) return fmt::format("expected a number from {} to {}", smallest, largest);
    machine.*member = static_cast<unsigned>(*number);
    return std::nullopt;
}

Wrong take_netdev(const std::string& text, Machine& machine) {
    if (std::any_of(kNetdevs.begin(), kNetdevs.end(), [&](const NetdevRow& row) { return row.label == text; })) {
        machine.netdev = text;
        return std::nullopt;
    }
    std::string known;
    for (const NetdevRow& row : kNetdevs) known += fmt::format("{}{}", known.empty() ? "" : ", ", row.label);
    return fmt::format("expected one of {}", known);
}

Wrong take_agent(const std::string& text, Machine& machine) {
    if (text != "yes" && text != "no" && text != "true" && text != "false") return "expected yes or no";
    machine.has_agent = text == "yes" || text == "true";
    return std::nullopt;
}

struct LabelRow {
    std::string_view key;
    Wrong (*take)(const std::string& text, Machine& machine);
};
constexpr auto kLabels = std::to_array<LabelRow>({
    {"hairpin.disk", take_text<&Machine::disk>},
    {"hairpin.kernel", take_text<&Machine::kernel>},
    {"hairpin.initrd", take_text<&Machine::initrd>},
    {"hairpin.append", take_text<&Machine::append>},
    {"hairpin.netdev", take_netdev},
    {"hairpin.mem", take_number<&Machine::memory_mebibytes, 32, 1048576>},
    {"hairpin.cpus", take_number<&Machine::cpus, 1, 256>},
    {"hairpin.qmp", take_text<&Machine::qmp>},
    {"hairpin.agent", take_agent},
});

}  // namespace

std::string Machine::in_words() const {
    return fmt::format("disk {}, kernel {}, initrd {}, append {}, netdev {}, {} MiB, {} cpus, qmp {}, agent {}", disk, kernel,
                       initrd, append, netdev, memory_mebibytes, cpus, qmp, has_agent);
}

std::string_view port_kind_of(const Machine& machine) {
    const auto row =
        std::find_if(kNetdevs.begin(), kNetdevs.end(), [&](const NetdevRow& each) { return each.label == machine.netdev; });
    ensure(row != kNetdevs.end());
    return row->port_kind;
}

Machine read_machine(const std::string& node, Position at, const std::map<std::string, PlacedText>& labels,
                     Complaints& complaints) {
    Machine machine;
    machine.has_agent = !labels.contains("hairpin.disk");  // nobody has put ours onto a disk that people bring
    for (const LabelRow& row : kLabels) {
        const auto label = labels.find(std::string{row.key});
        if (label == labels.end()) continue;
        if (const Wrong wrong = row.take(label->second.text, machine))
            complaints.error(label->second.at, fmt::format("{} is \"{}\" ({})", row.key, label->second.text, *wrong));
    }
    if (machine.disk.empty() && machine.kernel.empty())
        complaints.error(
            at, fmt::format(
                    "the virtual machine \"{}\" has nothing to boot: it wants the label hairpin.kernel, with hairpin.initrd, or "
                    "hairpin.disk (scripts/guest-image makes a small kernel and initrd)",
                    node));
    if (machine.kernel.empty() && !(machine.initrd.empty() && machine.append.empty()))
        complaints.error(
            at, fmt::format("the virtual machine \"{}\" has no hairpin.kernel, to which hairpin.initrd and hairpin.append belong",
                            node));
    return machine;
}

bool is_machine_label(std::string_view key) {
    return std::any_of(kLabels.begin(), kLabels.end(), [&](const LabelRow& row) { return row.key == key; });
}

std::string machine_labels() {
    std::string text;
    for (const LabelRow& row : kLabels) text += fmt::format("{}{}", text.empty() ? "" : ", ", row.key);
    return text;
}

}  // namespace hairpin::lab

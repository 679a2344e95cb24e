#include "lab/node_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lab/containers/container_image.h"
#include "lab/containers/container_namespace.h"
#include "lab/did_you_mean.h"
#include "lab/file_keys.h"
#include "lab/variables.h"

namespace hairpin::lab {
namespace {

constexpr std::string_view kRoleLabel = "hairpin.role";
constexpr std::string_view kContainerLabel = "hairpin.container";
// Where the gateway's configuration would lie in a container; a bind to this place names the file.
constexpr std::string_view kConfigPlace = "/etc/hairpin/startup.json";

// A host is a namespace of this machine, unless the lab starts containers: it has no image of its own, and all the capabilities and devices of
// who starts it.
constexpr auto kNodeKeys = std::to_array<KeyRow>({
    {"kind", KeyUse::used,
     "linux, a host or the gateway; bridge, a segment of the switch; generic_vm, a virtual machine; or ext-container, a "
     "container that runs already"},
    {"group", KeyUse::used, "the group whose settings it takes over"},
    {"labels", KeyUse::used,
     "hairpin.role: gateway makes a node of kind linux the gateway, of which a lab has one; a generic_vm boots hairpin.kernel "
     "with hairpin.initrd "
     "and hairpin.append, or hairpin.disk, has hairpin.mem MiB and hairpin.cpus, and is plugged in by hairpin.netdev: dgram, "
     "stream, vde, tap or vhost-user; "
     "hairpin.qmp says where QEMU's monitor listens, hairpin.agent: yes that the disk has scripts/guest-init's agent; an "
     "ext-container is the one that Docker calls hairpin.container, or else as the node is called"},
    {"env", KeyUse::used, "variables of the environment of its commands"},
    {"exec", KeyUse::used, "shell command lines, run in their order when the lab comes up, in a folder of the host's own"},
    {"binds", KeyUse::used,
     "of the gateway: configs/FILE:/etc/hairpin/startup.json names its configuration, otherwise configs/NODE.json; of a "
     "container "
     "that the lab starts, FROM:TO[:ro]"},
    {"image", KeyUse::expected},
    {"image-pull-policy", KeyUse::expected},
    {"network-mode", KeyUse::expected},
    {"cap-add", KeyUse::expected},
    {"devices", KeyUse::expected},
    {"privileged", KeyUse::expected},
    {"restart-policy", KeyUse::in_container},
    {"license", KeyUse::ignored},
    {"type", KeyUse::ignored},
    {"startup-config", KeyUse::ignored},
    {"startup-delay", KeyUse::ignored},
    {"enforce-startup-config", KeyUse::ignored},
    {"suppress-startup-config", KeyUse::ignored},
    {"auto-remove", KeyUse::ignored},
    {"volumes", KeyUse::ignored},
    {"ports", KeyUse::ignored},
    {"credentials", KeyUse::ignored},
    {"env-files", KeyUse::ignored},
    {"user", KeyUse::in_container},
    {"hostname", KeyUse::in_container},
    {"entrypoint", KeyUse::in_container},
    {"cmd", KeyUse::in_container},
    {"runtime", KeyUse::ignored},
    {"mgmt-ipv4", KeyUse::ignored},
    {"mgmt-ipv6", KeyUse::ignored},
    {"link-apply-mode", KeyUse::ignored},
    {"cpu", KeyUse::in_container},
    {"memory", KeyUse::in_container},
    {"cpu-set", KeyUse::in_container},
    {"extras", KeyUse::ignored},
    {"config", KeyUse::ignored},
    {"stages", KeyUse::ignored},
    {"dns", KeyUse::ignored},
    {"certificate", KeyUse::ignored},
    {"healthcheck", KeyUse::ignored},
    {"components", KeyUse::ignored},
    {"aliases", KeyUse::ignored},
    {"shm-size", KeyUse::in_container},
    {"cgroupns-mode", KeyUse::in_container},
    {"cgroup-parent", KeyUse::in_container},
    {"pid-mode", KeyUse::in_container},
    {"tmpfs", KeyUse::in_container},
    {"security-opts", KeyUse::in_container},
    {"sysctls", KeyUse::in_container},
});

struct KindRow {
    std::string_view name;
    NodeRole role;
};
constexpr auto kKinds = std::to_array<KindRow>({
    {"linux", NodeRole::host},
    {"bridge", NodeRole::segment},
    {"generic_vm", NodeRole::machine},
    {"ext-container", NodeRole::container},
});

// What one place in the file says about a node; `laid_over` joins two of them.
struct NodeSettings {
    std::optional<PlacedText> kind;
    std::optional<PlacedText> group;
    std::map<std::string, PlacedText> labels = {};
    std::map<std::string, std::string> environment = {};
    std::vector<std::string> commands = {};
    std::vector<PlacedText> binds = {};
    ContainerKeys container = {};
};

NodeSettings read_settings(const YamlNode& node, std::span<const KeyRow> known, Complaints& complaints) {
    NodeSettings settings;
    check_keys(node, "a node", known, complaints);
    if (const YamlNode* kind = node.find("kind")) settings.kind = {read_text(*kind, "kind", complaints), kind->at};
    if (const YamlNode* group = node.find("group")) settings.group = {read_text(*group, "group", complaints), group->at};
    if (const YamlNode* labels = node.find("labels")) {
        for (const YamlEntry& label : read_entries(*labels, "labels", complaints))
            settings.labels[label.key] = {read_text(label.value, "a label", complaints), label.value.at};
    }
    if (const YamlNode* env = node.find("env")) {
        for (const YamlEntry& each : read_entries(*env, "env", complaints))
            settings.environment[each.key] = read_text(each.value, "an environment variable", complaints);
    }
    if (const YamlNode* exec = node.find("exec")) settings.commands = read_texts(*exec, "exec", complaints);
    if (const YamlNode* binds = node.find("binds")) {
        if (!binds->is_list()) complaints.error(binds->at, "binds must be a list");
        for (const YamlNode& bind : binds->items)
            settings.binds.push_back({read_text(bind, "each of binds", complaints), bind.at});
    }
    settings.container = read_container_keys(node, complaints);
    return settings;
}

NodeSettings laid_over(NodeSettings base, const NodeSettings& above) {
    if (above.kind) base.kind = above.kind;
    if (above.group) base.group = above.group;
    for (const auto& [key, value] : above.labels) base.labels[key] = value;
    for (const auto& [key, value] : above.environment) base.environment[key] = value;
    base.commands.insert(base.commands.end(), above.commands.begin(), above.commands.end());
    base.binds.insert(base.binds.end(), above.binds.begin(), above.binds.end());
    base.container = laid_over(std::move(base.container), above.container);
    return base;
}

class NodeReader {
public:
    NodeReader(const YamlNode& topology, Runtime runtime, Complaints& complaints)
        : runtime_(runtime), known_keys_(keys_with(runtime)), complaints_(complaints) {
        if (const YamlNode* defaults = topology.find("defaults")) defaults_ = read_settings(*defaults, known_keys_, complaints);
        if (const YamlNode* kinds = topology.find("kinds")) kinds_ = read_all(*kinds, "kinds");
        if (const YamlNode* groups = topology.find("groups")) groups_ = read_all(*groups, "groups");
    }

    Node read(const YamlEntry& entry) const {
        Node node{.name = entry.key, .at = entry.at};
        if (const auto wrong = wrong_node_name(node.name)) complaints_.error(entry.at, *wrong);

        const NodeSettings settings = inherit(read_settings(entry.value, known_keys_, complaints_), entry);
        node.role = role_of(settings, entry);
        if (node.role == NodeRole::machine) node.machine = read_machine(node.name, entry.at, settings.labels, complaints_);
        if (node.role == NodeRole::container) node.container = read_container(settings, node);
        for (const auto& [key, value] : settings.labels) node.labels[key] = expand_node_name(value.text, node.name);
        if (node.role == NodeRole::host && runtime_ != Runtime::netns) read_image(settings, node);
        for (const auto& [key, value] : settings.environment) node.environment[key] = expand_node_name(value, node.name);
        for (const std::string& command : settings.commands) node.commands.push_back(expand_node_name(command, node.name));
        read_binds(settings, node);
        return node;
    }

private:
    using Table = std::map<std::string, NodeSettings>;

    Table read_all(const YamlNode& section, std::string_view what) const {
        Table table;
        for (const YamlEntry& entry : read_entries(section, what, complaints_))
            table[entry.key] = read_settings(entry.value, known_keys_, complaints_);
        return table;
    }

    NodeSettings inherit(const NodeSettings& own, const YamlEntry& entry) const {
        const NodeSettings* group = nullptr;
        const std::optional<PlacedText>& group_name = own.group ? own.group : defaults_.group;
        if (group_name) {
            const auto found = groups_.find(group_name->text);
            if (found == groups_.end()) {
                complaints_.error(
                    group_name->at,
                    fmt::format("node \"{}\" is in the group \"{}\", which `groups` does not have{}", entry.key, group_name->text,
                                did_you_mean(group_name->text, groups_, [](const auto& each) { return each.first; })));
            } else {
                group = &found->second;
            }
        }
        std::optional<PlacedText> kind = own.kind;
        if (!kind && group != nullptr) kind = group->kind;
        if (!kind) kind = defaults_.kind;

        NodeSettings settings = defaults_;
        if (kind) {
            if (const auto found = kinds_.find(kind->text); found != kinds_.end()) settings = laid_over(settings, found->second);
        }
        if (group != nullptr) settings = laid_over(settings, *group);
        settings = laid_over(settings, own);
        settings.kind = kind;
        return settings;
    }

    NodeRole role_of(const NodeSettings& settings, const YamlEntry& entry) const {
        if (!settings.kind) {
            complaints_.error(entry.at,
                              fmt::format("node \"{}\" has no kind (linux, bridge, generic_vm or ext-container)", entry.key));
            return NodeRole::host;
        }
        NodeRole role = NodeRole::host;
        const auto known =
            std::find_if(kKinds.begin(), kKinds.end(), [&](const KindRow& row) { return row.name == settings.kind->text; });
        if (known == kKinds.end()) {
            complaints_.error(
                settings.kind->at,
                fmt::format("kind \"{}\" is not supported{} (linux is a host in a network namespace, or with the label "
                            "hairpin.role: gateway the gateway; bridge is a segment of the switch, generic_vm a virtual machine, "
                            "ext-container a container that runs already)",
                            settings.kind->text,
                            did_you_mean(settings.kind->text, kKinds, [](const KindRow& row) { return row.name; })));
        } else {
            role = known->role;
        }
        for (const auto& [key, label] : settings.labels) {
            if (!key.starts_with("hairpin.")) continue;
            if (role == NodeRole::machine && is_machine_label(key)) {
                continue;
            } else if (role == NodeRole::container && key == kContainerLabel) {
                continue;
            } else if (role == NodeRole::container) {
                complaints_.error(label.at,
                                  fmt::format("unknown label \"{}\" of a container (expected {})", key, kContainerLabel));
            } else if (role == NodeRole::machine) {
                complaints_.error(label.at,
                                  fmt::format("unknown label \"{}\" of a virtual machine (expected {})", key, machine_labels()));
            } else if (key != kRoleLabel) {
                complaints_.error(label.at, fmt::format("unknown label \"{}\"{} (expected {}: gateway)", key,
                                                        did_you_mean(key, {std::string{kRoleLabel}}), kRoleLabel));
            } else if (label.text != "gateway") {
                complaints_.error(label.at, fmt::format("{} is \"{}\" (expected gateway)", kRoleLabel, label.text));
            } else if (role == NodeRole::segment) {
                complaints_.error(label.at, "a bridge cannot be the gateway; the gateway is a node of kind linux");
            } else {
                role = NodeRole::gateway;
            }
        }
        return role;
    }

    // As containerlab has it, the node is called as the container is; one whose name a node cannot have is told by a label.
    std::string read_container(const NodeSettings& settings, const Node& node) const {
        const auto label = settings.labels.find(std::string{kContainerLabel});
        if (label == settings.labels.end()) return node.name;
        const std::string name = expand_node_name(label->second.text, node.name);
        if (!is_container_name(name))
            complaints_.error(label->second.at, fmt::format("{} is \"{}\", which is no container's name", kContainerLabel, name));
        return name;
    }

    // With the lab's own containers, whoever has an image is one. Who has none remains a host in a namespace.
    void read_image(const NodeSettings& settings, Node& node) const {
        ContainerImage image = container_image(settings.container, node.name, complaints_);
        if (image.empty()) return;
        node.role = NodeRole::container;
        node.image = std::move(image);
    }

    // "configs/edge.json:/etc/hairpin/startup.json:ro" names the gateway's configuration; other files of this machine are
    // there for every host without being bound.
    void read_binds(const NodeSettings& settings, Node& node) const {
        if (node.role == NodeRole::gateway) node.config_file = fmt::format("configs/{}.json", node.name);
        for (const PlacedText& bind : settings.binds) {
            const std::string text = expand_node_name(bind.text, node.name);
            const std::size_t colon = text.find(':');
            const std::string place =
                colon == std::string::npos ? "" : text.substr(colon + 1, text.find(':', colon + 1) - colon - 1);
            if (node.role == NodeRole::gateway && place == kConfigPlace) {
                node.config_file = text.substr(0, colon);
            } else if (!node.image.empty()) {
                node.image.binds.push_back(text);
            } else {
                complaints_.warning(bind.at, fmt::format("the bind \"{}\" has no effect here", text));
            }
        }
    }

    // A lab that starts containers does what only they can have.
    static std::vector<KeyRow> keys_with(Runtime runtime) {
        std::vector<KeyRow> rows{kNodeKeys.begin(), kNodeKeys.end()};
        for (KeyRow& row : rows)
            if (runtime != Runtime::netns && is_container_key(row.name)) row.use = KeyUse::used;
        return rows;
    }

    Runtime runtime_;
    std::vector<KeyRow> known_keys_;
    Complaints& complaints_;
    NodeSettings defaults_;
    Table kinds_;
    Table groups_;
};

}  // namespace

std::span<const KeyRow> node_keys() { return kNodeKeys; }

std::vector<Node> read_nodes(const YamlNode& topology, Runtime runtime, Complaints& complaints) {
    std::vector<Node> nodes;
    const YamlNode* section = topology.find("nodes");
    if (section == nullptr || section->is_null()) {
        complaints.error(section == nullptr ? topology.at : section->at, "a topology needs `nodes`");
        return nodes;
    }
    const NodeReader reader{topology, runtime, complaints};
    for (const YamlEntry& entry : read_entries(*section, "nodes", complaints)) nodes.push_back(reader.read(entry));
    return nodes;
}

}  // namespace hairpin::lab

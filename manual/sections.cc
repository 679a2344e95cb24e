#include "manual/sections.h"

#include <algorithm>
#include <array>

#include "cli/choice.h"
#include "manual/commands.h"
#include "manual/programs.h"
#include "manual/settings.h"

namespace hairpin::manual {

namespace {

struct Section {
    std::string_view name;
    void (*write)(Markup& page);
};

constexpr auto kSections = std::to_array<Section>({
    {"list of operational commands", list_of_operational_commands},
    {"operational commands", operational_commands},
    {"list of configuration commands", list_of_configuration_commands},
    {"configuration commands", configuration_commands},
    {"filters", filters},
    {"values of commands", values_of_commands},
    {"all settings", all_settings},
    {"kinds of text", kinds_of_text},
    {"options of hairpin", options_of_hairpin},
    {"options of hairpind", options_of_hairpind},
    {"options of hairpin-docker", options_of_hairpin_docker},
    {"options of hairpin-port", options_of_hairpin_port},
    {"lab verbs", lab_verbs},
    {"keys of topologies", keys_of_topologies},
    {"keys of lab tests", keys_of_lab_tests},
});

// "settings gateway firewall rule source, gateway firewall rule destination": those that are alike stand in one place.
constexpr std::string_view kSettings = "settings ";

std::vector<std::string> paths_in(std::string_view request) {
    std::vector<std::string> paths;
    request.remove_prefix(kSettings.size());
    while (!request.empty()) {
        const auto end = std::min(request.find(", "), request.size());
        paths.emplace_back(request.substr(0, end));
        request.remove_prefix(std::min(end + 2, request.size()));
    }
    return paths;
}

SchemaNodes nodes_of(const std::vector<Request>& requests) {
    SchemaNodes nodes;
    for (const Request& request : requests)
        if (request.starts_with(kSettings))
            for (const std::string& path : paths_in(request)) nodes.insert(find_settings(path));
    return nodes;
}

Result<std::string> settings_of(const Request& request, Form form, const SchemaNodes& elsewhere) {
    std::vector<const config::SchemaNode*> nodes;
    for (const std::string& path : paths_in(request)) {
        nodes.push_back(find_settings(path));
        if (nodes.back() == nullptr) return failure("the schema has no container or list \"" + path + "\"");
    }
    const auto page = Markup::in(form);
    settings(*page, nodes, elsewhere);
    return page->text();
}

}  // namespace

Result<std::string> generated(const Request& request, Form form, const std::vector<Request>& requests) {
    if (request.starts_with(kSettings)) return settings_of(request, form, nodes_of(requests));
    std::vector<std::string> names{"settings PATH"};
    for (const Section& section : kSections) {
        names.emplace_back(section.name);
        if (section.name != request) continue;
        const auto page = Markup::in(form);
        section.write(*page);
        return page->text();
    }
    return failure("nothing is called \"" + request + "\": expected " + cli::listed(names));
}

}  // namespace hairpin::manual

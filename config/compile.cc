#include "config/compile.h"

#include <fmt/format.h>
#include <algorithm>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

// A gateway interface must be attached to a segment that there is.
Result<void> check_segments(const NodeReader& gateway, const l2::SwitchSettings& switching) {
    for (const NodeReader& interface : gateway.children("interface")) {
        const std::string segment = interface.text_or("segment", "");
        const bool known = std::any_of(switching.segments.begin(), switching.segments.end(),
                                       [&](const auto& other) { return other.name == segment; });
        if (!known) return interface.refuse("segment", fmt::format("there is no segment \"{}\" in the switch", segment));
    }
    return {};
}

}  // namespace

Result<Configuration> compile(const Document& document, const gateway::Ruleset* previous) {
    const NodeReader switching = NodeReader::top(document.root(), "switch");
    const NodeReader gateway = NodeReader::top(document.root(), "gateway");
    Configuration result;
    auto ruleset = std::make_shared<gateway::Ruleset>();
    ruleset->generation = previous == nullptr ? 1 : previous->generation + 1;

    if (auto done = compile_switch(switching, result.switching); !done) return tl::unexpected(done.error());
    if (auto done = compile_gateway(gateway, previous, *ruleset); !done) return tl::unexpected(done.error());
    if (auto done = check_segments(gateway, result.switching); !done) return tl::unexpected(done.error());
    if (auto done = compile_rules(gateway, *ruleset, result.warnings); !done) return tl::unexpected(done.error());
    result.ruleset = std::move(ruleset);
    return result;
}

}  // namespace hairpin::config

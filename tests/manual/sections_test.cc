// What is generated has everything that the tables have, once.
#include "manual/sections.h"

#include <gmock/gmock.h>

#include "cli/shell/operational_mode.h"
#include "manual/settings.h"

namespace hairpin::manual {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const Request& request, const std::vector<Request>& requests = {}) {
    const auto text = generated(request, Form::markdown, requests);
    return text ? *text : "error: " + text.error().message;
}

TEST(Sections, EveryCommandIsThere) {
    const std::string text = text_of("operational commands");
    for (const cli::Command* command : cli::shell_table())
        EXPECT_THAT(text, HasSubstr("### " + std::string{command->words} + "\n"));
}

TEST(Sections, ASettingIsToldInFull) {
    const std::string text = text_of("settings gateway interface");
    EXPECT_THAT(text, HasSubstr("`set gateway interface NAME ...`"));
    EXPECT_THAT(text, HasSubstr("| `mtu` | 576 to 9216 bytes | 1500 | The longest packet"));
    EXPECT_THAT(text, HasSubstr("| `segment` | the name of a configured segment (wanted) |  |"));
    EXPECT_THAT(text, HasSubstr("`uplink`: Towards the Internet"));
}

// Every node below `node` has its line in `text`.
void expect_all(const std::string& text, const config::SchemaNode& node) {
    for (const auto* family : {&node.keys, &node.children})
        for (const auto& child : *family) {
            EXPECT_THAT(text, HasSubstr("| `" + child->name + (child->has_children() ? " ...`" : "`")));
            expect_all(text, *child);
        }
}

TEST(Sections, NoSettingIsMissing) {
    const std::string all = text_of("all settings");
    for (const auto& top : config::schema_top().children) expect_all(all, *top);
}

TEST(Sections, WhatHasAPlaceOfItsOwnIsNotToldTwice) {
    const std::string whole = text_of("settings gateway"),
                      rest = text_of("settings gateway", {"settings gateway", "settings gateway nat"});
    EXPECT_THAT(whole, HasSubstr("`applied-on`"));
    EXPECT_THAT(rest, Not(HasSubstr("`applied-on`")));
    EXPECT_THAT(rest, HasSubstr("`nat ...`"));
}

TEST(Sections, WhatIsNotKnownIsRefused) {
    EXPECT_THAT(text_of("nonsense"),
                HasSubstr("nothing is called \"nonsense\": expected settings PATH, list of operational commands"));
    EXPECT_THAT(text_of("settings gateway nonsense"), HasSubstr("no container or list \"gateway nonsense\""));
    EXPECT_THAT(text_of("settings gateway firewall enabled"), HasSubstr("no container or list"));
}

}  // namespace
}  // namespace hairpin::manual

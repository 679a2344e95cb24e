// Property: a document that is printed and read again is the same, and compiles to the same; whatever the document.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "any_document.h"
#include "config/compile.h"

namespace hairpin::config {
namespace {

RC_GTEST_PROP(RoundTrip, WithAndWithoutDefaults, ()) {
    const auto document = Document::parse(any_document().dump());
    RC_ASSERT(document.has_value());
    const auto configuration = compile(*document, nullptr);
    RC_ASSERT(configuration.has_value());
    for (const Defaults defaults : {Defaults::omitted, Defaults::included}) {
        const auto again = Document::parse(document->to_json(defaults));
        RC_ASSERT(again.has_value());
        RC_ASSERT(again->to_json(defaults) == document->to_json(defaults));
        const auto configuration_again = compile(*again, nullptr);
        RC_ASSERT(configuration_again.has_value());
        RC_ASSERT(*configuration_again->ruleset == *configuration->ruleset);
        RC_ASSERT(configuration_again->switching == configuration->switching);
        RC_ASSERT(configuration_again->warnings == configuration->warnings);
    }
}

}  // namespace
}  // namespace hairpin::config

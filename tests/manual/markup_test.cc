// One text in two forms. What means something to either of them must come out as itself.
#include "manual/markup.h"

#include <gmock/gmock.h>

#include <array>

namespace hairpin::manual {
namespace {

using ::testing::HasSubstr;

std::string in(Form form, void (*write)(Markup& page)) {
    const auto page = Markup::in(form);
    write(*page);
    return page->text();
}

void a_paragraph(Markup& page) { page.paragraph("What `show PATH` prints: a_b, 2*3, <none> and c:\\x."); }

TEST(Markup, WhatIsNoMarkupMeansItself) {
    EXPECT_EQ(in(Form::markdown, a_paragraph), "What `show PATH` prints: a\\_b, 2\\*3, \\<none> and c:\\\\x.\n");
    EXPECT_EQ(in(Form::scdoc, a_paragraph), "What *show* _PATH_ prints: a\\_b, 2\\*3, <none> and c:\\\\x.\n");
}

void a_usage(Markup& page) { page.usage("trace tcp|udp in INTERFACE [address ADDRESS/LENGTH]... [df]"); }

TEST(Markup, AUsageLineTellsWordsFromValues) {
    EXPECT_EQ(in(Form::markdown, a_usage), "`trace tcp|udp in INTERFACE [address ADDRESS/LENGTH]... [df]`\n");
    EXPECT_EQ(in(Form::scdoc, a_usage), "*trace* *tcp*|*udp* *in* _INTERFACE_ [*address* _ADDRESS/LENGTH_]... [*df*]\n");
}

void a_table(Markup& page) {
    static const auto titles = std::to_array<std::string>({"setting", "type", "default", "meaning"});
    const auto entries = std::to_array<Entry>(
        {{"mtu", {"576 to 9216 bytes", "1500"}, "The longest packet."}, {"tcp|udp", {"", ""}, "a protocol"}});
    page.entries(titles, entries);
}

TEST(Markup, ATableIsATableOrAListOfTerms) {
    EXPECT_EQ(in(Form::markdown, a_table),
              "| setting | type | default | meaning |\n"
              "|---|---|---|---|\n"
              "| `mtu` | 576 to 9216 bytes | 1500 | The longest packet. |\n"
              "| `tcp\\|udp` |  |  | a protocol |\n");
    EXPECT_EQ(in(Form::scdoc, a_table),
              "*mtu*\n\tThe longest packet.\n\n\ttype: 576 to 9216 bytes; default: 1500\n"
              "\n*tcp*|*udp*\n\ta protocol\n");
}

void a_long_paragraph(Markup& page) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "- # ";
    page.paragraph(text);
}

TEST(Markup, NoLineBeginsWithAMark) {
    for (const Form form : {Form::markdown, Form::scdoc}) {
        const std::string text = in(form, a_long_paragraph);
        EXPECT_THAT(text, HasSubstr("\n"));
        for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos && ++at < text.size();)
            EXPECT_EQ(text[at], '\\') << text.substr(at);
    }
}

}  // namespace
}  // namespace hairpin::manual

#pragma once
// Markdown as GitHub shows it.

#include "manual/markup.h"

namespace hairpin::manual {

class Markdown final : public Markup {
public:
    void heading(std::size_t depth, std::string_view text) override;
    void paragraph(std::string_view text) override;
    void usage(std::string_view text) override;
    void items(std::span<const std::string> texts) override;
    void entries(std::span<const std::string> titles, std::span<const Entry> entries) override;
    void literal(std::string_view lines) override;
};

}  // namespace hairpin::manual

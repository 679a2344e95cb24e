#include "cli/shell/listing.h"

#include <algorithm>

namespace hairpin::cli {

std::string listing(const Expectations& expected, const Style& style) {
    constexpr std::size_t kIndent = 2, kWidestWord = 28;
    if (expected.empty()) return "No more is expected here: press Enter.\n";
    std::size_t widest = 0;
    for (const Expected& one : expected) widest = std::max(widest, std::min(columns_of(one.word), kWidestWord));
    const std::size_t description_at = kIndent + widest + 2;
    std::string text = "Possible completions:\n";
    for (const Expected& one : expected) {
        std::string line = std::string(kIndent, ' ') + one.word;
        if (!one.description.empty()) {
            line = columns_of(line) + 2 <= description_at ? padded(line, description_at)
                                                          : line + "\n" + std::string(description_at, ' ');
            const std::size_t room = style.width > description_at + 20 ? style.width - description_at : 0;
            line += wrapped(one.description, room, description_at);
        }
        text += line + "\n";
    }
    return text;
}

}  // namespace hairpin::cli

#include "cli/stages_drawing.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/cells.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr std::size_t kDrawingIndent = 2, kStages = 4;

std::string spaces(std::size_t count) { return std::string(count, ' '); }
std::string right_aligned(const std::string& text, std::size_t columns) {
    return spaces(columns - std::min(columns, columns_of(text))) + text;
}

// A packet as it stands above its arrow; a mark behind what the gateway has changed.
struct Label {
    std::string source, destination;
    std::size_t width() const { return std::max(columns_of(source), columns_of(destination)); }
};

// The characters of lines and arrows.
struct Strokes {
    std::string_view bar, shaft, begin_right, begin_left, head_right, head_left;
};
constexpr Strokes kStrokes{"│", "─", "├", "┤", "►", "◄"}, kPlainStrokes{"|", "-", "|", "|", ">", "<"};

class Drawing {
public:
    enum class Names : std::uint8_t { shown, left_out };  // of the interfaces

    Drawing(const json& stages, const json& rules, const Style& style, Names names)
        : stages_(stages), style_(style), strokes_(style.utf8 ? kStrokes : kPlainStrokes), rules_(rules_at(stages[1], rules)) {
        for (std::size_t i = 0; i < kStages; ++i) labels_.push_back(label_of(i));
        if (names == Names::shown) in_ = at(0, "interface") + " ", out_ = " " + at(1, "interface");
        left_ = std::max({labels_[0].width() + 2, labels_[3].width() + 2, columns_of(client() + in_), std::size_t{12}});
        for (const std::string& rule : rules_) left_ = std::max(left_, columns_of(rule) + 2);
        right_ = std::max({labels_[1].width() + 2, labels_[2].width() + 2, columns_of(server() + out_), std::size_t{12}});
    }

    std::size_t width() const { return kDrawingIndent + left_ + right_ + 3; }
    std::string text() const { return head() + first() + second() + third() + fourth() + legend(); }

private:
    std::string at(std::size_t stage, const char* key) const { return style_.fit(text_of(stages_[stage], key)); }
    // The second and the fourth packet are compared with what came in before them.
    bool changed(std::size_t stage, const char* key) const { return stage % 2 == 1 && at(stage, key) != at(stage - 1, key); }
    Label label_of(std::size_t stage) const {
        const auto marked = [&](const char* key) { return at(stage, key) + (changed(stage, key) ? " *" : ""); };
        return {marked("source"), std::string{style_.arrow()} + " " + marked("destination")};
    }
    std::string client() const { return address_of(at(0, "source")); }
    std::string server() const { return address_of(at(1, "destination")); }

    // ---- Rows: the client's line, what is left of the gateway's line, that line, what is right of it, the server's line

    std::string row(const std::string& left, const std::string& right) const {
        return row(strokes_.bar, left, strokes_.bar, right, strokes_.bar);
    }
    std::string row(std::string_view client, const std::string& left, std::string_view gateway, const std::string& right,
                    std::string_view server) const {
        return spaces(kDrawingIndent) + std::string{client} + padded(left, left_) + std::string{gateway} + padded(right, right_) +
               std::string{server} + "\n";
    }
    std::string right_arrow(int stage, std::size_t width) const {
        return shaft(stage, width - 1) + std::string{strokes_.head_right};
    }
    std::string left_arrow(int stage, std::size_t width) const {
        return std::string{strokes_.head_left} + shaft(stage, width - 1);
    }
    std::string shaft(int stage, std::size_t width) const {
        const std::string number = " " + std::to_string(stage) + " ";
        const std::size_t before = (width - number.size()) / 2;
        std::string text;
        for (std::size_t i = 0; i + number.size() < width; ++i) {
            if (i == before) text += number;
            text += strokes_.shaft;
        }
        return text;
    }

    std::string head() const {
        const std::size_t gateway = 1 + left_;  // of its line, behind the indentation
        std::string text = spaces(kDrawingIndent) + padded("client", gateway - 3) + padded("gateway", 7);
        text += right_aligned("server", right_ + 1 - 3) + "\n" + spaces(kDrawingIndent) + client();
        text += right_aligned(in_, gateway - columns_of(client())) + std::string{strokes_.bar};
        return text + padded(out_, right_ + 1 - columns_of(server())) + server() + "\n";
    }
    std::string first() const {
        const Label& packet = labels_[0];
        return row(" " + packet.source, "") + row(" " + packet.destination, "") +
               row(strokes_.begin_right, right_arrow(1, left_), strokes_.bar, "", strokes_.bar);
    }
    // First the rules, in the order in which they acted.
    std::string second() const {
        const Label& packet = labels_[1];
        std::string text;
        for (const std::string& rule : rules_) text += row(right_aligned(rule, left_ - 1), "");
        return text + row("", " " + packet.source) + row("", " " + packet.destination) +
               row(strokes_.bar, "", strokes_.begin_right, right_arrow(2, right_), strokes_.bar);
    }
    std::string third() const {
        const Label& packet = labels_[2];
        return row("", " " + packet.source) + row("", " " + packet.destination) +
               row(strokes_.bar, "", strokes_.bar, left_arrow(3, right_), strokes_.begin_left);
    }
    std::string fourth() const {
        const Label& packet = labels_[3];
        return row(" " + packet.source, "") + row(" " + packet.destination, "") +
               row(strokes_.bar, left_arrow(4, left_), strokes_.begin_left, "", strokes_.bar);
    }
    std::string legend() const {
        for (const std::size_t stage : {1U, 3U})
            if (changed(stage, "source") || changed(stage, "destination"))
                return spaces(kDrawingIndent) + "* changed by the gateway\n";
        return "";
    }

    const json& stages_;
    const Style& style_;
    const Strokes& strokes_;
    std::vector<std::string> rules_;
    std::vector<Label> labels_;
    std::string in_, out_;              // names of the interfaces, with a space towards the gateway's line
    std::size_t left_ = 0, right_ = 0;  // columns between the lines
};

}  // namespace

std::string draw_stages(const json& stages, const json& rules, const Style& style) {
    if (!stages.is_array() || stages.size() != kStages) return "";
    for (const auto names : {Drawing::Names::shown, Drawing::Names::left_out})
        if (const Drawing drawing{stages, rules, style, names}; style.fits(drawing.width())) return drawing.text();
    return "";
}

}  // namespace hairpin::cli

// Names of labs, nodes and interfaces: none of them but an interface's can hold a character that XML has a use for.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "lab/graph.h"

namespace hairpin::lab {
namespace {

constexpr int kMargin = 20;
constexpr int kGatewayWidth = 120;
constexpr int kBarStart = kMargin + kGatewayWidth + 90;  // room for the gateway's interface and address
constexpr int kHostWidth = 150;
constexpr int kHostHeight = 52;
constexpr int kHostGap = 16;
constexpr int kRowHeight = 160;
constexpr int kBarBelowTop = 44;
constexpr int kHostBelowBar = 40;

std::string svg_text(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else
            result += c;
    }
    return result;
}

std::string label(int x, int y, const std::string& text, const char* anchor = "middle", const char* more = "") {
    return fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more, svg_text(text));
}

std::string line(int x1, int y1, int x2, int y2) {
    return fmt::format("<path d=\"M{} {}L{} {}\" class=\"wire\"/>\n", x1, y1, x2, y2);
}

struct Corner {
    int x = 0, y = 0;
};

class Drawing {
public:
    explicit Drawing(const Topology& topology) : topology_(topology) { place(); }

    std::string svg() const {
        std::string body;
        for (const auto& [segment, y] : bars_) body += bar(segment, y);
        for (const Attachment& each : topology_.attachments) body += wire(each);
        for (const auto& [host, at] : hosts_) body += box(host, at, kHostWidth, kHostHeight);
        body += box(topology_.gateway().name, {kMargin, kMargin}, kGatewayWidth, height_ - 2 * kMargin);
        return fmt::format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
            "font-family=\"sans-serif\" "
            "font-size=\"13\">\n<title>{2}</"
            "title>\n<style>.wire{{stroke:#555;fill:none}}.bar{{stroke:#2a6;stroke-width:6;stroke-linecap:round}}"
            ".box{{fill:#fff;stroke:#333}}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{3}</svg>\n",
            width_, height_, svg_text(topology_.name), body);
    }

private:
    void place() {
        int row = 0;
        int widest = 1;
        for (const Node& node : topology_.nodes) {
            if (node.role != NodeRole::segment) continue;
            bars_[node.name] = kMargin + kBarBelowTop + row++ * kRowHeight;
            int column = 0;
            for (const Node& host : topology_.nodes) {
                const Attachment* first = topology_.attachment_of(host.name);
                if (host.role != NodeRole::host || first == nullptr || first->segment != node.name) continue;
                hosts_[host.name] = {kBarStart + kHostGap + column++ * (kHostWidth + kHostGap), bars_[node.name] + kHostBelowBar};
            }
            widest = std::max(widest, column);
        }
        bar_end_ = kBarStart + kHostGap + widest * (kHostWidth + kHostGap);
        width_ = bar_end_ + kMargin;
        height_ = 2 * kMargin + std::max(row, 1) * kRowHeight;
    }

    std::string bar(const std::string& segment, int y) const {
        return fmt::format("<path d=\"M{} {}L{} {}\" class=\"bar\"/>\n", kBarStart, y, bar_end_, y) +
               label(bar_end_, y - 10, segment, "end", " font-weight=\"bold\"");
    }

    std::string wire(const Attachment& each) const {
        const int bar = bars_.at(each.segment);
        const std::string address = each.address ? each.address->to_string() : "";
        if (each.node == topology_.gateway().name)
            return line(kMargin + kGatewayWidth, bar, kBarStart, bar) +
                   label(kMargin + kGatewayWidth + 6, bar - 6, each.interface, "start") +
                   label(kMargin + kGatewayWidth + 6, bar + 16, address, "start", " font-size=\"10\"");
        const auto host = hosts_.find(each.node);
        if (host == hosts_.end()) return "";
        // Several interfaces of one host leave it side by side; those of other segments from above or below.
        int number = 0;
        for (const Attachment& other : topology_.attachments) {
            if (&other == &each) break;
            number += other.node == each.node ? 1 : 0;
        }
        const int x = host->second.x + 24 + number * 36;
        const int end = bar <= host->second.y ? host->second.y : host->second.y + kHostHeight;
        const int text = bar <= host->second.y ? host->second.y - 6 : host->second.y + kHostHeight + 14;
        return line(x, bar, x, end) +
               label(x + 4, text, address.empty() ? each.interface : address, "start", " font-size=\"10\"");
    }

    static std::string box(const std::string& name, Corner at, int width, int height) {
        return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" class=\"box\"/>\n", at.x, at.y, width,
                           height) +
               label(at.x + width / 2, at.y + height / 2 + 4, name);
    }

    const Topology& topology_;
    std::map<std::string, int> bars_;      // the height of each segment's bar
    std::map<std::string, Corner> hosts_;  // the upper left corner of each host's box
    int bar_end_ = 0, width_ = 0, height_ = 0;
};

}  // namespace

std::string graph_svg(const Topology& topology) { return Drawing{topology}.svg(); }

}  // namespace hairpin::lab

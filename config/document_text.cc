#include "config/document_text.h"

#include <utility>

#include "net/json_text.h"

namespace hairpin::config {

std::shared_ptr<const DocumentText> DocumentText::take_apart(std::string text) {
    const std::shared_ptr<DocumentText> taken{new DocumentText(std::move(text))};
    if (!taken->find_lists()) taken->firewall_ = taken->nat_ = {};
    return taken;
}

bool DocumentText::find_lists() {
    JsonCursor cursor{text_};
    const auto read_list = [&](List& list) {
        if (std::exchange(list.found, true) || !cursor.enter_array()) return false;
        list.begin = cursor.position();
        while (cursor.next_element()) list.rules.push_back(cursor.skip_value());
        list.end = cursor.position() - 1;
        return !cursor.failed();
    };
    // The member "rule" of the object that the cursor is at.
    const auto read_rules = [&](List& list) {
        if (!cursor.enter_object()) return false;
        while (const auto member = cursor.next_member()) {
            if (*member != "rule")
                cursor.skip_value();
            else if (!read_list(list))
                return false;
        }
        return !cursor.failed();
    };
    if (!cursor.enter_object()) return false;
    while (const auto top = cursor.next_member()) {
        if (*top != "hairpin:gateway" || !cursor.enter_object()) {
            cursor.skip_value();
            continue;
        }
        while (const auto part = cursor.next_member()) {
            if (*part != "firewall" && *part != "nat")
                cursor.skip_value();
            else if (!read_rules(*part == "nat" ? nat_ : firewall_))
                return false;
        }
    }
    return cursor.at_end();
}

std::string DocumentText::with_only(const Wanted& firewall, const Wanted& nat) const {
    struct Part {
        const List* list;
        const Wanted* wanted;
    };
    Part parts[] = {{&firewall_, &firewall}, {&nat_, &nat}};
    if (nat_.begin < firewall_.begin) std::swap(parts[0], parts[1]);
    std::string text;
    std::size_t from = 0;
    for (const auto& [list, wanted] : parts) {
        text.append(text_, from, list->begin - from);
        bool first = true;
        for (std::size_t i = 0; i < list->rules.size(); ++i) {
            if (!(*wanted)(i)) continue;
            if (!std::exchange(first, false)) text += ',';
            text += list->rules[i];
        }
        from = list->end;
    }
    return text.append(text_, from);
}

}  // namespace hairpin::config

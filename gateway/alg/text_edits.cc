#include "gateway/alg/text_edits.h"

#include <algorithm>

#include "net/result.h"

namespace hairpin::gateway {

std::string edited(std::string_view text, std::vector<TextEdit> edits) {
    std::stable_sort(edits.begin(), edits.end(), [](const TextEdit& one, const TextEdit& other) { return one.at < other.at; });
    std::string result;
    std::size_t copied = 0;  // up to here
    for (const TextEdit& edit : edits) {
        ensure(edit.at >= copied && edit.length <= text.size() - edit.at);
        result += text.substr(copied, edit.at - copied);
        result += edit.with;
        copied = edit.at + edit.length;
    }
    result += text.substr(copied);
    return result;
}

}  // namespace hairpin::gateway

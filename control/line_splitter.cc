#include "control/line_splitter.h"

namespace hairpin::control {

void LineSplitter::feed(std::string_view bytes) {
    if (overflowed_) return;
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    buffer_.append(bytes);
}

std::optional<std::string_view> LineSplitter::next() {
    if (overflowed_) return std::nullopt;
    const auto end = buffer_.find('\n', searched_);
    searched_ = end == std::string::npos ? buffer_.size() : end;
    const std::size_t length = searched_ - begin_;
    if (length > longest_) {
        overflowed_ = true;
        return std::nullopt;
    }
    if (end == std::string::npos) return std::nullopt;
    const std::string_view line{buffer_.data() + begin_, length};
    begin_ = searched_ = end + 1;
    return line;
}

std::string LineSplitter::take_rest() {
    std::string rest = buffer_.substr(begin_);
    *this = LineSplitter{longest_};
    return rest;
}

}  // namespace hairpin::control

#include "lab/xml_text.h"

namespace hairpin::lab {

std::string xml_text(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\n': result += "&#10;"; break;  // in an attribute a plain newline is read as a space
            default:
                // XML 1.0 §2.2 has no place for other control characters, in whatever way they are written.
                result += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
        }
    }
    return result;
}

}  // namespace hairpin::lab

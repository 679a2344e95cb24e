#include "lab/junit.h"

#include <fmt/format.h>

#include <algorithm>

namespace hairpin::lab {
namespace {

std::string escaped(const std::string& text) {
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

double seconds(std::chrono::milliseconds duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::string junit_xml(const std::string& lab, const std::vector<TestResult>& results) {
    const auto failures = std::count_if(results.begin(), results.end(), [](const TestResult& each) { return !each.passed(); });
    std::chrono::milliseconds total{0};
    for (const TestResult& result : results) total += result.duration;

    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    xml += fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{:.3f}\">\n",
                       escaped(lab), results.size(), failures, seconds(total));
    for (const TestResult& result : results) {
        xml += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", escaped(lab), escaped(result.name),
                           seconds(result.duration));
        xml +=
            result.passed() ? "/>\n" : fmt::format(">\n    <failure message=\"{}\"/>\n  </testcase>\n", escaped(result.problem));
    }
    return xml + "</testsuite>\n";
}

}  // namespace hairpin::lab

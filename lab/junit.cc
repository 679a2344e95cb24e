#include "lab/junit.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/xml_text.h"

namespace hairpin::lab {
namespace {

double seconds(std::chrono::milliseconds duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::string junit_xml(const std::string& lab, const std::vector<TestResult>& results) {
    const auto failures = std::count_if(results.begin(), results.end(), [](const TestResult& each) { return !each.passed(); });
    std::chrono::milliseconds total{0};
    for (const TestResult& result : results) total += result.duration;

    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    xml += fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{:.3f}\">\n",
                       xml_text(lab), results.size(), failures, seconds(total));
    for (const TestResult& result : results) {
        xml += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", xml_text(lab), xml_text(result.name),
                           seconds(result.duration));
        xml +=
            result.passed() ? "/>\n" : fmt::format(">\n    <failure message=\"{}\"/>\n  </testcase>\n", xml_text(result.problem));
    }
    return xml + "</testsuite>\n";
}

}  // namespace hairpin::lab

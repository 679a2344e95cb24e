// A topology file and, behind a line "%%", its tests file: read, or refused with file:line:column. Of a topology that is good the
// daemon's configuration is made, too.

#include <nlohmann/json.hpp>

#include "lab/containers/container.h"
#include "lab/daemon_config.h"
#include "lab/lab_tests.h"
#include "lab/topology_reader.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"
#include "tests/support/guide_document.h"

namespace hairpin::lab {
namespace {

using fuzz::holds;

constexpr std::string_view kDivider = "\n%%\n";
constexpr char kFile[] = "fuzz.clab.yml", kTestsFile[] = "fuzz.tests.yml";

std::optional<std::string> environment(const std::string& name) {
    return name == "SET" ? std::optional{std::string{"value"}} : std::nullopt;
}

void check_complaint(const Error& error, const std::string& file) {
    const std::string all = error.path + error.message;
    holds(all.find(file + ":") != std::string::npos, "a complaint without a place: " + all);
}

// What the gateway's author wrote, without the switch: that is the topology's.
const std::string& gateway_config() {
    static const std::string text = [] {
        nlohmann::json document = testing::guide_document();
        document.erase("hairpin:switch");
        return document.dump();
    }();
    return text;
}

void read_tests(const std::string& text, const Topology& topology) {
    const auto tests = parse_lab_tests(text, kTestsFile, topology);
    if (!tests) return check_complaint(tests.error(), kTestsFile);
    for (const LabTest& test : *tests) holds(!test.name.empty(), "a test without a name");
}

void make_configuration(const Topology& topology) {
    const auto made = daemon_config(topology, gateway_config());
    if (!made) return holds(!made.error().message.empty(), "a refusal without a reason");
    holds(nlohmann::json::accept(made->text), "a configuration that is no JSON: " + made->text);
}

}  // namespace
}  // namespace hairpin::lab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::lab;
    const std::string_view text = hairpin::fuzz::Input{data, size}.rest();
    const auto divider = text.find(kDivider);
    const std::string file{text.substr(0, divider)};
    if (const auto with_containers = parse_topology(file, kFile, environment, Runtime::docker)) {
        for (const Node& node : with_containers->nodes)
            if (!node.image.empty()) holds(!words_to_start(*with_containers, node).empty(), "a container that nothing starts");
    } else {
        check_complaint(with_containers.error(), kFile);
    }
    const auto topology = parse_topology(file, kFile, environment);
    if (!topology) {
        check_complaint(topology.error(), kFile);
        return 0;
    }
    make_configuration(*topology);
    if (divider != std::string_view::npos) read_tests(std::string{text.substr(divider + kDivider.size())}, *topology);
    return 0;
}

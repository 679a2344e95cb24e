// Every topology that we ship reads without a word of complaint: the file, the gateway's configuration and the tests.

#include <gtest/gtest.h>

#include <filesystem>

#include "lab/daemon_config.h"
#include "lab/files.h"
#include "lab/lab_tests.h"
#include "lab/topology_reader.h"

namespace hairpin::lab {
namespace {

class OurTopologies : public ::testing::TestWithParam<std::string> {
protected:
    static std::string file(const std::string& ending) {
        return std::string{HAIRPIN_TOPOLOGIES} + "/" + GetParam() + "/" + GetParam() + ending;
    }
};

TEST_P(OurTopologies, Read) {
    const auto topology = read_topology(file(".clab.yml"), Runtime::docker);  // which takes what netns does, and images
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_EQ(topology->name, GetParam());
    for (const std::string& warning : topology->warnings) ADD_FAILURE() << warning;

    const auto gateway = read_file(topology->folder + "/" + topology->gateway().config_file);
    ASSERT_TRUE(gateway) << gateway.error().message;
    const auto config = daemon_config(*topology, *gateway);
    ASSERT_TRUE(config) << config.error().message;

    ASSERT_EQ(tests_file_of(*topology), std::filesystem::path{file(".tests.yml")}.lexically_normal());
    const auto text = read_file(tests_file_of(*topology));
    ASSERT_TRUE(text) << text.error().message;
    const auto tests = parse_lab_tests(*text, tests_file_of(*topology), *topology);
    ASSERT_TRUE(tests) << tests.error().message;
    for (const LabTest& test : *tests) EXPECT_FALSE(test.description.empty()) << test.name;
}

std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{HAIRPIN_TOPOLOGIES})
        if (entry.is_directory()) found.push_back(entry.path().filename());
    return found;
}

INSTANTIATE_TEST_SUITE_P(All, OurTopologies, ::testing::ValuesIn(names()), [](const auto& instance) {
    std::string name = instance.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
}  // namespace hairpin::lab

#pragma once
// A folder that goes when its test does.

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace hairpin::testing {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "hairpin-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    const std::string& path() const { return path_; }
    std::filesystem::path file(const std::string& name) const { return std::filesystem::path{path_} / name; }
    std::string write(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = std::filesystem::path{path_} / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text;
        return file.string();
    }

private:
    std::string path_;
};

}  // namespace hairpin::testing

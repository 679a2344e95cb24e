#pragma once
// A folder of this process, below what TMPDIR names; it goes when the process ends in good order.

#include <cstdlib>
#include <filesystem>
#include <string>

#include "net/result.h"

namespace hairpin::fuzz {

class TemporaryFolder {
public:
    TemporaryFolder() {
        path_ = std::filesystem::temp_directory_path() / "hairpin-fuzz-XXXXXX";
        ensure(mkdtemp(path_.data()) != nullptr);
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }
    void empty() const {
        for (const auto& entry : std::filesystem::directory_iterator{path_}) std::filesystem::remove_all(entry.path());
    }

private:
    std::string path_;
};

}  // namespace hairpin::fuzz

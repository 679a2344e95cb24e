#pragma once
// A JSON file of what has been counted, in the daemon's state folder: read when the daemon begins, written now and then, and at the end.
// Writing waits for the disk, so another thread does it: packets go on meanwhile. One writing at a time.

#include <cstddef>
#include <future>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/result.h"

namespace hairpin::runtime {

class KeptFile {
public:
    // The folder is there; empty: nothing is kept. `what`: the first part of its events in the log, as in event=<what>_not_kept.
    KeptFile(const std::string& folder, const char* name, const char* what, std::size_t most_bytes)
        : path_(folder.empty() ? "" : folder + "/" + name), what_(what), most_bytes_(most_bytes) {}

    bool is_kept() const { return !path_.empty(); }
    const std::string& path() const { return path_; }

    // Null where there is no such file.
    Result<nlohmann::json> read() const;

    // How the last writing goes. Of one that failed it is told once, and logged.
    enum class Writing { none, going_on, failed };
    Writing writing();
    // Begins one; none may be going on.
    void write(std::string text);
    // The last one, behind any that is going on; returns when it is on the disk.
    Result<void> finish(const std::string& text);

private:
    std::string path_;
    const char* what_;
    std::size_t most_bytes_;
    std::future<Result<void>> writing_;
};

}  // namespace hairpin::runtime

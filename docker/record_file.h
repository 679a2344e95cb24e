#pragma once
// The records as a file of JSON, by default /var/lib/hairpin/docker.json. It is on the disk before the engine is answered.

#include <string>

#include "docker/records.h"
#include "net/result.h"

namespace hairpin::docker {

std::string text_of(const Records& records);
Result<Records> read_records(const std::string& text);

// No file: nothing is remembered. One that cannot be read is an Error, and stays as it is for somebody to look at.
Result<Records> load_records(const std::string& file);
Result<void> keep_records(const std::string& file, const Records& records);

}  // namespace hairpin::docker

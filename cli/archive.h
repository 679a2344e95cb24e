#pragma once
// A compressed archive of texts that people pass on: a .tar.gz, written by libarchive.

#include <memory>
#include <string>

#include "cli/failure.h"

struct archive;

namespace hairpin::cli {

class Archive {
public:
    // Makes the file, which only its owner may read. Fails when it is there already or cannot be made.
    static Outcome<Archive> create(const std::string& path);

    // A file in it, in folders where the name has slashes.
    Outcome<void> add(const std::string& name, const std::string& text);
    // All of it is in the file. An archive that goes away before is deleted.
    Outcome<void> finish();

private:
    // What has been begun, until it is finished.
    struct Discard {
        std::string path;
        void operator()(archive* begun) const;
    };
    Archive(const std::string& path, archive* begun) : archive_(begun, Discard{path}) {}
    tl::unexpected<Failure> failed() const;

    std::unique_ptr<archive, Discard> archive_;
};

}  // namespace hairpin::cli

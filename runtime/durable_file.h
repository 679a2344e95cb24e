#pragma once
// Files that outlive a crash of the daemon or of the machine: what is written is on the disk, and of a file that is replaced there is
// either the old text or the new one, never a part. Both wait for the disk.

#include <string>

#include "net/result.h"

namespace hairpin::runtime {

// The file's own bytes. Its name is certain only after sync_folder() of where it stands.
Result<void> write_durably(const std::string& file, const std::string& text);
// A name in a folder is only certain when the folder itself is on the disk. False, with errno: it is not.
bool sync_folder(const std::string& folder);
// Another text for a file that may be there: written beside it as FILE.new, which then takes its name.
Result<void> replace_durably(const std::string& file, const std::string& text);

}  // namespace hairpin::runtime

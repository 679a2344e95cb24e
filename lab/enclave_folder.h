#pragma once
// The folder that an enclave sees as /run/hairpin, and which all of a user's commands find without being in it.

#include <sys/types.h>

#include <string>

#include "net/result.h"

namespace hairpin::lab {

// $XDG_RUNTIME_DIR/hairpin; without that /run/user/<uid>/hairpin, and without that /tmp/hairpin-<uid>. Folders that belong to somebody else do not
// count, since whoever can write there could put labs of his own before us.
std::string enclave_folder(uid_t user);

// Makes it, for the user alone. It is an error when somebody else has made it before.
Result<void> make_enclave_folder(const std::string& folder, uid_t user);

}  // namespace hairpin::lab

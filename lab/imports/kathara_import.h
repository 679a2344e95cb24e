#pragma once
// A Kathara lab as one of ours: collision domains become segments, devices hosts in namespaces, and one device, which stands between several
// domains, the gateway. What a device's startup script says about addresses and routes is said by its links, or by the gateway's
// configuration; the rest of it is run as `exec`.

#include <map>
#include <string>

#include "lab/imports/lab_draft.h"

namespace hairpin::lab {

// What lies in the lab's folder by its name there, that of a folder with a / behind it. Only lab.conf and the scripts need their texts.
using KatharaFiles = std::map<std::string, std::string>;

// `folder` stands before the files' names in remarks and errors.
Result<ImportedLab> lab_from_kathara(const KatharaFiles& files, const std::string& folder, const ImportOptions& options);
// Whether the text of a file of this name is read.
bool is_read_of_kathara(const std::string& name);

}  // namespace hairpin::lab

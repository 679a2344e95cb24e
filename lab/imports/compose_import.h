#pragma once
// A docker-compose file as a lab: its networks become segments, its services hosts in namespaces with the same addresses, and what Docker itself
// was, the gateway of every network and the one who publishes ports, becomes the lab's gateway.
//
// What a container is made of (image, command, volumes) has no counterpart, since a host here is a namespace of this machine with its
// programs. Each such line is told as a remark, so that it is seen what is left to write as `exec`.

#include <string>

#include "lab/imports/lab_draft.h"

namespace hairpin::lab {

// `file` names the text in remarks and errors. An empty `name` is the file's own `name` or its folder's.
Result<ImportedLab> lab_from_compose(const std::string& text, const std::string& file, const std::string& name);

}  // namespace hairpin::lab

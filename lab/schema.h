#pragma once
// The JSON schema of our topology files, for editors: made of the tables by which the readers judge the keys, so it cannot say anything else.
//
// A file that holds by it is a containerlab file of which we do all that it asks. It is stricter than containerlab's own schema in `vars`, which
// are ours there, and leaves keys that have no effect here out.

#include <string>

namespace hairpin::lab {

// Draft 7 of JSON Schema, ending with a line's end.
std::string topology_schema();

}  // namespace hairpin::lab

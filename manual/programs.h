#pragma once
// The parts of the manual that are made of what programs take on their command lines, and labs in their files.

#include "manual/markup.h"

namespace hairpin::manual {

void options_of_hairpin(Markup& page);
void options_of_hairpind(Markup& page);
void options_of_hairpin_docker(Markup& page);
void options_of_hairpin_port(Markup& page);
// Each verb of `hairpin lab` with its options.
void lab_verbs(Markup& page);
// Keys of a lab's files.
void keys_of_topologies(Markup& page);
void keys_of_lab_tests(Markup& page);

}  // namespace hairpin::manual

#pragma once
// The parts of the manual that are made of the tables of commands.

#include "manual/markup.h"

namespace hairpin::manual {

// Of each mode what there is, in a few words each; and each in full.
void list_of_operational_commands(Markup& page);
void operational_commands(Markup& page);
void list_of_configuration_commands(Markup& page);
void configuration_commands(Markup& page);
void filters(Markup& page);
// What the words in CAPITALS of the usage lines stand for.
void values_of_commands(Markup& page);

// Every example as JSON, for the tests that type them: in which mode, of which command, its lines, whether it wants hosts, and whether
// it goes on until it is interrupted.
std::string examples_as_json();

}  // namespace hairpin::manual

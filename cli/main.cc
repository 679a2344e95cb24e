// hairpin: what people type.

#include <cstdlib>
#include <iostream>

#include "cli/application.h"
#include "control/protocol.h"
#include "lab/lab_command.h"
#include "lab/lab_paths.h"

int main(int argc, char** argv) {
    using namespace hairpin;
    const cli::Surroundings around{std::cout,
                                   std::cerr,
                                   [](const char* name) { return std::getenv(name); },
                                   {control::kDefaultSocketPath, std::string{lab::kLabsFolder}},
                                   lab::lab_main};
    return cli::run({argv + 1, argv + argc}, around);
}

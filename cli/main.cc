// hairpin: what people type.

#include <unistd.h>

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
                                   lab::lab_main,
                                   &std::cin,
                                   isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0};
    return cli::run({argv + 1, argv + argc}, around);
}

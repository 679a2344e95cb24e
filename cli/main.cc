// hairpin: what people type.

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/application.h"
#include "control/protocol.h"
#include "lab/enclave.h"
#include "lab/lab_command.h"

int main(int argc, char** argv) {
    using namespace hairpin;
    const cli::Surroundings around{std::cout,
                                   std::cerr,
                                   [](const char* name) { return std::getenv(name); },
                                   {control::kDefaultSocketPath, lab::labs_folder_from_outside()},
                                   lab::lab_main,
                                   &std::cin,
                                   isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0};
    return cli::run({argv + 1, argv + argc}, around);
}

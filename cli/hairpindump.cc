// hairpindump: what Wireshark calls to capture at Hairpin's ports.

#include <cstdlib>
#include <iostream>

#include "cli/extcap.h"
#include "control/protocol.h"
#include "lab/enclave.h"

int main(int argc, char** argv) {
    using namespace hairpin;
    const cli::ExtcapSurroundings around{std::cout,
                                         std::cerr,
                                         [](const char* name) { return std::getenv(name); },
                                         {control::kDefaultSocketPath, lab::labs_folder_from_outside()}};
    return cli::run_extcap({argv + 1, argv + argc}, around);
}

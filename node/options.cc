#include "node/options.h"

#include <CLI/CLI.hpp>

namespace hairpin::node {

void describe_options(CLI::App& app, Options& options) {
    app.description(
        "Makes a container of a network emulator (containerlab, GNS3, Kathara) a router: waits for its interfaces, takes them "
        "from the "
        "kernel, and becomes hairpind with a port and an interface of the gateway for each.");
    app.add_option("--interfaces", options.interfaces, "Waits until so many are there and up, besides that of the management")
        ->type_name("NUMBER")
        ->envname("CLAB_INTFS");
    app.add_option("--management", options.management, "The interface that is left alone; none where there is none")
        ->type_name("NAME")
        ->envname("HAIRPIN_MANAGEMENT")
        ->capture_default_str();
    app.add_option("--startup", options.startup,
                   "The configuration, as lines of set or as JSON; it need not be there, and need not name ports")
        ->type_name("FILE")
        ->envname("HAIRPIN_STARTUP")
        ->capture_default_str();
    app.add_option("--document", options.document, "Where what hairpind is started with is written")
        ->type_name("FILE")
        ->capture_default_str();
    app.add_option("daemon", options.daemon, "Behind --, further words for hairpind, as --log-level debug")->type_name("WORD...");
    app.set_version_flag("--version", std::string{"hairpin-node "} + HAIRPIN_VERSION, "Print the version");
}

}  // namespace hairpin::node

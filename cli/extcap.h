#pragma once
// The program `hairpindump` without its process: how Wireshark asks for interfaces that are none of the machine's (extcap(4)). It is called once for
// each question, and once, with a FIFO, for each capture:
//
//   --extcap-interfaces                                    extcap {version=...}  interface {value=hairpin:lab:workstation}{display=...}
//   --extcap-interface I --extcap-dlts                     dlt {number=1}{name=EN10MB}{display=Ethernet}
//   --extcap-interface I --extcap-config                   arg {number=0}{call=--drops}...
//   --extcap-interface I --extcap-capture-filter F         nothing, or what is wrong with the filter
//   --extcap-interface I --capture --fifo P [--extcap-capture-filter F] [--drops] [--snaplen N]
//
// The interfaces are the places of every daemon that answers: the machine's own and those of labs. One is named hairpin:LAB:PLACE, without LAB for
// the machine's own; no PLACE is everything.

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/daemon_address.h"
#include "cli/style.h"

namespace hairpin::cli {

struct ExtcapSurroundings {
    std::ostream& out;
    std::ostream& error;
    Environment environment;
    Places places;
};

// The exit status.
int run_extcap(std::vector<std::string> arguments, const ExtcapSurroundings& around);

}  // namespace hairpin::cli

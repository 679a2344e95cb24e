#pragma once
// Makes up a lab of any size: LANs behind one gateway that share its external address, a host in the Internet, and tests. For trying how something
// behaves with many hosts, and as a beginning for a lab of one's own.

#include <cstdint>
#include <map>
#include <string>

#include "net/result.h"

namespace hairpin::lab {

struct GeneratorOptions {
    std::string name = "generated";
    unsigned hosts = 10;     // besides the one in the Internet; at most kMostHosts
    unsigned lans = 2;       // at most kMostLans, and not more than hosts
    std::uint64_t seed = 1;  // which host is in which LAN, and what the tests ask: the same for the same seed on every machine

    static constexpr unsigned kMostHosts = 2000;
    static constexpr unsigned kMostLans = 100;
};

// The files of the lab's folder by their paths in it. A LAN is 10.<number>.0.0/16.
Result<std::map<std::string, std::string>> generate_lab(const GeneratorOptions& options);

}  // namespace hairpin::lab

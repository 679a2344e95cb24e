#pragma once
// A filter in libpcap's language (pcap-filter(7)), as tcpdump takes it, for packets of our own:
//
//   tcp port 80          icmp or arp          host 192.168.255.2 and not port 22
//
// libpcap would ask name servers for the names of hosts and networks, and the daemon forwards nothing while it waits; so a word that is
// none of the language's is refused, but for names of services and protocols where one is expected ("port http"), which are files here.

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "net/result.h"

struct bpf_program;

namespace hairpin::runtime {

class PacketFilter {
public:
    static constexpr std::size_t kLongest = 1000;  // characters: compiling takes longer than one would wait for a longer one

    // Without text it lets everything through. Errors are libpcap's own words; their path is "filter".
    static Result<PacketFilter> compile(const std::string& text);

    bool matches(std::span<const std::byte> frame) const;

private:
    struct Discard {
        void operator()(bpf_program* program) const;
    };
    std::unique_ptr<bpf_program, Discard> program_;  // none: everything matches
};

}  // namespace hairpin::runtime

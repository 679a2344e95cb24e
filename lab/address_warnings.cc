#include "lab/address_warnings.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <tuple>

namespace hairpin::lab {
namespace {

// Those who have said an address before, by where they would meet: segment, VLAN (0: none), address.
using Speakers = std::map<std::tuple<std::string, unsigned, std::string>, const Attachment*>;

void warn_of_second(Speakers& speakers, const Attachment& attachment, std::string_view kind, const std::string& address,
                    Complaints& complaints) {
    const unsigned vlan = attachment.vlans.access ? attachment.vlans.access->number() : 0;
    const auto [first, is_new] = speakers.emplace(std::tuple{attachment.segment, vlan, address}, &attachment);
    if (is_new) return;
    complaints.warning(attachment.at, fmt::format("{}:{} in line {} has the {} {}, too, in the same segment", first->second->node,
                                                  first->second->interface, first->second->at.line, kind, address));
}

void warn_of_no_hosts_address(const Attachment& attachment, Complaints& complaints) {
    const auto& [address, network] = *attachment.address;
    if (address.is_no_hosts())
        return complaints.warning(attachment.at, fmt::format("no host can have the address {}", address.to_string()));
    if (!network.reserves(address)) return;
    const bool is_last = address == network.last();
    complaints.warning(attachment.at, fmt::format("{} is the {} the network {}{}: no host can have it", address.to_string(),
                                                  is_last ? "broadcast address of" : "address of", network.to_string(),
                                                  is_last ? "" : " itself"));
}

}  // namespace

void warn_about_addresses(const Topology& topology, Complaints& complaints) {
    Speakers of_ipv4, of_ethernet;
    for (const Attachment& attachment : topology.attachments) {
        if (attachment.address) {
            warn_of_no_hosts_address(attachment, complaints);
            warn_of_second(of_ipv4, attachment, "address", attachment.address->address.to_string(), complaints);
        }
        if (attachment.mac) warn_of_second(of_ethernet, attachment, "MAC address", attachment.mac->to_string(), complaints);
    }
}

}  // namespace hairpin::lab

#include "tests/rfc/stories.h"

namespace hairpin::testing {

HairpinLab::Change with_pool(std::string_view external_addresses) {
    return [pool = addresses(external_addresses)](gateway::Ruleset& rules) { rules.nat[0].translated_address = pool; };
}

HairpinLab::Change with_one_port(unsigned external_port) {
    return [external_port](gateway::Ruleset& rules) { rules.nat[0].translated_port = port(external_port); };
}

HairpinLab::Change with_timeout(gateway::SessionState state, std::chrono::seconds idle) {
    return [=](gateway::Ruleset& rules) { rules.timeouts.set(state, idle); };
}

void say_all_that_icmp_can(HairpinLab& lab, const SeenPacket& about) {
    for (unsigned type = 0; type < 256; ++type)
        for (unsigned code = 0; code < 16; ++code)
            lab.internet.send(icmp_error(static_cast<IcmpType>(type), code, about.l3).from(kRouter).to(about.source));
    for (Host* host : {&lab.workstation, &lab.web_server, &lab.internet}) host->received();
}

std::set<Ipv4Address> external_addresses_of_the_workstation(HairpinLab& lab) {
    for (unsigned i = 0; i < 12; ++i) {
        lab.workstation.send(tcp().from(kWorkstation, 40000 + i).to(kInternet, 80).syn());
        lab.workstation.send(udp().from(kWorkstation, 40000 + i).to(kInternet, 53));
        lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(i));
    }
    const auto seen = lab.internet.received();
    EXPECT_THAT(seen, ::testing::SizeIs(36));
    std::set<Ipv4Address> used;
    for (const SeenPacket& packet : seen) used.insert(packet.source);
    return used;
}

std::vector<unsigned> external_ports(HairpinLab& lab, unsigned first, unsigned step, unsigned count) {
    std::vector<unsigned> ports;
    for (unsigned i = 0; i < count; ++i) {
        lab.workstation.send(udp().from(kWorkstation, first + i * step).to(kInternet, 53));
        ports.push_back(lab.internet.received_one().source_port);
    }
    return ports;
}

void expect_no_order(const std::vector<unsigned>& ports) {
    std::set<unsigned> steps;
    for (std::size_t i = 1; i < ports.size(); ++i) steps.insert((ports[i] - ports[i - 1]) & 0xffff);
    EXPECT_GT(steps.size(), ports.size() - ports.size() / 8) << "the steps from port to port repeat themselves";
}

}  // namespace hairpin::testing

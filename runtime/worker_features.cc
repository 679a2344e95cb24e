// What the ports of a Worker do besides carrying frames: features are configured by a port's name, and a port that comes has them at once.

#include <unistd.h>

#include <array>

#include "runtime/worker.h"

namespace hairpin::runtime {

namespace {

constexpr const char* kSystemDescription = "Hairpin " HAIRPIN_VERSION ", a software router on a virtual switch";

std::string name_of_the_machine() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "hairpin";
    return name.data();
}

}  // namespace

void Worker::set_features(const l2::SwitchFeatures& features) {
    features_ = features;
    bridge_.forward_link_local(features_.forwarded_link_local);
    bridge_.set_loop_guard(features_.loop_guard);
    bridge_.set_snooping(features_.snooping);
    const std::string name = features_.system_name.empty() ? name_of_the_machine() : features_.system_name;
    bridge_.set_lldp({.chassis = MacAddress::from_name(name), .name = name, .description = kSystemDescription});
    for (const auto& [port, entry] : ports_) bridge_.set_features(entry.id, features_of(port));
    mirror_ports();
}

void Worker::give_features(const PortEntry& entry) {
    bridge_.name_port(entry.id, entry.settings.name, "port " + entry.settings.name + " of segment " + entry.settings.segment);
    bridge_.set_features(entry.id, features_of(entry.settings.name));
    if (!features_.mirrors.empty()) mirror_ports();
}

l2::PortFeatures Worker::features_of(const std::string& port) const {
    const auto found = features_.ports.find(port);
    return found == features_.ports.end() ? l2::PortFeatures{} : found->second;
}

// Of ports that are there; those that are yet to come have it done again.
void Worker::mirror_ports() {
    std::vector<l2::Mirror> mirrors;
    for (const l2::MirrorSettings& settings : features_.mirrors) {
        const auto to = ports_.find(settings.to);
        if (to == ports_.end()) continue;
        l2::Mirror mirror{.name = settings.name, .sources = {}, .to = to->second.id};
        for (const l2::MirrorSettings::Source& source : settings.sources)
            if (const auto port = ports_.find(source.port); port != ports_.end())
                mirror.sources.push_back({port->second.id, source.in, source.out});
        mirrors.push_back(std::move(mirror));
    }
    bridge_.set_mirrors(std::move(mirrors));
}

}  // namespace hairpin::runtime

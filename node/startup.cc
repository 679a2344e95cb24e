#include "node/startup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/candidate/candidate.h"

namespace hairpin::node {

namespace {

using config::Candidate;
using Words = std::vector<std::string>;

Result<void> set_words(Candidate& candidate, const Words& words) {
    if (const auto done = candidate.set(words); !done)
        return failure(fmt::format("set {}: {}", fmt::join(words, " "), done.error().message));
    return {};
}

Words interface_words(const std::string& name, std::initializer_list<std::string> more) {
    Words words{"gateway", "interface", name};
    words.insert(words.end(), more);
    return words;
}

Result<void> add_device(Candidate& candidate, const TakenDevice& device) {
    const Words port{"switch", "port", device.name};
    if (candidate.exists(port)) return {};
    const Words segment{"switch", "segment", device.name};
    Words on_segment = port, behind = port;
    on_segment.insert(on_segment.end(), {"segment", device.name});
    behind.insert(behind.end(), {"netdev", "device", device.name});
    for (const Words& words : {segment, on_segment, behind})
        if (auto done = set_words(candidate, words); !done) return done;

    if (!candidate.exists(interface_words(device.name, {"segment"})))
        if (auto done = set_words(candidate, interface_words(device.name, {"segment", device.name})); !done) return done;
    if (candidate.exists(interface_words(device.name, {"address"}))) return {};
    for (const Ipv4InterfaceAddress& address : device.addresses)
        if (auto done = set_words(candidate, interface_words(device.name, {"address", address.to_string()})); !done) return done;
    return {};
}

}  // namespace

Result<std::string> startup_document(const std::string& startup, const std::vector<TakenDevice>& devices) {
    Candidate candidate;
    if (startup.find_first_not_of(" \t\r\n") != std::string::npos)
        if (const auto loaded = candidate.load(startup, Candidate::Load::merge); !loaded) return tl::unexpected(loaded.error());
    for (const TakenDevice& device : devices)
        if (const auto added = add_device(candidate, device); !added) return tl::unexpected(added.error());
    return candidate.to_json();
}

}  // namespace hairpin::node

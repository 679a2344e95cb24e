#pragma once
// A small lab that the tests read, and mistakes are made in.

#include <gtest/gtest.h>

#include <string>

#include "lab/topology_reader.h"

namespace hairpin::lab {

inline const std::string kSample = R"(name: sample
topology:
  defaults: {kind: linux, env: {COLOUR: red, SHAPE: round}}
  kinds:
    linux: {exec: ["echo kind"]}
  nodes:
    edge: {labels: {hairpin.role: gateway}}
    lan: {kind: bridge}
    wan: {kind: bridge}
    host:
      env: {COLOUR: blue}
      exec: ["echo __clabNodeName__"]
  links:
    - endpoints: ["edge:lan", "lan:edge"]
    - endpoints: ["edge:uplink", "wan:edge-up"]
    - endpoints: ["lan:host", "host:eth1"]
      ipv4: ["", "192.0.2.2/24"]
      mtu: 1400
      vars: {gateway: 192.0.2.1, mac: "02:00:00:00:00:02", vlan: 10}
)";

inline Environment no_variables() {
    return [](const std::string&) { return std::nullopt; };
}

inline Result<Topology> read_sample(const std::string& text) { return parse_topology(text, "sample.clab.yml", no_variables()); }

// The sample with one place changed; the place must be there.
inline std::string sample_with(const std::string& place, const std::string& instead) {
    std::string text = kSample;
    const std::size_t at = text.find(place);
    EXPECT_NE(at, std::string::npos) << place;
    return at == std::string::npos ? text : text.replace(at, place.size(), instead);
}

// What the reader complains about when one place is changed; empty when it does not.
inline std::string complaint_with(const std::string& place, const std::string& instead) {
    const auto topology = read_sample(sample_with(place, instead));
    return topology ? "" : topology.error().message;
}

}  // namespace hairpin::lab

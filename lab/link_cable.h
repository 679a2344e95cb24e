#pragma once
// The cable of a link as a topology file has it: what is wrong with it, and whether it is plugged in.
//
//   vars: {impair: {delay: 2ms}}                                     both directions, each on its own: a ping takes 4 ms longer
//   vars: {impair: {a-to-b: {rate: 100mbit}, b-to-a: {rate: 20mbit}, seed: 7}}     from the first endpoint to the second, and back
//   vars: {state: down}
//   vars: {state: {flap: {up: 10s, down: 2s, jitter: 500ms}}}
//
// To hairpind `in` is what the host sends into the switch.

#include <map>
#include <optional>
#include <string>

#include "lab/yaml_tree.h"

namespace hairpin::lab {

struct LinkCable {
    using Direction = std::map<std::string, std::string>;  // by the names of lab/impairment_keys.h
    struct Flap {
        std::string up, down, jitter;  // the last may be empty
    };
    Direction in = {}, out = {};
    std::optional<unsigned> seed = {};
    bool down = false;
    std::optional<Flap> flap = {};

    bool perfect() const { return in.empty() && out.empty() && !down && !flap; }
};

// Which of a link's two endpoints the host is.
enum class HostEnd { first, second };

// What `impair` and `state` of a link's vars say.
LinkCable read_cable(const YamlNode& vars, HostEnd host, Complaints& complaints);

}  // namespace hairpin::lab

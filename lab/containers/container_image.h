#pragma once
// A node of kind linux with an image, where the lab starts its containers itself (`lab up --runtime docker`): what the container is made of, by
// containerlab's keys. Where it does not, such a node is a host in a namespace of this machine, with this machine's programs.

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lab/complaints.h"
#include "lab/yaml_tree.h"

namespace hairpin::lab {

// What nodes with an image become. An engine is called as its program is, and the programs take the same words.
enum class Runtime { netns, docker, podman };
std::string_view to_string(Runtime runtime);

struct ContainerImage {
    std::string name = {};                  // hairpin/toolbox:dev; empty: a container that somebody else starts, or none
    std::vector<std::string> options = {};  // of `docker run`
    std::vector<std::string> binds = {};    // FROM:TO[:OPTIONS], where FROM may be relative to the topology's folder
    std::vector<std::string> words = {};    // its command, instead of the image's; empty: that

    bool empty() const { return name.empty(); }
    // All of it in a line, to see whether two are the same.
    std::string in_words() const;
};

// The keys of a node that only a container has a use for, with their values in the order of the file. A list goes on where another place of the
// file has begun it, anything else takes the other's place.
using ContainerKeys = std::map<std::string, std::vector<PlacedText>, std::less<>>;
ContainerKeys read_container_keys(const YamlNode& node, Complaints& complaints);
ContainerKeys laid_over(ContainerKeys base, const ContainerKeys& above);
bool is_container_key(std::string_view key);

// `hostname` is the node's name, where no key says another.
ContainerImage container_image(const ContainerKeys& keys, const std::string& hostname, Complaints& complaints);

}  // namespace hairpin::lab

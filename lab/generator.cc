#include "lab/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "lab/topology.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr unsigned kFirstHost = 10;  // 10.3.0.10 is the first of LAN 3; those before are for routers
constexpr unsigned kHostsPerByte = 200;
constexpr const char* kExternal = "203.0.113.80";
constexpr const char* kInternetHost = "203.0.113.1";
constexpr unsigned kMostPings = 40;

struct MadeUpHost {
    std::string name;
    unsigned lan = 0;
    std::string address;
};

// std::uniform_int_distribution differs from library to library; this does not, and so small a bias harms nobody here.
unsigned draw(std::mt19937_64& random, unsigned below) { return static_cast<unsigned>(random() % below); }

class Generator {
public:
    explicit Generator(const GeneratorOptions& options) : options_(options), random_(options.seed) { place_hosts(); }

    std::map<std::string, std::string> files() {
        return {
            {options_.name + ".clab.yml", topology()}, {options_.name + ".tests.yml", tests()}, {"configs/edge.json", config()}};
    }

private:
    void place_hosts() {
        std::vector<unsigned> in_lan(options_.lans + 1, 0);
        for (unsigned i = 0; i < options_.hosts; ++i) {
            // Each LAN has one at least.
            const unsigned lan = i < options_.lans ? i + 1 : draw(random_, options_.lans) + 1;
            const unsigned number = in_lan[lan]++;
            hosts_.push_back(
                {.name = fmt::format("h{}", i + 1),
                 .lan = lan,
                 .address = fmt::format("10.{}.{}.{}", lan, number / kHostsPerByte, kFirstHost + number % kHostsPerByte)});
        }
    }

    std::string topology() const {
        std::string text =
            fmt::format("# Made by `hairpin lab generate --hosts {} --lans {} --seed {}`.\nname: {}\n\ntopology:\n  nodes:\n",
                        options_.hosts, options_.lans, options_.seed, options_.name);
        text +=
            "    edge:\n      kind: linux\n      labels: {hairpin.role: gateway}\n      binds: "
            "[\"configs/edge.json:/etc/hairpin/startup.json:ro\"]\n";
        text += "    wan: {kind: bridge}\n";
        for (unsigned lan = 1; lan <= options_.lans; ++lan) text += fmt::format("    lan{}: {{kind: bridge}}\n", lan);
        text += "    internet: {kind: linux}\n";
        for (const MadeUpHost& host : hosts_) text += fmt::format("    {}: {{kind: linux}}\n", host.name);
        text += "\n  links:\n    - {endpoints: [\"edge:uplink\", \"wan:edge-uplink\"]}\n";
        for (unsigned lan = 1; lan <= options_.lans; ++lan)
            text += fmt::format("    - {{endpoints: [\"edge:lan{0}\", \"lan{0}:edge-lan{0}\"]}}\n", lan);
        text += fmt::format("    - {{endpoints: [\"internet:eth1\", \"wan:internet\"], ipv4: [\"{}/24\"]}}\n", kInternetHost);
        for (const MadeUpHost& host : hosts_)
            text += fmt::format(
                "    - {{endpoints: [\"{0}:eth1\", \"lan{1}:{0}\"], ipv4: [\"{2}/16\"], vars: {{gateway: 10.{1}.0.1}}}}\n",
                host.name, host.lan, host.address);
        return text;
    }

    std::string config() const {
        OrderedJson interfaces = {
            {{"name", "uplink"}, {"role", "uplink"}, {"segment", "wan"}, {"address", {fmt::format("{}/24", kExternal)}}}};
        for (unsigned lan = 1; lan <= options_.lans; ++lan)
            interfaces.push_back({{"name", fmt::format("lan{}", lan)},
                                  {"role", "internal"},
                                  {"segment", fmt::format("lan{}", lan)},
                                  {"address", {fmt::format("10.{}.0.1/16", lan)}}});
        OrderedJson inside = {
            {"id", 1}, {"name", "From inside to everywhere"}, {"source", {{"interface", {"internal"}}}}, {"action", "accept"}};
        OrderedJson masquerade = {{"id", 196609},           {"description", "to the Internet"}, {"action", "snat"},
                                  {"applied-on", "uplink"}, {"original-address", "10.0.0.0/8"}, {"translated-address", kExternal},
                                  {"protocol", "any"}};
        OrderedJson gateway = {{"interface", std::move(interfaces)},
                               {"route", OrderedJson::array({{{"prefix", "0.0.0.0/0"}, {"next-hop", kInternetHost}}})},
                               {"firewall", {{"default-action", "drop"}, {"rule", OrderedJson::array({std::move(inside)})}}},
                               {"nat", {{"rule", OrderedJson::array({std::move(masquerade)})}}}};
        return OrderedJson{{"hairpin:gateway", std::move(gateway)}}.dump(2) + "\n";
    }

    // Not all pairs, which are too many: each LAN to its gateway and to the Internet, and some that are drawn.
    std::string tests() {
        std::string text = fmt::format("# hairpin lab verify {}\ntests:\n", options_.name);
        const auto ping = [&](const std::string& name, const MadeUpHost& from, const std::string& to, const std::string& what) {
            text += fmt::format("  {}:\n    description: {}\n    nodes: [{}]\n    exec: ping -c 1 -W 2 {}\n    wait: 10\n", name,
                                what, from.name, to);
        };
        for (unsigned lan = 1; lan <= options_.lans; ++lan) {
            const MadeUpHost& from = hosts_[lan - 1];
            ping(fmt::format("gateway-lan{}", lan), from, fmt::format("10.{}.0.1", lan),
                 fmt::format("LAN {} reaches its gateway", lan));
            ping(fmt::format("internet-lan{}", lan), from, kInternetHost, fmt::format("LAN {} reaches the Internet", lan));
        }
        if (options_.hosts < 2) return text;
        for (unsigned i = 0; i < std::min(options_.hosts, kMostPings); ++i) {
            const unsigned from = draw(random_, options_.hosts);
            const unsigned to = (from + 1 + draw(random_, options_.hosts - 1)) % options_.hosts;
            ping(fmt::format("pair-{}", i + 1), hosts_[from], hosts_[to].address,
                 fmt::format("{} reaches {}", hosts_[from].name, hosts_[to].name));
        }
        return text;
    }

    const GeneratorOptions& options_;
    std::mt19937_64 random_;
    std::vector<MadeUpHost> hosts_;
};

}  // namespace

Result<std::map<std::string, std::string>> generate_lab(const GeneratorOptions& options) {
    if (const auto wrong = wrong_lab_name(options.name)) return failure(fmt::format("\"{}\": {}", options.name, *wrong));
    if (options.hosts < 1 || options.hosts > GeneratorOptions::kMostHosts)
        return failure(fmt::format("{} hosts: there may be 1 to {}", options.hosts, GeneratorOptions::kMostHosts));
    if (options.lans < 1 || options.lans > std::min(GeneratorOptions::kMostLans, options.hosts))
        return failure(
            fmt::format("{} LANs: there may be 1 to {}, and not more than hosts", options.lans, GeneratorOptions::kMostLans));
    return Generator{options}.files();
}

}  // namespace hairpin::lab

#include "any_document.h"

#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {

using nlohmann::json;

namespace {

template <class T>
T choice_of(std::vector<T> choices) {
    return *rc::gen::elementOf(std::move(choices));
}
std::string any_address() {
    return "10." + std::to_string(*rc::gen::inRange(0, 256)) + "." + std::to_string(*rc::gen::inRange(0, 256)) + ".7";
}
std::string any_match() {
    return choice_of<std::string>({any_address(), "192.0.2.1-192.0.2.9", "198.51.100.0/24", "0.0.0.0/0", "hosts", "more-hosts"});
}
std::string any_port() { return choice_of<std::string>({"1", "80", "443", "8000-8099", "1-65535", "some-ports"}); }
bool maybe() { return *rc::gen::arbitrary<bool>(); }

json any_endpoint() {
    json endpoint = json::object();
    if (maybe()) endpoint["address"] = {any_match()};
    if (maybe())
        endpoint["interface"] = {choice_of<std::string>({"lan", "uplink", "internal", "external", "any", "vse", "sides"})};
    if (!endpoint.empty() && maybe()) endpoint["negate"] = maybe();
    return endpoint;
}

json any_service() {
    json service{{"protocol", choice_of<json>({"tcp", "udp", "icmp", "any", "gre", 89, "https", "shop"})}};
    const bool has_ports = service["protocol"] == "tcp" || service["protocol"] == "udp";
    if (has_ports && maybe()) service["port"] = {any_port()};
    if (has_ports && maybe()) service["source-port"] = {any_port()};
    if (service["protocol"] == "icmp" && maybe()) service["icmp-code"] = 0, service["icmp-type"] = 8;
    if (service["protocol"] == "icmp" && maybe()) service["icmp-type"] = *rc::gen::inRange(0, 256);
    return service;
}

json any_schedule(const std::string& name) {
    json schedule{{"name", name}};
    if (maybe()) schedule["day"] = maybe() ? json::array({"mon"}) : json::array({"sat", "sun"});
    if (maybe()) schedule["start"] = choice_of<std::string>({"08:00", "22:00"});
    if (maybe()) schedule["end"] = choice_of<std::string>({"06:00", "18:00"});
    if (maybe()) schedule["from"] = "2026-12-24";
    if (maybe()) schedule["clock"] = choice_of<std::string>({"local", "utc"});
    return schedule;
}

}  // namespace

json any_firewall_rule(int id) {
    json rule{{"id", id}, {"action", choice_of<std::string>({"accept", "drop", "reject"})}};
    if (rule["action"] == "reject" && maybe()) rule["reject-with"] = choice_of<std::string>({"icmp", "tcp-reset"});
    if (maybe()) rule["name"] = choice_of<std::string>({"", "a \"quoted\" \\ name", "für alle", "<>&'"});
    if (maybe()) rule["enabled"] = maybe();
    if (maybe()) rule["match-translated"] = maybe();
    if (maybe()) rule["log"] = maybe();
    if (maybe()) rule["schedule"] = choice_of<std::string>({"office", "night"});
    if (maybe()) rule["source"] = any_endpoint();
    if (rule.contains("source") && maybe()) rule["source"]["mac"] = {choice_of<std::string>({"02:00:00:00:00:01", "machines"})};
    if (maybe()) rule["destination"] = any_endpoint();
    if (maybe()) rule["service"] = json::array({any_service()});  // {json} alone is a list to some compilers, a copy to others
    return rule;
}

// In place of its translated address and port.
static void use_targets(json& rule) {
    const bool may_have_port = rule.contains("protocol") && (!rule.contains("original-port") || rule["original-port"] == "80");
    rule.erase("translated-address");
    rule.erase("translated-port");
    rule["target"] = json::array();
    for (int number = *rc::gen::inRange(1, 4); number > 0; --number) {
        json target{{"address", "10.7.0." + std::to_string(number)}};
        if (maybe()) target["weight"] = number == 1 ? 255 : choice_of<int>({0, 1, 2});
        if (may_have_port && maybe()) target["port"] = choice_of<std::string>({"8080", "81"});
        rule["target"].push_back(target);
    }
    if (maybe()) rule["affinity"] = choice_of<std::string>({"source", "none"});
}

json any_nat_rule(int id) {
    json rule{{"id", id}, {"action", choice_of<std::string>({"snat", "dnat", "no-snat", "no-dnat"})}};
    const bool source = rule["action"] == "snat" || rule["action"] == "no-snat";
    const bool translates = rule["action"] == "snat" || rule["action"] == "dnat";
    if (maybe()) rule["protocol"] = choice_of<json>({"tcp", "udp"});
    if (maybe()) rule["log"] = maybe();
    if (maybe()) rule["applied-on"] = choice_of<std::string>({"lan", "uplink", "internal", "external", "any", "sides"});
    if (maybe()) rule["original-address"] = any_match();
    if (rule.contains("original-address") && rule["action"] != "dnat" && maybe()) rule["negate-original"] = maybe();
    if (rule.contains("protocol") && maybe()) rule["original-port"] = choice_of<std::string>({"80", "8000-8099"});
    if (maybe()) rule[source ? "destination-address" : "source-address"] = {any_match()};
    if (rule.contains("protocol") && maybe()) rule[source ? "destination-port" : "source-port"] = {any_port()};
    if (translates)
        rule["translated-address"] = source && maybe() ? choice_of<std::string>({"interface", "more-hosts"}) : any_address();
    if (translates && rule.contains("protocol") && maybe()) rule["translated-port"] = "8080";
    if (rule["action"] == "dnat" && maybe()) use_targets(rule);
    return rule;
}

json any_groups() {
    json groups{{"address", {{{"name", "more-hosts"}, {"address", {"hosts", "10.1.0.0/16"}}}, {{"name", "hosts"}}}},
                {"interface", {{{"name", "sides"}, {"interface", json::array({maybe() ? "lan" : "external"})}}}},
                {"mac", {{{"name", "machines"}, {"mac", {"02:00:00:00:00:02"}}}}},
                {"port", {{{"name", "some-ports"}, {"port", {maybe() ? "7000" : "7000-7099"}}}}},
                {"service", {{{"name", "shop"}, {"service", json::array({any_service()})}}}}};
    if (groups["service"][0]["service"][0]["protocol"] == "shop") groups["service"][0]["service"][0]["protocol"] = "dns";
    for (int hosts = *rc::gen::inRange(0, 3); hosts > 0; --hosts)
        groups["address"][1]["address"].push_back("192.0.2." + std::to_string(hosts * 2));
    if (groups["address"][1].contains("address") && maybe()) groups["address"][1]["description"] = "some of them";
    return groups;
}

json any_document() {
    json document = guide_lab();
    json& gateway = document["hairpin:gateway"];
    gateway["schedule"] = json::array({any_schedule("office"), any_schedule("night")});
    gateway["firewall"]["rule"] = json::array();
    gateway["nat"]["rule"] = json::array();
    gateway["group"] = any_groups();
    const int rules = *rc::gen::inRange(0, 8);
    for (int i = 0; i < rules; ++i) {
        gateway["firewall"]["rule"].push_back(any_firewall_rule(100 - i));  // their order is not that of their ids
        gateway["nat"]["rule"].push_back(any_nat_rule(65600 - i));
    }
    if (maybe()) gateway["interface"][1]["vlan"] = *rc::gen::inRange(1, 4095);
    if (maybe()) gateway["timeout"]["udp"] = *rc::gen::inRange(1, 86401);
    if (maybe())
        gateway["timeout"]["udp-port"] = {{{"port", *rc::gen::inRange(1, 65536)}, {"timeout", *rc::gen::inRange(1, 600)}}};
    if (maybe()) gateway["sessions"]["timeout-profile"] = *rc::gen::element("rfc", "nsx", "linux");
    return document;
}

}  // namespace hairpin::config

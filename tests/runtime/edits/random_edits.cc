#include "tests/runtime/edits/random_edits.h"

#include <algorithm>
#include <map>

#include "config/candidate/words.h"
#include "tests/support/guide_document.h"

namespace hairpin::runtime {

using config::Candidate;
using Purpose = Candidate::Purpose;
using Line = std::vector<std::string>;

// SplitMix64 (Steele, Lea, Flood 2014): a counter, and a hash of it.
std::size_t Dice::below(std::size_t end) {
    std::uint64_t mixed = state_ += 0x9e37'79b9'7f4a'7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11eb;
    return static_cast<std::size_t>((mixed ^ mixed >> 31) % end);
}

std::string filled(const std::string& pattern, Dice& dice) {
    std::string text;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '<') {
            text += pattern[at];
            continue;
        }
        const std::size_t end = pattern.find('>', at);
        std::vector<std::string> choices{""};
        for (++at; at < end; ++at) {
            if (pattern[at] == '|')
                choices.emplace_back();
            else
                choices.back() += pattern[at];
        }
        text += dice.any_of(choices);
    }
    return text;
}

namespace {

// What concerns the traffic of the guide's gateway.
const std::vector<std::string> kSensible = {
    "set gateway firewall rule <2|3|4|5|6> action <accept|accept|drop|reject>",
    "set gateway firewall rule <2|3|4|5|6> enabled <true|false>",
    "set gateway firewall rule <3|4|5> source address <192.168.255.2|192.168.255.0/24|198.51.100.10|0.0.0.0/0>",
    "set gateway firewall rule <2|4|5> source interface <internal|external|any|lan|uplink>",
    "set gateway firewall rule <3|4|5> destination address <203.0.113.80|192.168.255.10|198.51.100.0/24>",
    "set gateway firewall rule <2|4|5> destination interface <internal|external|any|lan|uplink>",
    "set gateway firewall rule <3|4|5|6> service <tcp|udp> port <80|443|53|1-65535>",
    "set gateway firewall rule <2|3|4|5> match-translated <true|false>",
    "set gateway firewall rule <2|3|4|5> name <web|\"two words\"|\"für alle\">",
    "set gateway firewall rule <2|3|4|5> log <true|false>",
    "set gateway firewall default-action <accept|drop|drop|reject>",
    "set gateway firewall enabled <true|true|true|false>",
    "set gateway firewall match-address <original|translated>",
    "delete gateway firewall rule <2|3|4|5|6>",
    "delete gateway firewall rule <2|3|4|5|6> <source|destination|service>",
    "copy gateway firewall rule <2|3|4|5> to <4|5|6>",
    "rename gateway firewall rule <2|3|4|5> to <2|3|4|5|6>",
    "insert gateway firewall rule <2|3|4|5|6> <before|after> <2|3|4|5|6>",
    "annotate gateway firewall rule <2|3|4> <why|\"\"|\"asked for; by { the } shop\">",
    "load merge gateway { firewall { rule <4|5|6> { name loaded; source { interface <internal|external>; } action <accept|drop>; "
    "} } }",
    "set gateway nat rule <196609|196612|196613|65537> enabled <true|true|false>",
    "set gateway nat rule <196609|196612> translated-address <203.0.113.80|203.0.113.81|192.168.255.1|interface>",
    "set gateway nat rule <196613|65537|65538> translated-address <192.168.255.10|192.168.255.2|198.51.100.10>",
    "set gateway nat rule <196613|65537|65538> original-port <80|443|53>",
    "set gateway nat rule <196613|65537> translated-port <80|8080>",
    "set gateway nat rule <196609|196612|196613|65537> applied-on <lan|uplink|any|internal|external>",
    "set gateway nat rule <196613|65537> source-port <1024-65535|80|40000-40009>",
    "load merge {\"hairpin:gateway\": {\"nat\": {\"rule\": [{\"id\": 65538, \"action\": \"no-snat\", \"protocol\": "
    "\"<tcp|udp>\", "
    "\"destination-port\": [\"<80|443|53|8000-8099>\"]}]}}}",
    "set gateway nat rule 196609 original-address <192.168.255.0/24|192.168.255.2|192.168.255.128-192.168.255.254>",
    "delete gateway nat rule <196609|196612|196613|65537|65538>",
    "insert gateway nat rule <196609|196612|65537> <before|after> <196609|196612|196613>",
    "copy gateway nat rule <196609|196613|65537> to <65537|65538>",
    "load merge gateway { nat { rule <65537|65538> { action dnat; applied-on <uplink|lan|any>; protocol <tcp|udp>; "
    "original-address "
    "203.0.113.80; original-port <53|80|443>; translated-address 192.168.255.<2|10>; } } }",
    "load merge set gateway nat rule 196609 action snat\nset gateway nat rule 196609 applied-on uplink\nset gateway nat rule "
    "196609 "
    "translated-address <203.0.113.80|203.0.113.82-203.0.113.85>\n",
    "load merge {\"hairpin:gateway\": {\"nat\": {\"rule\": [{\"id\": 65538, \"action\": \"<no-snat|no-dnat>\"}]}}}",
    "load merge gateway { nat { rule <65539|65539|65540> { action dnat; applied-on <uplink|lan|any>; protocol <tcp|udp>; "
    "original-address 203.0.113.80; original-port <53|80|443>; target 192.168.255.<2|10> { weight <1|3>; } } } }",
    "set gateway nat rule <65539|65540> target 192.168.255.<2|10> weight <0|1|2>",
    "set gateway nat rule <65539|65540> affinity <source|none>",
    "delete gateway nat rule <65539|65540> target 192.168.255.<2|10>",
    "insert gateway nat rule 65539 before <196609|196613>",
    "delete gateway nat rule <65539|65540>",
    "load merge gateway { group { address outside { address [ 203.0.113.<80|83> 203.0.113.85 ]; } } nat { rule 196609 { action "
    "snat; translated-address outside; } } }",
    "set gateway route 0.0.0.0/0 next-hop 203.0.113.<1|2>",
    "delete gateway route 0.0.0.0/0",
    "set gateway route 198.51.100.0/24 next-hop <203.0.113.1|192.168.255.10>",
    "delete gateway route 198.51.100.0/24",
    "set gateway interface uplink role <uplink|uplink|internal>",
    "set gateway interface <lan|uplink> mtu <1500|1400|576>",
    "set gateway interface uplink address 203.0.113.<80|81>/24",
    "delete gateway interface uplink address 203.0.113.81/24",
    "set gateway interface lan mac 02:00:00:00:00:0<a|b>",
    "delete gateway interface lan mac",
    "set gateway icmp answer-echo <any|internal|none>",
    "set gateway sessions on-commit <re-evaluate|re-evaluate|keep>",
    "set gateway timeout <udp|icmp|tcp-established> <300|3600>",
    "set switch static-station lan 02:00:00:00:00:9<8|9> port <workstation|extra>",
    "delete switch static-station",
    "load merge switch { port extra { segment <lan|wan>; memory; } }",
    "delete switch port <extra|spare>",
    "set switch port <workstation|webserver|internet> memory mtu <1500|9000>",
};

// Ports that cannot be opened: alone, behind one that can be, and in place of one that is there.
const std::vector<std::string> kBroken = {
    "load merge switch { port broken { segment lan; pcap { read /nonexistent/capture.pcap; } } }",
    "load merge switch { port <extra|spare> { segment wan; memory; } port broken { segment lan; pcap { read "
    "/nonexistent/capture.pcap; } } }",
    "load merge switch { port <workstation|webserver> { pcap { read /nonexistent/capture.pcap; } } }",
};

// What the candidate refuses, or the daemon; and what takes nearly everything away.
const std::vector<std::string> kUnwise = {
    "delete switch port broken",
    "rename switch port <workstation|webserver|pc> to <pc|workstation|webserver>",
    "delete switch",
    "delete switch port <webserver|internet>",
    "delete gateway",
    "delete gateway interface <lan|uplink>",
    "rename gateway interface <lan|office> to <office|lan>",
    "set gateway interface lan address <203.0.113.9/24|192.168.255.1/24|10.1.1.1/24>",
    "set gateway interface <lan|uplink> segment <lan|wan|nowhere>",
    "set gateway nat rule 65537 action <snat|dnat|no-snat>",
    "set gateway nat rule 65538 translated-port 8000-8099",
    "set gateway firewall rule <7|8> enabled false",
    "set gateway route 10.0.0.0/8 next-hop <10.0.0.1|203.0.113.80>",
    "set gateway firewall rule 3 action perhaps",
    "set gateway firewall rule none action accept",
    "delete gateway firewall rule 60000",
    "copy gateway firewall rule 3",
    "insert gateway firewall rule 3 before 3",
    "annotate gateway firewall rule 3 \"no */ end\"",
    "load merge gateway { firewall { rule 3 { action",
    "load merge {\"hairpin:gateway\": {\"firewall\": {\"rule\": [{\"id\": 3, \"action\": \"perhaps\"}]}}}",
    "load replace {}",
};

// ---- Whatever the schema lets one type ------------------------------------------------------------------------------------------

const std::vector<std::string> kTexts = {"a", "lan", "web-1", "a b", "say \"hi\" \\", "[", "{ };#|", "", "für alle", "*"};

// "1..4094" or "1..65536|131075..196607": the beginning of a range, so that numbers meet, or its end.
std::string any_within(const std::string& ranges, Dice& dice) {
    std::vector<std::string> numbers;
    for (std::size_t at = 0; at < ranges.size();) {
        const std::size_t dots = ranges.find("..", at), end = std::min(ranges.find('|', at), ranges.size());
        numbers.push_back(std::to_string(std::stoul(ranges.substr(at, dots - at)) + dice.below(4)));
        numbers.push_back(ranges.substr(dots + 2, end - dots - 2));
        at = end + 1;
    }
    return dice.any_of(numbers);
}

std::string any_value(const config::Expected& expected, Dice& dice) {
    if (!expected.is_value) return expected.word;
    const std::string kind = expected.word.substr(1, expected.word.size() - 2);
    if (kind.find("..") != std::string::npos) return any_within(kind, dice);
    static const std::map<std::string, std::string> patterns = {{"192.0.2.1", "<10.0.0.2|203.0.113.80|192.168.255.10>"},
                                                                {"192.0.2.1/24", "<10.0.0.1/24|203.0.113.82/24>"},
                                                                {"192.0.2.0/24", "<10.0.0.0/16|198.51.100.0/24>"},
                                                                {"02:00:00:00:00:01", "02:00:00:00:00:0<1|2|3>"},
                                                                {"8000-8099", "<80|443|8000-8099>"}};
    const auto found = patterns.find(kind);
    return found != patterns.end() ? filled(found->second, dice) : dice.any_of(kTexts);
}

// A path that may end, or comes to a dead end. It leads to no device.
Line any_path(const Candidate& candidate, Purpose purpose, Dice& dice) {
    static const std::vector<Line> places = {
        {}, {"gateway", "firewall", "rule"}, {"gateway", "nat", "rule"}, {"gateway"}, {"gateway", "interface"}};
    Line path = dice.any_of(places);
    if (!path.empty() && purpose != Purpose::set && !candidate.exists(path)) path.clear();
    while (path.size() < 20) {
        auto expected = candidate.expect(path, purpose);
        std::erase_if(expected, [](const config::Expected& one) { return one.word == "tap" || one.word == "pcap"; });
        if (expected.empty() || (candidate.may_end(path, purpose) && dice.one_in(3))) break;
        path.push_back(any_value(dice.any_of(expected), dice));
    }
    return path;
}

std::string any_line(const Candidate& candidate, Dice& dice) {
    const auto path = [&](Purpose purpose) { return config::quoted(any_path(candidate, purpose, dice)); };
    const std::string number = std::to_string(1 + dice.below(4));
    switch (dice.below(8)) {
        case 0: return "delete " + path(Purpose::remove);
        case 1: return "copy " + path(Purpose::remove) + " to " + number;
        case 2: return "rename " + path(Purpose::remove) + " to " + number;
        case 3: return "insert " + path(Purpose::remove) + (dice.one_in(2) ? " before " : " after ") + number;
        case 4: return "annotate " + path(Purpose::remove) + " why";
        default: return "set " + path(Purpose::set);
    }
}

// ---- Doing what a line says, as the shell does ----------------------------------------------------------------------------------

std::string error_of(const config::Edit<void>& done) { return done ? "" : done.error().message; }

std::string run_on_two_paths(Candidate& candidate, const Line& words, const std::vector<std::string>& middles) {
    const auto middle = std::find_first_of(words.begin(), words.end(), middles.begin(), middles.end());
    if (middle == words.end()) return "a word is missing";
    const Line left{words.begin() + 1, middle}, right{middle + 1, words.end()};
    if (words[0] == "copy") return error_of(candidate.copy_entry(left, right));
    if (words[0] == "rename") return error_of(candidate.rename_entry(left, right));
    return error_of(candidate.insert(left, *middle == "before", right));
}

std::string load(Candidate& candidate, const std::string& line) {
    const bool merge = line.starts_with("load merge ");
    const std::string text = line.substr(merge ? 11 : 13);
    const auto done = candidate.load(text, merge ? Candidate::Load::merge : Candidate::Load::replace);
    return done ? "" : done.error().message;
}

std::string run(Candidate& candidate, const std::string& line) {
    if (line.starts_with("load ")) return load(candidate, line);
    const auto tokens = config::tokenize(line);
    if (!tokens) return "no words";
    Line words;
    for (const config::Token& token : *tokens) words.push_back(token.text);
    const Line rest{words.begin() + 1, words.end()};
    if (words[0] == "set") return error_of(candidate.set(rest));
    if (words[0] == "delete") return error_of(candidate.remove(rest));
    if (words[0] != "annotate") return run_on_two_paths(candidate, words, {"to", "before", "after"});
    if (rest.empty()) return "a path is missing";
    return error_of(candidate.annotate(Line{rest.begin(), rest.end() - 1}, rest.back()));
}

// What was saved is loaded again: nothing changes; or somebody begins again from the guide.
std::string whole_text(const Candidate& candidate, Dice& dice) {
    switch (dice.below(4)) {
        case 0: return candidate.as_set();
        case 1: return candidate.as_text();
        case 2: return candidate.as_json();
        default: return testing::guide_document().dump();
    }
}

}  // namespace

RandomEdit edit_at_random(Candidate& candidate, Dice& dice) {
    RandomEdit edit;
    switch (dice.below(24)) {
        case 0: edit.line = filled(dice.any_of(dice.one_in(2) ? kBroken : kUnwise), dice); break;
        case 1:
        case 2: edit.line = any_line(candidate, dice); break;
        case 3: edit.line = "load replace " + whole_text(candidate, dice); break;
        default: edit.line = filled(dice.any_of(kSensible), dice); break;
    }
    edit.error = run(candidate, edit.line);
    return edit;
}

bool is_harmless(const std::string& document) {
    const auto holds = [&](const char* text) { return document.find(text) != std::string::npos; };
    return !holds("\"tap\":") && !holds("\"write\":") &&
           (!holds("\"pcap\":") || holds("\"read\": \"/nonexistent/capture.pcap\""));
}

}  // namespace hairpin::runtime

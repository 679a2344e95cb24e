#include "lab/imports/startup_script.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "lab/imports/lab_draft.h"
#include "lab/imports/word_list.h"
#include "lab/shell_words.h"

namespace hairpin::lab {
namespace {

using Words = std::vector<std::string>;

constexpr auto kOpening = std::to_array<std::string_view>({"if", "case", "for", "while", "until", "select", "{", "("});
constexpr auto kClosing = std::to_array<std::string_view>({"fi", "esac", "done", "}", ")"});
// What a shell would do more with than take its words.
constexpr const char* kOfTheShell = "$`|&<>;(){}*?\n";
// Programs that speak to the kernel about the network, and what they may not be told: to go elsewhere, to send an interface there, to read a file.
constexpr auto kOfTheNetwork = std::to_array<std::string_view>({"ip", "iptables", "sysctl", "tc", "arp", "bridge"});
constexpr auto kLeadsBeyond = std::to_array<std::string_view>(
    {"netns", "exec", "vrf", "-n", "-netns", "-b", "-batch", "-p", "--load", "-f", "--file", "--system", "--modprobe", "-M"});

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(" \t\r") - first + 1)};
}

// The line's words at which a command may begin or end, for counting what is open.
int opened_by(std::string_view line) {
    int depth = 0;
    std::string word;
    const auto count = [&] {
        if (is_word_of(word, kOpening)) ++depth;
        if (is_word_of(word, kClosing)) --depth;
        word.clear();
    };
    for (const char c : line) {
        if (c == ' ' || c == '\t' || c == ';' || c == '\r')
            count();
        else
            word += c;
    }
    count();
    return depth;
}

// "EOF" of `cat <<-'EOF' > file`; none where there is no here-document.
std::string here_document_of(std::string_view line) {
    const std::size_t mark = line.find("<<");
    if (mark == std::string_view::npos || line.substr(mark).starts_with("<<<")) return {};
    std::string word;
    for (const char c : line.substr(mark + 2)) {
        if ((c == '-' || c == ' ') && word.empty()) continue;
        if (c == ' ' || c == ';' || c == '|' || c == '>' || c == '&' || c == '\r') break;
        if (c != '\'' && c != '"' && c != '\\') word += c;
    }
    return word;
}

// The word behind `key`, or none.
const std::string* word_after(const Words& words, std::string_view key) {
    const auto found = std::find(words.begin(), words.end(), key);
    return found == words.end() || found + 1 == words.end() ? nullptr : &*(found + 1);
}

std::string program_of(const std::string& word) { return word.substr(word.rfind('/') + 1); }

std::optional<Ipv4Prefix> route_prefix(const std::string& text) {
    return text == "default" ? Ipv4Prefix{} : Ipv4Prefix::parse(text);
}

class ScriptReader {
public:
    StartupScript read(const std::string& text) {
        split(text);
        for (const PlacedText& command : commands_) {
            if (!take(command)) script_.rest.push_back(command);
        }
        return std::move(script_);
    }

private:
    // Into commands: a line each, except where several belong together.
    void split(const std::string& text) {
        std::string open, until;
        Position start;
        int depth = 0;
        unsigned number = 0;
        for (std::size_t from = 0; from < text.size(); ++number) {
            const std::size_t end = std::min(text.find('\n', from), text.size());
            const std::string line = text.substr(from, end - from);
            from = end + 1;
            const std::string bare = trimmed(line);
            if (open.empty()) {
                if (bare.empty() || bare.starts_with('#')) continue;
                start = {.line = number + 1, .column = static_cast<unsigned>(line.find_first_not_of(" \t") + 1)};
                open = bare;
            } else {
                open += "\n" + line;
            }
            if (!until.empty()) {
                if (bare != until) continue;
                until.clear();
            } else {
                depth = std::max(0, depth + opened_by(bare));
                until = here_document_of(bare);
            }
            if (depth > 0 || !until.empty() || bare.ends_with('\\')) continue;
            commands_.push_back({std::exchange(open, {}), start});
        }
        if (!open.empty()) commands_.push_back({open, start});
    }

    bool take(const PlacedText& command) {
        if (command.text.find_first_of(kOfTheShell) != std::string::npos) return false;
        auto words = split_words(command.text);
        if (!words || words->empty()) return false;
        if (const auto comment =
                std::find_if(words->begin(), words->end(), [](const auto& word) { return word.starts_with('#'); });
            comment != words->end())
            words->erase(comment, words->end());
        words->front() = program_of(words->front());
        if (words->front() == "ip") return take_ip(*words, command.at);
        if (words->front() == "ifconfig") return take_ifconfig(*words, command.at);
        if (words->front() == "route") return take_route(*words, command.at);
        if (words->front() == "iptables") return take_iptables(*words, command.at);
        return false;
    }

    bool take_ip(const Words& words, Position at) {
        if (words.size() < 4) return false;
        const std::string& what = words[1];
        if (what.size() >= 1 && std::string_view{"address"}.starts_with(what)) return take_ip_address(words, at);
        if (what.size() >= 1 && std::string_view{"route"}.starts_with(what))
            return (words[2] == "add" || words[2] == "replace") && take_ip_route(words, at);
        return what.size() >= 1 && std::string_view{"link"}.starts_with(what) && words[2] == "set" && take_ip_link(words, at);
    }

    // ip address add 10.0.0.2/24 [broadcast X] dev eth0. What says more, as a label, stays a command.
    bool take_ip_address(const Words& words, Position at) {
        constexpr auto kPlain = std::to_array<std::string_view>({"dev", "brd", "broadcast"});
        const std::string* device = word_after(words, "dev");
        if ((words[2] != "add" && words[2] != "replace") || device == nullptr || words.size() % 2 != 0) return false;
        for (std::size_t key = 4; key < words.size(); key += 2)
            if (!is_word_of(words[key], kPlain)) return false;
        const std::string& text = words[3];
        const auto address = text.find('/') == std::string::npos ? with_length(text, 32) : Ipv4InterfaceAddress::parse(text);
        if (!address) return false;
        script_.addresses.push_back({*device, *address, at});
        return true;
    }

    // ip route add default via 10.0.0.1 [dev eth0]
    bool take_ip_route(const Words& words, Position at) {
        const std::string* via = word_after(words, "via");
        const bool plain = words.size() == 6 || (words.size() == 8 && words[6] == "dev");
        return via != nullptr && plain && words[4] == "via" && add_route(route_prefix(words[3]), *via, at);
    }

    // ip link set [dev] eth0 up | address MAC
    bool take_ip_link(const Words& words, Position at) {
        const std::size_t device = words[3] == "dev" ? 4 : 3;
        if (words.size() == device + 2 && words[device + 1] == "up") return true;
        if (words.size() != device + 3 || words[device + 1] != "address") return false;
        const auto mac = MacAddress::parse(words[device + 2]);
        if (mac) script_.macs.push_back({words[device], *mac, at});
        return mac.has_value();
    }

    // ifconfig eth0 10.0.0.2/24 | 10.0.0.2 netmask 255.255.255.0 [broadcast X] [up]
    bool take_ifconfig(const Words& words, Position at) {
        if (words.size() < 3) return false;
        if (words.size() == 3 && words[2] == "up") return true;
        const std::string* netmask = word_after(words, "netmask");
        const auto length = netmask == nullptr ? std::optional{24U} : netmask_length(*netmask);
        const bool has_length = words[2].find('/') != std::string::npos;
        if (!length || (!has_length && netmask == nullptr)) return false;
        const auto address = has_length ? Ipv4InterfaceAddress::parse(words[2]) : with_length(words[2], *length);
        if (address) script_.addresses.push_back({words[1], *address, at});
        return address.has_value();
    }

    // route add default gw 10.0.0.1 [dev eth0] | -net 10.1.0.0/16 gw X | -net 10.1.0.0 netmask 255.255.0.0 gw X
    bool take_route(const Words& words, Position at) {
        const std::string* via = word_after(words, "gw");
        if (words.size() < 5 || words[1] != "add" || via == nullptr) return false;
        const bool names_a_net = words[2] == "-net";
        const std::string& text = names_a_net ? words[3] : words[2];
        if (words[2] == "-host" || (!names_a_net && text != "default")) return false;
        const std::string* netmask = word_after(words, "netmask");
        if (netmask == nullptr) return add_route(route_prefix(text), *via, at);
        const auto length = netmask_length(*netmask);
        return length && add_route(route_prefix(text + "/" + std::to_string(*length)), *via, at);
    }

    bool add_route(std::optional<Ipv4Prefix> prefix, const std::string& via, Position at) {
        const auto next_hop = Ipv4Address::parse(via);
        if (!prefix || !next_hop) return false;
        script_.routes.push_back({*prefix, *next_hop, at});
        return true;
    }

    // iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE, and no more.
    bool take_iptables(const Words& words, Position at) {
        const auto says = [&](std::string_view key, std::string_view value) {
            const std::string* word = word_after(words, key);
            return word != nullptr && *word == value;
        };
        const bool appends = says("-A", "POSTROUTING") || says("--append", "POSTROUTING");
        const std::string* out = word_after(words, "-o");
        if (words.size() != 9 || !says("-t", "nat") || !appends || !says("-j", "MASQUERADE") || out == nullptr) return false;
        script_.masquerades.push_back({*out, at});
        return true;
    }

    std::vector<PlacedText> commands_;
    StartupScript script_;
};

}  // namespace

StartupScript read_startup_script(const std::string& text) { return ScriptReader{}.read(text); }

bool is_of_own_network(const std::string& command) {
    if (command.find_first_of(kOfTheShell) != std::string::npos) return false;
    const auto words = split_words(command);
    if (!words || words->empty() || !is_word_of(program_of(words->front()), kOfTheNetwork)) return false;
    if (std::any_of(words->begin(), words->end(),
                    [](const std::string& word) { return is_word_of(word, kLeadsBeyond) || word.starts_with("--modprobe"); }))
        return false;
    // Of the kernel's settings only those of the network are a namespace's own.
    return program_of(words->front()) != "sysctl" || std::all_of(words->begin() + 1, words->end(), [](const std::string& word) {
               return word.starts_with("net.") || word == "-w" || word == "-q" || word == "-qw";
           });
}

}  // namespace hairpin::lab

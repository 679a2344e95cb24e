#include "lab/deed_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lab/did_you_mean.h"
#include "lab/file_keys.h"
#include "lab/impairment_keys.h"
#include "lab/link_end.h"
#include "net/numbers.h"
#include "net/quantity.h"

namespace hairpin::lab {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kAll = "all";
constexpr std::string_view kRestartable = "hairpind";

constexpr auto kReachKeys = std::to_array<KeyRow>({
    {"icmp", KeyUse::used, "a list of hosts that ping each other, or all: every host with an address"},
    {"except", KeyUse::used,
     "a list of pairs [FROM, TO] of which the first must not reach the second; all stands for every host"},
});
constexpr auto kDeedKeys = std::to_array<KeyRow>({
    {"link", KeyUse::used, "the end of a link, NODE:INTERFACE, whose cable is pulled or plugged in"},
    {"state", KeyUse::used, "down or up"},
    {"for", KeyUse::used, "a time, as 300ms, for which it stays so; otherwise until what is expected has been looked at"},
    {"restart", KeyUse::used, "hairpind, which is killed and started again under hosts that run on; instead of a link"},
});
constexpr auto kDuringKeys = std::to_array<KeyRow>({
    {"tcp-stream", KeyUse::used,
     "[FROM, TO], or [FROM, TO:PORT]: a TCP connection between two hosts, on which bytes go all the time"},
});
constexpr auto kDeedExpectKeys = std::to_array<KeyRow>({
    {"carrier", KeyUse::used, "up or down for each NODE:INTERFACE, as the host sees it"},
    {"resets", KeyUse::used, "how often the connection is broken; one that is not must go on"},
    {"gap", KeyUse::used, "the longest time in which nothing comes, as \"<500ms\""},
});

milliseconds read_time(const YamlNode& from, std::string_view what, Complaints& complaints) {
    const std::string text = read_text(from, what, complaints);
    if (const auto wrong = wrong_time(text)) {
        complaints.error(from.at, fmt::format("{}: {}", what, *wrong));
        return milliseconds{0};
    }
    return std::chrono::ceil<milliseconds>(*parse_duration(text));
}

bool has_address(const Topology& topology, const std::string& node) {
    return std::any_of(topology.attachments.begin(), topology.attachments.end(),
                       [&](const Attachment& each) { return each.node == node && each.address; });
}

// What hairpind makes the interfaces of, and that has an address: it can send and be reached.
std::vector<std::string> hosts_with_addresses(const Topology& topology) {
    std::vector<std::string> hosts;
    for (const Node& node : topology.nodes)
        if (has_taps(node.role) && has_address(topology, node.name)) hosts.push_back(node.name);
    return hosts;
}

class DeedReader {
public:
    DeedReader(const Topology& topology, Complaints& complaints) : topology_(topology), complaints_(complaints) {}

    ReachCheck read_reach(const YamlNode& reach) {
        check_keys(reach, "reach", kReachKeys, complaints_);
        ReachCheck check{.hosts = hosts_, .except = {}};
        const YamlNode* hosts = reach.find("icmp");
        if (hosts == nullptr) {
            complaints_.error(reach.at, "reach needs `icmp`, with all or a list of hosts");
        } else if (hosts->is_list() || hosts->text != kAll) {
            check.hosts = read_texts(*hosts, "icmp", complaints_);
            for (std::size_t i = 0; i < std::min(check.hosts.size(), hosts->items.size()); ++i)
                check_host(check.hosts[i], hosts->items[i].at);
        }
        const YamlNode* except = reach.find("except");
        if (except == nullptr) return check;
        if (!except->is_list()) complaints_.error(except->at, "except must be a list of pairs, as [[internet, workstation]]");
        for (const YamlNode& pair : except->items) read_exception(pair, check);
        return check;
    }

    DeedCheck read(const YamlNode& test) {
        DeedCheck check;
        read_do(*test.find("do"), check);
        if (const YamlNode* during = test.find("during")) check.stream = read_stream(*during);
        if (const YamlNode* within = test.find("within")) check.within = read_time(*within, "within", complaints_);
        if (const YamlNode* wait = test.find("wait"))
            complaints_.error(wait->at, "what is done is done once: `within` says how long what is expected may take");
        const YamlNode* expect = test.find("expect");
        if (expect == nullptr) {
            complaints_.error(test.at, "a test with `do` needs `expect`");
            return check;
        }
        read_expectation(*expect, check);
        return check;
    }

private:
    bool check_host(const std::string& name, Position at) {
        if (std::find(hosts_.begin(), hosts_.end(), name) != hosts_.end()) return true;
        complaints_.error(at,
                          fmt::format("there is no host \"{}\" with an address in the lab{}", name, did_you_mean(name, hosts_)));
        return false;
    }

    // Each of two words is a host or all.
    void read_exception(const YamlNode& from, ReachCheck& check) {
        const std::vector<std::string> pair =
            from.is_list() ? read_texts(from, "each of except", complaints_) : std::vector<std::string>{};
        if (pair.size() != 2) return complaints_.error(from.at, "each of except is a pair: [FROM, TO]");
        std::array<std::vector<std::string>, 2> ends;
        for (std::size_t i = 0; i < pair.size(); ++i) {
            if (pair[i] != kAll && !check_host(pair[i], from.items[i].at)) return;
            ends[i] = pair[i] == kAll ? check.hosts : std::vector{pair[i]};
        }
        for (const std::string& one : ends[0])
            for (const std::string& other : ends[1])
                if (one != other) check.except.emplace_back(one, other);
    }

    // The one end that is called so, whose cable the switch can pull and whose host sees its carrier; or nullptr, with the complaint.
    const Attachment* find_end(const std::string& name, Position at) {
        for (const Attachment& each : topology_.attachments) {
            const LinkEnd end{.node = each.node, .interface = each.interface, .segment = each.segment, .port = each.port};
            if (!end.is_called(name)) continue;
            if (has_taps(topology_.find(each.node)->role)) return &each;
            complaints_.error(at, fmt::format("the cable of \"{}\" cannot be pulled by a test: it is no host's", name));
            return nullptr;
        }
        std::vector<std::string> ends;
        for (const Attachment& each : topology_.attachments)
            if (has_taps(topology_.find(each.node)->role)) ends.push_back(each.node + ":" + each.interface);
        complaints_.error(at, fmt::format("there is no link \"{}\" in the lab{}", name, did_you_mean(name, ends)));
        return nullptr;
    }

    bool read_up(const YamlNode& from, std::string_view what) {
        if (from.text != "up" && from.text != "down")
            complaints_.error(from.at, fmt::format("{} is up or down, and not \"{}\"", what, from.text));
        return from.text == "up";
    }

    void read_do(const YamlNode& deed, DeedCheck& check) {
        check_keys(deed, "do", kDeedKeys, complaints_);
        const YamlNode* link = deed.find("link");
        const YamlNode* state = deed.find("state");
        if (const YamlNode* restart = deed.find("restart")) {
            if (deed.entries.size() != 1) complaints_.error(deed.at, "do is a restart or something of a link, and not both");
            check.deed = read_restart(*restart);
        } else if (link != nullptr && state != nullptr) {
            check.deed = read_cable(*link, *state, deed.find("for"));
        } else {
            complaints_.error(deed.at, "do needs a `link` and its `state`, or `restart: hairpind`");
        }
    }

    CableDeed read_cable(const YamlNode& link, const YamlNode& state, const YamlNode* lasting) {
        CableDeed cable;
        if (const Attachment* end = find_end(read_text(link, "link", complaints_), link.at)) cable.port = end->port;
        cable.plug = read_up(state, "state") ? Plug::in : Plug::out;
        if (lasting != nullptr) cable.lasting = read_time(*lasting, "for", complaints_);
        return cable;
    }

    RestartDeed read_restart(const YamlNode& what) {
        if (const std::string name = read_text(what, "restart", complaints_); name != kRestartable)
            complaints_.error(what.at, fmt::format("what can be restarted is {}, and not \"{}\"", kRestartable, name));
        return {};
    }

    std::optional<DeedCheck::Stream> read_stream(const YamlNode& during) {
        check_keys(during, "during", kDuringKeys, complaints_);
        const YamlNode* stream = during.find("tcp-stream");
        const std::vector<std::string> ends =
            stream != nullptr && stream->is_list() ? read_texts(*stream, "tcp-stream", complaints_) : std::vector<std::string>{};
        if (ends.size() != 2) {
            complaints_.error(during.at, "during needs `tcp-stream` with two hosts: [FROM, TO] or [FROM, TO:PORT]");
            return std::nullopt;
        }
        DeedCheck::Stream read{.from = ends[0], .to = ends[1].substr(0, ends[1].find(':'))};
        if (read.to.size() != ends[1].size()) {
            const auto port = parse_number(std::string_view{ends[1]}.substr(read.to.size() + 1), 0xffff);
            if (!port || *port == 0) complaints_.error(stream->items[1].at, fmt::format("\"{}\" is no HOST:PORT", ends[1]));
            read.port = static_cast<std::uint16_t>(port.value_or(0));
        }
        check_host(read.from, stream->items[0].at);
        check_host(read.to, stream->items[1].at);
        return read;
    }

    void read_expectation(const YamlNode& expect, DeedCheck& check) {
        check_keys(expect, "expect", kDeedExpectKeys, complaints_);
        if (const YamlNode* carrier = expect.find("carrier")) {
            for (const YamlEntry& entry : read_entries(*carrier, "carrier", complaints_)) {
                const bool is_up = read_up(entry.value, "carrier");
                if (const Attachment* end = find_end(entry.key, entry.at))
                    check.carriers.push_back({.node = end->node, .interface = end->interface, .is_up = is_up});
            }
        }
        if (const YamlNode* resets = expect.find("resets")) check.resets = read_number(*resets, "resets", 0, 1, complaints_);
        if (const YamlNode* gap = expect.find("gap")) check.gap = read_gap(*gap);
        if (expect.entries.empty()) complaints_.error(expect.at, "expect needs one of carrier, resets and gap");
        for (const char* key : {"resets", "gap"})
            if (const YamlNode* of_stream = expect.find(key); of_stream != nullptr && !check.stream)
                complaints_.error(of_stream->at, fmt::format("{} is of a connection: `during: {{tcp-stream: [FROM, TO]}}`", key));
    }

    milliseconds read_gap(const YamlNode& from) {
        const std::string text = read_text(from, "gap", complaints_);
        if (text.starts_with('<')) {
            YamlNode time = from;
            time.text = text.substr(1);
            return read_time(time, "gap", complaints_);
        }
        complaints_.error(from.at, fmt::format("gap is less than a time, as \"<500ms\", and not \"{}\"", text));
        return milliseconds{0};
    }

    const Topology& topology_;
    Complaints& complaints_;
    const std::vector<std::string> hosts_ = hosts_with_addresses(topology_);
};

}  // namespace

std::span<const KeyRow> reach_keys() { return kReachKeys; }
std::span<const KeyRow> deed_keys() { return kDeedKeys; }
std::span<const KeyRow> during_keys() { return kDuringKeys; }
std::span<const KeyRow> deed_expectation_keys() { return kDeedExpectKeys; }

ReachCheck read_reach(const YamlNode& reach, const Topology& topology, Complaints& complaints) {
    return DeedReader{topology, complaints}.read_reach(reach);
}

DeedCheck read_deed(const YamlNode& test, const Topology& topology, Complaints& complaints) {
    return DeedReader{topology, complaints}.read(test);
}

LabTest pingall_test(const Topology& topology) {
    return {.name = "pingall",
            .description = "every host reaches every other",
            .check = ReachCheck{.hosts = hosts_with_addresses(topology), .except = {}}};
}

}  // namespace hairpin::lab

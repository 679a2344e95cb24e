#include "tests/runtime/edits/workday.h"

#include <rapidcheck.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/clock.h"

namespace hairpin::runtime {

using config::Candidate;
using nlohmann::json;
using std::chrono::seconds;

namespace {

Candidate candidate_of(const std::string& document) {
    auto candidate = Candidate::from_json(document);
    RC_ASSERT(candidate.has_value());
    return std::move(*candidate);
}

// Its set lines, whatever their order.
std::set<std::string> lines_of(const Candidate& candidate) {
    std::set<std::string> lines;
    const std::string text = candidate.as_set();
    for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1)
        lines.insert(text.substr(begin, text.find('\n', begin) - begin));
    return lines;
}

// What one set stands, what one deleted is gone, and nothing else has changed. An entry of which both deleted something may be left with
// its keys alone.
void must_be_of_both(const std::set<std::string>& base, const std::set<std::string>& mine, const std::set<std::string>& theirs,
                     const std::set<std::string>& merged) {
    for (const std::string& line : merged) {
        const auto longer = base.lower_bound(line + " ");
        const bool keys_alone = longer != base.end() && longer->starts_with(line + " ");
        if (!keys_alone && !mine.contains(line) && !theirs.contains(line)) RC_FAIL("nobody has set: " + line);
        if (base.contains(line) && (!mine.contains(line) || !theirs.contains(line))) RC_FAIL("somebody has deleted: " + line);
    }
    // An entry that one has made alone needs no line where the other has set something in it.
    const auto has = [&merged](const std::string& line) {
        const auto longer = merged.lower_bound(line + " ");
        return merged.contains(line) || (longer != merged.end() && longer->starts_with(line + " "));
    };
    for (const auto* side : {&mine, &theirs})
        for (const std::string& line : *side)
            if (!base.contains(line) && !has(line)) RC_FAIL("somebody has set: " + line);
}

struct Flow {
    Ipv4Address source, destination;
    unsigned source_port, destination_port;
    IpProtocol protocol;
};
const std::vector<Flow> kFlows = {
    {{192, 168, 255, 2}, {203, 0, 113, 80}, 40000, 80, IpProtocol::tcp},  // the hairpin
    {{192, 168, 255, 2}, {203, 0, 113, 80}, 700, 700, IpProtocol::icmp},  // the gateway's own address
    {{192, 168, 255, 2}, {198, 51, 100, 10}, 40100, 443, IpProtocol::tcp},
    {{192, 168, 255, 2}, {198, 51, 100, 10}, 5000, 53, IpProtocol::udp},
    {{192, 168, 255, 10}, {198, 51, 100, 10}, 7000, 123, IpProtocol::udp},
    {{192, 168, 255, 10}, {198, 51, 100, 10}, 800, 800, IpProtocol::icmp},
    {{198, 51, 100, 10}, {203, 0, 113, 80}, 50000, 80, IpProtocol::tcp},  // outsiders
    {{198, 51, 100, 10}, {203, 0, 113, 80}, 6000, 53, IpProtocol::udp},
    {{198, 51, 100, 10}, {203, 0, 113, 80}, 900, 900, IpProtocol::icmp},
    {{198, 51, 100, 10}, {192, 168, 255, 10}, 50100, 80, IpProtocol::tcp},
};

}  // namespace

Workday::Workday(Tally& tally) : tally_(tally) {
    for (uid_t uid = 4'000'000'001; uid <= 4'000'000'003; ++uid) {
        people_.emplace_back();
        people_.back().caller.uid = uid;
        discard(people_.back());
    }
}

const std::vector<Workday::Deed>& Workday::deeds() {
    static const std::vector<Deed> all = {
        {60, &Workday::edit},           {12, &Workday::commit},       {8, &Workday::commit_confirmed}, {3, &Workday::check},
        {4, &Workday::confirm},         {6, &Workday::let_time_pass}, {3, &Workday::roll_back},        {2, &Workday::discard},
        {3, &Workday::update},          {1, &Workday::load_earlier},  {1, &Workday::add_port},         {1, &Workday::remove_port},
        {1, &Workday::look_at_history},
    };
    return all;
}

void Workday::step(std::uint32_t number) {
    dice_ = Dice{number};
    Person& person = people_[dice_.below(people_.size())];
    std::size_t all = 0;
    for (const Deed& deed : deeds()) all += deed.weight;
    std::size_t thrown = dice_.below(all);
    const auto chosen = std::find_if(deeds().begin(), deeds().end(), [&](const Deed& deed) {
        if (thrown < deed.weight) return true;
        thrown -= deed.weight;
        return false;
    });
    (this->*chosen->done_by)(person);
    must_equal_the_model();
    send_packets();
}

void Workday::end() {
    tally_.forgotten += model_.generation() - model_.history().size();  // each generation is a commit
    tally_.sessions_kept += edge_.fates().kept;
    tally_.sessions_ended += edge_.fates().ended;
}

// ---- What people do -------------------------------------------------------------------------------------------------------------

// The line that answers; `parameters` are JSON text.
std::string Workday::answer_to(Person& person, const std::string& method, const std::string& parameters) {
    const std::string request = R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + parameters + "}";
    std::string answer = daemon_.dispatcher.handle(request, person.caller);
    RC_LOG() << person.name() << ": " << method << (answer.starts_with(R"({"error")") ? " -> " + answer : "") << "\n";
    return answer;
}

json Workday::ask(Person& person, const std::string& method, const std::string& parameters) {
    return json::parse(answer_to(person, method, parameters));
}

// One edit or a few.
void Workday::edit(Person& person) {
    do {
        const Candidate before = person.candidate.copy();
        const RandomEdit edit = edit_at_random(person.candidate, dice_);
        RC_LOG() << person.name() << "# " << edit.line << (edit.error.empty() ? "" : "   -> " + edit.error) << "\n";
        if (!edit.error.empty()) RC_ASSERT(person.candidate.to_json() == before.to_json());
        ++tally_.edits;
    } while (!dice_.one_in(2));
}

void Workday::commit_by(Person& person, std::optional<std::size_t> confirm_seconds) {
    const std::string document = person.candidate.to_json();
    ensure(is_harmless(document));
    std::string parameters =
        R"({"config":)" + document + R"(,"base":)" + std::to_string(person.generation) + R"(,"comment":"why")";
    if (confirm_seconds) parameters += R"(,"confirm_seconds":)" + std::to_string(*confirm_seconds);

    const std::string completed = model_.completed(document);
    auto judged = model_.judge(completed);
    const Candidate before = in_force().copy();
    const Timestamp asked = monotonic_now();
    const json answer = ask(person, control::method::kConfigCommit, parameters + R"(,"force":true})");
    if (must_be_refused(answer, person.generation, judged)) return go_on_after(answer, person);

    RC_ASSERT(answer.at("result").at("generation") == judged->ruleset->generation);
    RC_ASSERT(before.difference(person.running).empty());  // nobody's work is overwritten
    std::optional<CommitModel::Wait> wait;
    if (confirm_seconds) wait = CommitModel::Wait{asked + seconds{*confirm_seconds}, monotonic_now() + seconds{*confirm_seconds}};
    model_.commit({0, person.name(), "commit", "why", true, canonical(completed)}, std::move(*judged), wait);
    person.generation = answer["result"]["generation"];
    if (completed != document) person.candidate = candidate_of(completed);  // the switch is there as before
    person.running = person.candidate.copy();
    ++tally_.commits;
}

// Says so, and that the daemon does: a commit of what began from another configuration, of a document that is not good, or of ports
// that cannot be opened.
bool Workday::must_be_refused(const json& answer, std::uint64_t base, const CommitModel::Judged& judged) {
    const bool conflict = base != model_.generation();
    if (!conflict && judged && CommitModel::opens(*judged)) {
        RC_ASSERT(answer.contains("result"));
        return false;
    }
    const json& error = answer.at("error");
    if (conflict) {
        RC_ASSERT(error.at("code") == control::kConflict);
        RC_ASSERT(error.at("data").at("generation") == model_.generation());
        RC_ASSERT(error.at("data").at("user") == model_.history()[0].user);
        ++tally_.conflicts;
        return true;
    }
    RC_ASSERT(error.at("code") == control::kConfigurationRefused);
    if (judged) {
        RC_ASSERT(error.at("message").get<std::string>().find("/nonexistent/capture.pcap") != std::string::npos);
        ++tally_.refused_devices;
    } else {
        RC_ASSERT(error.at("message") == judged.error().message);
        RC_ASSERT(error.value("data", json::object()).value("path", "") == judged.error().path);
        ++tally_.refused_documents;
    }
    return true;
}

// Somebody was told no: mostly they do what helps.
void Workday::go_on_after(const json& answer, Person& person) {
    if (dice_.one_in(8)) return;
    if (answer.at("error").at("code") != control::kConflict) return discard(person);
    update(person);
    if (person.generation != model_.generation()) return discard(person);
    if (dice_.one_in(2)) commit(person);
}

void Workday::check(Person& person) {
    const std::string document = person.candidate.to_json();
    const json answer = ask(person, control::method::kConfigCheck,
                            R"({"config":)" + document + R"(,"base":)" + std::to_string(person.generation) + "}");
    auto judged = model_.judge(model_.completed(document));
    // Whether ports can be opened only a commit finds out.
    if (judged) judged->switching.ports.clear();
    if (must_be_refused(answer, person.generation, judged)) return;
    RC_ASSERT(answer.at("result").at("generation") == judged->ruleset->generation);
}

void Workday::confirm(Person& person) {
    const json answer = ask(person, control::method::kConfigConfirm);
    if (!model_.pending()) {
        RC_ASSERT(answer.at("error").at("code") == control::kNotFound);
        return;
    }
    RC_ASSERT(answer.at("result").at("generation") == model_.generation());
    model_.confirm();
    ++tally_.confirmed;
}

void Workday::let_time_pass(Person&) {
    if (!model_.pending()) return daemon_.commits.look(Timestamp::max());
    daemon_.commits.look(model_.pending()->earliest - std::chrono::nanoseconds{1});
    must_equal_the_model();
    if (dice_.one_in(3)) return;
    RC_LOG() << "time is over\n";
    daemon_.commits.look(model_.pending()->latest);
    model_.undo();
    ++tally_.undone;
}

void Workday::roll_back(Person& person) {
    const std::size_t number = dice_.below(dice_.one_in(3) ? 52 : 4);
    const std::string answer =
        answer_to(person, control::method::kConfigRollback, R"({"number":)" + std::to_string(number) + "}");
    if (number >= model_.history().size()) {
        RC_ASSERT(json::parse(answer).at("error").at("code") == control::kNotFound);
        return;
    }
    const std::string& document = model_.history()[number].document;
    RC_ASSERT(answer == R"({"id":1,"jsonrpc":"2.0","result":{"config":)" + document + "}}");
    person.candidate = candidate_of(document);
}

// As somebody has it who asks for it now.
const Candidate& Workday::in_force() {
    if (in_force_generation_ != model_.generation()) in_force_ = candidate_of(model_.history()[0].document);
    in_force_generation_ = model_.generation();
    return in_force_;
}

void Workday::fetch_running(Person& person) {
    const std::string& document = model_.history()[0].document;
    RC_ASSERT(answer_to(person, control::method::kConfigGet) == R"({"id":1,"jsonrpc":"2.0","result":{"config":)" + document +
                                                                    R"(,"generation":)" + std::to_string(model_.generation()) +
                                                                    "}}");
    person.running = in_force().copy();
    person.generation = model_.generation();
}

void Workday::discard(Person& person) {
    fetch_running(person);
    person.candidate = person.running.copy();
}

// What each of the two changed is in it afterwards; where they met, nothing happens.
void Workday::update(Person& person) {
    const Candidate base = person.running.copy(), mine = person.candidate.copy();
    const std::uint64_t before = person.generation;
    fetch_running(person);
    if (!person.candidate.merge_changes(base, person.running)) {
        RC_ASSERT(person.candidate.to_json() == mine.to_json());
        person.running = base.copy();
        person.generation = before;
        ++tally_.hopeless_updates;
        return;
    }
    ++tally_.updates;
    must_be_of_both(lines_of(base), lines_of(mine), lines_of(person.running), lines_of(person.candidate));
    if (mine.difference(base).empty()) RC_ASSERT(person.candidate.difference(person.running).empty());
    if (person.running.difference(base).empty()) RC_ASSERT(person.candidate.difference(mine).empty());
}

// A program that replaces everything, whatever was in force.
void Workday::load_earlier(Person& person) {
    const std::string document =
        dice_.any_of(std::vector<CommitModel::Entry>{model_.history().begin(), model_.history().end()}).document;
    auto judged = model_.judge(document);
    RC_ASSERT(judged.has_value());  // it has been in force before
    const json answer = ask(person, control::method::kConfigLoad, R"({"config":)" + document + R"(,"force":true})");
    RC_ASSERT(answer.at("result").at("generation") == judged->ruleset->generation);
    model_.commit({0, person.name(), "load", "", true, document}, std::move(*judged), std::nullopt);
}

void Workday::add_port(Person& person) {
    json document = json::parse(model_.history()[0].document);
    const json port{{"name", "added"}, {"segment", "lan"}, {"memory", json::object()}};
    document["hairpin:switch"]["port"].push_back(port);
    auto judged = model_.judge(document.dump());
    const json answer = ask(person, control::method::kPortAdd, json{{"port", port}}.dump());
    RC_ASSERT(answer.contains("result") == judged.has_value());
    if (judged) model_.change_port({0, person.name(), "port add", "added", true, document.dump()}, std::move(*judged));
}

void Workday::remove_port(Person& person) {
    const std::string name = dice_.any_of(std::vector<std::string>{"added", "added", "webserver"});
    json document = json::parse(model_.history()[0].document);
    json& ports = document["hairpin:switch"]["port"];
    const auto found = std::find_if(ports.begin(), ports.end(), [&](const json& port) { return port["name"] == name; });
    const json answer = ask(person, control::method::kPortRemove, json{{"name", name}}.dump());
    if (found == ports.end()) {
        RC_ASSERT(answer.at("error").at("code") == control::kNotFound);
        return;
    }
    ports.erase(found);
    auto judged = model_.judge(document.dump());
    RC_ASSERT(answer.contains("result") == judged.has_value());
    if (judged) model_.change_port({0, person.name(), "port remove", name, true, document.dump()}, std::move(*judged));
}

void Workday::look_at_history(Person& person) {
    const json answer = ask(person, control::method::kConfigHistory);
    const json& rows = answer.at("result").at("rows");
    RC_ASSERT(rows.size() == model_.history().size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const CommitModel::Entry& entry = model_.history()[i];
        RC_ASSERT(rows[i].at("number") == i);
        RC_ASSERT(rows[i].at("generation") == entry.generation);
        RC_ASSERT(rows[i].at("user") == entry.user);
        RC_ASSERT(rows[i].at("via") == entry.via);
        RC_ASSERT(rows[i].at("confirmed") == entry.confirmed);
        RC_ASSERT(rows[i].at("pending_seconds").is_null() == (i > 0 || !model_.pending()));
    }
}

// ---- What holds after each of it ------------------------------------------------------------------------------------------------

void Workday::must_equal_the_model() {
    RC_ASSERT(daemon_.commits.generation() == model_.generation());
    RC_ASSERT(&daemon_.worker.gateway().ruleset() == daemon_.configuration.compiled().ruleset.get());
    RC_ASSERT(daemon_.commits.time_left(monotonic_now()).has_value() == model_.pending().has_value());
    history_must_equal_the_model();
    RC_ASSERT(daemon_.worker.ports().size() == model_.in_force().switching.ports.size());
    for (const auto& port : model_.in_force().switching.ports) RC_ASSERT(daemon_.worker.ports().at(port.name).settings == port);
    stations_must_equal_the_model();
    if (compared_ == model_.generation()) return;
    compared_ = model_.generation();
    RC_ASSERT(canonical(daemon_.configuration.text()) == model_.history()[0].document);
    RC_ASSERT(*daemon_.configuration.compiled().ruleset == *model_.in_force().ruleset);
    RC_ASSERT(daemon_.configuration.compiled().warnings == model_.in_force().warnings);
    RC_ASSERT(daemon_.configuration.compiled().switching == model_.in_force().switching);
    edge_.adopt(model_.in_force());
}

// The static ones that people write, and nobody else has.
void Workday::stations_must_equal_the_model() {
    const l2::Bridge& bridge = daemon_.worker.bridge();
    for (const MacAddress mac : {MacAddress::from_number(0x0200'0000'0098), MacAddress::from_number(0x0200'0000'0099)}) {
        const auto port = bridge.stations().find({*bridge.find_segment("lan"), VlanId{}, mac}, monotonic_now());
        const std::string* is = port ? daemon_.worker.port_name(*port) : nullptr;
        const auto& wanted = model_.in_force().switching.static_stations;
        const auto must = std::find_if(wanted.begin(), wanted.end(), [&](const auto& station) {
            return station.mac == mac && station.segment == "lan" && station.vlan == VlanId{};
        });
        RC_ASSERT((is != nullptr) == (must != wanted.end()));
        if (is != nullptr) RC_ASSERT(*is == must->port);
    }
}

void Workday::history_must_equal_the_model() {
    const auto& history = daemon_.commits.history();
    RC_ASSERT(history.size() == model_.history().size());
    for (std::size_t i = 0; i < history.size(); ++i) {
        const Commit& is = history[i];
        const CommitModel::Entry& must = model_.history()[i];
        RC_ASSERT(is.generation == must.generation);
        RC_ASSERT(is.user == must.user && is.via == must.via && is.comment == must.comment);
        RC_ASSERT(is.confirmed == must.confirmed);
    }
}

void Workday::send_packets() {
    if (edge_.sessions().empty() || dice_.one_in(2))
        send_first();
    else
        send_of_a_session();
    RC_ASSERT(daemon_.worker.imbalance() == 0);
    RC_ASSERT(daemon_.worker.gateway().sessions().size() == edge_.sessions().size());
}

void Workday::send_first() {
    const Flow& flow = dice_.any_of(kFlows);
    const auto other = static_cast<unsigned>(dice_.below(3));
    const unsigned destination_port = flow.protocol == IpProtocol::icmp ? flow.destination_port + other : flow.destination_port;
    send(*station_of(flow.source),
         {flow.source, flow.destination, L4Port{static_cast<std::uint16_t>(flow.source_port + other)},
          L4Port{static_cast<std::uint16_t>(destination_port)}, flow.protocol},
         Place::first);
}

// Of who began it, or of who was asked.
void Workday::send_of_a_session() {
    const EdgeModel::KnownSession session = dice_.any_of(edge_.sessions());
    const bool answers = dice_.one_in(2);
    const Ipv4FlowKey& key = answers ? session.reply : session.original;
    const Station* from = station_of(key.source);
    const bool is_ping = key.protocol == IpProtocol::icmp && !answers;
    if (from != nullptr) send(*from, key, is_ping ? Place::first : Place::later);
}

void Workday::send(const Station& from, const Ipv4FlowKey& key, Place place) {
    const auto fate = traffic_.send(from, packet_of(key, place));
    RC_LOG() << "    " << from.port << " sends " << key.to_string() << ": " << (fate ? fate->to_string() : "no port") << "\n";
    if (const auto objection = edge_.objection(from, key, place, fate)) RC_FAIL(*objection);
    ++tally_.packets;
}

}  // namespace hairpin::runtime

#include "runtime/event_feed.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/drop_view.h"
#include "runtime/event_line.h"
#include "runtime/log.h"
#include "runtime/rule_record_view.h"
#include "runtime/session_view.h"
#include "runtime/switch_event_view.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

std::string_view name_of(gateway::NeighborEvent::Kind kind) {
    using Kind = gateway::NeighborEvent::Kind;
    switch (kind) {
        case Kind::learned: return "learned";
        case Kind::moved: return "moved";
        case Kind::failed: return "failed";
        case Kind::conflict: return "conflict";
    }
    return "";
}

}  // namespace

EventFeed::EventFeed(Worker& worker) : worker_(worker) {
    worker_.observe(this);
    worker_.gateway().observe(this);
    log::listen([this](const log::Line& line) {
        if (wanted("log"))
            publish("log", event_line("log", {{"written", line.time}, {"level", line.level}, {"text", line.text}}));
    });
}

EventFeed::~EventFeed() {
    log::listen({});
    worker_.observe(nullptr);
    worker_.gateway().observe(nullptr);
}

EventFeed::Token EventFeed::listen(std::set<std::string, std::less<>> topics, Listener listener) {
    look_at_drops();  // whoever comes now is told of what happens from now on
    return subscriptions_.add({std::move(topics), std::move(listener)});
}

void EventFeed::forget(Token token) { subscriptions_.remove(token); }

bool EventFeed::wanted(std::string_view topic) const {
    return subscriptions_.any([&](const Subscription& subscription) { return subscription.topics.contains(topic); });
}

void EventFeed::publish(std::string_view topic, const std::string& line) {
    subscriptions_.tell([&](const Subscription& subscription) {
        if (subscription.topics.contains(topic)) subscription.listener(line);
        return true;
    });
}

void EventFeed::session_opened(const gateway::Session& session) {
    if (!wanted("sessions")) return;
    publish("sessions", event_line("session_open", session_row(session, worker_.gateway(), monotonic_now())));
}

void EventFeed::session_closed(const gateway::Session& session, std::string_view why) {
    if (!wanted("sessions")) return;
    json row = session_row(session, worker_.gateway(), monotonic_now());
    row["why"] = why;
    publish("sessions", event_line("session_close", std::move(row)));
}

void EventFeed::port_changed(const std::string& name, std::string_view what, std::string_view why) {
    const std::string event = "port_" + std::string{what};
    log::info(why.empty() ? fmt::format("event={} port={}", event, name)
                          : fmt::format("event={} port={} why=\"{}\"", event, name, why));
    if (!wanted("ports")) return;
    json fields{{"port", name}};
    if (!why.empty()) fields["why"] = why;
    publish("ports", event_line(event, std::move(fields)));
}

void EventFeed::configuration_changed(std::string_view what, const Commit& commit) {
    log::info("event=configuration_" + std::string{what} + " generation=" + std::to_string(commit.generation) +
              " user=" + commit.user + " via=\"" + commit.via + "\"");
    if (wanted("configuration"))
        publish("configuration", event_line("configuration_" + std::string{what}, {{"generation", commit.generation},
                                                                                   {"user", commit.user},
                                                                                   {"via", commit.via},
                                                                                   {"comment", commit.comment}}));
}

void EventFeed::rule_decided(const gateway::RuleRecord& record) {
    const gateway::Ruleset& ruleset = worker_.gateway().ruleset();
    log::info(rule_record_line(record, ruleset));
    if (!wanted("rules")) return;
    json row = rule_record_row(record, ruleset);
    row["time"] = wall_clock_text(record.when);
    publish("rules", event_line("rule_" + std::string{name_of(record.action)}, std::move(row)));
}

void EventFeed::rules_unwritten(std::uint64_t records, unsigned rate) {
    log::warn(fmt::format("event=rule_records_unwritten count={} {} record{} not written: log-rate allows {} a second", records,
                          records, records == 1 ? " was" : "s were", rate));
    if (wanted("rules")) publish("rules", event_line("rule_records_unwritten", {{"records", records}}));
}

void EventFeed::schedule_turned(const std::string& name, bool in_force) {
    const std::string event = in_force ? "schedule_begins" : "schedule_ends";
    log::info("event=" + event + " name=" + name);
    if (wanted("rules")) publish("rules", event_line(event, {{"schedule", name}}));
}

void EventFeed::look() {
    look_at_drops();
    look_at_neighbors();
    look_at_switch();
    look_at_rates();
    port_rates_.look(worker_, monotonic_now());
}

void EventFeed::look_at_rates() {
    if (!wanted("rates")) return rates_.forget();
    if (const auto rows = rates_.look(worker_, monotonic_now())) publish("rates", event_line("rates", {{"rows", *rows}}));
}

void EventFeed::look_at_switch() {
    worker_.bridge().events().take([&](const l2::SwitchEvent& event) {
        const SwitchEventView view = view_of(event.kind);
        view.is_alarm ? log::warn(log_text(event, worker_)) : log::info(log_text(event, worker_));
        if (wanted("switch")) publish("switch", event_line(view.name, fields_of(event, worker_)));
    });
}

void EventFeed::look_at_neighbors() {
    worker_.gateway().neighbors().take_events([&](const gateway::NeighborEvent& event) {
        const std::string& interface = worker_.gateway().ruleset().name_of(event.interface);
        const std::string name{name_of(event.kind)};
        if (event.kind == gateway::NeighborEvent::Kind::conflict)
            log::warn("event=neighbor_conflict interface=" + interface + " address=" + event.address.to_string() +
                      " claimed_by=" + event.mac.to_string());
        if (wanted("neighbors"))
            publish("neighbors", event_line("neighbor_" + name, {{"interface", interface},
                                                                 {"address", event.address.to_string()},
                                                                 {"mac", event.mac.to_string()}}));
    });
}

void EventFeed::look_at_drops() {
    const auto& drops = worker_.ledger().dropped;
    for (std::size_t i = 0; i < drops.size() && wanted("drops"); ++i)
        if (drops[i] != drops_seen_[i])
            publish("drops",
                    event_line("drop", {{"reason", kDropReasons[i].name},
                                        {"packets", drops[i] - drops_seen_[i]},
                                        {"description", kDropReasons[i].description},
                                        {"last", drop_row(*worker_.ledger().recorder.last(kDropReasons[i].reason), worker_)}}));
    drops_seen_ = drops;
}

}  // namespace hairpin::runtime

#pragma once
// What `hairpin monitor` shows: sessions that open and close, ports that come and go, storms and loops at the switch, neighbours in conflict, drops as they count up,
// what rules that log decide, lines of the log, and once a second what passes ports and interfaces.
// Events are made into lines only while somebody listens.

#include <array>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "gateway/edge_gateway.h"
#include "runtime/commit_history.h"
#include "runtime/port_rates.h"
#include "runtime/rates.h"
#include "runtime/subscribers.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

struct Topic {
    std::string_view name;
    bool usual;  // also heard by who names no topic
};
inline constexpr auto kTopics = std::to_array<Topic>({{"sessions", true},
                                                      {"drops", true},
                                                      {"ports", true},
                                                      {"neighbors", true},
                                                      {"switch", true},
                                                      {"configuration", true},
                                                      {"rules", true},
                                                      {"log", false},
                                                      {"rates", false}});

class EventFeed final : public gateway::SessionObserver, public PortObserver {
public:
    explicit EventFeed(Worker& worker);
    ~EventFeed() override;

    // A client's ear: takes finished lines.
    using Listener = std::function<void(std::string_view line)>;
    // Listens to these topics until the returned token is dropped by forget().
    using Token = SubscriptionToken;
    Token listen(std::set<std::string, std::less<>> topics, Listener listener);
    void forget(Token token);

    void session_opened(const gateway::Session& session) override;
    void session_closed(const gateway::Session& session, std::string_view why) override;
    void port_changed(const std::string& name, std::string_view what, std::string_view why) override;
    // "commit", "confirm" or "revert": somebody's configuration came into force, stays, or was undone.
    void configuration_changed(std::string_view what, const Commit& commit);
    // What a rule that logs has decided; and that so many such records were not written, since only `rate` of them are each second.
    void rule_decided(const gateway::RuleRecord& record);
    void rules_unwritten(std::uint64_t records, unsigned rate);
    // The rules of a schedule have come into force, or are passed over from now on.
    void schedule_turned(const std::string& name, bool in_force);
    // Called now and then: tells what the drop counters have gained since, and what happened to neighbours. A station that claims an
    // address of the gateway is a warning in the log, too.
    void look();
    const PortRates& port_rates() const { return port_rates_; }

private:
    struct Subscription {
        std::set<std::string, std::less<>> topics;
        Listener listener;
    };
    bool wanted(std::string_view topic) const;
    void publish(std::string_view topic, const std::string& line);
    void look_at_drops();
    void look_at_neighbors();
    void look_at_switch();
    void look_at_rates();

    Worker& worker_;
    Subscribers<Subscription> subscriptions_;
    std::array<std::uint64_t, kDropReasonCount> drops_seen_{};
    Rates rates_;
    PortRates port_rates_;
};

}  // namespace hairpin::runtime
